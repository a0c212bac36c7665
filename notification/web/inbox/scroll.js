// Keeping what the reader looks at where it is, while the list changes above it.

const TOP = 80;

// At the top the reader looks for what is new: there it may push the rest down.
export function isAtTop() {
  return window.scrollY < TOP;
}

// Calls `change`; of `elements`, the first one in sight that survives it is where it was on the screen.
export function keepingScroll(elements, change) {
  const inSight = isAtTop() ? [] : elements.filter((one) => one.getBoundingClientRect().bottom > TOP);
  const tops = inSight.map((one) => one.getBoundingClientRect().top);
  change();
  const index = inSight.findIndex((one) => one.isConnected && one.checkVisibility());
  if (index >= 0) window.scrollBy({ top: inSight[index].getBoundingClientRect().top - tops[index], behavior: "instant" });
}
