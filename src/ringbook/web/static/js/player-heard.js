/** Tells the server which parts of a recording were heard: when it stops, ends, or the page is left; and each minute. */

import { token } from "./net.js";

const MOST = 50;
const SOON_MS = 8_000;
const EVERY_MS = 60_000;

export function report(audio, url) {
  let spans = [];
  let start = null;
  let last = 0;
  let soon = 0;

  const close = () => {
    if (start !== null && last - start > 0.05) spans.push([Number(start.toFixed(1)), Number(last.toFixed(1))]);
    start = null;
  };
  const send = () => {
    clearTimeout(soon);
    if (start !== null) {
      const from = last;
      close();
      start = from;
    }
    while (spans.length) {
      const body = new URLSearchParams({ spans: JSON.stringify(spans.splice(0, MOST)) });
      fetch(url, { method: "POST", body, keepalive: true, credentials: "same-origin", headers: { "X-CSRFToken": token() } })
        .then(() => document.body.dispatchEvent(new CustomEvent("recording-heard", { bubbles: true })))
        .catch(() => {});
    }
  };

  audio.addEventListener("timeupdate", () => {
    if (audio.seeking || audio.paused) return;
    start ??= audio.currentTime;
    last = audio.currentTime;
  });
  audio.addEventListener("playing", () => {
    if (start !== null) return;
    start = audio.currentTime;
    last = start;
  });
  audio.addEventListener("seeking", close);
  audio.addEventListener("pause", () => {
    if (start !== null && !audio.seeking) last = Math.max(last, audio.currentTime);
    close();
    clearTimeout(soon);
    soon = setTimeout(send, SOON_MS);
  });
  audio.addEventListener("ended", () => { close(); send(); });
  addEventListener("pagehide", send);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") send(); });
  setInterval(() => { if (start !== null) send(); }, EVERY_MS);
}
