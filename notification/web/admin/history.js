// The last minutes: a step between each two readings, with what was counted in it.

import { difference, sum } from "./counts.js";

const KEPT = 600; // seconds
const LONGEST = 10; // seconds: over a longer step nobody looked, and its mean would hide whatever happened
const RECENT = 10; // seconds that "now" is: a single step would flicker

export class History {
  #steps = [];
  newest = null;

  add(reading) {
    const before = this.newest;
    this.newest = reading;
    if (before === null) return;
    const step = { from: before.time, to: reading.time, reading, counts: counted(before, reading) };
    // A clock that was set back: what is ahead of it now would stand in the way.
    const past = this.#steps.filter((one) => one.to > reading.time - KEPT && one.to < reading.time);
    this.#steps = [...past, step];
  }

  // So many seconds up to the newest reading: the steps, and what all of them and the latest counted together.
  last(seconds) {
    const to = this.newest.time;
    const after = (time) => this.#steps.filter((step) => step.to > time);
    const steps = after(to - seconds);
    const [whole, recent] = [together(steps), together(after(to - RECENT))];
    return { from: to - seconds, to, newest: this.newest, steps, whole, recent };
  }
}

// Null where none of the steps could count.
function together(steps) {
  const counting = steps.filter((step) => step.counts !== null);
  if (counting.length === 0) return null;
  return {
    counts: counting.map((step) => step.counts).reduce(sum),
    seconds: counting.map((step) => step.to - step.from).reduce(sum),
  };
}

function counted(before, after) {
  const seconds = after.time - before.time;
  if (seconds <= 0 || seconds > LONGEST || after.started !== before.started) return null;
  return difference(after.counts, before.counts);
}
