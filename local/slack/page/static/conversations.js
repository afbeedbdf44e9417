// The conversations a person is in and the app's Home, what is unread there, and the sidebar's list of them.
// What was there when the page was loaded counts as read; so does what somebody wrote themselves.

import { make } from "./draw.js";

const at = (id) => document.getElementById(id);
const read = new Map();  // by person and conversation: the latest ts that was seen
const drawn = new Map();
let loaded = null;

export const HOME = "home";
export const isReply = (message) => Boolean(message.thread_ts) && message.thread_ts !== message.ts;

// [{id, name, topic, direct, messages}] as this person sees them; the channel comes first.
export function conversationsOf(state, me) {
  const { channel, direct, app, people } = state;
  const found = [{ ...channel, messages: mixed(state.messages, state, me, channel.id) }];
  const mine = direct[me];
  if (mine) {
    const topic = `Only ${people[me].name} and ${app.name} see this`;
    found.push({ id: mine.channel, name: app.name, topic, direct: true, messages: mixed(mine.messages, state, me, mine.channel) });
  }
  if (state.home_tab) found.push({ id: HOME, name: app.name, topic: `Home: only ${people[me].name} sees this`, home: true, hash: state.homes[me]?.hash, messages: [] });
  loaded ??= latest([...state.messages, ...Object.values(direct).flatMap((each) => each.messages), ...Object.values(state.ephemerals).flat()]);
  return found;
}

function mixed(messages, state, me, channel) {
  const mine = (state.ephemerals[me] ?? []).filter((each) => each.channel === channel);
  return [...messages, ...mine].sort((a, b) => Number(a.ts) - Number(b.ts));
}

const latest = (messages) => Math.max(0, ...messages.map((each) => Number(each.ts)));

export function markRead(me, { id, messages, home, hash }) {
  if (home) read.set(`${me} ${id}`, hash);
  else read.set(`${me} ${id}`, Math.max(latest(messages), read.get(`${me} ${id}`) ?? loaded));
}

export function unread(me, { id, messages }) {
  const seen = read.get(`${me} ${id}`) ?? loaded;
  return messages.filter((each) => Number(each.ts) > seen && each.user !== me && (!isReply(each) || each.subtype)).length;
}

// Slack doesn't say that a Home has changed; here it shows people that there is one.
const isNewHome = (me, { id, hash }) => Boolean(hash) && read.get(`${me} ${id}`) !== hash;

// `choose(id)` is called for the one that is pressed.
export function drawConversations(conversations, where, me, choose) {
  at("direct").hidden = !conversations.some((each) => each.direct);
  for (const list of ["channels", "directs", "homes"]) {
    const rows = conversations.filter((each) => listOf(each) === list)
      .map((each) => ({ id: each.id, name: each.name, list, current: each.id === where, count: each.home ? isNewHome(me, each) && "new" : unread(me, each) }));
    if (drawn.get(list) === JSON.stringify(rows)) continue;
    drawn.set(list, JSON.stringify(rows));
    at(list).replaceChildren(...rows.map((row) => drawRow(row, choose)));
  }
  const elsewhere = conversations.reduce((sum, each) => sum + (each.id === where ? 0 : unread(me, each)), 0);
  drawCount(at("menu-count"), elsewhere);
  const all = conversations.reduce((sum, each) => sum + unread(me, each), 0);
  document.title = `${all ? `(${all}) ` : ""}${titleOf(conversations.find((each) => each.id === where))} · Switchyard demo`;
}

const listOf = ({ home, direct }) => (home ? "homes" : direct ? "directs" : "channels");

export const titleOf = ({ name, direct, home }) => (direct || home ? name : `#${name}`);

function drawRow({ id, name, list, current, count }, choose) {
  const sign = list === "homes" ? make("span", { "aria-hidden": "true" }, "⌂") : list === "directs" ? make("img", { src: "/static/icon.svg", alt: "", width: "18", height: "18" }) : make("span", { "aria-hidden": "true" }, "#");
  const badge = make("span", { class: "count" });
  drawCount(badge, count);
  return make("button", {
    type: "button", class: `channel${current ? " current" : ""}${count ? " unread" : ""}`,
    "aria-current": current ? "page" : null, onclick: () => choose(id),
  }, sign, make("span", {}, list === "homes" ? "Home" : name), badge);
}

function drawCount(badge, count) {
  badge.hidden = !count;
  badge.setAttribute("title", count === "new" ? "Changed since you looked at it" : `${count} unread`);
  badge.textContent = count ? String(count) : "";
}
