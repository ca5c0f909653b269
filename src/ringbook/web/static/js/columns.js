/** Columns to choose and order: by dragging, by Alt with the arrows, or by the buttons; the order in the form is the order chosen. */

import { behave, icon, make, say } from "./boot.js";

behave("[data-columns]", (area) => {
  const list = area.querySelector(".columns-list");
  const said = make("p", { class: "visually-hidden", role: "status" });
  list.after(said);
  let dragged = null;

  const tell = () => list.dispatchEvent(new Event("change", { bubbles: true }));
  const move = (row, by, focus) => {
    const other = by < 0 ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    if (by < 0) other.before(row); else other.after(row);
    focus.focus();
    said.textContent = say("moved", row.querySelector("label").textContent.trim(), [...list.children].indexOf(row) + 1);
    tell();
  };

  for (const row of list.children) {
    const name = row.querySelector("label").textContent.trim();
    const grip = make("span", { class: "grip" });
    grip.append(icon("grip-vertical", "icon icon-s"));
    row.prepend(grip);
    for (const [by, shape, word] of [[-1, "chevron-up", "up"], [1, "chevron-down", "down"]]) {
      const button = make("button", { type: "button", class: "button icon-only quiet small", "aria-label": `${say(word)}: ${name}` }, icon(shape, "icon icon-s"));
      button.addEventListener("click", () => move(row, by, button));
      row.append(button);
    }
    row.addEventListener("keydown", (event) => {
      if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
      event.preventDefault();
      move(row, event.key === "ArrowUp" ? -1 : 1, document.activeElement);
    });
    row.addEventListener("dragstart", (event) => { dragged = row; row.classList.add("dragging"); event.dataTransfer.effectAllowed = "move"; });
    row.addEventListener("dragend", () => { row.classList.remove("dragging"); dragged = null; tell(); });
    row.addEventListener("dragover", (event) => {
      if (!dragged || dragged === row) return;
      event.preventDefault();
      const box = row.getBoundingClientRect();
      if (event.clientY > box.top + box.height / 2) row.after(dragged); else row.before(dragged);
    });
  }
});
