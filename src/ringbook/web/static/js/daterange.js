/**
 * A range of days: quick ranges (`data-range`) fill two date fields, both days included. Fires "range" with the range's
 * name and days, then sends the form around it unless the fieldset says data-daterange="keep". "Today" is the viewer's,
 * as the server says: the device may stand in another zone.
 */

import { behave } from "./boot.js";

const DAY_MS = 86400000;
const day = (text) => new Date(`${text}T00:00:00Z`);
const write = (date) => date.toISOString().slice(0, 10);
const later = (date, days) => new Date(date.getTime() + days * DAY_MS);
const month = (date, by = 0, on = 1) => new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + by, on));

/** First and last day of a quick range; weekStart is 1 (Monday) to 7 as ISO counts. */
export function rangeOf(name, today, weekStart = 1) {
  const now = day(today);
  const week = later(now, -((now.getUTCDay() - (weekStart % 7) + 7) % 7));
  switch (name) {
    case "today": return [now, now];
    case "yesterday": return [later(now, -1), later(now, -1)];
    case "this-week": return [week, now];
    case "last-week": return [later(week, -7), later(week, -1)];
    case "last-7": return [later(now, -6), now];
    case "last-30": return [later(now, -29), now];
    case "this-month": return [month(now), now];
    case "last-month": return [month(now, -1), month(now, 0, 0)];
    case "this-year": return [new Date(Date.UTC(now.getUTCFullYear(), 0, 1)), now];
    default: return null;
  }
}

behave("[data-daterange]", (set) => {
  const [from, to] = set.querySelectorAll("input[type='date']");
  const { today, weekStart } = set.dataset;
  const buttons = [...set.querySelectorAll("[data-range]")];
  const texts = (name) => rangeOf(name, today, Number(weekStart || 1))?.map(write) ?? ["", ""];

  const mark = () => {
    let seen = false;
    for (const button of buttons) {
      const [first, last] = texts(button.dataset.range);
      const same = !seen && first === from.value && last === to.value;
      seen ||= same;
      button.setAttribute("aria-pressed", String(same));
    }
  };
  const tell = (range) => {
    to.min = from.value;
    mark();
    set.dispatchEvent(new CustomEvent("range", { bubbles: true, detail: { range, from: from.value, to: to.value } }));
    if (set.dataset.daterange !== "keep") set.closest("form")?.requestSubmit();
  };

  for (const button of buttons) button.addEventListener("click", () => {
    [from.value, to.value] = texts(button.dataset.range);
    tell(button.dataset.range);
  });
  for (const field of [from, to]) field.addEventListener("change", () => {
    if (from.value && to.value && from.value > to.value) { if (field === from) to.value = from.value; else from.value = to.value; }
    tell("dates");
  });
  mark();
});
