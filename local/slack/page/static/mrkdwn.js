// Slack's mrkdwn, read into a tree of plain objects; draw.js turns the tree into page elements.
// A tree never holds markup, so nothing a client wrote can become part of the page.
// Source: docs.slack.dev, "Formatting message text".

import { EMOJI } from "./emoji.js";

const STYLES = { "*": "bold", _: "italic", "~": "strike" };
const WORD = /[\p{L}\p{N}]/u;

export function unescape(text) {
  return text.replace(/&(amp|lt|gt);/g, (_, name) => ({ amp: "&", lt: "<", gt: ">" })[name]);
}

export function isSafeLink(url) {
  return /^(https?:\/\/|mailto:)\S+$/i.test(url);
}

// Text of a mrkdwn object → list of blocks: {type: "pre"|"quote"|"line", children}.
export function parseMrkdwn(text) {
  return splitAtFences(text).flatMap((part) =>
    part.fenced ? [{ type: "pre", children: parseVerbatim(part.text) }] : parseLines(part.text),
  );
}

// Text of a plain_text object: emoji, but neither styles nor mentions.
export function parsePlain(text) {
  return [{ type: "line", children: splitEmoji(unescape(text)) }];
}

function splitAtFences(text) {
  const parts = [];
  let rest = text;
  for (;;) {
    const open = rest.indexOf("```");
    const close = open < 0 ? -1 : rest.indexOf("```", open + 3);
    if (close < 0 || close === open + 3) break;
    const before = rest.slice(0, open).replace(/\n$/, "");
    if (before) parts.push({ text: before });
    parts.push({ fenced: true, text: rest.slice(open + 3, close).replace(/^\n|\n$/g, "") });
    rest = rest.slice(close + 3).replace(/^\n/, "");
  }
  if (rest || !parts.length) parts.push({ text: rest });
  return parts;
}

function parseLines(text) {
  const blocks = [];
  for (const line of text.split("\n")) {
    const quoted = /^(?:>|&gt;) ?(.*)$/.exec(line);
    const last = blocks.at(-1);
    if (!quoted) {
      const item = /^\s*(?:[•◦\-]|\d+\.) /.test(line);
      blocks.push({ type: item ? "item" : "line", children: parseInline(line) });
    } else if (last?.type === "quote") {
      last.children.push({ type: "break" }, ...parseInline(quoted[1]));
    } else {
      blocks.push({ type: "quote", children: parseInline(quoted[1]) });
    }
  }
  return blocks;
}

function parseInline(text) {
  const nodes = [];
  let plain = "";
  let at = 0;
  const flush = () => {
    if (plain) nodes.push(...splitEmoji(unescape(plain)));
    plain = "";
  };
  while (at < text.length) {
    const found = readCode(text, at) ?? readAngle(text, at) ?? readStyled(text, at) ?? readBareLink(text, at);
    if (found) {
      flush();
      nodes.push(found.node);
      at = found.end;
    } else {
      plain += text[at];
      at += 1;
    }
  }
  flush();
  return nodes;
}

function readCode(text, at) {
  if (text[at] !== "`") return null;
  const close = text.indexOf("`", at + 1);
  if (close <= at + 1) return null;
  return { node: { type: "code", children: parseVerbatim(text.slice(at + 1, close)) }, end: close + 1 };
}

function readAngle(text, at) {
  if (text[at] !== "<") return null;
  const close = text.indexOf(">", at);
  if (close < 0) return null;
  const node = angleNode(text.slice(at + 1, close));
  return node && { node, end: close + 1 };
}

function angleNode(inside) {
  const bar = inside.indexOf("|");
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? "" : unescape(inside.slice(bar + 1));
  if (/^@[UW][A-Z0-9]+$/.test(target)) return { type: "user", id: target.slice(1), label };
  if (/^#[CG][A-Z0-9]+$/.test(target)) return { type: "channel", id: target.slice(1), label };
  if (/^!subteam\^S[A-Z0-9]+$/.test(target)) return { type: "group", id: target.slice(9), label };
  if (/^!(channel|here|everyone)$/.test(target)) return { type: "broadcast", name: target.slice(1) };
  const date = /^!date\^(\d+)\^([^^]+)(?:\^(.+))?$/.exec(target);
  if (date) return { type: "date", seconds: Number(date[1]), format: date[2], url: date[3] ?? "", label };
  const url = unescape(target);
  return isSafeLink(url) ? { type: "link", url, label: label || url.replace(/^mailto:/, "") } : null;
}

function readStyled(text, at) {
  const mark = text[at];
  const type = STYLES[mark];
  if (!type || WORD.test(text[at - 1] ?? " ") || /\s|^$/.test(text[at + 1] ?? "")) return null;
  const close = closingMark(text, at, mark);
  return close && { node: { type, children: parseInline(text.slice(at + 1, close)) }, end: close + 1 };
}

function closingMark(text, at, mark) {
  for (let i = at + 1; i < text.length; i += 1) {
    const skipped = readCode(text, i) ?? readAngle(text, i);
    if (skipped) i = skipped.end - 1;
    else if (text[i] === mark && i > at + 1 && !/\s/.test(text[i - 1]) && !WORD.test(text[i + 1] ?? " ")) return i;
  }
  return null;
}

function readBareLink(text, at) {
  if (WORD.test(text[at - 1] ?? " ")) return null;
  const match = /^https?:\/\/[^\s<>|`]+/i.exec(text.slice(at));
  if (!match) return null;
  const address = match[0].replace(/[.,;:!?)*_~]+$/, "");
  const url = unescape(address);
  return { node: { type: "link", url, label: url }, end: at + address.length };
}

// Inside code nothing is styled, but Slack still reads <…>: a mention there would notify people.
function parseVerbatim(text) {
  const nodes = [];
  let plain = "";
  for (let at = 0; at < text.length; at += 1) {
    const angle = readAngle(text, at);
    if (!angle) {
      plain += text[at];
      continue;
    }
    if (plain) nodes.push({ type: "text", text: unescape(plain) });
    plain = "";
    nodes.push(angle.node);
    at = angle.end - 1;
  }
  if (plain) nodes.push({ type: "text", text: unescape(plain) });
  return nodes;
}

function splitEmoji(text) {
  const parts = text.split(/:([a-z0-9_+-]+):/);
  const nodes = [];
  const addText = (words) => {
    const last = nodes.at(-1);
    if (last?.type === "text") last.text += words;
    else if (words) nodes.push({ type: "text", text: words });
  };
  parts.forEach((part, index) => {
    if (index % 2 === 0) addText(part);
    else if (Object.hasOwn(EMOJI, part)) nodes.push({ type: "emoji", name: part, text: EMOJI[part] });
    else addText(`:${part}:`);
  });
  return nodes;
}
