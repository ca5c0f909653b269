/**
 * Rows that appear by themselves: `data-live-url` on a tbody or list is asked with `since` (`data-live-since`) while the
 * tab is seen. 204 is nothing new; otherwise the answer is rows with ids, and X-Live-Since is what to ask with next.
 * A row that is there already is replaced in place. New ones wait behind a pill, so that nothing moves under the eyes;
 * at the top of the page, with nothing focused or chosen in the list, they go in by themselves.
 */

import { behave, enliven, icon, make, say } from "./boot.js";

const EVERY_S = 5;
const SLOWEST_S = 60;

behave("[data-live-url]", (list) => {
  const every = Number(list.dataset.liveEvery || EVERY_S) * 1000;
  let wait = every;
  let waiting = [];
  let timer = 0;
  let since = list.dataset.liveSince ?? "";
  let following = list.dataset.liveUrl;
  const pill = make("button", { type: "button", class: "live-pill", hidden: true, onclick: () => { merge(); scrollTo({ top: 0, behavior: "instant" }); } });
  const said = make("span", { class: "visually-hidden", role: "status" });
  const place = list.closest("[data-live-pill-before], .table-wrap") ?? list;
  place.before(pill, said);

  const idle = () => scrollY < 40 && !list.contains(document.activeElement) && !list.querySelector(".chosen, [aria-current='true'], :popover-open") && !document.querySelector("dialog[open]");
  const count = (number) => (number === 1 ? list.dataset.liveOne ?? say("new-one") : (list.dataset.liveMany ?? say("new-many")).replace("%d", number));

  function take(text) {
    const rows = [...parse(text, list)].filter((row) => row.id);
    for (const row of rows) {
      const old = document.getElementById(row.id);
      if (old && list.contains(old)) {
        if (old.contains(document.activeElement) || old.classList.contains("chosen")) continue;
        old.replaceWith(row);
        enliven(row);
      } else {
        waiting = waiting.filter((one) => one.id !== row.id);
        waiting.push(row);
      }
    }
    if (waiting.length && idle()) merge();
    else if (waiting.length) {
      pill.replaceChildren(icon("arrow-up", "icon icon-s"), count(waiting.length));
      pill.hidden = false;
      said.textContent = count(waiting.length);
    }
  }

  function merge() {
    for (const row of waiting) row.classList.add("fresh");
    const rows = waiting;
    waiting = [];
    pill.hidden = true;
    list.querySelector("[data-live-empty]")?.remove();
    list.prepend(...rows);
    rows.forEach(enliven);
    list.dispatchEvent(new CustomEvent("live-merged", { bubbles: true, detail: { count: rows.length } }));
  }

  async function ask() {
    if (!list.isConnected) { pill.remove(); said.remove(); return; }
    if (list.dataset.liveUrl !== following) { following = list.dataset.liveUrl; since = list.dataset.liveSince ?? ""; waiting = []; pill.hidden = true; }
    if (!document.hidden) {
      const url = new URL(list.dataset.liveUrl, location.href);
      url.searchParams.set("since", since);
      const answer = await fetch(url, { headers: { "HX-Request": "true" }, credentials: "same-origin" }).catch(() => null);
      wait = answer?.ok ? every : Math.min(wait * 2, SLOWEST_S * 1000);
      if (answer?.status === 401 || answer?.status === 403 || answer?.redirected) return;
      if (answer?.ok) {
        since = answer.headers.get("X-Live-Since") ?? since;
        if (answer.status !== 204) take(await answer.text());
      }
    }
    timer = setTimeout(ask, wait);
  }

  document.addEventListener("visibilitychange", () => { if (!document.hidden && list.isConnected) { clearTimeout(timer); timer = setTimeout(ask, 200); } });
  timer = setTimeout(ask, every);
});

function parse(text, list) {
  const template = document.createElement("template");
  template.innerHTML = text;
  const { content } = template;
  return list instanceof HTMLTableSectionElement ? content.querySelectorAll("tr") : content.children;
}
