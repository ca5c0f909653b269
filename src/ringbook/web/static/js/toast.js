/**
 * Short messages at the edge of the page, read out by screen readers. `toast(text, {tone, undo})`; the server shows one
 * by the response header HX-Trigger: {"toast": {"text": …, "tone": …, "undo": "/address"}}. Undo posts to that address
 * and then tells the page by the event "undone"; what does not listen (`event.preventDefault()`) is loaded anew.
 */

import { behave, icon, make, say } from "./boot.js";
import { explain, post } from "./net.js";

const SHAPES = { good: "circle-check", success: "circle-check", bad: "octagon-alert", error: "octagon-alert", warn: "triangle-alert", warning: "triangle-alert", info: "info" };
const STAY_MS = 6000;
const STAY_UNDO_MS = 12000;

export function toast(text, { tone = "good", undo = "" } = {}) {
  const holder = document.getElementById("toasts");
  if (!holder) return;
  raise(holder);
  const row = make("div", { class: "toast" }, icon(SHAPES[tone] ?? "info"), make("span", {}, text));
  const leave = () => {
    row.remove();
    if (!holder.childElementCount && holder.matches(":popover-open")) holder.hidePopover();
  };
  if (undo) row.append(make("button", { type: "button", class: "toast-undo", onclick: () => takeBack(undo, leave) }, say("undo")));
  row.append(make("button", { type: "button", "aria-label": say("close"), onclick: leave }, icon("x", "icon icon-s")));
  holder.append(row);
  while (holder.childElementCount > 3) holder.firstElementChild.remove();
  stay(row, undo ? STAY_UNDO_MS : tone === "bad" || tone === "error" ? STAY_UNDO_MS : STAY_MS, leave);
}

/** Puts the messages above an open dialog: the top layer shows what was opened last. */
function raise(holder) {
  if (!holder.showPopover) return;
  if (holder.matches(":popover-open")) holder.hidePopover();
  holder.showPopover();
}

/** Removes a message after a while, but never while it is pointed at or focused. */
function stay(row, span, leave) {
  let left = setTimeout(leave, span);
  const hold = () => clearTimeout(left);
  const go = () => { clearTimeout(left); left = setTimeout(leave, span); };
  row.addEventListener("mouseenter", hold);
  row.addEventListener("mouseleave", go);
  row.addEventListener("focusin", hold);
  row.addEventListener("focusout", go);
}

async function takeBack(url, leave) {
  leave();
  const answer = await post(url).catch(() => ({ ok: false, status: 0 }));
  if (!answer.ok) return toast(explain(answer.status), { tone: "bad" });
  const unheard = document.body.dispatchEvent(new CustomEvent("undone", { bubbles: true, cancelable: true, detail: { url } }));
  if (unheard) location.reload(); else toast(say("undone"), { tone: "info" });
}

document.addEventListener("toast", (event) => toast(event.detail.text ?? event.detail.value, event.detail));
behave("[data-toast]", (element) => {
  const undo = /(?:^|\s)undo=(\S+)/.exec(element.dataset.undo ?? "")?.[1] ?? "";
  toast(element.textContent, { tone: element.dataset.tone, undo });
  element.remove();
});
