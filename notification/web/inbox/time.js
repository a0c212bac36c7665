// Relative times such as "3 minutes ago", with the full date as a tooltip.

const LANGUAGE = document.documentElement.lang;
const RELATIVE = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: "auto" });
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });
const DATE = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: "medium" });
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export function relative(milliseconds, now) {
  const age = Math.max(0, now - milliseconds); // the service's clock may be ahead
  if (age < MINUTE) return "just now";
  if (age < HOUR) return RELATIVE.format(-Math.floor(age / MINUTE), "minute");
  if (age < DAY) return RELATIVE.format(-Math.floor(age / HOUR), "hour");
  if (age < 7 * DAY) return RELATIVE.format(-Math.floor(age / DAY), "day");
  return DATE.format(milliseconds);
}

export function timeElement(text) {
  const element = document.createElement("time");
  element.dateTime = text;
  element.title = FULL.format(Date.parse(text));
  element.textContent = relative(Date.parse(text), Date.now());
  return element;
}

// Updates all times on the page from now on.
export function keepCurrent() {
  const update = () => {
    for (const element of document.querySelectorAll("time")) {
      element.textContent = relative(Date.parse(element.dateTime), Date.now());
    }
  };
  setInterval(update, MINUTE / 2);
  document.addEventListener("visibilitychange", update);
}
