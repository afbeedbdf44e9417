// The window an app has opened for you: drawn from the workspace's state, sent or closed by you.
// What is typed stays while the same view is open, whatever else changes on the page.

import { drawBlocks } from "./blocks.js";
import { drawText, make } from "./draw.js";
import { send } from "./send.js";

const at = (id) => document.getElementById(id);
let shown = null;

// `window` is null when nothing is open for this person.
export function drawModal(window, me, names) {
  const box = at("modal");
  const name = window && `${me} ${window.id} ${window.hash}`;
  if (name !== shown?.name) {
    if (!window) return shut(box);
    shown = { name, me, window, notes: new Map(), fields: new Map() };
    box.replaceChildren(make("form", { method: "dialog", onsubmit: submit }, heading(window.view, names), content(window.view, names), foot(window.view)));
    if (!box.open) box.showModal();
    [...shown.fields.values(), ...box.querySelectorAll("button")].at(shown.fields.size ? 0 : -1).focus();
  }
  if (window) drawNotes(window);
}

function shut(box) {
  shown = null;
  if (box.open) box.close();
}

function heading(view, names) {
  return make("header", { class: "modal-heading" },
    make("img", { src: "/static/icon.svg", alt: "", width: "28", height: "28" }),
    make("h2", { id: "modal-title" }, ...drawText(view.title, names)),
    make("button", { type: "button", class: "modal-x", "aria-label": "Close", title: "Close", onclick: close }, "✕"));
}

function content(view, names) {
  const blocks = view.blocks.map((block) => (block.type === "input" ? drawInput(block, names) : drawBlocks([block], { names, press: () => {}, ts: "" })[0]));
  shown.problem = make("p", { class: "modal-problem", role: "alert" });
  return make("div", { class: "modal-content content" }, ...blocks, shown.problem);
}

// A box for each option; its value is those of the ticked ones, a line each.
function drawBoxes(element, id, names) {
  const rows = element.options.map((option) => make("label", { class: "modal-box" },
    make("input", { type: "checkbox", value: option.value, checked: element.initial_options?.some((one) => one.value === option.value) ? "" : null }),
    ...drawText(option.text, names)));
  const field = make("div", { id, role: "group", class: "modal-boxes", "aria-describedby": `${id}-note` }, ...rows);
  Object.defineProperty(field, "value", { get: () => [...field.querySelectorAll("input:checked")].map((box) => box.value).join("\n") });
  return field;
}

function drawField(element, id) {
  const field = make(element.multiline ? "textarea" : "input", {
    id, class: "modal-field", rows: element.multiline ? "4" : null, maxlength: element.max_length ?? 3000,
    placeholder: element.placeholder?.text ?? null, "aria-describedby": `${id}-note`,
  });
  field.value = element.initial_value ?? "";
  return field;
}

function drawInput(block, names) {
  const { element } = block;
  const id = `field-${block.block_id}`;
  const field = element.type === "checkboxes" ? drawBoxes(element, id, names) : drawField(element, id);
  shown.fields.set(block.block_id, field);
  const note = make("p", { class: "modal-error", id: `${id}-note`, role: "alert" });
  shown.notes.set(block.block_id, note);
  const optional = block.optional ? make("span", { class: "modal-optional" }, " (optional)") : null;
  return make("div", { class: "block modal-input" },
    make("label", { for: id }, ...drawText(block.label, names), optional), field, note,
    block.hint ? make("div", { class: "modal-hint" }, ...drawText(block.hint, names)) : null);
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

async function submit(event) {
  event.preventDefault();
  const sending = shown;
  const values = Object.fromEntries([...sending.fields].map(([block, field]) => [block, field.value]));
  busy(true);
  const outcome = await send("/_local/submit", { user: sending.me, view_id: sending.window.id, values });
  if (shown !== sending) return;
  busy(false);
  if (outcome.error === "unreachable") say(outcome.explanation);
}

async function close(event) {
  event.preventDefault();
  const closing = shown;
  const outcome = closing && (await send("/_local/close", { user: closing.me, view_id: closing.window.id }));
  if (outcome?.error === "unreachable" && shown === closing) say(outcome.explanation);
}

function busy(yes) {
  for (const button of at("modal").querySelectorAll("button")) button.disabled = yes;
}

// Escape closes the window in the workspace, which then closes it here.
export function startModal() {
  at("modal").addEventListener("cancel", close);
}
