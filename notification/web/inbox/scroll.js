// Scroll anchoring: keeps the visible part in place while the list changes above it.

const TOP = 80; // pixels

// At the top, new notifications may push the others down.
export function isAtTop() {
  return window.scrollY < TOP;
}

// Calls `change` and scrolls so that the first visible of `elements` that survives it keeps its place on the screen.
export function keepingScroll(elements, change) {
  const inSight = isAtTop() ? [] : elements.filter((one) => one.getBoundingClientRect().bottom > TOP);
  const tops = inSight.map((one) => one.getBoundingClientRect().top);
  change();
  const index = inSight.findIndex((one) => one.isConnected && one.checkVisibility());
  if (index >= 0) window.scrollBy({ top: inSight[index].getBoundingClientRect().top - tops[index], behavior: "instant" });
}
