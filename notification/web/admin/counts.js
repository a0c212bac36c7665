// Differences and sums of nested counts such as { requests: { "2xx": 3 } }.

const NOISE = 1e-9; // relative: sums over several processes vary with the order of their terms

// The increase from `before` to `after`; null if a count fell or disappeared, because a process has restarted.
export function difference(after, before) {
  return typeof after === "number" ? rise(after, before ?? 0) : rises(after, before ?? {});
}

export function sum(one, other) {
  if (one === undefined || other === undefined) return one ?? other;
  if (typeof one === "number") return one + other;
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Object.fromEntries([...names].map((name) => [name, sum(one[name], other[name])]));
}

function rise(after, before) {
  if (after >= before) return after - before;
  return before - after <= before * NOISE ? 0 : null;
}

function rises(after, before) {
  if (Object.keys(before).some((name) => !(name in after))) return null;
  const found = Object.entries(after).map(([name, value]) => [name, difference(value, before[name])]);
  return found.some(([, value]) => value === null) ? null : Object.fromEntries(found);
}
