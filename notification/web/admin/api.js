// What the page asks the service for.

const METRICS_PATIENCE = 5000;
const HEALTH_PATIENCE = 9000; // a check takes up to 6 seconds

export class Failed extends Error {}

export async function metrics() {
  return (await ask("/admin/metrics", METRICS_PATIENCE, "metrics")).body;
}

// Whether the service can do its work, and how each part is.
export async function health() {
  const { reply, body } = await ask("/admin/healthcheck", HEALTH_PATIENCE, "store", [500]);
  return { well: reply.ok, parts: Object.entries(body) };
}

// `key`: what an answer of ours has in it, and a gateway's page has not.
async function ask(path, patience, key, accepted = []) {
  let reply;
  try {
    reply = await fetch(path, { cache: "no-store", signal: AbortSignal.timeout(patience) });
    const body = await reply.json();
    if (key in body && (reply.ok || accepted.includes(reply.status))) return { reply, body };
  } catch (error) {
    throw new Failed(reason(reply), { cause: error });
  }
  throw new Failed(reason(reply));
}

function reason(reply) {
  if (!reply) return "no answer";
  return reply.ok ? "its answer can’t be read" : `it answered ${reply.status}`;
}
