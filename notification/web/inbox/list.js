// The list, with an entry for each group. Updates keep groups unfolded and keep the focus in place or close to it.

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

  // `fallback`: the element to focus after the last card is removed.
  constructor(root, fallback) {
    this.#root = root;
    this.#fallback = fallback;
    root.addEventListener("focusin", (event) => this.#choose(this.cardOf(event.target)));
  }

  get ids() {
    return new Set(this.#cards.keys());
  }

  // The card that has the focus, directly or through a button of its group; null if none has.
  get focused() {
    return this.#root.contains(document.activeElement) ? this.cardOf(document.activeElement) : null;
  }

  get visible() {
    return this.#entries.flatMap((entry) => entry.visible);
  }

  entryOf(card) {
    return this.#entries.find((entry) => entry.cards.includes(card));
  }

  // The card that contains an element; for a button of a group, its head.
  cardOf(target) {
    const entry = this.#entries.find((one) => one.element.contains(target));
    return entry?.cards.find((card) => card.element.contains(target)) ?? entry?.head ?? null;
  }

  // The ids to remove with this card: all of a folded group, else its own.
  idsUnder(card) {
    const entry = this.entryOf(card);
    return card === entry.head && !entry.isUnfolded ? entry.cards.map((one) => one.id) : [card.id];
  }

  // Replaces the displayed groups.
  show(groups) {
    const [before, focused, active] = [this.visible, this.focused, document.activeElement];
    keepingScroll(before.map((card) => card.element), () => this.#rearrange(groups));
    this.#choose(this.#current);
    // Restores the focus to its element, or to a card close to it.
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
    // A group keeps the entry of any notification that it already had.
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
    const head = this.entryOf(card)?.head; // the card may have been rolled up under another head
    const index = before.indexOf(card);
    const below = before.slice(index).find((one) => visible.has(one));
    const above = before.slice(0, index).findLast((one) => visible.has(one));
    const next = head ?? below ?? above;
    if (next) this.focus(next);
    else this.#fallback.focus();
  }
}
