/**
 * Charts from what the server says of a figure: `data-chart` holds its kind, rows and words as JSON. Vega-Lite, drawn in the
 * page's own colours and without eval (the expressions are interpreted). What is compared is told apart by dash and shape as well as by
 * colour, and stacked parts by pattern, so that a chart can be read in grey. A mark opens its calls; the table below has the same.
 */

import { behave } from "./boot.js";

/** What a colour token comes to: it may be light-dark(…), so it is read from an element that uses it. */
export function colour(name) {
  const probe = document.createElement("span");
  probe.hidden = true;
  document.body.append(probe);
  probe.style.color = `var(${name})`;
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

/** Numbers as the page's language writes them. */
const FORMAT = document.documentElement.lang.startsWith("de") ? { decimal: ",", thousands: ".", grouping: [3], currency: ["", " €"] } : undefined;

const LEGEND_PX = 120;

/** How every chart looks that is so many pixels wide. */
export function look(width) {
  const text = colour("--text-quiet"), line = colour("--line");
  return {
    background: null,
    font: getComputedStyle(document.body).fontFamily,
    view: { stroke: null },
    axis: { labelColor: text, titleColor: text, gridColor: line, domainColor: line, tickColor: line, labelFontSize: 11, titleFontSize: 11, titleFontWeight: 400, labelFontWeight: 400 },
    legend: { labelColor: text, titleColor: text, orient: "top", title: null, labelFontSize: 12, labelLimit: 240, symbolType: "square", columns: Math.max(2, Math.floor(width / LEGEND_PX)) },
  };
}

/** Draws a specification into a place; marks with a `url` open it. */
export async function embed(place, spec) {
  const whole = { $schema: "https://vega.github.io/schema/vega-lite/v6.json", autosize: { type: "fit-x", contains: "padding" }, padding: { left: 5, top: 5, bottom: 5, right: 24 }, width: "container", ...spec };
  const drawn = await window.vegaEmbed(place, whole, { mode: "vega-lite", renderer: "svg", actions: false, ast: true, defaultStyle: false, config: look(place.clientWidth), formatLocale: FORMAT, tooltip: { disableDefaultStyle: true } });
  drawn.view.addEventListener("click", (_, item) => { if (item?.datum?.url) location.assign(item.datum.url); });
  place.querySelector("svg")?.setAttribute("aria-hidden", "true");  // the place has the name, the table the numbers
  place.dataset.drawn = "true";
}

const CLOCK = "datum.value >= 3600 ? format(datum.value / 3600, '.1~f') + ' h' : floor(datum.value / 60) + ':' + format(floor(datum.value % 60), '02d')";

const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400];

/** Spans of time stand at steps that clocks have, not at hundreds of seconds. */
function spans(most) {
  const step = STEPS_S.find((each) => most / each <= 4) ?? 86400 * Math.ceil(most / 86400 / 4);
  return Array.from({ length: Math.max(1, Math.ceil(most / step)) + 1 }, (_, place) => place * step);
}

const highest = (data) => Math.max(0, ...data.rows.flatMap((row) => [row.value ?? 0, row.other ?? 0]));

function axis(unit, title, most = 0) {
  const plain = { title, tickCount: 4, grid: true, domain: false, ticks: false };
  if (unit === "share") return { ...plain, format: ".0%" };
  if (unit === "seconds") return { ...plain, labelExpr: CLOCK, values: spans(most), tickCount: undefined };
  return unit === "count" ? { ...plain, tickMinStep: 1, format: "~s" } : plain;
}

/** Shares reach to the whole unless all of them are small; where all is zero, zero stands at the foot. A score may be below. */
function domain(data) {
  const most = highest(data);
  if (data.rows.some((row) => row.value < 0 || row.other < 0)) return { zero: true };
  if (data.unit === "seconds" && most) return { domain: [0, spans(most).at(-1)] };
  return most === 0 || (data.unit === "share" && most > 0.5) ? { domain: [0, 1] } : { zero: true };
}
const ACROSS = { labelAngle: 0, labelOverlap: "parity", labelSeparation: 8, grid: false, title: null };

/** The parts in their order: by place, as two may be called the same, such as the hour that the clocks show twice. */
function across(data, more = {}) {
  const words = JSON.stringify(data.rows.map((row) => row.label));
  return { field: "place", type: "ordinal", axis: { ...ACROSS, labelExpr: `${words}[datum.value]`, ...more } };
}

const placed = (data) => data.rows.map((row, place) => ({ ...row, place }));

function tips(data) {
  return [{ field: "label", title: data.by }, { field: "text", title: data.value }, { field: "calls", title: data.calls }];
}


function line(data) {
  const [mine, its] = data.series.length ? data.series : [data.value, ""];
  const rows = data.rows.flatMap(({ label: at, value, other, text, other_text, url, other_url, calls }, place) => [
    ...(its ? [{ label: at, place, series: its, value: other, text: other_text, url: other_url, calls: "" }] : []),
    { label: at, place, series: mine, value, text, url, calls },
  ]);
  const kinds = its ? [mine, its] : [mine];
  const by = (range) => ({ field: "series", type: "nominal", scale: { domain: kinds, range: its ? range : range.slice(0, 1) }, legend: its ? {} : null });
  return {
    data: { values: rows }, height: 220,
    layer: [
      { mark: { type: "line", strokeWidth: 2, invalid: "break-paths-show-domains" }, encoding: { strokeDash: by([[1, 0], [5, 4]]) } },
      { mark: { type: "point", filled: true, size: data.rows.length > 45 ? 22 : 44, cursor: "pointer", opacity: 1, invalid: "filter" }, encoding: { shape: by(["circle", "square"]) } },
    ],
    encoding: {
      x: across(data, { domain: true }),
      y: { field: "value", type: "quantitative", axis: axis(data.unit, data.value, highest(data)), scale: domain(data) },
      color: by([colour("--accent"), colour("--line-control")]),
      tooltip: [{ field: "series", title: " " }, ...tips(data)],
    },
  };
}

function bars(data) {
  const order = data.rows.map((row) => row.label);
  const across = { field: "value", type: "quantitative", axis: null, scale: domain(data) };
  return {
    data: { values: data.rows.map((row) => ({ ...row, end: Math.max(row.value ?? 0, row.other ?? 0) })) }, height: { step: 28 },
    encoding: { y: { field: "label", type: "nominal", sort: order, title: null, axis: { domain: false, ticks: false, labelLimit: 180, labelPadding: 8 } } },
    layer: [
      { mark: { type: "bar", cursor: "pointer", cornerRadiusEnd: 2, height: 16, color: colour("--accent") }, encoding: { x: across, tooltip: tips(data) } },
      ...(data.series.length ? [{ mark: { type: "tick", thickness: 2, size: 22, color: colour("--text") }, encoding: { x: { ...across, field: "other" }, tooltip: [{ field: "label", title: data.by }, { field: "other_text", title: data.series[1] }] } }] : []),
      { mark: { type: "text", align: "left", dx: 6, color: colour("--text-quiet"), fontSize: 11, limit: 80 }, encoding: { x: { ...across, field: "end" }, text: { field: "text" } } },
    ],
  };
}

function columns(data) {
  const up = { field: "value", type: "quantitative", axis: axis(data.unit, data.value, highest(data)), scale: domain(data) };
  return {
    data: { values: placed(data) }, height: 220,
    encoding: { x: across(data, { title: data.by }) },
    layer: [
      { mark: { type: "bar", cursor: "pointer", cornerRadiusEnd: 2, color: colour("--accent") }, encoding: { y: up, tooltip: tips(data) } },
      ...(data.series.length ? [{ mark: { type: "tick", thickness: 2, color: colour("--text") }, encoding: { y: { ...up, field: "other" }, tooltip: [{ field: "label", title: data.by }, { field: "other_text", title: data.series[1] }] } }] : []),
    ],
  };
}

const PATTERNS = {
  answered: ["--tl-talk", ""], served: ["--tl-talk", ""], voicemail: ["--tl-voicemail", "up"], machine: ["--hue-8", "dots"],
  abandoned: ["--tl-ring", "down"], missed: ["--bad", "cross"], otherwise: ["--tl-hold", "level"], busy: ["--tl-queue", "dots"],
  rejected: ["--hue-5", "level"], cancelled: ["--tl-hold", "upright"], failed: ["--hue-4", "dots"], unknown: ["--quiet-soft", "up"],
};

const INK = {
  up: "M-1 1l2-2M0 8l8-8M7 9l2-2", down: "M-1 7l2 2M0 0l8 8M7-1l2 2", cross: "M0 0l8 8M8 0l-8 8",
  level: "M0 4h8", upright: "M4 0v8", dots: "M2 2h1.5v1.5h-1.5zM6 6h1.5v1.5h-1.5z",
};

/** The fill of a part: its colour with a pattern of its own, which stands in the page under an id. */
function fill(key) {
  const [token, ink] = PATTERNS[key] ?? ["--hue-1", ""];
  const shade = colour(token);
  if (!ink) return shade;
  const id = `chart-${key}-${shade.replace(/\W+/g, "")}`;
  if (!document.getElementById(id)) {
    const SVG = "http://www.w3.org/2000/svg";
    const sheet = document.createElementNS(SVG, "svg");
    for (const [name, value] of [["width", 0], ["height", 0], ["aria-hidden", "true"], ["class", "sprite"]]) sheet.setAttribute(name, value);
    const pattern = document.createElementNS(SVG, "pattern");
    for (const [name, value] of [["id", id], ["width", 8], ["height", 8], ["patternUnits", "userSpaceOnUse"]]) pattern.setAttribute(name, value);
    const ground = document.createElementNS(SVG, "rect");
    for (const [name, value] of [["width", 8], ["height", 8], ["fill", shade]]) ground.setAttribute(name, value);
    const marks = document.createElementNS(SVG, "path");
    for (const [name, value] of [["d", INK[ink]], ["stroke", colour("--bg")], ["stroke-width", 1.6], ["fill", ink === "dots" ? colour("--bg") : "none"]]) marks.setAttribute(name, value);
    pattern.append(ground, marks);
    sheet.append(pattern);
    document.body.append(sheet);
  }
  return `url(#${id})`;
}

function stack(data) {
  const words = data.stack.map((part) => part.word);
  const rows = data.rows.flatMap((row, place) => data.stack.map((part, order) => ({ label: row.label, place, part: part.word, order, value: row.values[part.key], url: row.url })));
  return {
    data: { values: rows }, height: 220,
    mark: { type: "bar", cursor: "pointer", stroke: colour("--bg"), strokeWidth: 0.5 },
    encoding: {
      x: across(data),
      y: { field: "value", type: "quantitative", axis: axis("count", data.value) },
      order: { field: "order" },
      color: { field: "part", type: "nominal", sort: words, scale: { domain: words, range: data.stack.map((part) => fill(part.key)) } },
      tooltip: [{ field: "label", title: data.by }, { field: "part", title: " " }, { field: "value", title: data.value }],
    },
  };
}

/** Where there is room, each cell says its number, which can be read in grey. */
const WRITTEN_PX = 640;

function heat(data, width) {
  const cell = { mark: { type: "rect", cursor: "pointer", cornerRadius: 2, stroke: colour("--bg"), strokeWidth: 2 }, encoding: { color: { field: "value", type: "quantitative", legend: null, scale: { domainMin: 0, range: [colour("--quiet-soft"), colour("--accent")] } } } };
  const dark = highest(data) * 0.7;
  const ink = { condition: { test: `datum.value > ${dark}`, value: colour("--on-accent") }, value: colour("--text") };
  const number = { transform: [{ filter: "datum.value > 0" }], mark: { type: "text", cursor: "pointer", fontSize: 10 }, encoding: { text: { field: "value", format: "~s" }, color: ink } };
  return {
    data: { values: data.rows }, height: { step: 24 },
    layer: width >= WRITTEN_PX ? [cell, number] : [cell],
    encoding: {
      x: { field: "hour", type: "ordinal", axis: { ...ACROSS, domain: false, ticks: false } },
      y: { field: "day", type: "ordinal", sort: { field: "place" }, title: null, axis: { domain: false, ticks: false } },
      tooltip: [{ field: "day", title: data.by }, { field: "hour", title: data.hour }, { field: "value", title: data.value }],
    },
  };
}

function curve(data) {
  const whole = line(data);
  whole.layer[0].mark.interpolate = "step-after";
  whole.encoding.x.axis.title = data.by;
  return whole;
}

const MIDNIGHT = " 00:00";

/** What is expected, with the interval in which it should lie. */
function band(data) {
  const days = data.rows.flatMap(({ label }, place) => (label.endsWith(MIDNIGHT) ? [place] : []));
  const words = JSON.stringify(data.rows.map((row) => row.label.replace(MIDNIGHT, "")));
  return {
    data: { values: placed(data) }, height: 220,
    encoding: { x: across(data, { domain: true, values: days, labelExpr: `${words}[datum.value]` }) },
    layer: [
      { mark: { type: "area", opacity: 0.25, color: colour("--accent"), interpolate: "monotone" }, encoding: { y: { field: "low", type: "quantitative", axis: axis(data.unit, data.value) }, y2: { field: "high" } } },
      { mark: { type: "line", strokeWidth: 1.5, color: colour("--accent"), interpolate: "monotone" }, encoding: { y: { field: "value", type: "quantitative" } } },
      { mark: { type: "point", filled: true, size: 30, opacity: 0, color: colour("--accent") }, encoding: { y: { field: "value", type: "quantitative" }, tooltip: [{ field: "label", title: data.by }, { field: "value", title: data.value, format: ".1f" }, { field: "low", title: data.words.low, format: ".1f" }, { field: "high", title: data.words.high, format: ".1f" }] } },
    ],
  };
}

const KINDS = { line, bars, columns, stack, heat, curve, band };
const drawn = new Map();

async function draw(place) {
  const data = JSON.parse(place.dataset.chart);
  const make = KINDS[data.kind];
  if (make && data.rows.length) await embed(place, make(data, place.clientWidth));
}

/** The library stands in the page, or will as soon as it has come. */
async function ready() {
  for (let tries = 0; !window.vegaEmbed && tries < 600; tries += 1) await new Promise((go) => { setTimeout(go, 50); });
}

behave("[data-chart]", async (place) => {
  await ready();
  drawn.set(place, true);
  await draw(place);
});

function again() {
  for (const place of drawn.keys()) if (place.isConnected) draw(place); else drawn.delete(place);
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
new MutationObserver(again).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
