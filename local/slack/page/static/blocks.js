// Draws Block Kit blocks: section, header, context, divider, image, actions; and input where `view` can draw one.
// `view` is {names, press, ts}: `press(element, block, {label, value})` is called for whatever a person presses, and
// resolves to false where the person thought better of it; `ts` is the message's.

import { drawMenu, drawSelect } from "./choices.js";
import { drawText, make } from "./draw.js";
import { follow } from "./links.js";
import { isSafeLink } from "./mrkdwn.js";

const FOLDED_FROM = 700;  // characters of a section that Slack folds behind "Show more", as seen in its client

export function drawBlocks(blocks, view) {
  return blocks.map((block) => drawBlock(block, view));
}

function drawBlock(block, view) {
  switch (block.type) {
    case "header": return make("h3", { class: "block header" }, ...drawText(block.text, view.names));
    case "divider": return make("hr", { class: "block" });
    case "section": return drawSection(block, view);
    case "context": return make("div", { class: "block context" }, ...block.elements.map((each) => drawContext(each, view)));
    case "actions": return make("div", { class: "block actions" }, ...block.elements.map((each) => drawElement(each, block, view)));
    case "image": return make("figure", { class: "block image" }, block.title ? make("figcaption", {}, ...drawText(block.title, view.names)) : null, drawImage(block));
    case "input": return view.drawInput(block);
    default: return make("p", { class: "block unknown" }, `(a ${block.type} block, which this page does not draw)`);
  }
}

function drawSection(block, view) {
  const words = make("div", { class: "section-words" });
  if (block.text) words.append(...drawSectionText(block, view.names));
  if (block.fields) {
    const fields = block.fields.map((field) => make("div", { class: "field" }, ...drawText(field, view.names)));
    words.append(make("div", { class: "fields" }, ...fields));
  }
  const accessory = block.accessory && make("div", { class: "accessory" }, drawElement(block.accessory, block, view));
  return make("div", { class: "block section" }, words, accessory);
}

function drawSectionText(block, names) {
  const text = make("div", { class: "section-text" }, ...drawText(block.text, names));
  if (block.expand || block.text.text.length <= FOLDED_FROM) return [text];
  const fold = make("div", { class: "folded" }, text);
  const more = make("button", { type: "button", class: "link more", onclick: () => { fold.setAttribute("class", ""); more.hidden = true; } }, "Show more");
  return [fold, more];
}

function drawContext(element, view) {
  return element.type === "image" ? drawImage(element) : make("div", { class: "context-text" }, ...drawText(element, view.names));
}

function drawImage(image) {
  return make("img", { src: isSafeLink(image.image_url) ? image.image_url : null, alt: image.alt_text });
}

function drawElement(element, block, view) {
  switch (element.type) {
    case "button": return drawButton(element, block, view);
    case "static_select": return drawSelect(element, block, view);
    case "multi_static_select": return drawMenu(element, block, view);
    case "overflow": return drawSelect(element, block, view);
    default: return drawImage(element);
  }
}

function drawButton(element, block, view) {
  const label = element.accessibility_label ?? null;
  const button = make("button", { type: "button", class: `act ${element.style ?? ""}`, "aria-label": label }, ...drawText(element.text, view.names));
  button.dataset.press = `${block.block_id}/${element.action_id}`;
  button.addEventListener("click", () => {
    if (element.url && isSafeLink(element.url)) follow(element.url);
    view.press(element, block, { label: element.text.text });
  });
  return button;
}
