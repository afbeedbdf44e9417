// The page: keeps itself up to date, draws channel and thread, and acts as the chosen person.
// The address may say who you are and which thread is open (?me=U0OLLI&thread=<ts>); ?still draws once, for pictures.

import { chosenIn, forgetChoices } from "./blocks.js";
import { hideSuggestions, note, startComposer } from "./composer.js";
import { drawText, make } from "./draw.js";
import { drawList, focusAgain } from "./list.js";
import { drawModal, startModal } from "./modal.js";
import { send } from "./send.js";
import { drawSwitches } from "./switches.js";

const at = (id) => document.getElementById(id);
const asked = new URLSearchParams(location.search);
const page = {
  state: null,
  me: asked.get("me") ?? sessionStorage.getItem("me"),
  thread: asked.get("thread"),
  failures: new Map(),
  pressing: new Map(),
};

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
    openThread, press, remove,
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
  drawModal(page.state.modals[page.me] ?? null, page.me, names());
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
  drawSwitches(state.switches);
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
  forgetChoices();
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
  body.chosen = chosenIn(message.blocks ?? []);
  const outcome = await send("/_local/press", body);
  page.pressing.delete(message.ts);
  if (!outcome.ok) page.failures.set(message.ts, outcome.explanation ?? outcome.error);
  draw();
  if (document.activeElement === document.body) focusAgain(at(page.thread ? "thread" : "channel"), message.ts, body);
}

async function remove(message) {
  const plain = (text) => ({ type: "plain_text", text });
  const sure = await confirmed({
    title: plain("Delete message"), text: plain("This message is deleted for everybody. The app is not told."),
    confirm: plain("Delete"), deny: plain("Cancel"), style: "danger",
  });
  if (!sure) return;
  const outcome = await send("/_local/delete", { user: page.me, ts: message.ts });
  if (!outcome.ok) page.failures.set(message.ts, outcome.explanation ?? outcome.error);
  draw();
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

startModal();
startComposer(() => page.state && page.me, at("channel"));
at("close-thread").addEventListener("click", closeThread);
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || at("confirm").open || at("modal").open) return;
  if (!hideSuggestions() && page.thread) closeThread();
});
if (asked.has("still")) refresh();
else connect();
