// The switches that make things fail: in the sidebar to turn them, above the channel a line for each that is on.

import { make } from "./draw.js";
import { send } from "./send.js";

const at = (id) => document.getElementById(id);
const drawn = new Map();

export function drawSwitches(switches) {
  at("switches").hidden = !switches.length;
  for (const each of switches) if (!drawn.has(each.label)) at("switches").append(drawSwitch(each));
  for (const each of switches) drawn.get(each.label).checked = each.on;
  drawOutages(switches.filter((each) => each.on).map((each) => each.label));
}

function drawSwitch({ label, meaning }) {
  const id = `switch-${drawn.size}`;
  const turn = make("input", { type: "checkbox", role: "switch", "aria-describedby": `${id}-meaning`, id });
  const trouble = make("p", { class: "switch-trouble", role: "alert" });
  turn.addEventListener("change", async () => {
    const on = turn.checked;
    turn.disabled = true;
    const outcome = await send("/_local/switch", { label, on });
    turn.disabled = false;
    turn.focus();
    trouble.textContent = outcome.ok ? "" : (outcome.explanation ?? outcome.error);
    if (!outcome.ok) turn.checked = !on;
  });
  drawn.set(label, turn);
  return make("div", { class: "switch" },
    make("label", {}, make("span", {}, label), turn),
    make("p", { class: "hint", id: `${id}-meaning` }, meaning), trouble);
}

// Redrawn only when it changes, so that it is read out once.
function drawOutages(labels) {
  const words = labels.map((label) => `${label}, until you switch it off.`);
  if (at("outages").textContent === words.join("")) return;
  at("outages").replaceChildren(...words.map((each) => make("p", { class: "outage" }, each)));
}
