// A histogram with horizontal bars, so that the labels fit any window.

import { Card, NOTHING } from "./card.js";
import { number, share } from "./format.js";
import { bars } from "./histogram.js";
import { shape } from "./shape.js";

const NAMES = 92; // pixels for the labels left of the bars
const SHARES = 60; // pixels for the shares right of the bars
const THICKNESS = 0.6; // of a row

export class BarChart {
  #chart;
  #card;

  constructor(chart) {
    this.#chart = chart;
    this.#card = new Card(chart, [chart.of, chart.unit, "share"]);
    this.element = this.#card.element;
  }

  draw({ whole }) {
    const { title, unit, histogram, means } = this.#chart;
    const found = (whole && histogram(whole.counts)) ?? { count: 0, upTo: {} };
    const said = (value) => (value === null ? NOTHING : number(value));
    const legend = whole && means(whole.counts).map(([name, value]) => [null, `mean, ${name}`, said(value)]);
    this.#card.show(title, legend && [...legend, [null, `${unit} of feeds`, number(found.count)]]);
    const all = whole ? bars(found) : [];
    this.#card.table.show(all.map((bar) => [bar.label, number(bar.count), share(bar.share)]));
    this.#paint(all);
  }

  #paint(all) {
    const { width, height } = this.#card.size;
    const [row, room] = [height / all.length, Math.max(0, width - NAMES - SHARES)]; // 0 before the card is laid out
    this.#card.picture.replaceChildren(
      ...all.flatMap((bar, index) => drawn(bar, (index + 0.5) * row, row * THICKNESS, bar.share * room)),
      shape("line", { class: "floor", x1: NAMES, x2: NAMES, y1: 0, y2: height }),
    );
  }
}

function drawn(bar, middle, height, width) {
  const block = shape("rect", { class: "block", x: NAMES, y: middle - height / 2, width, height, rx: 2 });
  const name = text(NAMES - 8, middle, "end", bar.label);
  return bar.count > 0 ? [name, block, text(NAMES + width + 6, middle, "start", share(bar.share))] : [name];
}

function text(x, y, anchor, content) {
  return shape("text", { class: "tick", x, y: y + 4, "text-anchor": anchor }, content);
}
