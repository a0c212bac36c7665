// The health of the store and of each of its parts, with a one-sentence verdict.

import { arrange, element } from "../element.js";
import { write } from "./table.js";

export class Health {
  #verdict;
  #list;
  #items = new Map();

  constructor(verdict, list) {
    this.#verdict = verdict;
    this.#list = list;
  }

  show({ well, parts }) {
    const ill = parts.filter(([, part]) => !part.healthy).length;
    this.#judge(well ? (ill > 0 ? "partly" : "well") : "ill", sentence(well, ill, parts.length));
    const names = parts.map(([name]) => name);
    this.#items = new Map(names.map((name) => [name, this.#items.get(name) ?? item(name)]));
    for (const [name, part] of parts) fill(this.#items.get(name), part);
    arrange(this.#list, [...this.#items.values()]);
    this.#list.dataset.age = "fresh";
  }

  // Keeps the previous result, marked as outdated.
  unknown(reason) {
    this.#judge("unknown", `Unknown: ${reason}.${this.#items.size > 0 ? " Last known state:" : ""}`);
    this.#list.dataset.age = "old";
  }

  #judge(state, text) {
    this.#verdict.dataset.state = state;
    write(this.#verdict, text);
  }
}

function sentence(well, ill, all) {
  if (!well) return "The store is down. Requests fail.";
  if (ill === 0) return "All systems are healthy.";
  return `The store works, but ${ill} of its ${all - 1} parts ${ill === 1 ? "is" : "are"} unhealthy.`;
}

function item(name) {
  const parts = [["state"], ["name", name], ["message"]];
  return element("li", {}, ...parts.map(([kind, text = ""]) => element("span", { class: kind }, text)));
}

function fill(target, { healthy, message = "" }) {
  target.dataset.state = healthy ? "well" : "ill";
  write(target.querySelector(".state"), healthy ? "healthy" : "unhealthy");
  write(target.querySelector(".message"), message);
}
