// The axes of a chart: labelled grid lines, and labels below.

import { shape } from "./shape.js";

const EDGE = { top: 8, right: 8, bottom: 22, left: 58 };

// The coordinates in a picture of this size. `x` and `y` take shares of 1, from the left and from the bottom.
export function frame({ width, height }) {
  const [right, bottom] = [width - EDGE.right, height - EDGE.bottom];
  return {
    left: EDGE.left,
    right,
    bottom,
    x: (share) => EDGE.left + share * (right - EDGE.left),
    y: (share) => bottom - share * (bottom - EDGE.top),
  };
}

export function side(place, top, format) {
  return [0, 0.5, 1].flatMap((share) => {
    const y = place.y(share);
    const line = { class: share === 0 ? "floor" : "grid", x1: place.left, x2: place.right, y1: y, y2: y };
    const text = { class: "tick", x: place.left - 8, y: y + 4, "text-anchor": "end" };
    return [shape("line", line), shape("text", text, format(share * top))];
  });
}

export function below(place, x, text) {
  return shape("text", { class: "tick", x, y: place.bottom + 16, "text-anchor": "middle" }, text);
}
