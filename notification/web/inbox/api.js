// The inbox's requests to the service, for one user.

const ROOT = new URL(document.querySelector("meta[name=rest-root]").content, location.href);
const MAX_ID = "aWgEPTl1tmebfsQzFP4bxwgy80V"; // a view up to the maximum id includes later arrivals
const MAX_PAGE = 1000; // items

export class Failed extends Error {}

export class Api {
  #base;

  constructor(username) {
    this.#base = new URL(`v1/notifications/${encodeURIComponent(username)}`, ROOT).href;
    this.cursor = new URL(`v1/cursors/${encodeURIComponent(username)}/notifications`, ROOT).href;
    this.stream = `${this.#base}/stream`;
  }

  async count() {
    return (await ask(`${this.#base}/count`)).json();
  }

  // Reads the first page, which marks all notifications as seen.
  first() {
    return this.#page("");
  }

  // Reads the newest `max` items. Those newer than the id `seen` are unseen, wherever the cursor is now.
  newest(max, seen) {
    const boundary = seen === "" ? "" : `; seen=${seen}`;
    return this.#page("?peek=true", `id; max=${Math.min(max, MAX_PAGE)}; top=${MAX_ID}${boundary}`);
  }

  following(range) {
    return this.#page("?peek=true", range);
  }

  async seeUpTo(id) {
    const headers = { "Content-Type": "application/json" };
    await ask(this.cursor, { method: "PUT", headers, body: JSON.stringify({ value: id }) });
  }

  async remove(ids) {
    await ask(`${this.#base}?ids=${ids.join(",")}`, { method: "DELETE" });
  }

  async removeAll() {
    await ask(this.#base, { method: "DELETE" });
  }

  async #page(query, range) {
    const reply = await ask(this.#base + query, range ? { headers: { Range: range } } : {}, [404]);
    const items = reply.status === 404 ? [] : await reply.json();
    return { groups: items.map(group), next: reply.headers.get("Next-Range") };
  }
}

// An item as an array: its head, then the notifications rolled up under it.
function group({ notifications, ...head }) {
  return [head, ...(notifications ?? [])];
}

async function ask(url, options = {}, accepted = []) {
  let reply;
  try {
    reply = await fetch(url, { cache: "no-store", ...options });
  } catch (error) {
    throw new Failed("The service isn’t responding", { cause: error });
  }
  if (reply.ok || accepted.includes(reply.status)) return reply;
  throw new Failed(`The service returned error ${reply.status}`);
}
