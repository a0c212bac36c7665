// The admin page's requests to the service.

const METRICS_TIMEOUT = 5000; // milliseconds
const HEALTH_TIMEOUT = 9000; // a check takes up to 6 seconds

export class Failed extends Error {}

export async function metrics() {
  return (await ask("/admin/metrics", METRICS_TIMEOUT, "metrics")).body;
}

// Whether the store works, and the health of each of its parts.
export async function health() {
  const { reply, body } = await ask("/admin/healthcheck", HEALTH_TIMEOUT, "store", [500]);
  return { well: reply.ok, parts: Object.entries(body) };
}

// `key`: a key that identifies a reply of the service; the page of a gateway has none.
async function ask(path, timeout, key, accepted = []) {
  let reply;
  try {
    reply = await fetch(path, { cache: "no-store", signal: AbortSignal.timeout(timeout) });
    const body = await reply.json();
    if (key in body && (reply.ok || accepted.includes(reply.status))) return { reply, body };
  } catch (error) {
    throw new Failed(reason(reply), { cause: error });
  }
  throw new Failed(reason(reply));
}

function reason(reply) {
  if (!reply) return "no response";
  return reply.ok ? "invalid response" : `error ${reply.status}`;
}
