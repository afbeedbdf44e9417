// A view's content, in a window or in Home: its blocks, its fields with what is filled in, and presses in it.
// What is filled in outlives another view in the same place that keeps a field's block_id and action_id, as in Slack.

import { drawBlocks } from "./blocks.js";
import { chosenIn } from "./choices.js";
import { confirmed } from "./confirm.js";
import { drawInput } from "./fields.js";
import { send } from "./send.js";

const typed = new Map();  // by place, block and action

export const forgetTyped = () => typed.clear();

// `shown` is {id, view, me, names}; it gets `fields` and `notes`, by block id. `press` is called as blocks.js says.
export function drawView(shown, press) {
  Object.assign(shown, { fields: new Map(), notes: new Map() });
  const context = { names: shown.names, press, ts: shown.id, id: shown.id, drawInput: (block) => input(shown, block, context) };
  return drawBlocks(shown.view.blocks, context);
}

function input(shown, block, context) {
  const { box, field, note } = drawInput(block, context);
  keep(field, `${shown.id}/${field.dataset.press}`);
  shown.fields.set(block.block_id, field);
  shown.notes.set(block.block_id, note);
  return box;
}

function keep(field, key) {
  if (typed.has(key)) field.value = typed.get(key);
  field.tell?.();
  for (const event of ["input", "change"]) field.addEventListener(event, () => typed.set(key, field.value));
}

// What is filled in and chosen, as the workspace takes it.
export function valuesIn({ id, view, fields }) {
  const chosen = Object.entries(chosenIn({ ts: id, blocks: view.blocks })).map(([path, values]) => [path, values.join("\n")]);
  return Object.fromEntries([...chosen, ...[...fields].map(([block, field]) => [block, field.value])]);
}

// Asks first where the app wants it; null where the person thought better of it, else the outcome.
export async function pressIn(shown, element, block, { label, value }, begin) {
  if (element.confirm && !(await confirmed(element.confirm, shown.names))) return null;
  begin();
  const pressed = { label, block_id: block.block_id, action_id: element.action_id, value };
  return send("/_local/press-in-view", { user: shown.me, view_id: shown.id, values: valuesIn(shown), ...pressed });
}

// While a press is on its way nothing else can be pressed, and what was pressed shows that it waits.
export function markWaiting(holder, path) {
  for (const control of holder.querySelectorAll("[data-press]")) {
    control.disabled = Boolean(path);
    if (path && path === control.dataset.press) control.classList.add("waiting");
  }
}
