// A group in the list: its head, and the others, which unfold.

import { arrange, element } from "../element.js";

let made = 0;

export class Entry {
  #toggle;
  #nested;

  constructor() {
    const id = `nested-${++made}`;
    this.#toggle = element("button", { type: "button", class: "toggle", "data-do": "toggle", "aria-controls": id });
    this.#nested = element("ol", { class: "nested", id, role: "list" });
    this.element = element("li", { class: "entry" });
    this.cards = [];
    this.isUnfolded = false;
  }

  get isUnfolded() {
    return !this.#nested.hidden;
  }

  set isUnfolded(unfolded) {
    this.#nested.hidden = !unfolded;
    this.#toggle.ariaExpanded = String(unfolded);
    this.#tell();
  }

  get isGroup() {
    return this.cards.length > 1;
  }

  get head() {
    return this.cards[0];
  }

  get visible() {
    return this.isUnfolded ? this.cards : this.cards.slice(0, 1);
  }

  show(cards) {
    this.cards = cards;
    const [head, ...others] = cards.map((card) => card.element);
    // Nested first: a card that was nested and is the head now leaves an item behind that has to go.
    arrange(this.#nested, others.map(listItem));
    arrange(this.element, others.length > 0 ? [head, this.#toggle, this.#nested] : [head]);
    this.#nested.ariaLabel = "Others like it";
    if (others.length === 0) this.isUnfolded = false;
    this.#tell();
  }

  set isCurrent(current) {
    this.#toggle.tabIndex = current ? 0 : -1;
  }

  #tell() {
    const others = this.cards.length - 1;
    this.#toggle.textContent = this.isUnfolded ? "Show less" : `${others} more like this`;
    for (const card of this.cards) card.weight = card === this.head && !this.isUnfolded ? this.cards.length : 1;
  }
}

// The item that a nested card is in already, or a new one.
function listItem(card) {
  return card.parentElement?.matches(".nested > li") ? card.parentElement : element("li", {}, card);
}
