// Nested counts, such as { requests: { "2xx": 3 } }: what came to them between two looks, and their sums.

const NOISE = 1e-9; // of a value: several processes are summed up in any order, and fractions then differ a little

// By how much `after` is more than `before`. Null where anything fell or is gone: somebody began to count anew.
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
