/**
 * Completion in a text field, as the ARIA combobox pattern: `data-complete-url` is asked with `q` (what stands in the
 * field) and `caret`, and answers {"start", "end", "options": [{"value", "label", "hint", "id"}]}. Choosing replaces
 * q[start:end]; with `data-complete-id="#field"` the whole text becomes the label and that field gets the option's id.
 * The event "completed" (bubbling, detail = the option) follows.
 */

import { behave, make, sayCount } from "./boot.js";

const WAIT_MS = 90;
const AGAIN_MS = 800;
let made = 0;

behave("input[data-complete-url], textarea[data-complete-url]", (field) => new Combobox(field));

class Combobox {
  constructor(field) {
    this.field = field;
    this.options = [];
    this.at = -1;
    this.asked = 0;
    this.list = make("ul", { class: "combobox", role: "listbox", id: `completion-${++made}`, hidden: true, "aria-label": field.getAttribute("aria-label") ?? field.labels?.[0]?.textContent ?? "" });
    this.said = make("span", { class: "visually-hidden", role: "status" });
    (field.closest("dialog") ?? document.body).append(this.list);
    field.after(this.said);
    for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id, autocomplete: "off" })) field.setAttribute(name, value);
    field.addEventListener("input", () => this.soon());
    field.addEventListener("click", () => this.soon());
    field.addEventListener("keydown", (event) => this.press(event));
    field.addEventListener("blur", () => setTimeout(() => this.close(), 120));
    this.list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const row = event.target.closest("[role='option']");
      if (row) this.take(Number(row.dataset.at));
    });
    addEventListener("scroll", () => this.place(), { passive: true, capture: true });
    addEventListener("resize", () => this.place(), { passive: true });
  }

  get opened() { return !this.list.hidden; }

  soon() {
    clearTimeout(this.timer);
    const id = this.field.dataset.completeId;
    if (id && document.querySelector(id)) document.querySelector(id).value = "";
    this.timer = setTimeout(() => this.ask(), WAIT_MS);
  }

  /** Asks for completions; what failed is asked for once more, as the next key may not come. */
  async ask(again = false) {
    const turn = ++this.asked;
    const url = new URL(this.field.dataset.completeUrl, location.href);
    url.searchParams.set("q", this.field.value);
    url.searchParams.set("caret", String(this.field.selectionStart ?? this.field.value.length));
    const answer = await fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin" }).catch(() => null);
    if (turn !== this.asked || document.activeElement !== this.field) return;
    if (!answer?.ok) {
      this.close();
      if (!again && (answer?.status ?? 500) >= 500) this.timer = setTimeout(() => this.ask(true), AGAIN_MS);
      return;
    }
    const { start, end, options } = await answer.json();
    if (turn !== this.asked) return;
    this.span = [start ?? 0, end ?? this.field.value.length];
    this.show(options ?? []);
  }

  show(options) {
    this.options = options;
    this.at = -1;
    this.field.removeAttribute("aria-activedescendant");
    if (!options.length) return this.close();
    this.list.replaceChildren(...options.map((option, at) => {
      const row = make("li", { role: "option", id: `${this.list.id}-${at}`, "data-at": at, "aria-selected": "false" }, make("span", { class: "truncate" }, option.label ?? option.value));
      if (option.hint !== undefined && option.hint !== null && option.hint !== "") row.append(make("span", { class: "hint" }, String(option.hint)));
      return row;
    }));
    this.list.hidden = false;
    this.field.setAttribute("aria-expanded", "true");
    this.said.textContent = sayCount("results", options.length);
    this.place();
  }

  place() {
    if (!this.opened) return;
    const field = this.field.getBoundingClientRect();
    const modal = this.field.closest("dialog");
    const base = modal ? modal.getBoundingClientRect() : { left: -scrollX, top: -scrollY };
    const scroll = modal ? { x: modal.scrollLeft, y: modal.scrollTop } : { x: 0, y: 0 };
    const above = field.bottom + this.list.offsetHeight + 8 > innerHeight && field.top > this.list.offsetHeight + 8;
    this.list.style.minWidth = `${Math.min(field.width, 480)}px`;
    this.list.style.left = `${field.left - base.left + scroll.x}px`;
    this.list.style.top = `${(above ? field.top - this.list.offsetHeight - 4 : field.bottom + 4) - base.top + scroll.y}px`;
  }

  close() {
    clearTimeout(this.timer);
    this.asked++;
    if (!this.opened) return;
    this.list.hidden = true;
    this.field.setAttribute("aria-expanded", "false");
    this.field.removeAttribute("aria-activedescendant");
    this.said.textContent = "";
    this.at = -1;
  }

  press(event) {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" && !this.opened) { event.preventDefault(); return void this.ask(); }
    if (!this.opened) return;
    const count = this.options.length;
    if (event.key === "ArrowDown") { event.preventDefault(); this.mark((this.at + 1) % count); }
    else if (event.key === "ArrowUp") { event.preventDefault(); this.mark((this.at <= 0 ? count : this.at) - 1); }
    else if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); this.close(); }
    else if (event.key === "Enter" && this.at >= 0) { event.preventDefault(); this.take(this.at); }
    else if (event.key === "Tab" && this.at >= 0 && !event.shiftKey) { event.preventDefault(); this.take(this.at); }
    else if (event.key === "Enter") this.close();
  }

  mark(at) {
    this.list.children[this.at]?.setAttribute("aria-selected", "false");
    this.at = at;
    const row = this.list.children[at];
    row.setAttribute("aria-selected", "true");
    row.scrollIntoView({ block: "nearest" });
    this.field.setAttribute("aria-activedescendant", row.id);
  }

  take(at) {
    const option = this.options[at];
    const field = this.field;
    const id = field.dataset.completeId;
    if (id) {
      field.value = option.label ?? option.value;
      const target = document.querySelector(id);
      if (target) { target.value = option.id ?? option.value; target.dispatchEvent(new Event("change", { bubbles: true })); }
    } else {
      const [start, end] = this.span;
      field.value = field.value.slice(0, start) + option.value + field.value.slice(end);
      const caret = start + option.value.length;
      field.setSelectionRange(caret, caret);
    }
    this.close();
    field.focus();
    field.dispatchEvent(new CustomEvent("completed", { bubbles: true, detail: option }));
    if (!id && option.value.endsWith(":")) this.ask();
  }
}

