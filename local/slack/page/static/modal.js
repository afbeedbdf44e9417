// The window an app has opened for you: drawn from the workspace's state, sent or closed by you.
// What is typed stays while the same view is open, whatever else changes on the page.

import { drawText, make } from "./draw.js";
import { send } from "./send.js";
import { drawView, pressIn, valuesIn } from "./views.js";

const at = (id) => document.getElementById(id);
let shown = null;

// `window` is null when nothing is open for this person.
export function drawModal(window, me, names) {
  const box = at("modal");
  const name = window && `${me} ${window.id} ${window.hash}`;
  if (name !== shown?.name) {
    if (!window) return shut(box);
    shown = { name, me, names, id: window.id, view: window.view };
    const form = make("form", { method: "dialog", novalidate: true, onsubmit: submit }, heading(window.view, names), content(), foot(window.view));
    box.replaceChildren(form);
    if (!box.open) box.showModal();
    (wanted() ?? [...box.querySelectorAll("button")].at(-1)).focus();
  }
  if (window) drawNotes(window);
}

function shut(box) {
  shown = null;
  if (box.open) box.close();
}

function wanted() {
  const first = shown.view.blocks.find((block) => block.element?.focus_on_load);
  return shown.fields.get(first?.block_id) ?? [...shown.fields.values()][0];
}

function heading(view, names) {
  return make("header", { class: "modal-heading" },
    make("img", { src: "/static/icon.svg", alt: "", width: "28", height: "28" }),
    make("h2", { id: "modal-title" }, ...drawText(view.title, names)),
    make("button", { type: "button", class: "modal-x", "aria-label": "Close", title: "Close", onclick: close }, "✕"));
}

function content() {
  const blocks = drawView(shown, press);
  shown.problem = make("p", { class: "modal-problem", role: "alert" });
  return make("div", { class: "modal-content content" }, ...blocks, shown.problem);
}

function foot(view) {
  const buttons = [make("button", { type: "button", class: "act modal-cancel", onclick: close }, view.close?.text ?? "Cancel")];
  if (view.submit) buttons.push(make("button", { type: "submit", class: "act primary modal-submit" }, view.submit.text));
  return make("footer", { class: "modal-foot" }, ...buttons);
}

function drawNotes({ errors, problem }) {
  for (const [block, note] of shown.notes) {
    note.textContent = errors[block] ?? "";
    note.hidden = !errors[block];
    shown.fields.get(block).setAttribute("aria-invalid", errors[block] ? "true" : "false");
  }
  say(problem);
}

function say(words) {
  shown.problem.textContent = words;
  shown.problem.hidden = !words;
}

async function press(element, block, option) {
  const pressing = shown;
  const outcome = await pressIn(pressing, element, block, option, () => busy(true));
  if (shown === pressing) {
    busy(false);
    if (outcome && !outcome.ok) say(outcome.explanation ?? outcome.error);
  }
  return outcome !== null;
}

async function submit(event) {
  event.preventDefault();
  const sending = shown;
  busy(true);
  const outcome = await send("/_local/submit", { user: sending.me, view_id: sending.id, values: valuesIn(sending) });
  if (shown !== sending) return;
  busy(false);
  if (outcome.error === "unreachable") say(outcome.explanation);
}

async function close(event) {
  event.preventDefault();
  const closing = shown;
  const outcome = closing && (await send("/_local/close", { user: closing.me, view_id: closing.id }));
  if (outcome?.error === "unreachable" && shown === closing) say(outcome.explanation);
}

function busy(yes) {
  for (const button of at("modal").querySelectorAll("button")) button.disabled = yes;
}

// Escape closes the window in the workspace, which then closes it here.
export function startModal() {
  at("modal").addEventListener("cancel", close);
}
