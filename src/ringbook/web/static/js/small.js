/** The small behaviours, each of a few lines: copying, growing, revealing, dropping files, sending on change, folding. */

import { behave, icon, make, say } from "./boot.js";
import { toast } from "./toast.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-from], [data-copy-block]");
  if (!button) return;
  const source = button.matches("[data-copy-block]") ? button.closest("[data-code]").querySelector("code") : document.querySelector(button.dataset.copyFrom ?? "_");
  const text = button.dataset.copy ?? source?.value ?? source?.textContent ?? "";
  try {
    await navigator.clipboard.writeText(text);
    toast(say("copied"));
  } catch {
    if (source) getSelection()?.selectAllChildren(source);
    toast(say("copy-failed"), { tone: "warn" });
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.closest?.("form[data-quick]");
  if (form) { event.preventDefault(); form.requestSubmit(); }
});

behave(".tabs > [aria-current]", (tab) => {
  const row = tab.parentElement;
  const left = tab.getBoundingClientRect().left - row.getBoundingClientRect().left + row.scrollLeft;
  row.scrollLeft = left - (row.clientWidth - tab.clientWidth) / 2;  // where there are more than fit, the current one is seen
});

behave("textarea[data-expand]", (area) => {
  if (CSS.supports("field-sizing", "content")) return;
  const fit = () => { area.style.height = "auto"; area.style.height = `${area.scrollHeight + 2}px`; };
  area.addEventListener("input", fit);
  fit();
});

behave("[data-reveal]", (button) => button.addEventListener("click", () => {
  const field = document.querySelector(button.dataset.reveal);
  if (!field) return;
  const shown = field.type === "password";
  field.type = shown ? "text" : "password";
  button.setAttribute("aria-pressed", String(shown));
  button.setAttribute("aria-label", say(shown ? "hide" : "show"));
  button.replaceChildren(icon(shown ? "eye-off" : "eye"));
}));

behave("[data-drop]", (area) => {
  const field = area.querySelector("input[type='file']");
  const list = make("ul", { class: "chosen", role: "status" });
  area.append(list);
  const show = () => list.replaceChildren(...[...field.files].map((file) => make("li", {}, file.name)));
  field.addEventListener("change", show);
  for (const name of ["dragenter", "dragover"]) area.addEventListener(name, (event) => { event.preventDefault(); area.classList.add("over"); });
  for (const name of ["dragleave", "drop"]) area.addEventListener(name, () => area.classList.remove("over"));
  area.addEventListener("drop", (event) => {
    event.preventDefault();
    if (!event.dataTransfer.files.length) return;
    field.files = event.dataTransfer.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
});

behave("form[data-submit-on-change]", (form) => {
  let timer = 0;
  form.addEventListener("input", (event) => {
    clearTimeout(timer);
    const text = event.target.matches("input:not([type='checkbox'], [type='radio'], [type='date']), textarea");
    timer = setTimeout(() => form.requestSubmit(), text ? 350 : 0);
  });
});

/** The rail stands open on wide screens where the style sheet alone cannot unfold it. */
behave("details.rail-fold", (rail) => {
  if (CSS.supports("selector(::details-content)")) return;
  const wide = matchMedia("(min-width: 56.01rem)");
  const set = () => { rail.open = wide.matches; };
  wide.addEventListener("change", set);
  set();
});

/** A table that is too wide is scrolled sideways, by keyboard too; one that fits keeps its head in sight instead. */
behave(".table-wrap", (wrap) => {
  const fit = () => {
    const fits = wrap.scrollWidth <= wrap.clientWidth + 1;
    wrap.classList.toggle("fits", fits);
    if (fits) wrap.removeAttribute("tabindex"); else wrap.tabIndex = 0;
  };
  new ResizeObserver(fit).observe(wrap);
});
