// The page's own scripts in Node, on a document with just enough in it: they load the real state from the running
// workspace over HTTP and act on it. argv: base url, JSON list of steps, path. Prints {channel, thread, threadHidden, modal, note, …},
// and as `looks` the same for each step "look".

const [baseUrl, steps] = [process.argv[2], JSON.parse(process.argv[3])];

class Element {
  constructor(tag) {
    Object.assign(this, { tag, children: [], attributes: {}, dataset: {}, listeners: {}, hidden: false, value: "" });
    Object.assign(this, { scrollHeight: 0, scrollTop: 0, clientHeight: 0, className: "", classList: { add: (name) => (this.className += ` ${name}`) } });
  }
  setAttribute(name, value) {
    this.attributes[name] = value;
    if (name.startsWith("data-")) this.dataset[name.slice(5)] = value;
    if (name === "value") this.value = value;
  }
  append(...nodes) { this.children.push(...nodes.map((n) => (typeof n === "string" ? { text: n } : n))); }
  prepend(...nodes) { this.children.unshift(...nodes); }
  replaceChildren(...nodes) { this.children = []; this.append(...nodes); }
  addEventListener(name, listener) { (this.listeners[name] ??= []).push(listener); }
  async fire(name, event = { preventDefault() {} }) {
    for (const listener of this.listeners[name] ?? []) await listener(event);
  }
  get textContent() { return this.children.map((n) => n.text ?? n.textContent).join(""); }
  set textContent(text) { this.replaceChildren(text); }
  *all() { for (const n of this.children) if (n instanceof Element) { yield n; yield* n.all(); } }
  querySelectorAll(selector) {
    return [...this.all()].filter((e) => (selector === "[data-press]" ? e.dataset.press : e.tag === selector));
  }
  querySelector(selector) { return this.querySelectorAll(selector)[0] ?? null; }
  focus() { document.activeElement = this; }
  scrollIntoView() { scrolledTo.push(this.dataset.ts); }
  showModal() { this.open = true; }
  close() { this.open = false; }
  closest() { return null; }
}

const byId = {};
const scrolledTo = [];
globalThis.document = {
  body: new Element("body"),
  getElementById: (id) => (byId[id] ??= Object.assign(new Element("div"), { id })),
  createElement: (tag) => new Element(tag),
  createTextNode: (text) => ({ text }),
  querySelectorAll: () => [],
  querySelector: () => null,
  addEventListener() {},
};
document.activeElement = document.body;
globalThis.CSS = { escape: (text) => text };
globalThis.location = { search: new URL(baseUrl + (process.argv[4] ?? "/")).search, href: baseUrl + (process.argv[4] ?? "/") };
const streams = [];
globalThis.EventSource = class { constructor() { streams.push(this); } };
globalThis.sessionStorage = { getItem: () => null, setItem() {} };
const opened = [];
globalThis.window = { open: (url) => opened.push(url) };
const realFetch = fetch;
let asking = 0;
globalThis.fetch = async (path, options) => {
  asking += 1;
  try {
    const answer = await realFetch(baseUrl + path, options);
    const text = await answer.text();
    return { ok: answer.ok, status: answer.status, json: async () => JSON.parse(text) };
  } finally {
    asking -= 1;
  }
};

async function settled() {
  for (let quiet = 0; quiet < 5; quiet = asking ? 0 : quiet + 1) await new Promise((resolve) => setImmediate(resolve));
}

const control = (label) => [...byId.channel.all()].find((e) => e.tag === "button" && e.textContent.includes(label));
const switches = () => [...byId.switches.all()].filter((e) => e.attributes.role === "switch");
const labelOf = (control) => [...byId.switches.all()].find((e) => e.tag === "label" && e.children.includes(control)).textContent;
const act = {
  turn: async (label) => {
    const control = switches().find((e) => labelOf(e) === label);
    control.checked = !control.checked;
    await control.fire("change");
  },
  be: async (id) => [...byId.actors.all()].find((e) => e.value === id).fire("change"),
  refresh: async () => streams[0].onmessage(),
  delete: async () => [...byId.channel.all()].find((e) => e.attributes.class === "delete").fire("click"),
  tick: async (value) => {
    const box = [...byId.channel.all()].find((e) => e.tag === "input" && e.value === value);
    box.checked = !box.checked;
    await box.fire("change");
  },
  press: async (label) => control(label).fire("click"),
  follow: async (label) => [...byId.channel.all()].find((e) => e.tag === "a" && e.textContent === label).fire("click"),
  choose: async (path, value) => {
    const select = [...byId.channel.all()].find((e) => e.tag === "select" && e.dataset.press.endsWith(path));
    select.value = value;
    await Promise.race([select.fire("change"), settled()]);
  },
  go: async (name) => [...byId.channels.all(), ...byId.directs.all(), ...byId.homes.all()].find((e) => e.tag === "button" && e.textContent.includes(name)).fire("click"),
  scrollUp: async () => Object.assign(byId.channel, { scrollHeight: 2000, clientHeight: 500, scrollTop: 0 }),
  scrollDown: async () => {
    byId.channel.scrollTop = 1500;
    await byId.channel.fire("scroll");
  },
  closeWelcome: async () => at("welcome").querySelector("button").fire("click"),
  newer: async () => byId.newer.fire("click"),
  write: async (line) => {
    byId.line.value = line;
    await byId.line.fire("input");
  },
  take: async (line) => [...byId.suggestions.all()].find((e) => e.tag === "button" && e.textContent.startsWith(line)).fire("click"),
  key: async (key) => byId.composer.fire("keydown", { key, preventDefault() {} }),
  look: async () => looks.push(shown()),
  menu: async () => byId.menu.fire("click"),
  ask: async (path, body) => realFetch(baseUrl + path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }),
  confirm: async (answer) => {
    byId.confirm.returnValue = answer;
    await byId.confirm.fire("close");
  },
  fill: async (text) => {
    Object.assign(byId.modal.querySelector("textarea"), { value: text });
  },
  fillIn: async (place, id, value) => {
    const field = [...byId[place].all()].find((e) => e.attributes.id?.endsWith(`-${id}`));
    field.value = value;
    await field.fire("input");
    await field.fire("change");
  },
  enter: async (place, id) => [...byId[place].all()].find((e) => e.attributes.id?.endsWith(`-${id}`)).fire("keydown", { key: "Enter", preventDefault() {} }),
  pressIn: async (place, label) => [...byId[place].all()].find((e) => e.tag === "button" && e.textContent === label).fire("click"),
  chooseIn: async (place, path, value) => {
    const select = [...byId[place].all()].find((e) => e.tag === "select" && e.dataset.press === path);
    select.value = value;
    await select.fire("change");
  },
  shortcut: async (name) => [...byId["shortcut-list"].all()].find((e) => e.tag === "button" && e.textContent.startsWith(name)).fire("click"),
  submit: async () => byId.modal.querySelector("form").fire("submit"),
  close: async () => byId.modal.fire("cancel"),
  type: async (line) => {
    byId.line.value = line;
    await byId.composer.fire("submit");
  },
};

function drawn(node) {
  if (!(node instanceof Element)) return node.text;
  const { class: kind, href } = node.attributes;
  const inside = node.children.map(drawn).join("");
  return `<${node.tag}${kind ? ` .${kind.trim()}` : ""}${href ? ` ${href}` : ""}>${inside}</>`;
}

const looks = [];
const at = document.getElementById;
const shown = () => ({
  channel: drawn(at("channel")), thread: drawn(at("thread")), threadHidden: at("thread-pane").hidden,
  modal: at("modal").open ? drawn(at("modal")) : "", typed: at("modal").querySelector("textarea")?.value,
  switches: Object.fromEntries(switches().map((e) => [labelOf(e), e.checked])), outages: at("outages").textContent,
  switchTrouble: [...at("switches").all()].filter((e) => e.attributes.class === "switch-trouble").map((e) => e.textContent).join(""),
  home: at("home").hidden ? "" : drawn(at("home")), homes: drawn(at("homes")), composer: !at("composer").hidden,
  homeFields: Object.fromEntries([...at("home").all()].filter((e) => e.attributes.id?.startsWith("field-") && e.dataset.press).map((e) => [e.dataset.press, e.value])),
  shortcuts: at("shortcuts").hidden ? [] : at("shortcut-list").children.map((e) => e.textContent),
  channels: drawn(at("channels")), directs: at("direct").hidden ? "" : drawn(at("directs")), header: at("conversation").textContent, title: document.title,
  welcome: at("welcome").hidden ? "" : at("welcome").children[0]?.textContent,
  newer: at("newer").hidden ? "" : at("newer").textContent, menuCount: at("menu-count").textContent, menu: document.body.dataset.menu ?? "",
  suggestions: at("suggestions").hidden ? [] : at("suggestions").children.map((e) => e.textContent), line: at("line").value, scrolledTo: [...scrolledTo],
  selects: [...at("channel").all()].filter((e) => e.tag === "select").map((e) => e.value), focused: document.activeElement.textContent,
  note: at("composer-note").textContent, asked: Boolean(at("confirm").open), opened: [...opened],
});

const main = new URL("../../../local/slack/page/static/main.js", import.meta.url);
await import(main);
streams[0]?.onmessage();  // ?still opens none
await settled();
for (const [what, ...details] of steps) {
  act[what](...details);
  await settled();
}
console.log(JSON.stringify({ ...shown(), looks }));
