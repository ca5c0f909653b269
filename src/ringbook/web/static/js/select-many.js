/**
 * Choosing many rows: `data-select` checkboxes, `data-select-all` in the head, ranges with the shift key, and a bar
 * `data-selection-bar` that stands there while something is chosen. Rows that arrive later take part.
 */

import { behave, sayCount } from "./boot.js";

behave("[data-select-many]", (area) => {
  const bar = area.querySelector("[data-selection-bar]");
  const all = area.querySelector("[data-select-all]");
  const everything = area.querySelector("[data-select-everything]");
  let last = null;
  const boxes = () => [...area.querySelectorAll("input[data-select]")];

  const show = () => {
    const list = boxes();
    const chosen = list.filter((box) => box.checked);
    for (const box of list) box.closest("tr, [data-item]")?.classList.toggle("chosen", box.checked);
    if (all) {
      all.checked = list.length > 0 && chosen.length === list.length;
      all.indeterminate = chosen.length > 0 && chosen.length < list.length;
    }
    if (everything && !all?.checked) everything.checked = false;
    if (bar) bar.hidden = chosen.length === 0;
    for (const place of area.querySelectorAll("[data-selection-count]")) place.textContent = sayCount("chosen", chosen.length);
    area.dispatchEvent(new CustomEvent("selection", { bubbles: true, detail: { values: chosen.map((box) => box.value), everything: Boolean(everything?.checked) } }));
  };

  area.addEventListener("click", (event) => {
    const box = event.target;
    if (!(box instanceof HTMLInputElement) || !box.matches("[data-select]")) return;
    const list = boxes();
    if (event.shiftKey && last && last !== box && list.includes(last)) {
      const [low, high] = [list.indexOf(last), list.indexOf(box)].sort((a, b) => a - b);
      for (const one of list.slice(low, high + 1)) one.checked = box.checked;
    }
    last = box;
  });
  area.addEventListener("change", (event) => {
    if (event.target === all) for (const box of boxes()) box.checked = all.checked;
    show();
  });
  area.addEventListener("click", (event) => {
    if (!event.target.closest("[data-select-none]")) return;
    for (const box of boxes()) box.checked = false;
    show();
  });
  area.addEventListener("htmx:afterSwap", show);
  document.addEventListener("selection-clear", () => { for (const box of boxes()) box.checked = false; show(); });
  show();
});
