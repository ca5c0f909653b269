/** Relative times that stay true: `<time datetime="…" data-relative>`; the exact time stands in its title. */

import { behave, say } from "./boot.js";

const language = document.documentElement.lang || "en";
const words = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60]];
const TURN_MS = 20000;
const LONG_AGO_S = 7 * 86400;

function relative(span) {
  if (Math.abs(span) < 45) return say("just-now");
  for (const [unit, size] of UNITS) if (Math.abs(span) >= size * 0.92) return words.format(Math.round(span / size), unit);
  return words.format(Math.sign(span), "minute");
}

function show(element) {
  const at = Date.parse(element.dateTime);
  const span = (at - Date.now()) / 1000;
  if (Number.isNaN(at) || Math.abs(span) > LONG_AGO_S) return;
  const text = relative(span);
  if (element.textContent !== text) element.textContent = text;
}

behave("time[data-relative]", show);
setInterval(() => { if (!document.hidden) document.querySelectorAll("time[data-relative]").forEach(show); }, TURN_MS);
