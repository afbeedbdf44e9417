// A list of messages that redraws only what changed and keeps the focus where it was.

import { make } from "./draw.js";
import { drawMessage } from "./message.js";

const drawn = new Map();

// Redraws only what changed, so that focus, selection and scroll position survive updates.
export function drawList(list, messages, context) {
  const atEnd = isAtEnd(list);
  const days = new Set();
  const wanted = [];
  for (const message of messages) {
    const day = new Date(Number(message.ts) * 1000).toDateString();
    if (!context.inThread && !days.has(day)) wanted.push(keyed(list, `day ${day}`, day, () => dayLine(day)));
    days.add(day);
    const facts = [message, context.repliesOf(message.ts), context.failures.get(message.ts), context.pressing.get(message.ts), message.files && context.me];
    wanted.push(keyed(list, message.ts, JSON.stringify(facts), () => drawMessage(message, context)));
  }
  if (!messages.length && !context.inThread) wanted.push(keyed(list, "empty", `${Boolean(context.direct)} ${context.state.app.connected}`, () => emptyNote(context)));
  const changed = wanted.length !== list.children.length || wanted.some((each, index) => list.children[index] !== each);
  if (changed) keepFocus(() => list.replaceChildren(...wanted));
  if (changed && atEnd) toEnd(list);
}

export const isAtEnd = (list) => list.scrollHeight - list.scrollTop - list.clientHeight < 80;

export const toEnd = (list) => (list.scrollTop = list.scrollHeight);

function keyed(list, key, facts, drawIt) {
  const name = `${list.id} ${key}`;
  const before = drawn.get(name);
  if (before?.facts === facts) return before.element;
  const element = drawIt();
  drawn.set(name, { facts, element });
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

function emptyNote({ direct, state }) {
  if (direct) return make("div", { class: "empty" }, make("p", {}, "What is sent to you alone, such as files, arrives here."));
  return make("div", { class: "empty" }, make("h3", {}, "Nothing here yet"),
    make("p", {}, "Requests of clients arrive in this channel.", ...(state.app.connected ? [" Start by typing ", make("code", {}, "/clients invite Acme"), " below."] : [])));
}

// A button that waited was disabled and lost the focus; if it is gone by now, the list takes it.
export function focusAgain(list, ts, { block_id, action_id }) {
  (list.querySelector(pressedSelector(ts, `${block_id}/${action_id}`)) ?? list).focus({ preventScroll: true });
}

function pressedSelector(ts, press) {
  return `[data-ts="${CSS.escape(ts)}"] [data-press="${CSS.escape(press)}"]`;
}
