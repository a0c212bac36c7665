// Keyboard shortcuts. Enter and Space on a button still press it.

export function listen(list, actions) {
  document.addEventListener("keydown", (event) => {
    const busy = event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey;
    if (busy || document.querySelector("dialog[open]")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const act = KEYS[key];
    if (!act || (event.target.closest("button") && (key === "Enter" || key === " "))) return;
    if (act(list, actions) !== false) event.preventDefault();
  });
}

// The action of each key. It returns `false` if it did nothing; the browser then handles the key.
const KEYS = {
  j: (list) => move(list, 1),
  ArrowDown: (list) => move(list, 1),
  k: (list) => move(list, -1),
  ArrowUp: (list) => move(list, -1),
  Home: (list) => list.focused !== null && focus(list, list.visible[0]),
  End: (list) => list.focused !== null && focus(list, list.visible.at(-1)),
  Enter: (list) => unfold(list, null),
  " ": (list) => unfold(list, null),
  ArrowRight: (list) => unfold(list, true),
  ArrowLeft: (list) => unfold(list, false),
  Delete: (list, actions) => remove(list, actions),
  Backspace: (list, actions) => remove(list, actions), // many laptops have no Delete key
  s: (_, actions) => actions.seeAll(),
  "?": (_, actions) => actions.help(),
};

function move(list, step) {
  const { visible, focused } = list;
  const index = focused === null ? -1 : visible.indexOf(focused);
  if (focused === null && step < 0) return false;
  // Below the last card is the button that loads more.
  if (index + step >= visible.length) return document.getElementById("more").focus();
  return focus(list, visible[Math.max(0, index + step)]);
}

function focus(list, card) {
  list.focus(card);
  return card !== undefined;
}

function unfold(list, unfolded) {
  const entry = list.focused && list.entryOf(list.focused);
  if (!entry?.isGroup) return false;
  const within = list.focused !== entry.head;
  list.unfold(entry, unfolded ?? !entry.isUnfolded);
  if (within && !entry.isUnfolded) list.focus(entry.head);
  return true;
}

function remove(list, actions) {
  if (list.focused === null) return false;
  actions.remove(list.focused);
  return true;
}
