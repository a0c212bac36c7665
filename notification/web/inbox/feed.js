// What the inbox shows: groups, newest first, each an array of notifications with its head first.
//
// After every change the pages that are shown are read anew: rules may roll a new notification up with old ones, and
// the service knows best how. The boundary between unseen and seen stays where it was when the page was opened, so that
// what is marked as new stays marked, and in its place, until the reader says that it was seen.

const PAGE = 20;

export class Feed {
  #api;
  #loaded = [];
  #next = null;
  #seen = null; // null: nothing was loaded yet
  #removed = new Set(); // shown no more, even if the service did not hear of it yet

  constructor(api) {
    this.#api = api;
  }

  get isLoaded() {
    return this.#seen !== null;
  }

  get hasMore() {
    return this.#next !== null;
  }

  get groups() {
    return this.#loaded
      .map((group) => group.filter((one) => !this.#removed.has(one.id)))
      .filter((group) => group.length > 0);
  }

  get newest() {
    return this.#loaded[0]?.[0].id ?? null;
  }

  // Reads what there is. The first time, the user sees it all; `arrived`: how many may have come since the last time.
  async load(arrived = 0) {
    if (this.#seen === null) await this.#open();
    else this.#take(await this.#unlessEmpty(() => this.#newest(arrived)));
  }

  async loadMore() {
    const page = await this.#api.following(this.#next);
    this.#take({ groups: [...this.#loaded, ...page.groups], next: page.next });
  }

  // The user has seen everything up to `id`, here or elsewhere.
  seeUpTo(id) {
    if (this.#seen === null || id <= this.#seen) return;
    this.#seen = id;
    for (const one of this.#loaded.flat()) one.unseen &&= one.id > id;
  }

  hide(ids) {
    for (const id of ids) this.#removed.add(id);
  }

  unhide(ids) {
    for (const id of ids) this.#removed.delete(id);
  }

  clear() {
    this.#take({ groups: [], next: null });
  }

  async #open() {
    const page = await this.#unlessEmpty(() => this.#api.first());
    this.#take(page);
    this.#seen = boundary(page);
  }

  #newest(arrived) {
    return this.#api.newest(Math.max(PAGE, this.#loaded.length + arrived), this.#seen);
  }

  // A list of nothing is answered with 404, which browsers put on their console as an error: it is not asked for.
  async #unlessEmpty(read) {
    const { total } = await this.#api.count();
    return total === 0 ? { groups: [], next: null } : read();
  }

  #take({ groups, next }) {
    this.#loaded = groups;
    this.#next = next;
  }
}

// An id that parts unseen from seen: the newest seen one, or what the service says where the page has none.
function boundary({ groups, next }) {
  const seen = groups.flat().filter((one) => !one.unseen).map((one) => one.id);
  return seen.sort().at(-1) ?? next?.match(/seen=(\w+)/)?.[1] ?? "";
}
