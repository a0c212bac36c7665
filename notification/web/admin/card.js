// The card of a chart: title, description, legend with the current values, picture, table.

import { element } from "../element.js";
import { shape } from "./shape.js";
import { Table } from "./table.js";

export const NOTHING = "none";
const MEASURING = "measuring…";
let cards = 0;

export class Card {
  #legend = element("ul", { class: "legend", role: "list" });

  constructor(chart, columns) {
    const id = `card-${(cards += 1)}`;
    this.picture = shape("svg", { class: "picture", role: "img" });
    this.table = new Table(chart.title, columns);
    this.element = element(
      "section",
      { class: "card", "aria-labelledby": id },
      element("h2", { id }, chart.title),
      element("p", { class: "about" }, chart.about),
      this.#legend,
      this.picture,
      this.table.element,
    );
    this.show(chart.title, null);
  }

  // `legend`: [mark or null, name, value] for each line; null before the first measurement.
  show(label, legend) {
    const known = legend ?? [];
    const otherwise = legend === null ? MEASURING : NOTHING;
    const items = known.map(([mark, name, value]) => item(mark, name, value));
    this.#legend.replaceChildren(...(items.length > 0 ? items : [element("li", {}, otherwise)]));
    const values = known.map(([, name, value]) => `${name} ${value}`).join(", ");
    this.picture.setAttribute("aria-label", `${label}: ${values || otherwise}`);
  }

  // In CSS pixels: a scaled picture would scale its text, too.
  get size() {
    const { width, height } = this.picture.getBoundingClientRect();
    return { width, height };
  }
}

function item(mark, name, value) {
  return element("li", {}, ...(mark ? [mark] : []), element("span", { class: "name" }, name), element("b", {}, value));
}
