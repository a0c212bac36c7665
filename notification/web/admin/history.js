// The recent past as steps: the differences between successive readings.

import { difference, sum } from "./counts.js";

const KEPT = 600; // seconds
const MAX_STEP = 10; // seconds: the mean of a longer step would hide what happened in it
const RECENT = 10; // seconds that count as "now": a single step would flicker

export class History {
  #steps = [];
  newest = null;

  add(reading) {
    const before = this.newest;
    this.newest = reading;
    if (before === null) return;
    const step = { from: before.time, to: reading.time, reading, counts: counted(before, reading) };
    // If the clock was set back, drop the steps ahead of it.
    const past = this.#steps.filter((one) => one.to > reading.time - KEPT && one.to < reading.time);
    this.#steps = [...past, step];
  }

  // The last seconds up to the newest reading: the steps, and the sums over all of them and over the recent ones.
  last(seconds) {
    const to = this.newest.time;
    const after = (time) => this.#steps.filter((step) => step.to > time);
    const steps = after(to - seconds);
    const [whole, recent] = [together(steps), together(after(to - RECENT))];
    return { from: to - seconds, to, newest: this.newest, steps, whole, recent };
  }
}

// Null if no step has counts.
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
  if (seconds <= 0 || seconds > MAX_STEP || after.started !== before.started) return null;
  return difference(after.counts, before.counts);
}
