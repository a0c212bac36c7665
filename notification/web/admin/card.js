// What every chart has around it: a title, what it tells, a legend with the values of now, the picture, the table.

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

  // `legend`: marks (or none), names and values; null as long as nothing was measured.
  show(label, legend) {
    const known = legend ?? [];
    const otherwise = legend === null ? MEASURING : NOTHING;
    const items = known.map(([mark, name, value]) => item(mark, name, value));
    this.#legend.replaceChildren(...(items.length > 0 ? items : [element("li", {}, otherwise)]));
    const values = known.map(([, name, value]) => `${name} ${value}`).join(", ");
    this.picture.setAttribute("aria-label", `${label}: ${values || otherwise}`);
  }

  // In pixels of the page, as text in a picture that is stretched is stretched, too.
  get size() {
    const { width, height } = this.picture.getBoundingClientRect();
    return { width, height };
  }
}

function item(mark, name, value) {
  return element("li", {}, ...(mark ? [mark] : []), element("span", { class: "name" }, name), element("b", {}, value));
}
