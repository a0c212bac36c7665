// One notification.

import { element } from "../element.js";
import { timeElement } from "./time.js";

const HUES = 6;

export class Card {
  #remove;
  #message;

  constructor(notification) {
    const { id, category, message, created_at: created } = notification;
    this.id = id;
    this.#message = message;
    this.#remove = element("button", { type: "button", class: "remove", "data-do": "remove" }, "×");
    const about = element("p", { class: "about", id: `about-${id}` });
    about.append(
      element("span", { class: "new" }, "New"),
      element("span", { class: "category" }, category),
      timeElement(created),
    );
    this.element = element(
      "article",
      { class: "card", "data-id": id, "aria-labelledby": `message-${id}`, "aria-describedby": `about-${id}` },
      element("span", { class: `mark hue-${hue(category)}`, "aria-hidden": "true" }, [...category][0].toUpperCase()),
      element("div", { class: "text" }, element("p", { class: "message", id: `message-${id}`, dir: "auto" }, message), about),
      this.#remove,
    );
    this.isCurrent = false;
  }

  set unseen(unseen) {
    this.element.classList.toggle("unseen", unseen);
  }

  // The number of notifications that the remove button removes.
  set removedCount(count) {
    this.#remove.ariaLabel = count > 1 ? `Remove all ${count}: ${this.#message}` : `Remove: ${this.#message}`;
  }

  // The Tab key reaches only the current card; the arrow keys reach the others.
  set isCurrent(current) {
    this.element.tabIndex = current ? 0 : -1;
    this.#remove.tabIndex = current ? 0 : -1;
  }
}

// A category always has the same colour.
function hue(category) {
  return [...category].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 997, 7) % HUES;
}
