// The files of a message: name, size, and a link that saves it for the person who looks at it.

import { make } from "./draw.js";

export function drawFiles(files, me) {
  return files.length ? [make("div", { class: "files" }, ...files.map((file) => drawFile(file, me)))] : [];
}

function drawFile({ name, title, size, url_private: address }, me) {
  const href = `${new URL(address).pathname}?user=${encodeURIComponent(me)}`;
  const told = title === name ? sizeText(size) : `${name} · ${sizeText(size)}`;
  return make("a", { class: "file", href, download: name, title: `Download ${name}` },
    make("span", { class: "file-sign", "aria-hidden": "true" }, "📄"),
    make("span", { class: "file-words" }, make("strong", {}, title), make("small", {}, told)));
}

function sizeText(bytes) {
  if (bytes < 1000) return bytes === 1 ? "1 byte" : `${bytes} bytes`;
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
