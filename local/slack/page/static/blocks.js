// Draws Block Kit blocks: section, header, context, divider, image, actions.
// `press(element, block, option)` is called for whatever a person presses.

import { drawText, make } from "./draw.js";
import { isSafeLink } from "./mrkdwn.js";

export function drawBlocks(blocks, names, press) {
  return blocks.map((block) => drawBlock(block, names, press));
}

function drawBlock(block, names, press) {
  switch (block.type) {
    case "header": return make("h3", { class: "block header" }, ...drawText(block.text, names));
    case "divider": return make("hr", { class: "block" });
    case "section": return drawSection(block, names, press);
    case "context": return make("div", { class: "block context" }, ...block.elements.map((each) => drawContext(each, names)));
    case "actions": return make("div", { class: "block actions" }, ...block.elements.map((each) => drawElement(each, block, names, press)));
    case "image": return make("figure", { class: "block image" }, block.title ? make("figcaption", {}, ...drawText(block.title, names)) : null, drawImage(block));
    default: return make("p", { class: "block unknown" }, `(a ${block.type} block, which this page does not draw)`);
  }
}

function drawSection(block, names, press) {
  const words = make("div", { class: "section-words" });
  if (block.text) words.append(make("div", { class: "section-text" }, ...drawText(block.text, names)));
  if (block.fields) {
    const fields = block.fields.map((field) => make("div", { class: "field" }, ...drawText(field, names)));
    words.append(make("div", { class: "fields" }, ...fields));
  }
  const accessory = block.accessory && make("div", { class: "accessory" }, drawElement(block.accessory, block, names, press));
  return make("div", { class: "block section" }, words, accessory);
}

function drawContext(element, names) {
  return element.type === "image" ? drawImage(element) : make("div", { class: "context-text" }, ...drawText(element, names));
}

function drawImage(image) {
  return make("img", { src: isSafeLink(image.image_url) ? image.image_url : null, alt: image.alt_text });
}

function drawElement(element, block, names, press) {
  switch (element.type) {
    case "button": return drawButton(element, block, names, press);
    case "static_select": return drawSelect(element, block, press, element.placeholder?.text ?? "Choose…");
    case "multi_static_select": return drawMenu(element, block);
    case "overflow": return drawSelect(element, block, press, "⋯");
    default: return drawImage(element);
  }
}

function drawButton(element, block, names, press) {
  const label = element.accessibility_label ?? null;
  const button = make("button", { type: "button", class: `act ${element.style ?? ""}`, "aria-label": label }, ...drawText(element.text, names));
  button.dataset.press = `${block.block_id}/${element.action_id}`;
  button.addEventListener("click", () => {
    if (element.url && isSafeLink(element.url)) window.open(element.url, "_blank", "noopener,noreferrer");
    press(element, block, element.text.text);
  });
  return button;
}

const chosen = new Map();  // by block and action: what is chosen and not pressed yet, which outlives a drawing

export const forgetChoices = () => chosen.clear();

export function chosenIn(blocks) {
  const menus = blocks.map((block) => [block, block.accessory]).filter(([, each]) => each?.type === "multi_static_select");
  return Object.fromEntries(menus.map(([block, menu]) => [menu.action_id, chosenOf(menu, block)]));
}

function chosenOf(menu, block) {
  return chosen.get(`${block.block_id}/${menu.action_id}`) ?? (menu.initial_options ?? []).map((each) => each.text.text);
}

function drawMenu(menu, block) {
  const box = make("fieldset", { class: "act menu" }, make("legend", {}, menu.placeholder.text));
  const options = menu.options.map(({ text }) => make("input", { type: "checkbox", value: text.text }));
  for (const option of options) {
    option.checked = chosenOf(menu, block).includes(option.value);
    option.addEventListener("change", () => {
      const ticked = options.filter((each) => each.checked).map((each) => each.value);
      chosen.set(`${block.block_id}/${menu.action_id}`, ticked);
    });
    box.append(make("label", {}, option, ` ${option.value}`));
  }
  return box;
}

function drawSelect(element, block, press, placeholder) {
  const option = (each) => make("option", { value: each.text.text }, each.text.text);
  const grouped = (element.option_groups ?? []).map((group) => make("optgroup", { label: group.label.text }, ...group.options.map(option)));
  const first = make("option", { value: "", disabled: true, selected: true, hidden: true }, placeholder);
  const select = make("select", { class: "act", "aria-label": placeholder === "⋯" ? "More actions" : placeholder }, first, ...(element.options ?? []).map(option), ...grouped);
  if (element.initial_option) select.value = element.initial_option.text.text;
  select.dataset.press = `${block.block_id}/${element.action_id}`;
  select.addEventListener("change", () => press(element, block, select.value));
  return select;
}
