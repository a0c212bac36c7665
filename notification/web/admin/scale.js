// Scales: the end of an axis, the ticks along it, and the path of a line.

const TIME_STEPS = [15, 30, 60, 120, 300];

// The smallest of 1, 2, 5, 10, 20, … that is at least `maximum`.
export function top(maximum) {
  if (!(maximum > 0)) return 1;
  const size = 10 ** Math.floor(Math.log10(maximum));
  return [1, 2, 5, 10].map((step) => step * size).find((step) => step >= maximum * (1 - 1e-9));
}

// Returns round times between `from` and `to`, in seconds, at the shortest step that yields at most `maximum` of them,
// or at the longest step if every step yields more.
export function times(from, to, maximum) {
  const step = TIME_STEPS.find((one) => (to - from) / one < maximum) ?? TIME_STEPS.at(-1);
  const first = Math.ceil(from / step) * step;
  return Array.from({ length: Math.floor((to - first) / step) + 1 }, (_, index) => first + index * step);
}

// A path through points [x, y]. A null y leaves a gap; a point between gaps is a dot.
export function way(points) {
  const pieces = [[]];
  for (const [x, y] of points) {
    if (y === null) pieces.push([]);
    else pieces.at(-1).push(`${x.toFixed(1)} ${y.toFixed(1)}`);
  }
  return pieces.filter((piece) => piece.length > 0).map((piece) => `M${piece.join("L")}${dot(piece)}`).join("");
}

const dot = (piece) => (piece.length === 1 ? "h0" : "");
