// Menus: of one option (static_select), of actions (overflow), of several options (multi_static_select).
// What is chosen outlives a drawing, until the app offers something else to begin with; it goes along with each press.

import { make } from "./draw.js";
import { follow } from "./links.js";
import { isSafeLink } from "./mrkdwn.js";

const chosen = new Map();  // by message, block, action and what is chosen at first: values

export const forgetChoices = () => chosen.clear();

// {"block_id/action_id": [value, …]} for each menu of the message that keeps a choice.
export function chosenIn({ ts, blocks = [] }) {
  const held = blocks.flatMap((block) => [block.accessory, ...(block.elements ?? [])].map((element) => [block, element]));
  const menus = held.filter(([, element]) => element?.type?.endsWith("static_select"));
  return Object.fromEntries(menus.map(([block, menu]) => [pathOf(menu, block), chosenOf(menu, block, ts)]));
}

const pathOf = (menu, block) => `${block.block_id}/${menu.action_id}`;
const atFirst = (menu) => (menu.initial_options ?? [menu.initial_option ?? []].flat()).map((each) => each.value);
const keyOf = (menu, block, ts) => JSON.stringify([ts, pathOf(menu, block), atFirst(menu)]);
const chosenOf = (menu, block, ts) => chosen.get(keyOf(menu, block, ts)) ?? atFirst(menu);

export function drawMenu(menu, block, { ts }) {
  const box = make("fieldset", { class: "act menu" }, make("legend", {}, menu.placeholder.text));
  const options = menu.options.map(({ value }) => make("input", { type: "checkbox", value }));
  options.forEach((option, index) => {
    option.checked = chosenOf(menu, block, ts).includes(option.value);
    option.addEventListener("change", () => {
      chosen.set(keyOf(menu, block, ts), options.filter((each) => each.checked).map((each) => each.value));
    });
    box.append(make("label", {}, option, ` ${menu.options[index].text.text}`));
  });
  return box;
}

export function drawSelect(element, block, view) {
  const actions = element.type === "overflow";
  const placeholder = actions ? "⋯" : (element.placeholder?.text ?? "Choose…");
  const first = make("option", { value: "", disabled: true, hidden: true }, placeholder);
  const groups = (element.option_groups ?? []).map((group) => make("optgroup", { label: group.label.text }, ...group.options.map(drawOption)));
  const label = actions ? "More actions" : placeholder;
  const select = make("select", { class: `act${actions ? " overflow" : ""}`, "aria-label": label }, first, ...(element.options ?? []).map(drawOption), ...groups);
  const [kept] = actions ? [] : chosenOf(element, block, view.ts);
  select.value = kept ?? "";
  select.dataset.press = pathOf(element, block);
  select.addEventListener("change", () => choose(select, element, block, view));
  return select;
}

const drawOption = ({ text, value }) => make("option", { value }, text.text);

async function choose(select, element, block, view) {
  const options = [...(element.options ?? []), ...(element.option_groups ?? []).flatMap((group) => group.options)];
  const { text, value, url } = options.find((each) => each.value === select.value);
  const [before] = element.type === "overflow" ? [] : chosenOf(element, block, view.ts);
  if (element.type !== "overflow") chosen.set(keyOf(element, block, view.ts), [value]);
  if (url && isSafeLink(url)) follow(url);
  const pressed = await view.press(element, block, { label: text.text, value });
  if (pressed === false && before === undefined) chosen.delete(keyOf(element, block, view.ts));
  else if (pressed === false) chosen.set(keyOf(element, block, view.ts), [before]);
  if (pressed === false || element.type === "overflow") select.value = before ?? "";
}
