// The list: an entry per group. What the reader unfolded stays unfolded, and the focus stays where it is or close by.

import { Card } from "./card.js";
import { arrange } from "../element.js";
import { Entry } from "./entry.js";
import { keepingScroll } from "./scroll.js";

export class List {
  #root;
  #fallback;
  #entries = [];
  #cards = new Map();
  #current = null;

  // `fallback`: what gets the focus when the last card that had it is gone.
  constructor(root, fallback) {
    this.#root = root;
    this.#fallback = fallback;
    root.addEventListener("focusin", (event) => this.#choose(this.cardOf(event.target)));
  }

  get ids() {
    return new Set(this.#cards.keys());
  }

  // Where the keyboard is: the card that has the focus, itself or by one of its group's buttons.
  get focused() {
    return this.#root.contains(document.activeElement) ? this.cardOf(document.activeElement) : null;
  }

  get visible() {
    return this.#entries.flatMap((entry) => entry.visible);
  }

  entryOf(card) {
    return this.#entries.find((entry) => entry.cards.includes(card));
  }

  // The card that an element belongs to; of a group's button, the head.
  cardOf(target) {
    const entry = this.#entries.find((one) => one.element.contains(target));
    return entry?.cards.find((card) => card.element.contains(target)) ?? entry?.head ?? null;
  }

  // The ids that a removal of this card takes with it: what is folded under it goes too.
  idsUnder(card) {
    const entry = this.entryOf(card);
    return card === entry.head && !entry.isUnfolded ? entry.cards.map((one) => one.id) : [card.id];
  }

  // Shows these groups instead of what is shown.
  show(groups) {
    const [before, focused, active] = [this.visible, this.focused, document.activeElement];
    keepingScroll(before.map((card) => card.element), () => this.#rearrange(groups));
    this.#choose(this.#current);
    // Wherever the element went that had the focus: back to it, or to what took its place.
    if (focused && document.activeElement !== active) {
      if (active.isConnected && active.checkVisibility()) active.focus({ preventScroll: true });
      else this.#focusNear(focused, before);
    }
  }

  focus(card) {
    card?.element.focus({ preventScroll: true });
    card?.element.scrollIntoView({ block: "nearest" });
  }

  unfold(entry, unfolded) {
    entry.isUnfolded = unfolded && entry.isGroup;
    if (!entry.visible.includes(this.#current)) this.#choose(entry.head);
  }

  #rearrange(groups) {
    const owner = new Map(this.#entries.flatMap((entry) => entry.cards.map((card) => [card.id, entry])));
    const cards = new Map(groups.flat().map((one) => [one.id, this.#cards.get(one.id) ?? new Card(one)]));
    const taken = new Set();
    // A group that grew is known by those it already had.
    const entries = groups.map((group) => {
      const known = group.map((one) => owner.get(one.id)).find((entry) => entry && !taken.has(entry));
      const entry = known ?? new Entry();
      taken.add(entry);
      return entry;
    });
    groups.forEach((group, index) => {
      for (const one of group) cards.get(one.id).unseen = one.unseen;
      entries[index].show(group.map((one) => cards.get(one.id)));
    });
    this.#cards = cards;
    this.#entries = entries;
    arrange(this.#root, entries.map((entry) => entry.element));
  }

  #choose(card) {
    const visible = this.visible;
    this.#current = visible.includes(card) ? card : (visible[0] ?? null);
    for (const entry of this.#entries) {
      entry.isCurrent = entry.cards.includes(this.#current);
      for (const one of entry.cards) one.isCurrent = one === this.#current;
    }
  }

  #focusNear(card, before) {
    const visible = new Set(this.visible);
    const head = this.entryOf(card)?.head; // it may have been rolled up under another one
    const index = before.indexOf(card);
    const below = before.slice(index).find((one) => visible.has(one));
    const above = before.slice(0, index).findLast((one) => visible.has(one));
    const next = head ?? below ?? above;
    if (next) this.focus(next);
    else this.#fallback.focus();
  }
}
