/** The log of calls: keeps box, views and results together, watches jobs, and finds the place again on the way back. */

import { say } from "./boot.js";
import { toast } from "./toast.js";

const PLACE = "calls:place";
const box = document.getElementById("calls-q");
const results = () => document.getElementById("calls-results");

/** What stands around the results says what they are. */
function agree() {
  const query = results()?.dataset.query;
  if (query === undefined) return;
  if (box && box.value !== query && document.activeElement !== box) box.value = query;
  box?.removeAttribute("aria-invalid");
  for (const tab of document.querySelectorAll("#calls-views [data-view-query]")) {
    if (tab.dataset.viewQuery === query) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
}

/* Facets of the question before would take back what was just asked: nobody can click them until the new ones are there. */
function wait(yes) {
  const facets = document.getElementById("calls-facets");
  if (facets) facets.inert = yes;
}

function here() {
  return new URLSearchParams(location.search).get("q") ?? "";
}

/** The same results drawn anew, as far as they were drawn. */
function again() {
  const list = results();
  if (!list || !window.htmx) return;
  const url = new URL(location.href);
  url.searchParams.set("rows", String(list.querySelectorAll("[data-item]").length));
  window.htmx.ajax("GET", `${url.pathname}${url.search}`, { target: "#calls-results", swap: "outerHTML" });
}

async function countViews() {
  const tabs = document.getElementById("calls-views");
  const place = tabs?.dataset.countsUrl;
  if (!place || document.hidden) return;
  const url = new URL(place, location.href);
  url.searchParams.set("q", here());
  const answer = await fetch(url, { headers: { "HX-Request": "true" }, credentials: "same-origin" }).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const template = document.createElement("template");
  template.innerHTML = await answer.text();
  const counts = new Map([...template.content.querySelectorAll("[data-view-query]")].map((tab) => [tab.dataset.viewQuery, tab.querySelector(".count")?.textContent ?? ""]));
  for (const tab of tabs.querySelectorAll("[data-view-query]")) tab.querySelector(".count").textContent = counts.get(tab.dataset.viewQuery) ?? "";
}

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id === "calls-results" || event.target?.id === "calls-results") agree();
  if (event.detail.target?.id === "calls-facets") wait(false);
  if (event.detail.target?.id === "calls-problem") box?.setAttribute("aria-invalid", "true");
});
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.target?.id !== "calls-results") return;
  results()?.setAttribute("aria-busy", "true");
  wait(true);
});
document.addEventListener("htmx:afterRequest", (event) => {
  results()?.removeAttribute("aria-busy");
  if (!event.detail.successful) wait(false);
});
document.addEventListener("calls-changed", again);
document.addEventListener("undone", again);

/* Choosing a completion that is a whole value asks at once; one that ends with a colon waits for its value. */
box?.addEventListener("completed", (event) => {
  const chosen = event.detail?.value ?? "";
  if (!chosen.endsWith(":")) box.form.requestSubmit();
});
/* Escape leaves the box; browsers would empty it as well. */
box?.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  event.preventDefault();
  if (box.getAttribute("aria-expanded") !== "true") box.blur();
});
box?.addEventListener("search", () => { if (!box.value && here()) box.form.requestSubmit(); });

/* A click with Alt on a facet leaves its value out. */
document.addEventListener("click", (event) => {
  if (!event.altKey || !(event.target instanceof Element)) return;
  const other = event.target.closest(".calls-choice .facet-row")?.parentElement.querySelector(".calls-negate");
  if (!other) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  other.click();
}, true);

/* A form that downloads leaves the page where it is: its dialog has done its work. */
document.addEventListener("submit", (event) => {
  if (event.target.matches?.("[data-downloads]")) setTimeout(() => event.target.closest("dialog")?.close(), 50);
});

document.addEventListener("job-ended", (event) => {
  const { endedText, endedTone, jobKind } = event.target.dataset;
  if (endedText) toast(endedText, { tone: endedTone ?? "good" });
  if (jobKind !== "export-calls") again();
});

/* The way back from a call leads to the row that one came from. */
document.addEventListener("click", (event) => {
  const item = event.target instanceof Element && event.target.closest("[data-open]")?.closest("[data-item]");
  if (!item) return;
  const rows = document.querySelectorAll("#calls-results [data-item]").length;
  sessionStorage.setItem(PLACE, JSON.stringify({ url: location.pathname + location.search, id: item.id, rows, top: scrollY }));
});

async function comeBack() {
  const [navigation] = performance.getEntriesByType("navigation");
  const place = JSON.parse(sessionStorage.getItem(PLACE) ?? "null");
  if (navigation?.type !== "back_forward" || place?.url !== location.pathname + location.search) return;
  sessionStorage.removeItem(PLACE);
  const shown = document.querySelectorAll("#calls-results [data-item]").length;
  if (place.rows > shown) {
    const url = new URL(location.href);
    url.searchParams.set("rows", String(place.rows));
    await window.htmx?.ajax("GET", `${url.pathname}${url.search}`, { target: "#calls-results", swap: "outerHTML" });
  }
  scrollTo({ top: place.top, behavior: "instant" });
  document.getElementById(place.id)?.querySelector("[data-open]")?.focus({ preventScroll: true });
}

agree();
countViews();
setInterval(countViews, 60000);
if (document.readyState === "complete") comeBack();
else addEventListener("load", comeBack, { once: true });
