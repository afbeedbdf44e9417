// The frame around the messages: who you are, the app, the header, and the sidebar that folds on a phone.

import { drawConversations, titleOf } from "./conversations.js";
import { make } from "./draw.js";
import { drawSwitches } from "./switches.js";

const at = (id) => document.getElementById(id);

// `choose(id)` opens a conversation; `become(id)` makes you somebody else.
export function drawFrame({ state, me, where }, conversations, choose, become) {
  const here = conversations.find((each) => each.id === where);
  at("team").textContent = state.team.name;
  at("conversation").textContent = titleOf(here);
  at("thread-of").textContent = titleOf(here);
  at("topic").textContent = here.topic;
  at("app-name").textContent = state.app.name;
  at("app-state").className = `app-state ${state.app.connected ? "on" : "off"}`;
  at("app-hint").textContent = state.app.connected ? "" : "not connected yet: commands and buttons will fail";
  at("line").setAttribute("aria-label", `Message to ${titleOf(here)}`);
  drawConversations(conversations, where, me, (id) => { fold(); choose(id); });
  if (!at("actors").querySelector("input")) drawActors(state, me, (id) => { fold(); become(id); });
  drawSwitches(state.switches);
}

function drawActors(state, me, become) {
  for (const id of state.actors) {
    const person = state.people[id];
    const choice = make("input", { type: "radio", name: "actor", value: id, onchange: () => become(id) });
    choice.checked = id === me;
    at("actors").append(make("label", { class: "actor" }, choice,
      make("span", { class: `avatar letter ${id.toLowerCase()}`, "aria-hidden": "true" }, person.name[0]),
      make("span", { class: "actor-name" }, make("strong", {}, person.name), make("small", {}, person.title))));
  }
}

// On a phone the sidebar lies over the channel while it is open, and is out of reach otherwise.
export function startSidebar() {
  at("menu").addEventListener("click", () => (unfolded() ? fold() : unfold()));
  at("shade").addEventListener("click", fold);
}

const unfolded = () => document.body.dataset.menu === "open";

function unfold() {
  document.body.dataset.menu = "open";
  at("menu").setAttribute("aria-expanded", "true");
}

// Returns whether there was anything to fold.
export function fold() {
  if (!unfolded()) return false;
  document.body.dataset.menu = "";
  at("menu").setAttribute("aria-expanded", "false");
  at("menu").focus();
  return true;
}
