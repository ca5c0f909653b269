/** Choosing the parts of a recording to silence: by dragging over its outline, by keys at the current moment, or by seconds. */

import { behave } from "./boot.js";
import { playerOf } from "./player.js";
import { layer } from "./player-wave.js";

const STEP = 10; // a second in tenths

function spanOf(row) {
  const [start, stop] = [...row.querySelectorAll("input")].map((input) => (input.value === "" ? NaN : Number(input.value)));
  return stop > start ? [start, stop] : null;
}

behave("[data-silencing]", (form) => {
  const player = playerOf(document.querySelector("[data-player]"));
  if (!player) return;
  const list = form.querySelector("[data-spans]");
  const blank = list.querySelector("[data-span]").cloneNode(true);
  for (const input of blank.querySelectorAll("input")) input.value = "";
  for (const row of [...list.querySelectorAll("[data-span]")]) if (!spanOf(row)) row.remove();
  const empty = form.querySelector("[data-no-span]");
  const paint = layer(player.find("wave"));
  let moving = null;
  let began = null;

  const rows = () => [...list.querySelectorAll("[data-span]")];
  const spans = () => rows().map(spanOf).filter(Boolean);
  const show = () => {
    empty.hidden = rows().length > 0;
    for (const [at, row] of rows().entries()) row.querySelector("[data-which]").textContent = String(at + 1);
    paint([...spans().map(([from, to]) => [from, to, "chosen"]), ...(moving ? [[...moving, "choosing"]] : [])], player.duration);
  };
  const add = (start, stop) => {
    const row = blank.cloneNode(true);
    const [from, to] = row.querySelectorAll("input");
    from.value = (Math.floor(start * STEP) / STEP).toFixed(1);
    to.value = (Math.min(player.duration, Math.ceil(stop * STEP) / STEP)).toFixed(1);
    list.append(row);
    show();
  };

  player.select = {
    moving: (from, to) => { moving = [from, to]; show(); },
    chosen: (from, to) => { moving = null; if (to > from) add(from, to); else show(); },
  };
  player.muted = () => (form.querySelector("[data-preview]").checked ? spans() : []);
  form.querySelector("[data-begin]").addEventListener("click", () => {
    began = player.at;
    moving = [began, began];
    show();
  });
  form.querySelector("[data-end]").addEventListener("click", () => {
    const from = began ?? Math.max(0, player.at - 5);
    const [start, stop] = [from, player.at].sort((a, b) => a - b);
    began = null;
    moving = null;
    if (stop > start) add(start, stop); else show();
  });
  form.querySelector("[data-add]").addEventListener("click", () => {
    const row = list.appendChild(blank.cloneNode(true));
    show();
    row.querySelector("input").focus();
  });
  list.addEventListener("input", show);
  list.addEventListener("click", (event) => {
    const row = event.target.closest("[data-span]");
    if (!row) return;
    if (event.target.closest("[data-remove]")) {
      const after = row.nextElementSibling ?? row.previousElementSibling;
      row.remove();
      show();
      (after?.querySelector("[data-remove]") ?? form.querySelector("[data-add]")).focus();
    } else if (event.target.closest("[data-try]")) {
      const span = spanOf(row);
      if (span) { player.seek(Math.max(0, span[0] - 2)); player.play(); }
    }
  });
  show();
});
