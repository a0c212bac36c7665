// The key numbers, each with a warning above its limit.

import { element } from "../element.js";
import { NOTHING } from "./card.js";
import { write } from "./table.js";

export class Tile {
  #tile;
  #value = element("dd", {}, "measuring…");
  #warning = element("dd", { class: "warning" });

  constructor(tile) {
    this.#tile = tile;
    this.element = element("div", { class: "tile" }, element("dt", {}, tile.title), this.#value, this.#warning);
  }

  draw({ newest, recent }) {
    const { value, name, format, limit = Infinity } = this.#tile;
    const found = recent && value(recent.counts, recent.seconds, name, newest);
    write(this.#value, recent ? (found === null ? NOTHING : format(found)) : "measuring…");
    const isHigh = found !== null && found > limit;
    this.element.dataset.state = isHigh ? "high" : "usual";
    write(this.#warning, isHigh ? `above ${format(limit)}` : "");
  }
}
