// From values to places: where an axis ends, what is written along it, and the way of a line.

const TIME_STEPS = [15, 30, 60, 120, 300];

// The next of 1, 2, 5, 10, 20, … that is not less.
export function top(most) {
  if (!(most > 0)) return 1;
  const size = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 5, 10].map((step) => step * size).find((step) => step >= most * (1 - 1e-9));
}

// Even times between two, in seconds: at most `most` of them.
export function times(from, to, most) {
  const step = TIME_STEPS.find((one) => (to - from) / one < most) ?? TIME_STEPS.at(-1);
  const first = Math.ceil(from / step) * step;
  return Array.from({ length: Math.floor((to - first) / step) + 1 }, (_, index) => first + index * step);
}

// A path through points [x, y], in pieces: where y is null nothing is drawn, and what stands alone is a dot.
export function way(points) {
  const pieces = [[]];
  for (const [x, y] of points) {
    if (y === null) pieces.push([]);
    else pieces.at(-1).push(`${x.toFixed(1)} ${y.toFixed(1)}`);
  }
  return pieces.filter((piece) => piece.length > 0).map((piece) => `M${piece.join("L")}${dot(piece)}`).join("");
}

const dot = (piece) => (piece.length === 1 ? "h0" : "");
