// The charts of the overview: Vega-Lite specifications, drawn in the page's own colours, without eval (the expressions are interpreted).
import { colour, embed } from "./charts.js";

const data = JSON.parse(document.getElementById("overview-data").textContent);
const words = data.words;

function hours() {
  const rows = data.hours.flatMap(({ hour, today, before, url }) => [
    { hour, day: words.before, calls: before },
    ...(today === null ? [] : [{ hour, day: words.today, calls: today, url }]),
  ]);
  const shared = {
    x: { field: "hour", type: "ordinal", title: null, axis: { labelAngle: 0, labelOverlap: "parity", labelSeparation: 8, grid: false } },
    y: { field: "calls", type: "quantitative", title: words.calls, axis: { tickMinStep: 1, tickCount: 4 } },
    color: { field: "day", type: "nominal", scale: { domain: [words.today, words.before], range: [colour("--accent"), colour("--line-control")] } },
    tooltip: [{ field: "day", title: words.day }, { field: "hour", title: words.hour }, { field: "calls", title: words.calls }],
  };
  return {
    data: { values: rows }, height: 200,
    layer: [
      { transform: [{ filter: { field: "day", equal: words.today } }], mark: { type: "bar", cursor: "pointer", cornerRadiusEnd: 2 }, encoding: shared },
      { transform: [{ filter: { field: "day", equal: words.before } }], mark: { type: "line", strokeDash: [4, 3], strokeWidth: 1.5, point: { size: 16 } }, encoding: shared },
    ],
  };
}

function outcomes() {
  const tones = { answered: "--tl-talk", missed: "--bad", abandoned: "--hue-2", voicemail: "--tl-voicemail" };
  const shown = data.outcomes.filter((one) => one.calls || one.before);
  return {
    data: { values: shown }, height: { step: 26 },
    encoding: { y: { field: "name", type: "nominal", sort: null, title: null, axis: { domain: false, ticks: false, labelLimit: 120, labelPadding: 8 } }, x: { field: "calls", type: "quantitative", title: null, axis: null } },
    layer: [
      { mark: { type: "bar", cursor: "pointer", cornerRadiusEnd: 2 }, encoding: { color: { field: "key", type: "nominal", legend: null, scale: { domain: shown.map((one) => one.key), range: shown.map((one) => colour(tones[one.key] ?? "--line-control")) } }, tooltip: [{ field: "name", title: " " }, { field: "calls", title: words.today }, { field: "before", title: words.before }] } },
      { mark: { type: "text", align: "left", dx: 4, color: colour("--text-quiet"), fontSize: 11 }, encoding: { text: { field: "calls" } } },
    ],
  };
}

function heat() {
  return {
    data: { values: data.heat }, height: { step: 22 },
    mark: { type: "rect", cursor: "pointer", cornerRadius: 2, stroke: colour("--bg"), strokeWidth: 2 },
    encoding: {
      x: { field: "hour", type: "ordinal", title: null, axis: { labelAngle: 0, labelOverlap: "parity", labelSeparation: 8, domain: false, ticks: false } },
      y: { field: "day", type: "ordinal", sort: { field: "place" }, title: null, axis: { domain: false, ticks: false } },
      color: { field: "calls", type: "quantitative", legend: null, scale: { domainMin: 0, range: [colour("--quiet-soft"), colour("--accent")] } },
      tooltip: [{ field: "day", title: words.day }, { field: "hour", title: words.hour }, { field: "calls", title: words.calls }],
    },
  };
}

async function draw() {
  for (const [id, made] of [["chart-hours", hours], ["chart-outcomes", outcomes], ["chart-heat", heat]]) {
    const place = document.getElementById(id);
    if (!place) continue;
    await embed(place, made());
  }
}

await draw();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
new MutationObserver(draw).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
