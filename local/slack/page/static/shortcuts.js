// The ⚡ menu beside the box to type in: the app's global shortcuts.

import { note } from "./composer.js";
import { make } from "./draw.js";
import { send } from "./send.js";

const at = (id) => document.getElementById(id);
let drawn = "";

export function drawShortcuts(shortcuts, me) {
  const facts = JSON.stringify([shortcuts, me]);
  if (facts === drawn) return;
  drawn = facts;
  at("shortcuts").hidden = !shortcuts.length;
  at("shortcut-list").replaceChildren(...shortcuts.map((each) => make("li", {},
    make("button", { type: "button", onclick: () => choose(each, me) }, make("strong", {}, each.name), make("span", {}, each.description)))));
}

async function choose({ callback_id }, me) {
  hideShortcuts();
  const outcome = await send("/_local/shortcut", { user: me, callback_id });
  note(outcome.ok ? "" : (outcome.explanation ?? outcome.error));
}

// Returns whether the menu was open.
export function hideShortcuts() {
  const shown = !at("shortcut-list").hidden;
  at("shortcut-list").hidden = true;
  at("shortcuts").setAttribute("aria-expanded", "false");
  return shown;
}

export function startShortcuts() {
  at("shortcuts").addEventListener("click", () => {
    if (hideShortcuts()) return;
    at("shortcut-list").hidden = false;
    at("shortcuts").setAttribute("aria-expanded", "true");
    at("shortcut-list").querySelector("button")?.focus();
  });
}
