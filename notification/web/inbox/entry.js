// A group in the list: its head, and its other notifications, folded or unfolded.

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
    this.#updateLabels();
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
    // Nested cards first: a nested card that becomes the head leaves an empty item, which `arrange` removes.
    arrange(this.#nested, others.map(listItem));
    arrange(this.element, others.length > 0 ? [head, this.#toggle, this.#nested] : [head]);
    this.#nested.ariaLabel = "More like this";
    if (others.length === 0) this.isUnfolded = false;
    this.#updateLabels();
  }

  set isCurrent(current) {
    this.#toggle.tabIndex = current ? 0 : -1;
  }

  #updateLabels() {
    const others = this.cards.length - 1;
    this.#toggle.textContent = this.isUnfolded ? "Show less" : `${others} more like this`;
    for (const card of this.cards) card.removedCount = card === this.head && !this.isUnfolded ? this.cards.length : 1;
  }
}

// Returns the existing list item of a nested card, or a new one.
function listItem(card) {
  return card.parentElement?.matches(".nested > li") ? card.parentElement : element("li", {}, card);
}
