/**
 * Keys. `register(keys, {label, group, run})` from scripts; `data-key`, `data-key-focus` from pages. One key or two in a
 * row ("g c"). Never while something is typed, never with Ctrl, Alt or the command key, never behind a dialog (but for
 * keys within it). `?` shows the card of all keys that the page has.
 */

import { make, say, typing } from "./boot.js";
import { open } from "./dialog.js";

const SEQUENCE_MS = 900;
const registered = [];
let pending = "";
let timer = 0;

export function register(keys, { label, group = "general", run = null }) {
  registered.push({ keys, label, group, run });
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape") return leaveField();
  if (typing(event.target) || event.key === "Shift") return;
  if (document.querySelector("[role='menu']:popover-open")) return;
  const pressed = pending ? `${pending} ${event.key}` : event.key;
  forget();
  if (act(pressed, event)) return event.preventDefault();
  if (begins(pressed)) { pending = pressed; timer = setTimeout(forget, SEQUENCE_MS); }
});

function forget() { pending = ""; clearTimeout(timer); }

function leaveField() {
  if (typing() && !document.activeElement.closest("dialog") && document.activeElement.getAttribute("aria-expanded") !== "true") document.activeElement.blur();
}

function act(keys, event) {
  const modal = document.querySelector("dialog:modal");
  const reach = (element) => (modal ? modal.contains(element) : true) && !element.disabled && element.getClientRects().length > 0;
  const focused = find("key-focus", keys).find(reach);
  if (focused) { focused.focus(); focused.select?.(); return true; }
  const target = find("key", keys).find((element) => (modal ? modal.contains(element) : true) && !element.disabled);
  if (target) { target.click(); return true; }
  if (modal) return false;
  const entry = registered.findLast((one) => one.run && one.keys.split(" / ").includes(keys));
  return Boolean(entry) && entry.run(event) !== false;
}

function find(attribute, keys) {
  return [...document.querySelectorAll(`[data-${attribute}="${CSS.escape(keys)}"]`)];
}

function begins(keys) {
  return registered.some((one) => one.run && one.keys.startsWith(`${keys} `)) || document.querySelector(`[data-key^="${CSS.escape(keys)} "]`) !== null;
}

function described() {
  const all = registered.filter((one) => one.label).map((one) => ({ ...one }));
  for (const element of document.querySelectorAll("[data-key], [data-key-focus]")) {
    const keys = element.dataset.key ?? element.dataset.keyFocus;
    const label = element.dataset.keyLabel ?? element.getAttribute("aria-label") ?? element.getAttribute("placeholder") ?? element.textContent.trim();
    all.push({ keys, label, group: element.dataset.keyGroup ?? (keys.startsWith("g ") ? "go" : "page") });
  }
  const items = new Map();
  for (const element of document.querySelectorAll("[data-item-key]")) items.set(element.dataset.itemKey, element.dataset.keyLabel ?? element.getAttribute("aria-label") ?? element.textContent.trim());
  for (const [keys, label] of items) all.push({ keys, label, group: "list" });
  return all.filter((one, at) => all.findIndex((other) => other.keys === one.keys) === at);
}

/** Shows the card with every key that does something here. */
export function help() {
  const all = described();
  const card = make("div", { class: "help-card" });
  for (const group of ["general", "go", "list", "page"]) {
    const rows = all.filter((one) => one.group === group && (group !== "list" || document.querySelector("[data-list]")));
    if (!rows.length) continue;
    const list = make("dl");
    for (const row of rows) {
      const caps = make("dt", { class: "keys" });
      for (const key of row.keys.split(" ")) caps.append(key === "/" && row.keys.length > 1 ? " / " : make("kbd", {}, key === "Escape" ? "Esc" : key));
      list.append(make("div", {}, caps, make("dd", {}, row.label)));
    }
    card.append(make("section", {}, make("h3", {}, say(group)), list));
  }
  const close = make("button", { type: "button", class: "button quiet small", "data-close": true }, say("close"));
  const dialog = make("dialog", { class: "dialog", id: "keyboard-help", "aria-labelledby": "keyboard-title" },
    make("header", { class: "dialog-head" }, make("h2", { id: "keyboard-title" }, say("keyboard")), close), make("div", { class: "dialog-body" }, card));
  const opener = document.activeElement;
  dialog.addEventListener("close", () => { dialog.remove(); opener?.focus?.(); });
  document.body.append(dialog);
  open(dialog);
}

register("?", { label: say("key-help"), run: () => help() });
register("Escape", { label: say("key-close") });
document.addEventListener("click", (event) => { if (event.target.closest("[data-help]")) help(); });
