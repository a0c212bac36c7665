// Formats numbers, durations and times.

const LANGUAGE = document.documentElement.lang;
const CLOCK = new Intl.DateTimeFormat(LANGUAGE, { timeStyle: "medium", hourCycle: "h23" });
const DATE = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" });
const UNITS = [[1, "s"], [1e-3, "ms"], [1e-6, "µs"]];

export function number(value) {
  const digits = value < 10 ? 2 : value < 100 ? 1 : 0;
  return value.toLocaleString(LANGUAGE, { maximumFractionDigits: digits });
}

export function rate(value) {
  return `${number(value)}/s`;
}

export function share(value) {
  return `${(100 * value).toLocaleString(LANGUAGE, { maximumFractionDigits: value > 0 && value < 0.1 ? 2 : 1 })} %`;
}

export function duration(seconds) {
  const [size, unit] = UNITS.find(([least]) => seconds >= least) ?? UNITS[0];
  return `${number(seconds / size)} ${unit}`;
}

export function clock(seconds) {
  return CLOCK.format(1000 * seconds);
}

export function date(seconds) {
  return DATE.format(1000 * seconds);
}
