// The app's Home tab, as it was last published for this person.

import { make } from "./draw.js";
import { send } from "./send.js";
import { drawView, markWaiting, pressIn } from "./views.js";

const at = (id) => document.getElementById(id);
let shown = null;
let failure = "";

// Tells the workspace that this person opened Home, or the direct message with the app.
export const openTab = (user, tab) => send("/_local/open-tab", { user, tab });

// `home` is null while nothing was published.
export function drawHome(home, me, names) {
  const name = `${me} ${home?.id} ${home?.hash}`;
  if (name === shown?.name) return;
  if (shown?.me !== me) failure = "";
  const focused = document.activeElement?.dataset?.press;
  shown = { name, me, names, id: home?.id, view: home?.view, fields: new Map() };
  const blocks = home ? drawView(shown, press) : [nothing()];
  shown.failure = make("p", { class: "press-failed", role: "alert" });
  shown.box = make("div", { class: "content home-content" }, shown.failure, ...blocks);
  say(failure);
  at("home").replaceChildren(shown.box);
  if (focused) at("home").querySelector(`[data-press="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

function nothing() {
  return make("div", { class: "empty" }, make("h3", {}, "Nothing here yet"), make("p", {}, "The app has not published its Home tab for you."));
}

function say(words) {
  failure = words;
  shown.failure.textContent = words && `⚠ ${words}`;
  shown.failure.hidden = !words;
}

async function press(element, block, option) {
  const path = `${block.block_id}/${element.action_id}`;
  const outcome = await pressIn(shown, element, block, option, () => {
    say("");
    markWaiting(shown.box, path);
  });
  if (!outcome) return false;
  for (const control of shown.box.querySelectorAll(".waiting")) control.classList.remove("waiting");
  markWaiting(shown.box, null);
  say(outcome.ok ? "" : (outcome.explanation ?? outcome.error));
  if (document.activeElement === document.body) (at("home").querySelector(`[data-press="${CSS.escape(path)}"]`) ?? at("home")).focus({ preventScroll: true });
  return true;
}
