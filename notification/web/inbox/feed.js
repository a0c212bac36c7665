// The content of the inbox: groups, newest first. A group is an array of notifications, its head first.
//
// After every change, the feed reads all displayed pages again, because only the service knows how its rules roll a new
// notification up with old ones. The boundary between unseen and seen stays where it was when the page was opened, so
// that new notifications keep their mark and their place until the reader marks them as seen.

const PAGE_SIZE = 20;

export class Feed {
  #api;
  #loaded = [];
  #next = null;
  #seen = null; // the id of the boundary; null until the first load
  #removed = new Set(); // hidden at once, before the service confirms the removal

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

  // Reads the feed; the first load marks all as seen. `arrived`: how many notifications may have arrived since.
  async load(arrived = 0) {
    if (this.#seen === null) await this.#open();
    else this.#set(await this.#unlessEmpty(() => this.#newest(arrived)));
  }

  async loadMore() {
    const page = await this.#api.following(this.#next);
    this.#set({ groups: [...this.#loaded, ...page.groups], next: page.next });
  }

  // Moves the boundary up to `id`, which the user has marked as seen here or elsewhere.
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
    this.#set({ groups: [], next: null });
  }

  async #open() {
    const page = await this.#unlessEmpty(() => this.#api.first());
    this.#set(page);
    this.#seen = boundary(page);
  }

  #newest(arrived) {
    return this.#api.newest(Math.max(PAGE_SIZE, this.#loaded.length + arrived), this.#seen);
  }

  // An empty feed is a 404, which browsers log as an error. The count avoids that request.
  async #unlessEmpty(read) {
    const { total } = await this.#api.count();
    return total === 0 ? { groups: [], next: null } : read();
  }

  #set({ groups, next }) {
    this.#loaded = groups;
    this.#next = next;
  }
}

// The id of the boundary: the newest seen notification, or the service's own boundary if the page has none.
function boundary({ groups, next }) {
  const seen = groups.flat().filter((one) => !one.unseen).map((one) => one.id);
  return seen.sort().at(-1) ?? next?.match(/seen=(\w+)/)?.[1] ?? "";
}
