// Entry point: the admin page polls health and metrics and draws them.

import { element } from "../element.js";
import { Failed, health, metrics } from "./api.js";
import { BarChart } from "./barchart.js";
import { BARS, LEVELS, LINES, TILES } from "./charts.js";
import { Connection } from "./connection.js";
import { facts } from "./facts.js";
import { Health } from "./health.js";
import { History } from "./history.js";
import { LineChart } from "./linechart.js";
import { levels, lines } from "./lines.js";
import { Poll } from "./poll.js";
import { read } from "./reading.js";
import { Tile } from "./tiles.js";

const INTERVAL = 2000; // milliseconds

const part = Object.fromEntries([...document.querySelectorAll("[id]")].map((one) => [one.id, one]));
const history = new History();
const connection = new Connection(part.connection, part["now-title"]);
const state = new Health(part.verdict, part.parts);
const tiles = TILES.map((tile) => new Tile(tile));
const charts = [
  ...LINES.map((chart) => new LineChart(chart, lines)),
  ...LEVELS.map((chart) => new LineChart(chart, levels)),
  ...BARS.map((chart) => new BarChart(chart)),
];

async function update() {
  try {
    history.add(read(await metrics()));
    connection.opened();
    draw();
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    connection.lost(error.message);
  }
}

async function check() {
  try {
    state.show(await health());
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    state.unknown(error.message);
  }
}

function draw() {
  if (history.newest === null) return;
  const span = history.last(Number(new FormData(part.span).get("seconds")));
  for (const one of [...tiles, ...charts]) one.draw(span);
  const known = facts(history.newest);
  part.facts.replaceChildren(
    ...known.map(({ text, isBad }) => element("li", isBad ? { class: "bad" } : {}, text)),
  );
}

part.tiles.replaceChildren(...tiles.map((tile) => tile.element));
part.charts.replaceChildren(...charts.map((chart) => chart.element));
part.span.addEventListener("change", draw);
new ResizeObserver(draw).observe(part.charts);
new Poll(update, INTERVAL).start();
new Poll(check, INTERVAL).start();
