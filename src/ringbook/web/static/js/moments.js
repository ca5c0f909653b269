/** What people keep of a recording: notes at a moment lead there, and the part of a clip is chosen on the outline. */

import { behave } from "./boot.js";
import { clock, playerOf } from "./player.js";
import { layer } from "./player-wave.js";

const near = (element) => playerOf(element.closest("[data-player-host]")?.querySelector("[data-player]"));

behave("[data-moment-at]", (link) => {
  link.addEventListener("click", (event) => {
    const player = near(link);
    if (!player) return;
    event.preventDefault();
    player.seek(Number(link.dataset.momentAt));
    player.play();
  });
});

/** The second of a new note is where the recording is when somebody begins to write. */
behave("[data-pin]", (form) => {
  const at = form.elements.namedItem("at");
  let typed = false;
  const here = () => {
    const player = near(form);
    if (typed || !player || form.elements.namedItem("text").value) return;
    at.value = player.at.toFixed(1);
    form.querySelector("[data-pin-clock]").textContent = clock(player.at);
  };
  form.closest("details").addEventListener("toggle", here);
  form.elements.namedItem("text").addEventListener("focus", here);
  at.addEventListener("input", () => { typed = at.value !== ""; form.querySelector("[data-pin-clock]").textContent = clock(Number(at.value) || 0); });
});

behave("[data-part]", (form) => {
  const player = near(form);
  if (!player) return;
  const [start, stop] = ["start", "stop"].map((name) => form.elements.namedItem(name));
  const paint = layer(player.find("wave"));
  const show = (kind) => {
    const [from, to] = [Number(start.value), Number(stop.value)];
    paint(open() && to > from ? [[from, to, kind]] : [], player.duration);
  };
  const around = form.closest("details");
  const open = () => !around || around.open;
  const put = (from, to) => {
    start.value = from.toFixed(1);
    stop.value = to.toFixed(1);
  };
  const choosing = {
    moving: (from, to) => { put(from, to); show("choosing"); },
    chosen: (from, to) => { if (to > from) put(from, to); show("choosing"); },
  };
  const begin = () => {
    if (open()) {
      if (!start.value) put(player.at, Math.min(player.duration, player.at + 15));
      player.select = choosing;
    } else if (player.select === choosing) player.select = null;
    show("choosing");
  };
  for (const input of [start, stop]) input.addEventListener("input", () => show("choosing"));
  for (const [name, input] of [["part-begin", start], ["part-end", stop]]) {
    form.querySelector(`[data-${name}]`)?.addEventListener("click", () => { input.value = player.at.toFixed(1); show("choosing"); });
  }
  around?.addEventListener("toggle", begin);
  begin();
});
