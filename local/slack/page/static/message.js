// Draws one message: avatar, author, time, blocks or text, markers, thread link, and what went wrong with a press.

import { drawBlocks } from "./blocks.js";
import { drawText, make } from "./draw.js";
import { drawFiles } from "./files.js";
import { parseMrkdwn, parsePlain } from "./mrkdwn.js";
import { markWaiting } from "./views.js";

const SLACKBOT = "USLACKBOT";

export function drawMessage(message, view) {
  const body = make("div", { class: "body" }, byline(message, view), marker(message, view), content(message, view));
  const failure = view.failures.get(message.ts);
  if (failure) body.append(make("p", { class: "press-failed", role: "alert" }, `⚠ ${failure}`));
  if (message.edited && !message.blocks) body.append(make("span", { class: "edited" }, "(edited)"));
  if (!view.inThread) body.append(...threadLink(message, view));
  const article = make("article", { class: `message${message.private_to ? " private" : ""}`, "data-ts": message.ts, tabindex: "-1" }, avatar(message, view), body);
  if (message.private_to) article.prepend(privateNote());
  else if (message.subtype !== "tombstone") article.append(deleteButton(message, view));
  return article;
}

function deleteButton(message, view) {
  return make("button", { type: "button", class: "delete", "aria-label": "Delete this message", title: "Delete this message", onclick: () => view.remove(message) }, "🗑");
}

function privateNote() {
  return make("p", { class: "private-note" }, make("span", { "aria-hidden": "true" }, "👁 "), "Only visible to you");
}

function byline(message, view) {
  const time = new Date(Number(message.ts) * 1000);
  const clock = time.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const app = message.user === view.state.app.user || message.user === SLACKBOT;
  return make("p", { class: "byline" },
    make("strong", {}, authorName(message, view)),
    app ? make("span", { class: "badge" }, "APP") : null,
    make("time", { datetime: time.toISOString(), title: time.toLocaleString() }, clock));
}

export function authorName(message, view) {
  if (message.user === view.state.app.user) return view.state.app.name;
  return message.user === SLACKBOT ? "Slackbot" : (view.names.person(message.user) ?? message.user);
}

function avatar(message, view) {
  if (message.user === view.state.app.user) return make("img", { class: "avatar", src: "/static/icon.svg", alt: "" });
  const name = authorName(message, view);
  return make("span", { class: `avatar letter ${message.user.toLowerCase()}`, "aria-hidden": "true" }, name[0]);
}

function marker(message, view) {
  if (message.subtype !== "thread_broadcast") return null;
  if (view.inThread) return make("p", { class: "marker" }, "Also sent to the channel");
  const parent = view.find(message.thread_ts);
  const open = make("button", { type: "button", class: "link", onclick: () => view.openThread(message.thread_ts) }, "a thread");
  return make("p", { class: "marker" }, "replied to ", open, parent ? `: ${excerpt(parent)}` : "");
}

function excerpt(message) {
  const header = message.blocks?.find((block) => block.type === "header");
  const words = header ? wordsOf(parsePlain(header.text.text)) : wordsOf(parseMrkdwn(message.text));
  return words.length > 60 ? `${words.slice(0, 60)}…` : words;
}

function wordsOf(nodes) {
  return nodes.map((node) => (node.children ? wordsOf(node.children) : (node.text ?? node.label ?? ""))).join("");
}

function content(message, view) {
  const press = (element, block, option) => view.press(message, element, block, option);
  const text = () => (message.text ? [make("div", { class: "block section-text" }, ...drawText({ type: "mrkdwn", text: message.text }, view.names))] : []);
  const parts = message.blocks ? drawBlocks(message.blocks, { names: view.names, press, ts: message.ts }) : text();
  const holder = make("div", { class: "content" }, ...parts, ...drawFiles(message.files ?? [], view.me));
  markWaiting(holder, view.pressing.get(message.ts));
  return holder;
}

function threadLink(message, view) {
  const replies = view.repliesOf(message.ts);
  if (!replies.length) return [];
  const count = replies.length === 1 ? "1 reply" : `${replies.length} replies`;
  const last = new Date(Number(replies.at(-1).ts) * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  return [make("button", { type: "button", class: "thread-link", onclick: () => view.openThread(message.ts), "data-thread": message.ts },
    make("img", { class: "avatar small", src: "/static/icon.svg", alt: "" }),
    make("strong", {}, count), make("span", {}, `Last reply at ${last}`))];
}
