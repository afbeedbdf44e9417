// The fields of a view (input blocks): drawn with label, hint and a place for an error; each has a `value`.
// Menus of several options and boxes have those that are chosen as their value, a line each.

import { drawText, make } from "./draw.js";

// `view` is {names, press, id}. Returns {box, field, note}; `press(element, block, {})` is called for a field that
// dispatches its action.
export function drawInput(block, view) {
  const { element } = block;
  const id = `field-${view.id}-${block.block_id}`;
  const field = drawField(element, id, view, block);
  field.dataset.press = `${block.block_id}/${element.action_id}`;
  const enter = block.dispatch_action && dispatch(field, element, () => view.press(element, block, {}));
  const note = make("p", { class: "modal-error", id: `${id}-note`, role: "alert" });
  note.hidden = true;
  const optional = block.optional ? make("span", { class: "modal-optional" }, " (optional)") : null;
  const box = make("div", { class: "block modal-input" },
    make("label", { for: id }, ...drawText(block.label, view.names), optional), field, ...(field.below ?? []), note,
    enter ? make("p", { class: "modal-hint" }, "Press Enter to send") : null,
    block.hint ? make("div", { class: "modal-hint" }, ...drawText(block.hint, view.names)) : null);
  return { box, field, note };
}

function drawField(element, id, view, block) {
  switch (element.type) {
    case "static_select": return drawSelectField(element, id, block);
    case "checkboxes":
    case "multi_static_select": return drawBoxes(element, id, view.names);
    default: return drawTextField(element, id);
  }
}

function drawTextField(element, id) {
  const keys = element.is_decimal_allowed ? "decimal" : "numeric";
  const field = make(element.multiline ? "textarea" : "input", {
    id, class: "modal-field", rows: element.multiline ? "4" : null, maxlength: element.max_length ?? 3000,
    inputmode: element.type === "number_input" ? keys : null, autocomplete: "off",
    placeholder: element.placeholder?.text ?? null, "aria-describedby": `${id}-note`,
  });
  field.value = element.initial_value ?? "";
  return field;
}

// What an option means stands below the menu while it is chosen.
function drawSelectField(element, id, block) {
  const options = [...(element.options ?? []), ...(element.option_groups ?? []).flatMap((group) => group.options)];
  const drawn = ({ text, value }) => make("option", { value }, text.text);
  const groups = (element.option_groups ?? []).map((group) => make("optgroup", { label: group.label.text }, ...group.options.map(drawn)));
  const none = make("option", { value: "", disabled: !block.optional }, element.placeholder?.text ?? "Select an option");
  const field = make("select", { id, class: "modal-field", "aria-describedby": `${id}-meaning ${id}-note` }, none, ...(element.options ?? []).map(drawn), ...groups);
  field.value = element.initial_option?.value ?? "";
  const meaning = make("p", { class: "modal-hint", id: `${id}-meaning` });
  const tell = () => (meaning.textContent = options.find((each) => each.value === field.value)?.description?.text ?? "");
  field.addEventListener("change", tell);
  tell();
  return Object.assign(field, { below: [meaning], tell });
}

function drawBoxes(element, id, names) {
  const first = (element.initial_options ?? []).map((each) => each.value);
  const options = [...(element.options ?? []), ...(element.option_groups ?? []).flatMap((group) => group.options)];
  const boxes = options.map(({ value }) => Object.assign(make("input", { type: "checkbox", value }), { checked: first.includes(value) }));
  const rows = options.map((option, index) => make("label", { class: "modal-box" }, boxes[index], ...drawText(option.text, names)));
  const field = make("div", { id, role: "group", class: "modal-boxes", "aria-describedby": `${id}-note` }, ...rows);
  return Object.defineProperty(field, "value", {
    get: () => boxes.filter((box) => box.checked).map((box) => box.value).join("\n"),
    set: (chosen) => boxes.forEach((box) => (box.checked = chosen.split("\n").includes(box.value))),
  });
}

// Slack sends a field's action when Enter is pressed in it, or with each character where the app asks for that.
// Returns whether Enter sends it, which Slack says below the field.
function dispatch(field, element, press) {
  const on = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  const typed = ["plain_text_input", "number_input"].includes(element.type);
  if (!typed) field.addEventListener("change", press);
  if (typed && on.includes("on_character_entered")) field.addEventListener("input", press);
  if (!typed || element.multiline || !on.includes("on_enter_pressed")) return false;
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    press();
  });
  return true;
}
