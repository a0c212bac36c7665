// A line chart over time.

import { below, frame, side } from "./axes.js";
import { Card, NOTHING } from "./card.js";
import { clock } from "./format.js";
import { maximum } from "./lines.js";
import { times, top, way } from "./scale.js";
import { shape } from "./shape.js";

const COLOURS = ["blue", "amber", "purple", "green", "red", "teal"];
const DASHES = ["none", "7 3", "2 3", "9 3 2 3", "12 4"]; // besides colours, for people who can't tell them apart
const COLUMNS = ["line", "now", "mean", "maximum"];
const CLOCK_WIDTH = 90;

export class LineChart {
  #chart;
  #measure;
  #card;

  // `measure(chart, span)` returns the lines of a period.
  constructor(chart, measure) {
    this.#chart = chart;
    this.#measure = measure;
    this.#card = new Card(chart, COLUMNS);
    this.element = this.#card.element;
  }

  draw(span) {
    const lines = this.#measure(this.#chart, span);
    const said = (value) => (value === null ? NOTHING : this.#chart.format(value));
    const { title } = this.#chart;
    const isMeasured = span.whole !== null;
    this.#card.show(title, isMeasured ? lines.map((one, index) => [this.#mark(index), one.name, said(one.now)]) : null);
    this.#card.table.show(lines.map((one) => [one.name, said(one.now), said(one.whole), said(one.maximum)]));
    this.#paint(span, lines);
  }

  #paint({ from, to }, lines) {
    const size = this.#card.size;
    const place = frame(size);
    const highest = Math.max(this.#chart.least ?? 0, maximum(lines.map((one) => ["", one.maximum])) ?? 0);
    const end = this.#chart.top ?? top(highest);
    const at = (time) => place.x((time - from) / (to - from));
    const marks = times(from, to, size.width / CLOCK_WIDTH).filter((time) => at(time) < place.right - CLOCK_WIDTH / 4);
    const ways = lines.map(({ points }, index) => {
      const path = points.map(([time, value]) => [at(time), value === null ? null : place.y(value / end)]);
      return shape("path", { ...this.#look(index), d: way(path) });
    });
    this.#card.picture.replaceChildren(
      ...side(place, end, this.#chart.format),
      ...marks.map((time) => below(place, at(time), clock(time))),
      ...ways.reverse(), // draws the first line on top
    );
  }

  #mark(index) {
    const line = shape("line", { ...this.#look(index), x1: 1, x2: 27, y1: 5, y2: 5 });
    return shape("svg", { class: "mark", width: 28, height: 10, "aria-hidden": "true" }, line);
  }

  #look(index) {
    const colours = this.#chart.colours ?? COLOURS;
    const dash = DASHES[(index + Math.floor(index / colours.length)) % DASHES.length];
    return { class: `line ${colours[index % colours.length]}`, "stroke-dasharray": dash };
  }
}
