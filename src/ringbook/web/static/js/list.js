/**
 * Lists that one moves through with j and k: `data-list` with `data-item`s, each with a link `data-open`. Enter opens, x
 * chooses, and `data-item-key="n"` on a button inside an item is pressed by n while that item is the current one.
 */

import { behave, say } from "./boot.js";
import { register } from "./keyboard.js";

const lists = () => [...document.querySelectorAll("[data-list]")].filter((list) => list.getClientRects().length);
const items = () => lists().flatMap((list) => [...list.querySelectorAll("[data-item]")]);
const current = () => document.querySelector("[data-item][aria-current='true']");

export function choose(item, focus = true) {
  for (const old of document.querySelectorAll("[data-item][aria-current='true']")) if (old !== item) old.removeAttribute("aria-current");
  item.setAttribute("aria-current", "true");
  if (focus) (item.querySelector("[data-open]") ?? item.querySelector("a[href], button"))?.focus({ preventScroll: true });
  item.scrollIntoView({ block: "nearest" });
}

function move(by) {
  const all = items();
  if (!all.length) return false;
  const at = all.indexOf(current());
  choose(all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, at + by))]);
}

function openCurrent(event) {
  if (event.target !== document.body && event.target.closest("a[href], button, summary, [tabindex]")) return false;
  const link = current()?.querySelector("[data-open]");
  if (!link) return false;
  link.click();
}

register("j", { label: say("key-next"), group: "list", run: () => move(1) });
register("k", { label: say("key-previous"), group: "list", run: () => move(-1) });
register("ArrowDown", { run: (event) => (event.target.closest("[data-list]") ? move(1) : false) });
register("ArrowUp", { run: (event) => (event.target.closest("[data-list]") ? move(-1) : false) });
register("Enter", { label: say("key-open"), group: "list", run: openCurrent });
register("x", { label: say("key-choose"), group: "list", run: () => {
  const box = current()?.querySelector("input[type='checkbox']");
  if (!box) return false;
  box.click();
} });

document.addEventListener("keydown", (event) => {
  if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest("input:not([type='checkbox']), textarea, select, dialog, [contenteditable]")) return;
  const button = current()?.querySelector(`[data-item-key="${CSS.escape(event.key)}"]`);
  if (button) { event.preventDefault(); button.click(); }
}, true);

behave("[data-list]", (list) => {
  list.addEventListener("focusin", (event) => { const item = event.target.closest("[data-item]"); if (item) choose(item, false); });
  list.addEventListener("click", (event) => {
    const item = event.target.closest(".linked");
    if (!item || event.target.closest("a, button, input, label, select, summary, textarea, [role='menu']")) return;
    if (getSelection()?.toString()) return;
    const link = item.querySelector("[data-open]");
    if (!link) return;
    if (event.ctrlKey || event.metaKey) window.open(link.href, "_blank", "noopener");
    else link.click();
  });
});
