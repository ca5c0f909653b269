/**
 * The outline of a recording: one lane for each side, drawn from peaks (int8, lowest and highest sample of each channel for
 * each twentieth of a second), and the stretches in which nobody says anything.
 */

const NS = "http://www.w3.org/2000/svg";
const A_SECOND = 20;
const COLUMNS = 400;
const HEIGHT = 64;
const QUIET_S = 1;
let made = 0;

function svg(name, attributes) {
  const node = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

/** The lanes as one path: a bar for each column, as tall as the loudest moment in it. */
function bars(peaks, channels) {
  const moments = Math.floor(peaks.length / (channels * 2));
  const columns = Math.min(COLUMNS, moments);
  const lane = HEIGHT / channels;
  let path = "";
  for (let channel = 0; channel < channels; channel++) {
    const middle = lane * (channel + 0.5);
    for (let column = 0; column < columns; column++) {
      const first = Math.floor((column * moments) / columns);
      const after = Math.max(first + 1, Math.floor(((column + 1) * moments) / columns));
      let loudest = 0;
      for (let at = first; at < after; at++) {
        const place = (at * channels + channel) * 2;
        loudest = Math.max(loudest, -peaks[place], peaks[place + 1]);
      }
      const tall = Math.max(0.75, (loudest / 127) * (lane / 2 - 2));
      const left = (column * COLUMNS) / columns;
      const wide = (COLUMNS / columns) * 0.7;
      path += `M${left.toFixed(2)} ${(middle - tall).toFixed(2)}h${wide.toFixed(2)}v${(tall * 2).toFixed(2)}h${(-wide).toFixed(2)}z`;
    }
  }
  return path;
}

/** Draws into `host`; the answer moves the head to a share (0 to 1) of the whole. Without peaks it is a plain bar. */
export function draw(host, peaks, channels) {
  const id = `player-clip-${++made}`;
  const root = svg("svg", { class: "outline", viewBox: `0 0 ${COLUMNS} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true", focusable: "false" });
  const clip = svg("rect", { x: 0, y: 0, width: 0, height: HEIGHT });
  const clipping = svg("clipPath", { id });
  clipping.append(clip);
  root.append(clipping);
  if (peaks?.length) {
    const path = bars(peaks, channels);
    root.append(svg("path", { d: path }), svg("path", { d: path, class: "played", "clip-path": `url(#${id})` }));
    if (channels > 1) root.append(svg("line", { class: "axis", x1: 0, x2: COLUMNS, y1: HEIGHT / 2, y2: HEIGHT / 2 }));
  } else {
    const box = { x: 0, y: HEIGHT / 2 - 3, width: COLUMNS, height: 6 };
    root.append(svg("rect", { ...box, class: "bar" }), svg("rect", { ...box, class: "bar played", "clip-path": `url(#${id})` }));
  }
  const head = svg("line", { class: "head", x1: 0, x2: 0, y1: 0, y2: HEIGHT });
  root.append(head);
  host.querySelector("svg.outline")?.remove();
  host.prepend(root);
  return (share) => {
    const at = (Math.min(1, Math.max(0, share)) * COLUMNS).toFixed(2);
    clip.setAttribute("width", at);
    head.setAttribute("x1", at);
    head.setAttribute("x2", at);
  };
}

/** A layer over the outline of `host`; the answer paints spans and moments (where both seconds are the same) of so many seconds. */
export function layer(host) {
  const root = svg("svg", { class: "layer", viewBox: `0 0 ${COLUMNS} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true", focusable: "false" });
  host.append(root);
  return (list, whole) => {
    const place = (seconds) => (whole ? (Math.min(whole, Math.max(0, seconds)) / whole) * COLUMNS : 0);
    root.replaceChildren(...list.map(([from, to, kind]) => (from === to
      ? svg("line", { class: kind, x1: place(from), x2: place(from), y1: 0, y2: HEIGHT })
      : svg("rect", { class: kind, x: place(from), y: 0, width: Math.max(0.8, place(to) - place(from)), height: HEIGHT }))));
  };
}

/** The stretches, in seconds, of a second or more in which every side is silent. */
export function silences(peaks, channels) {
  const wide = channels * 2;
  const moments = Math.floor(peaks.length / wide);
  const loudest = new Uint8Array(moments);
  let top = 0;
  for (let at = 0; at < moments; at++) {
    for (let place = at * wide; place < (at + 1) * wide; place++) loudest[at] = Math.max(loudest[at], Math.abs(peaks[place]));
    top = Math.max(top, loudest[at]);
  }
  const quiet = Math.max(2, top * 0.04);
  const found = [];
  let began = -1;
  for (let at = 0; at <= moments; at++) {
    const silent = at < moments && loudest[at] <= quiet;
    if (silent && began < 0) began = at;
    if (!silent && began >= 0) {
      if (at - began >= QUIET_S * A_SECOND) found.push([began / A_SECOND, at / A_SECOND]);
      began = -1;
    }
  }
  return found;
}
