// The question before something is done: resolves to true only where the person confirms.

import { drawText } from "./draw.js";

const at = (id) => document.getElementById(id);

export function confirmed(dialog, names) {
  const box = at("confirm");
  at("confirm-title").replaceChildren(...drawText(dialog.title, names));
  at("confirm-text").replaceChildren(...drawText(dialog.text, names));
  at("confirm-deny").textContent = dialog.deny.text;
  at("confirm-confirm").textContent = dialog.confirm.text;
  at("confirm-confirm").className = dialog.style === "danger" ? "danger" : "primary";
  box.returnValue = "deny";
  box.showModal();
  return new Promise((done) => {
    box.addEventListener("close", () => done(box.returnValue === "confirm"), { once: true });
  });
}

const plain = (text) => ({ type: "plain_text", text });

export const DELETING = {
  title: plain("Delete message"), text: plain("This message is deleted for everybody. The app is not told."),
  confirm: plain("Delete"), deny: plain("Cancel"), style: "danger",
};
