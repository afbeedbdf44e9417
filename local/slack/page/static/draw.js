// Turns mrkdwn trees into page elements. Text only ever enters the page as text nodes.

import { followHere } from "./links.js";
import { isSafeLink, parseMrkdwn, parsePlain } from "./mrkdwn.js";

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

// A text object (or a message's own text) → elements.
export function drawText(textObject, names) {
  const plain = textObject.type === "plain_text";
  const blocks = plain ? parsePlain(textObject.text) : parseMrkdwn(textObject.text);
  return blocks.map((block) => drawBlock(block, names));
}

function drawBlock(block, names) {
  const children = block.children.map((node) => drawNode(node, names));
  if (block.type === "pre") return drawCodeBlock(children);
  if (block.type === "quote") return make("blockquote", {}, ...children);
  return make("div", { class: block.type }, ...(children.length ? children : [make("br")]));
}

function drawCodeBlock(children) {
  const code = make("code", {}, ...children);
  const copy = make("button", { type: "button", class: "copy", "aria-label": "Copy this code" }, "Copy");
  copy.addEventListener("click", async () => {
    copy.textContent = (await copied(code.textContent)) ? "Copied" : "Select and copy";
    setTimeout(() => (copy.textContent = "Copy"), 1500);
  });
  return make("div", { class: "code-block" }, make("pre", {}, code), copy);
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

function drawNode(node, names) {
  const children = () => node.children.map((child) => drawNode(child, names));
  switch (node.type) {
    case "bold": return make("strong", {}, ...children());
    case "italic": return make("em", {}, ...children());
    case "strike": return make("s", {}, ...children());
    case "code": return make("code", {}, ...children());
    case "break": return make("br");
    case "link": return drawLink(node.url, node.label);
    case "emoji": return make("span", { class: "emoji", role: "img", title: `:${node.name}:` }, node.text);
    case "user": return mention(`@${names.person(node.id) ?? (node.label || node.id)}`, "mention");
    case "group": return mention(`@${names.group(node.id) ?? (node.label || node.id)}`, "mention");
    case "channel": return mention(`#${names.channel(node.id) ?? (node.label || node.id)}`, "mention");
    case "broadcast": return mention(`@${node.name}`, "mention broadcast", "This mention notifies everybody in the channel");
    case "date": return drawDate(node);
    default: return document.createTextNode(node.text);
  }
}

function mention(text, kind, title = null) {
  return make("span", { class: kind, title }, text);
}

export function drawLink(url, label) {
  return make("a", { href: url, target: "_blank", rel: "noopener noreferrer", title: url, onclick: (event) => followHere(event, url) }, label);
}

function drawDate(node) {
  const moment = new Date(node.seconds * 1000);
  const text = dateText(node.format, moment);
  const time = make("time", { datetime: moment.toISOString(), title: moment.toString() }, text);
  return isSafeLink(node.url) ? make("a", { href: node.url, target: "_blank", rel: "noopener noreferrer" }, time) : time;
}

const TOKENS = {
  date_num: (d) => d.toISOString().slice(0, 10),
  date: (d) => d.toLocaleDateString([], { year: "numeric", month: "long", day: "numeric" }),
  date_short: (d) => d.toLocaleDateString([], { year: "numeric", month: "short", day: "numeric" }),
  date_long: (d) => d.toLocaleDateString([], { weekday: "long", year: "numeric", month: "long", day: "numeric" }),
  time: (d) => d.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }),
  time_secs: (d) => d.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" }),
  ago: (d) => agoText((Date.now() - d.getTime()) / 1000),
};

export function dateText(format, moment) {
  return format.replace(/\{(\w+?)(_pretty)?\}/g, (whole, name, pretty) => {
    const token = TOKENS[name];
    if (!token) return whole;
    return pretty && name.startsWith("date") ? (nearDay(moment) ?? token(moment)) : token(moment);
  });
}

function nearDay(moment) {
  const day = (d) => new Date(d.getFullYear(), d.getMonth(), d.getDate()).getTime();
  const days = Math.round((day(moment) - day(new Date())) / 86_400_000);
  return { "-1": "yesterday", 0: "today", 1: "tomorrow" }[days] ?? null;
}

function agoText(seconds) {
  const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  if (Math.abs(seconds) < 90) return words.format(-Math.round(seconds), "second");
  if (Math.abs(seconds) < 5400) return words.format(-Math.round(seconds / 60), "minute");
  if (Math.abs(seconds) < 129_600) return words.format(-Math.round(seconds / 3600), "hour");
  return words.format(-Math.round(seconds / 86_400), "day");
}
