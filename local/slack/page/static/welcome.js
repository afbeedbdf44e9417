// The line above the channel, which is the workspace's and not the app's: who you are, and how to be somebody else.

import { make } from "./draw.js";

const at = (id) => document.getElementById(id);
let closed = sessionStorage.getItem("welcome") === "closed";
let drawn = null;

// What the demo has to say comes first, and comes back when it has changed. Pictures are made without the line.
export function drawWelcome({ state, me }, still) {
  at("welcome").hidden = still || (closed && !state.notice);
  if (drawn === me + state.notice) return;
  drawn = me + state.notice;
  const { name, title } = state.people[me];
  const others = state.actors.filter((id) => id !== me).map((id) => state.people[id].name).join(" or ");
  const words = make("p", {}, state.notice && make("strong", {}, `${state.notice} `), `A Slack workspace on this machine. You are ${name} (${title}). To be ${others}: `,
    make("span", { class: "wide" }, "choose at the lower left."), make("span", { class: "narrow" }, "choose under ☰."));
  at("welcome").replaceChildren(words, make("button", { type: "button", class: "close-welcome", "aria-label": "Close this line", title: "Close this line", onclick: close }, "✕"));
}

function close() {
  closed = true;
  sessionStorage.setItem("welcome", "closed");
  at("welcome").hidden = true;
}
