// Statistics of a histogram { count, sum, upTo: { "0.001": 3, … } } with cumulative counts by upper bound.

// Estimates a quantile as Prometheus' histogram_quantile does: it interpolates linearly within a bucket, and never
// exceeds the highest bound. Null if there are no counts.
export function quantile(q, { count, upTo }) {
  if (!(count > 0)) return null;
  const rank = q * count;
  let [lower, below] = [0, 0];
  for (const [bound, reached] of steps(upTo)) {
    if (reached >= rank) return lower + ((bound - lower) * (rank - below)) / (reached - below || 1);
    [lower, below] = [bound, reached];
  }
  return lower;
}

export function mean({ count, sum }) {
  return count > 0 ? sum / count : null;
}

// The count and the share of each bucket of a histogram of integers.
export function bars({ count, upTo }) {
  let [from, below] = [0, 0];
  const found = steps(upTo).map(([bound, reached]) => {
    const bar = { label: range(from, bound), count: reached - below };
    [from, below] = [bound + 1, reached];
    return bar;
  });
  found.push({ label: `${from} or more`, count: count - below });
  return found.map((bar) => ({ ...bar, share: count > 0 ? bar.count / count : 0 }));
}

function steps(upTo) {
  return Object.entries(upTo)
    .map(([bound, reached]) => [Number(bound), reached])
    .sort(([one], [other]) => one - other);
}

function range(from, to) {
  return from === to ? String(to) : `${from}–${to}`;
}
