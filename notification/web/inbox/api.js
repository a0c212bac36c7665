// The requests that the inbox makes of the service, for one user.

const ROOT = new URL("../../", import.meta.url);
const GREATEST = "aWgEPTl1tmebfsQzFP4bxwgy80V"; // of all ids: a view up to it holds what arrives later, too
const MOST = 1000;

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

  // The first page, and with it the user has seen everything.
  first() {
    return this.#page("");
  }

  // The newest `max`, those above `seen` as unseen, whatever the cursor says by now.
  newest(max, seen) {
    const boundary = seen === "" ? "" : `; seen=${seen}`;
    return this.#page("?peek=true", `id; max=${Math.min(max, MOST)}; top=${GREATEST}${boundary}`);
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

// A notification and those rolled up under it, or nothing.
function group({ notifications, ...head }) {
  return [head, ...(notifications ?? [])];
}

async function ask(url, options = {}, accepted = []) {
  let reply;
  try {
    reply = await fetch(url, { cache: "no-store", ...options });
  } catch (error) {
    throw new Failed("The service does not answer", { cause: error });
  }
  if (reply.ok || accepted.includes(reply.status)) return reply;
  throw new Failed(`The service answered ${reply.status}`);
}
