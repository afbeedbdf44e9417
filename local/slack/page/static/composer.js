// The box to type in: commands with suggestions, ordinary lines, and what went wrong with them.

import { make } from "./draw.js";
import { send } from "./send.js";

const at = (id) => document.getElementById(id);
const HINTS = [
  ["/clients invite Acme", "invite a client; you may add Administrator, PowerUser or ReadOnly"],
  ["/clients", "list the clients, newest first"],
  ["/clients teams", "the teams: who gets in by each, how full their pages are"],
  ["/clients block Acme", "refuse everything from the account of a client without access; unblock ends that"],
  ["/clients help", "what Switchyard can do"],
];

// `me()` is the id of the person who types, null while the page is loading.
export function startComposer(me, list) {
  at("composer").addEventListener("submit", (event) => submit(event, me(), list));
  at("line").addEventListener("input", suggest);
}

export function hideSuggestions() {
  const shown = !at("suggestions").hidden;
  at("suggestions").hidden = true;
  return shown;
}

async function submit(event, me, list) {
  event.preventDefault();
  const text = at("line").value.trim();
  if (!text || !me) return;
  at("line").value = "";
  suggest();
  list.scrollTop = list.scrollHeight;
  const command = text.startsWith("/");
  note(command ? "Sending…" : "");
  const outcome = await send(command ? "/_local/command" : "/_local/say", { user: me, text });
  const saidBySlackbot = outcome.explanation && outcome.error !== "unreachable";
  note(outcome.ok || saidBySlackbot ? "" : (outcome.explanation ?? outcome.error));
  if (outcome.error === "unreachable" && !at("line").value) at("line").value = text;
}

export function note(words) {
  at("composer-note").textContent = words;
}

function suggest() {
  const typed = at("line").value;
  const fitting = typed.startsWith("/") ? HINTS.filter(([line]) => line.startsWith(typed) && line !== typed) : [];
  at("suggestions").hidden = !fitting.length;
  at("suggestions").replaceChildren(...fitting.map(([line, meaning]) => make("li", {},
    make("button", { type: "button", onclick: () => take(line) }, make("strong", {}, line), make("span", {}, meaning)))));
}

function take(line) {
  at("line").value = line;
  at("line").focus();
  suggest();
}
