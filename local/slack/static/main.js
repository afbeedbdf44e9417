// The page: keeps itself up to date, draws channel and thread, and acts as the chosen person.
// The address may say who you are and which thread is open (?me=U0OLLI&thread=<ts>); ?still draws once, for pictures.

import { drawText, make } from "./draw.js";
import { drawMessage } from "./message.js";

const at = (id) => document.getElementById(id);
const asked = new URLSearchParams(location.search);
const page = {
  state: null,
  me: asked.get("me") ?? sessionStorage.getItem("me"),
  thread: asked.get("thread"),
  drawn: new Map(),
  failures: new Map(),
  pressing: new Map(),
};
const HINTS = [
  ["/clients invite Acme", "invite a client; you may add Administrator, PowerUser or ReadOnly"],
  ["/clients", "list the clients, newest first"],
  ["/clients help", "what Switchyard can do"],
];

async function send(path, body) {
  try {
    const answer = await fetch(path, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    });
    return await answer.json();
  } catch {
    return { ok: false, error: "unreachable", explanation: "The local Slack does not answer. Is it still running?" };
  }
}

function names() {
  const { people, groups, channel, app } = page.state;
  return {
    person: (id) => (id === app.user ? app.name : people[id]?.name),
    group: (id) => groups[id]?.handle,
    channel: (id) => (id === channel.id ? channel.name : undefined),
  };
}

function view(inThread) {
  return {
    state: page.state, names: names(), inThread, failures: page.failures, pressing: page.pressing,
    repliesOf: (ts) => page.state.messages.filter((each) => each.thread_ts === ts && each.ts !== ts),
    openThread, press,
  };
}

function visibleMessages() {
  const mine = page.state.ephemerals[page.me] ?? [];
  return [...page.state.messages, ...mine].sort((a, b) => Number(a.ts) - Number(b.ts));
}

function draw() {
  if (!page.state) return;
  drawFrame();
  const shown = visibleMessages();
  const isReply = (each) => each.thread_ts && each.thread_ts !== each.ts;
  drawList(at("channel"), shown.filter((each) => !isReply(each) || each.subtype), view(false));
  const inThread = page.thread ? shown.filter((each) => each.ts === page.thread || each.thread_ts === page.thread) : [];
  if (!inThread.length) page.thread = null;
  at("thread-pane").hidden = !page.thread;
  drawList(at("thread"), inThread, view(true));
}

// Redraws only what changed, so that focus, selection and scroll position survive updates.
function drawList(list, messages, context) {
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  const days = new Set();
  const wanted = [];
  for (const message of messages) {
    const day = new Date(Number(message.ts) * 1000).toDateString();
    if (!context.inThread && !days.has(day)) wanted.push(keyed(list, `day ${day}`, day, () => dayLine(day)));
    days.add(day);
    const facts = [message, context.repliesOf(message.ts), page.failures.get(message.ts), page.pressing.get(message.ts)];
    wanted.push(keyed(list, message.ts, JSON.stringify(facts), () => drawMessage(message, context)));
  }
  if (!messages.length && !context.inThread) wanted.push(keyed(list, "empty", "", emptyNote));
  const changed = wanted.length !== list.children.length || wanted.some((each, index) => list.children[index] !== each);
  if (changed) keepFocus(() => list.replaceChildren(...wanted));
  if (changed && atEnd) list.scrollTop = list.scrollHeight;
}

function keyed(list, key, facts, drawIt) {
  const name = `${list.id} ${key}`;
  const before = page.drawn.get(name);
  if (before?.facts === facts) return before.element;
  const element = drawIt();
  page.drawn.set(name, { facts, element });
  return element;
}

function keepFocus(change) {
  const focused = document.activeElement;
  const [ts, press] = [focused?.closest?.("[data-ts]")?.dataset.ts, focused?.dataset?.press];
  change();
  if (press) document.querySelector(pressedSelector(ts, press))?.focus();
  else if (focused?.isConnected) focused.focus();
}

function dayLine(day) {
  const today = new Date().toDateString() === day;
  const words = today ? "Today" : new Date(day).toLocaleDateString([], { weekday: "long", month: "long", day: "numeric" });
  return make("div", { class: "day" }, make("span", {}, words));
}

function emptyNote() {
  return make("div", { class: "empty" }, make("h3", {}, "Nothing here yet"),
    make("p", {}, "Requests of clients arrive in this channel. Start by typing ", make("code", {}, "/clients invite Acme"), " below."));
}

function drawFrame() {
  const { state } = page;
  at("team").textContent = state.team.name;
  at("topic").textContent = state.channel.topic;
  for (const each of document.querySelectorAll(".channel-name")) each.textContent = state.channel.name;
  at("app-name").textContent = state.app.name;
  at("app-state").className = `app-state ${state.app.connected ? "on" : "off"}`;
  at("app-hint").textContent = state.app.connected ? "" : "not connected yet: commands and buttons will fail";
  at("line").setAttribute("aria-label", `Message to #${state.channel.name}`);
  if (!state.actors.includes(page.me)) [page.me] = state.actors;
  if (!at("actors").querySelector("input")) drawActors();
}

function drawActors() {
  for (const id of page.state.actors) {
    const person = page.state.people[id];
    const choice = make("input", { type: "radio", name: "actor", value: id, onchange: () => become(id) });
    choice.checked = id === page.me;
    at("actors").append(make("label", { class: "actor" }, choice,
      make("span", { class: `avatar letter ${id.toLowerCase()}`, "aria-hidden": "true" }, person.name[0]),
      make("span", { class: "actor-name" }, make("strong", {}, person.name), make("small", {}, person.title))));
  }
}

function become(id) {
  page.me = id;
  sessionStorage.setItem("me", id);
  page.failures.clear();
  note("");
  draw();
}

function openThread(ts) {
  page.thread = ts;
  draw();
  at("thread").scrollTop = at("thread").scrollHeight;
  at("close-thread").focus();
}

function closeThread() {
  const ts = page.thread;
  page.thread = null;
  draw();
  document.querySelector(`[data-thread="${CSS.escape(ts ?? "")}"]`)?.focus();
}

async function press(message, element, block, label) {
  if (element.confirm && !(await confirmed(element.confirm))) return draw();
  page.failures.delete(message.ts);
  page.pressing.set(message.ts, `${block.block_id}/${element.action_id}`);
  draw();
  const body = { user: page.me, ts: message.ts, label, block_id: block.block_id, action_id: element.action_id };
  const outcome = await send("/_local/press", body);
  page.pressing.delete(message.ts);
  if (!outcome.ok) page.failures.set(message.ts, outcome.explanation ?? outcome.error);
  draw();
  if (document.activeElement === document.body) focusAgain(message.ts, body);
}

// A button that waited was disabled and lost the focus; if it is gone by now, the list takes it.
function focusAgain(ts, { block_id, action_id }) {
  const list = at(page.thread === ts ? "thread" : "channel");
  (list.querySelector(pressedSelector(ts, `${block_id}/${action_id}`)) ?? list).focus({ preventScroll: true });
}

function pressedSelector(ts, press) {
  return `[data-ts="${CSS.escape(ts)}"] [data-press="${CSS.escape(press)}"]`;
}

function confirmed(dialog) {
  const box = at("confirm");
  at("confirm-title").replaceChildren(...drawText(dialog.title, names()));
  at("confirm-text").replaceChildren(...drawText(dialog.text, names()));
  at("confirm-deny").textContent = dialog.deny.text;
  at("confirm-confirm").textContent = dialog.confirm.text;
  at("confirm-confirm").className = dialog.style === "danger" ? "danger" : "primary";
  box.returnValue = "deny";
  box.showModal();
  return new Promise((done) => {
    box.addEventListener("close", () => done(box.returnValue === "confirm"), { once: true });
  });
}

async function submit(event) {
  event.preventDefault();
  const text = at("line").value.trim();
  if (!text || !page.state) return;
  at("line").value = "";
  suggest();
  at("channel").scrollTop = at("channel").scrollHeight;
  const command = text.startsWith("/");
  note(command ? "Sending…" : "");
  const outcome = await send(command ? "/_local/command" : "/_local/say", { user: page.me, text });
  const saidBySlackbot = outcome.explanation && outcome.error !== "unreachable";
  note(outcome.ok || saidBySlackbot ? "" : (outcome.explanation ?? outcome.error));
  if (outcome.error === "unreachable" && !at("line").value) at("line").value = text;
}

function note(words) {
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

async function refresh() {
  const answer = await fetch("/_local/state");
  if (!answer.ok) throw new Error(`state: ${answer.status}`);
  page.state = await answer.json();
  draw();
}

function connect() {
  const events = new EventSource("/_local/changes");
  events.onmessage = () => refresh().then(() => (at("banner").hidden = true)).catch(showLost);
  events.onerror = showLost;
}

function showLost() {
  at("banner").textContent = "The local Slack does not answer. This page comes back by itself as soon as it does.";
  at("banner").hidden = false;
}

at("composer").addEventListener("submit", submit);
at("line").addEventListener("input", suggest);
at("close-thread").addEventListener("click", closeThread);
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || at("confirm").open) return;
  if (!at("suggestions").hidden) at("suggestions").hidden = true;
  else if (page.thread) closeThread();
});
if (asked.has("still")) refresh();
else connect();
