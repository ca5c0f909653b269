/** Menus: a button with `popovertarget`, a `role="menu"` popover; placed beside the button, moved through with the arrows. */

import { behave } from "./boot.js";

const GAP = 4;

behave("[data-menu]", (menu) => {
  const button = menu.querySelector("[popovertarget]");
  const list = menu.querySelector("[popover]");
  if (!button || !list) return;
  button.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    list.showPopover();
    const all = items(list);
    (event.key === "ArrowDown" ? all[0] : all.at(-1))?.focus();
  });
  list.addEventListener("beforetoggle", (event) => { if (event.newState === "open") list.style.visibility = "hidden"; });
  list.addEventListener("toggle", (event) => {
    const opened = event.newState === "open";
    button.setAttribute("aria-expanded", String(opened));
    if (!opened) return;
    place(list, button, menu.dataset.align);
    list.style.visibility = "";
    if (!list.contains(document.activeElement) && list.getAttribute("role") === "menu") items(list)[0]?.focus({ preventScroll: true });
  });
  list.addEventListener("keydown", (event) => step(event, list, button));
  list.addEventListener("click", (event) => {
    if (event.target.closest("[role^='menuitem']:not([data-stay])")) list.hidePopover();
  });
});

function items(list) {
  return [...list.querySelectorAll("[role^='menuitem']")].filter((item) => !item.disabled && item.offsetParent !== null);
}

function step(event, list, button) {
  if (list.getAttribute("role") !== "menu") return;
  const all = items(list);
  const at = all.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    all.at(to % all.length)?.focus();
  } else if (event.key === "Tab") {
    list.hidePopover();
  } else if (event.key === "Escape") {
    event.preventDefault();
    list.hidePopover();
    button.focus();
  } else if (event.key.length === 1 && /\S/.test(event.key) && !event.ctrlKey && !event.metaKey) {
    const follow = [...all.slice(at + 1), ...all.slice(0, at + 1)];
    follow.find((item) => item.textContent.trim().toLowerCase().startsWith(event.key.toLowerCase()))?.focus();
    event.stopPropagation();
  }
}

/** Puts a popover beside what opened it, within the window. */
export function place(list, anchor, align = "start") {
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = list;
  const below = at.bottom + GAP + height <= innerHeight || at.top < height;
  const left = align === "end" ? at.right - width : at.left;
  list.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
  list.style.top = `${Math.max(8, below ? at.bottom + GAP : at.top - GAP - height)}px`;
}
