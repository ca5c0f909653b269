/**
 * Relative times that stay true: `<time datetime="…" data-relative>`, in the words that the server uses (5 min ago); the
 * exact time stands in its title, or beside it.
 */

import { behave, say } from "./boot.js";

const STEPS = [[3600, 60, "time-minutes"], [86400, 3600, "time-hours"], [30 * 86400, 86400, "time-days"], [365 * 86400, 30 * 86400, "time-months"], [Infinity, 365 * 86400, "time-years"]];
const TURN_MS = 15000;

export function relative(at, now = Date.now()) {
  const span = Math.abs(at - now) / 1000;
  if (span < 60) return say("time-now");
  const [, unit, key] = STEPS.find(([most]) => span < most);
  return say(at > now ? "time-ahead" : "time-ago", say(key, Math.floor(span / unit)));
}

function show(element) {
  const at = Date.parse(element.dateTime);
  if (Number.isNaN(at)) return;
  const text = relative(at);
  if (element.textContent !== text) element.textContent = text;
}

behave("time[data-relative]", show);
setInterval(() => { if (!document.hidden) document.querySelectorAll("time[data-relative]").forEach(show); }, TURN_MS);
