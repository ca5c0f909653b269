/**
 * `data-draft="key"` on a form keeps what was typed for this tab until the form was taken, so that an expired session or
 * a closed dialog loses nothing. Passwords, files and hidden fields are never kept.
 */

import { behave, make, say } from "./boot.js";

const WAIT_MS = 250;
const fields = (form) => [...form.elements].filter((one) => one.name && !["password", "file", "hidden", "submit", "button"].includes(one.type));

function read(form) {
  const values = {};
  for (const one of fields(form)) {
    const value = one.type === "checkbox" || one.type === "radio" ? (one.checked ? [one.value] : []) : one.multiple ? [...one.selectedOptions].map((o) => o.value) : [one.value];
    values[one.name] = [...(values[one.name] ?? []), ...value];
  }
  return values;
}

function write(form, values) {
  for (const one of fields(form)) {
    const kept = values[one.name];
    if (!kept) continue;
    if (one.type === "checkbox" || one.type === "radio") one.checked = kept.includes(one.value);
    else if (one.multiple) for (const option of one.options) option.selected = kept.includes(option.value);
    else if (kept.length) one.value = kept.shift();
    one.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

behave("form[data-draft]", (form) => {
  const key = `draft:${form.dataset.draft}`;
  const untouched = JSON.stringify(read(form));
  const kept = sessionStorage.getItem(key);
  let timer = 0;
  if (kept && kept !== untouched) {
    write(form, JSON.parse(kept));
    const note = make("p", { class: "row quiet small", role: "status" }, say("draft"),
      make("button", { type: "button", class: "link", onclick: () => { forget(); form.reset(); note.remove(); } }, say("discard")));
    form.prepend(note);
  }
  function forget() { clearTimeout(timer); sessionStorage.removeItem(key); }
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const now = JSON.stringify(read(form));
      if (now === untouched) sessionStorage.removeItem(key); else sessionStorage.setItem(key, now);
    }, WAIT_MS);
  });
  // Before the answer is swapped in: it may hold the same form anew, which would take the draft for its own.
  form.addEventListener("htmx:beforeOnLoad", (event) => { if (event.target === form && event.detail.xhr.status < 300) forget(); });
  form.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful && event.detail.elt === form) forget(); });
  form.addEventListener("submit", () => {
    if (form.matches("[hx-post], [hx-put], [hx-patch]")) return;
    clearTimeout(timer);
    sessionStorage.setItem(key, JSON.stringify(read(form)));
    sessionStorage.setItem("draft-sent", JSON.stringify({ key, from: location.pathname }));
  });
});

/** A form that was sent as a page: its draft is done with once another page, not the sign-in page, has come. */
const sent = JSON.parse(sessionStorage.getItem("draft-sent") ?? "null");
if (sent && !document.querySelector(".entrance") && !document.querySelector(".problem-page")) {
  sessionStorage.removeItem("draft-sent");
  if (!document.querySelector("[aria-invalid='true']")) sessionStorage.removeItem(sent.key);
}
