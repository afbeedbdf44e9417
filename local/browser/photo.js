// Puts a copy of an element on top of the page, for a picture: `replacements` are [pattern, text], put in place of what
// differs from run to run. The page may go on redrawing the original. Returns the copy; `close()` on it takes it away.

({ element, width, height, replacements }) => {
  const frame = document.createElement("dialog");
  frame.id = "photo";
  Object.assign(frame.style, {
    boxSizing: "border-box", width: `${width}px`, maxWidth: "none", maxHeight: "none", overflow: "visible", border: "0",
    margin: "0", padding: "8px 0", position: "absolute", top: "0", left: "0", background: "#fff", color: "#1d1c1d",
  });
  frame.addEventListener("close", () => frame.remove());
  frame.append(...copied(element, width));
  document.body.append(frame);
  fix(frame);
  frame.showModal();
  document.activeElement.blur();
  const whole = Math.ceil(frame.getBoundingClientRect().height);
  Object.assign(frame.style, { height: `${Math.min(whole, height || whole)}px`, overflow: "hidden" });
  return frame;

  // A window is copied by its content, since a window inside another is not drawn.
  function copied(from) {
    const copy = from.cloneNode(true);
    const [selects, chosen] = [copy, from].map((each) => [...each.querySelectorAll("select")]);
    selects.forEach((select, index) => (select.value = chosen[index].value));
    copy.querySelectorAll(".delete, .modal-x, script").forEach((each) => each.remove());
    copy.querySelectorAll(".copy").forEach((each) => (each.textContent = "Copy"));
    if (from.tagName !== "DIALOG") return [copy];
    frame.className = from.className;
    Object.assign(frame.style, { border: "1px solid #cfcecf", borderRadius: "0", boxShadow: "none", padding: "0" });
    copy.querySelector("form").style.maxHeight = "none";
    return [...copy.childNodes];
  }

  function fix(within) {
    const words = within.textContent;
    const found = replacements.map(([pattern, text]) => [new RegExp(pattern, "g"), text]);
    const ids = [...words.matchAll(/switchyard-[a-z0-9]+-(c[a-z2-7]{10})\b/g)].map(([, id]) => id);
    for (const id of ids) found.push([new RegExp(id, "g"), "cexample234"]);
    const fixed = (data) => found.reduce((so_far, [pattern, text]) => so_far.replace(pattern, text), data);
    for (const field of within.querySelectorAll("input, textarea")) field.value = fixed(field.value);
    const walk = document.createTreeWalker(within, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) walk.currentNode.data = fixed(walk.currentNode.data);
  }
}
