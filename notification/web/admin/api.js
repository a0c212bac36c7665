// What the page asks the service for.

const METRICS_PATIENCE = 5000;
const HEALTH_PATIENCE = 9000; // a check takes up to 6 seconds

export class Failed extends Error {}

export function metrics() {
  return ask("/admin/metrics", METRICS_PATIENCE);
}

// Whether the service can do its work, and how each part is.
export async function health() {
  const { reply, body } = await answer("/admin/healthcheck", HEALTH_PATIENCE, [500]);
  return { well: reply.ok, parts: Object.entries(body) };
}

async function ask(path, patience) {
  return (await answer(path, patience)).body;
}

async function answer(path, patience, accepted = []) {
  let reply;
  try {
    reply = await fetch(path, { cache: "no-store", signal: AbortSignal.timeout(patience) });
    if (reply.ok || accepted.includes(reply.status)) return { reply, body: await reply.json() };
  } catch (error) {
    throw new Failed(reply && reply.status !== 200 ? `it answered ${reply.status}` : "no answer", { cause: error });
  }
  throw new Failed(`it answered ${reply.status}`);
}
