// The box to type in: commands with suggestions, ordinary lines, and what went wrong with them.

import { make } from "./draw.js";
import { send } from "./send.js";

const at = (id) => document.getElementById(id);
let commands = [];

// `page()` is {state, me, where}, without a state while the page is loading; `toEnd()` shows what is newest.
export function startComposer(page, toEnd) {
  at("composer").addEventListener("submit", (event) => submit(event, page(), toEnd));
  at("line").addEventListener("input", () => suggest(page().state));
  at("composer").addEventListener("keydown", walk);
}

export function hideSuggestions() {
  const shown = !at("suggestions").hidden;
  at("suggestions").hidden = true;
  return shown;
}

async function submit(event, { state, me, where }, toEnd) {
  event.preventDefault();
  const text = at("line").value.trim();
  if (!text || !state) return;
  at("line").value = "";
  hideSuggestions();
  toEnd();
  const command = text.startsWith("/");
  note(command ? "Sending…" : "");
  const outcome = await send(command ? "/_local/command" : "/_local/say", { user: me, text, channel: where });
  const saidBySlackbot = outcome.explanation && outcome.error !== "unreachable";
  note(outcome.ok || saidBySlackbot ? "" : (outcome.explanation ?? outcome.error));
  if (outcome.error === "unreachable" && !at("line").value) at("line").value = text;
}

export function note(words) {
  at("composer-note").textContent = words;
}

// What is typed may begin a command, or go on where a command's <placeholders> begin: of those that reach farthest.
function suggest(state) {
  const typed = at("line").value;
  commands = typed.startsWith("/") ? (state?.commands ?? []) : [];
  const fitting = commands.filter(({ line }) => line.startsWith(typed) && line !== typed);
  const reached = commands.filter(({ line }) => line.includes("<") && typed.startsWith(upToPlaceholder(line)));
  const farthest = Math.max(...reached.map(({ line }) => upToPlaceholder(line).length));
  const continued = fitting.length ? [] : reached.filter(({ line }) => upToPlaceholder(line).length === farthest);
  at("suggestions").hidden = !(fitting.length || continued.length);
  at("suggestions").replaceChildren(
    ...fitting.map((each) => make("li", {}, make("button", { type: "button", onclick: () => take(each.line, state) }, ...words(each)))),
    ...continued.map((each) => make("li", { class: "continued" }, ...words(each))));
}

const words = ({ line, meaning }) => [make("strong", {}, line), make("span", {}, meaning)];
const upToPlaceholder = (line) => line.split("<")[0];

function take(line, state) {
  at("line").value = upToPlaceholder(line);
  at("line").focus();
  suggest(state);
}

// The arrow keys walk between the box and its suggestions.
function walk(event) {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!step || at("suggestions").hidden) return;
  const stops = [...at("suggestions").querySelectorAll("button"), at("line")];
  event.preventDefault();
  stops[(stops.indexOf(document.activeElement) + step + stops.length) % stops.length].focus();
}
