/**
 * Native dialogs. `data-dialog="id"` opens one, `data-close` closes the one around it; one that arrives with
 * `data-open-now` opens itself and leaves the page when it is closed. `data-confirm="Question?"` asks before a form is
 * sent, a link followed or an htmx request made; with `data-confirm-type="word"` the word has to be typed.
 */

import { behave, make, say } from "./boot.js";

const from = new WeakMap();

export function open(dialog, opener = document.activeElement) {
  if (dialog.open) return;
  from.set(dialog, opener);
  dialog.showModal();
  const field = ".dialog-body :is(input:not([type='hidden'], [type='checkbox'], [type='radio']), textarea, select):not(:disabled)";
  (dialog.querySelector("[autofocus]") ?? dialog.querySelector(field))?.focus();
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.dialog);
    if (dialog) { event.preventDefault(); open(dialog, opener); }
    return;
  }
  const closer = event.target.closest("[data-close]");
  if (closer) { const dialog = closer.closest("dialog"); if (dialog) { event.preventDefault(); dialog.close(); } }
});

/** A press on the backdrop closes, unless something was typed that would be lost. */
document.addEventListener("pointerdown", (event) => {
  const dialog = event.target;
  if (!(dialog instanceof HTMLDialogElement) || !dialog.open) return;
  const box = dialog.getBoundingClientRect();
  const outside = event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
  if (outside && !touched(dialog)) dialog.close();
});

function touched(dialog) {
  return [...dialog.querySelectorAll("input, textarea, select")].some((control) =>
    control.type === "checkbox" || control.type === "radio" ? control.checked !== control.defaultChecked
      : control instanceof HTMLSelectElement ? [...control.options].some((o) => o.selected !== o.defaultSelected) && control.selectedIndex > 0
      : control.type !== "hidden" && control.value !== control.defaultValue);
}

behave("dialog[data-open-now]", (dialog) => {
  dialog.addEventListener("close", () => dialog.remove());
  open(dialog);
});
behave("dialog", (dialog) => dialog.addEventListener("close", () => {
  const opener = from.get(dialog);
  if (opener?.isConnected) opener.focus({ preventScroll: true });
}));
document.addEventListener("dialog-close", (event) => {
  const around = event.target instanceof Element ? event.target.closest("dialog[open]") : null;
  (around ?? [...document.querySelectorAll("dialog[open]")].at(-1))?.close();
});

/** Asks; true when it was confirmed. */
export function confirm({ question, text = "", type = "", button = "" }) {
  return new Promise((resolve) => {
    const yes = make("button", { class: "button primary danger", type: "submit", value: "yes" }, button || say("go-on"));
    const no = make("button", { class: "button", type: "button", "data-close": true, autofocus: !type }, say("cancel"));
    const form = make("form", { method: "dialog", class: "stack tight" });
    if (text) form.append(make("p", { class: "quiet" }, text));
    if (type) {
      const field = make("input", { type: "text", id: "confirm-type", autocomplete: "off", autocapitalize: "off", spellcheck: "false", autofocus: true });
      yes.disabled = true;
      field.addEventListener("input", () => { yes.disabled = field.value.trim() !== type; });
      form.append(make("div", { class: "field" }, make("label", { for: "confirm-type" }, say("type", type)), field));
    }
    form.append(make("div", { class: "dialog-actions" }, no, yes));
    const title = make("h2", { id: "confirm-title" }, question);
    const dialog = make("dialog", { class: "dialog dialog-s", "aria-labelledby": "confirm-title", role: "alertdialog" },
      make("header", { class: "dialog-head" }, title), make("div", { class: "dialog-body" }, form));
    const opener = document.activeElement;
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (opener?.isConnected) opener.focus({ preventScroll: true });
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    open(dialog, opener);
  });
}

function asked(element) {
  const { confirm: question, confirmText: text, confirmType: type, confirmButton: button } = element.dataset;
  return { question: question || say("sure"), text, type, button };
}

const agreed = new WeakSet();

document.addEventListener("submit", async (event) => {
  const source = event.submitter?.closest("[data-confirm]") ?? event.target.closest("form[data-confirm]");
  if (!source || agreed.delete(event.target)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const submitter = event.submitter;
  if (await confirm(asked(source))) { agreed.add(event.target); event.target.requestSubmit(submitter ?? undefined); }
}, true);

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-confirm]");
  if (!link || link.matches("[hx-get],[hx-post],[hx-delete],[hx-put],[hx-patch]")) return;
  event.preventDefault();
  if (await confirm(asked(link))) location.assign(link.href);
});

document.addEventListener("htmx:confirm", async (event) => {
  const source = event.target.closest("[data-confirm]");
  if (!source || source instanceof HTMLFormElement || event.detail.elt instanceof HTMLFormElement) return;
  event.preventDefault();
  if (await confirm(asked(source))) event.detail.issueRequest(true);
});
