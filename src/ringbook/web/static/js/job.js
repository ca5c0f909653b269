/** Work in the background: an element with `data-job-url` is replaced by what that address answers, until that has none. */

import { behave, enliven } from "./boot.js";

const EVERY_S = 1;
const SLOWEST_MS = 15000;

behave("[data-job-url]", (element) => {
  const every = Number(element.dataset.jobEvery || EVERY_S) * 1000;
  let wait = every;
  const ask = async () => {
    if (!element.isConnected) return;
    const answer = document.hidden ? null : await fetch(element.dataset.jobUrl, { headers: { "HX-Request": "true" }, credentials: "same-origin" }).catch(() => null);
    if (!answer?.ok || answer.redirected) {
      if (answer && [401, 403, 404, 410].includes(answer.status)) return;
      wait = Math.min(wait * 1.5, SLOWEST_MS);
      setTimeout(ask, wait);
      return;
    }
    const template = document.createElement("template");
    template.innerHTML = await answer.text();
    const next = template.content.firstElementChild;
    if (!next) return;
    const button = element.contains(document.activeElement) ? document.activeElement : null;
    element.replaceWith(next);
    enliven(next);
    if (button) [...next.querySelectorAll("button, a")].find((one) => one.textContent === button.textContent)?.focus();
    next.dispatchEvent(new CustomEvent(next.dataset.jobUrl ? "job-moved" : "job-ended", { bubbles: true }));
  };
  setTimeout(ask, wait);
});
