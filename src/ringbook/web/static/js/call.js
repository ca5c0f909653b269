/** The page of one call: Esc goes back, the timeline says what is pointed at, undo refreshes the parts. */

import { toast } from "./toast.js";
import { explain } from "./net.js";

const typing = () => document.activeElement?.matches("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  const open = event.target.closest?.("[data-escape]");
  if (open) { event.preventDefault(); document.querySelector(open.dataset.escape)?.click(); return; }
  if (!typing()) document.querySelector("[data-back]")?.click();
});

/** A text that is too long is refused here: the server would not even read it, and it stays where it was typed. */
document.addEventListener("submit", (event) => {
  const field = event.target.querySelector?.("textarea[data-most-bytes]");
  if (!field) return;
  const size = new TextEncoder().encode(field.value).length;
  const problem = event.target.querySelector("[data-too-long]");
  const over = size > Number(field.dataset.mostBytes);
  if (problem) problem.hidden = !over;
  field.toggleAttribute("aria-invalid", over);
  if (over) { event.preventDefault(); event.stopImmediatePropagation(); field.focus(); }
}, true);

/** What the server could not even read is no part of this page: what was typed stays. */
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (xhr.status === 400 || xhr.status === 413) {
    event.detail.shouldSwap = false;
    toast(explain(413), { tone: "bad" });
  }
});

document.addEventListener("undone", (event) => {
  if (!/\/calls\/[0-9a-f-]+\/undo\//.test(event.detail?.url ?? "") || !document.querySelector("[data-call-parts]")) return;
  event.preventDefault();
  document.body.dispatchEvent(new CustomEvent("call-changed", { bubbles: true }));
});

for (const type of ["mouseover", "focusin"]) {
  document.addEventListener(type, (event) => {
    const bar = event.target.closest?.(".tl-bar");
    const out = bar?.closest("[data-timeline]")?.querySelector("[data-readout]");
    if (out) out.textContent = bar.getAttribute("aria-label");
  });
}
document.addEventListener("click", (event) => {
  const bar = event.target.closest?.(".tl-bar");
  bar?.focus();
});
