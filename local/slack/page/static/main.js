// The page: keeps itself up to date, draws the conversation and the thread, and acts as the chosen person.
// The address may say who you are and what is open (?me=U0OLLI&thread=<ts>, ?where=home); ?still draws once, for pictures;
// /archives/… opens the page at a message.

import { chosenIn, forgetChoices } from "./choices.js";
import { hideSuggestions, note, startComposer } from "./composer.js";
import { confirmed, DELETING } from "./confirm.js";
import { HOME, conversationsOf, isReply, markRead, unread } from "./conversations.js";
import { drawHome, openTab } from "./home.js";
import { messageMeant, onMessageLink } from "./links.js";
import { drawList, focusAgain, isAtEnd, toEnd } from "./list.js";
import { drawModal, startModal } from "./modal.js";
import { send } from "./send.js";
import { drawShortcuts, hideShortcuts, startShortcuts } from "./shortcuts.js";
import { drawFrame, fold, startSidebar } from "./sidebar.js";
import { forgetTyped } from "./views.js";
import { drawWelcome } from "./welcome.js";

const at = (id) => document.getElementById(id);
const asked = new URLSearchParams(location.search);
const page = {
  state: null,
  me: asked.get("me") ?? sessionStorage.getItem("me"),
  where: asked.get("where"),
  thread: asked.get("thread"),
  meant: messageMeant(location.href),
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

function view(inThread, { messages, direct }) {
  return {
    state: page.state, direct, me: page.me, names: names(), inThread, failures: page.failures, pressing: page.pressing,
    find: (ts) => messages.find((each) => each.ts === ts),
    repliesOf: (ts) => messages.filter((each) => each.thread_ts === ts && each.ts !== ts && !each.private_to),
    openThread, press, remove,
  };
}

function draw() {
  if (!page.state) return;
  if (!page.state.actors.includes(page.me)) [page.me] = page.state.actors;
  const conversations = conversationsOf(page.state, page.me);
  const here = conversations.find((each) => each.id === page.where) ?? conversations[0];
  const moved = here.id !== page.where;
  page.where = here.id;
  drawWelcome(page, asked.has("still"));
  drawPlace(here);
  if (moved) toEnd(at("channel"));
  if (isAtEnd(at("channel")) && !document.hidden) markRead(page.me, here);
  drawNewer(unread(page.me, here));
  drawFrame(page, conversations, go, become);
  drawThread(here);
  drawModal(page.state.modals[page.me] ?? null, page.me, names());
}

// Messages and the box to type in, or Home.
function drawPlace(here) {
  for (const id of ["channel", "composer"]) at(id).hidden = Boolean(here.home);
  at("home").hidden = !here.home;
  if (here.home) return drawHome(page.state.homes[page.me] ?? null, page.me, names());
  drawList(at("channel"), here.messages.filter((each) => !isReply(each) || each.subtype), view(false, here));
  drawShortcuts(page.state.shortcuts, page.me);
}

function drawThread(here) {
  const { messages } = here;
  const inThread = page.thread ? messages.filter((each) => each.ts === page.thread || each.thread_ts === page.thread) : [];
  if (!inThread.length) page.thread = null;
  at("thread-pane").hidden = !page.thread;
  drawList(at("thread"), inThread, view(true, here));
}

function drawNewer(count) {
  at("newer").hidden = !count;
  at("newer").textContent = count === 1 ? "1 new message ↓" : `${count} new messages ↓`;
}

function go(where) {
  Object.assign(page, { where, thread: null });
  draw();
  toEnd(at("channel"));
  draw();
  opened();
}

// Slack tells the app whenever somebody opens one of its own tabs.
function opened() {
  const here = conversationsOf(page.state, page.me).find((each) => each.id === page.where);
  if (here?.home || here?.direct) openTab(page.me, here.home ? HOME : "messages");
}

function become(id) {
  page.me = id;
  sessionStorage.setItem("me", id);
  page.failures.clear();
  forgetChoices();
  forgetTyped();
  note("");
  draw();
  opened();
}

function openThread(ts) {
  page.thread = ts;
  draw();
  toEnd(at("thread"));
  at("close-thread").focus();
}

function closeThread() {
  const ts = page.thread;
  page.thread = null;
  draw();
  document.querySelector(`[data-thread="${CSS.escape(ts ?? "")}"]`)?.focus();
}

// Shows a message that a link means, in its thread where it is a reply.
function openMessage({ channel, ts, thread }) {
  const mine = conversationsOf(page.state, page.me).find((each) => each.id === channel);
  if (!mine?.messages.some((each) => each.ts === ts)) return note("That message is gone, or not yours to see.");
  Object.assign(page, { where: channel, thread: thread && thread !== ts ? thread : null });
  draw();
  const list = at(page.thread ? "thread" : "channel");
  const found = [...list.children].find((each) => each.dataset.ts === ts);
  found?.scrollIntoView({ block: "center" });
  found?.classList.add("meant");
  found?.focus({ preventScroll: true });
}

async function press(message, element, block, { label, value }) {
  if (element.confirm && !(await confirmed(element.confirm, names()))) return false;
  page.failures.delete(message.ts);
  page.pressing.set(message.ts, `${block.block_id}/${element.action_id}`);
  draw();
  const body = { user: page.me, ts: message.ts, label, block_id: block.block_id, action_id: element.action_id, value };
  body.chosen = chosenIn(message);
  const outcome = await send("/_local/press", body);
  page.pressing.delete(message.ts);
  if (!outcome.ok) page.failures.set(message.ts, outcome.explanation ?? outcome.error);
  draw();
  if (document.activeElement === document.body) focusAgain(at(page.thread ? "thread" : "channel"), message.ts, body);
  return true;
}

async function remove(message) {
  if (!(await confirmed(DELETING, names()))) return;
  const outcome = await send("/_local/delete", { user: page.me, ts: message.ts });
  if (!outcome.ok) page.failures.set(message.ts, outcome.explanation ?? outcome.error);
  draw();
}

async function refresh() {
  const answer = await fetch("/_local/state");
  if (!answer.ok) throw new Error(`state: ${answer.status}`);
  const first = !page.state;
  page.state = await answer.json();
  draw();
  if (first) opened();
  if (page.meant) openMessage(page.meant);
  page.meant = null;
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

function onEscape() {
  if (hideSuggestions() || hideShortcuts() || fold()) return;
  if (page.thread) closeThread();
}

startModal();
startSidebar();
startShortcuts();
startComposer(() => page, () => toEnd(at("channel")));
onMessageLink(openMessage);
at("close-thread").addEventListener("click", closeThread);
at("newer").addEventListener("click", () => toEnd(at("channel")));
at("channel").addEventListener("scroll", () => isAtEnd(at("channel")) && !at("newer").hidden && draw());
document.addEventListener("visibilitychange", draw);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !at("confirm").open && !at("modal").open) onEscape();
});
if (asked.has("still")) refresh();
else connect();
