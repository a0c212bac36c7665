// The charts and tiles: their titles, values and number formats.

import { duration, number, rate, share } from "./format.js";
import { mean, quantile } from "./histogram.js";

const CLASSES = { "all requests": "all", "2xx": "2xx", "3xx": "3xx", "4xx": "4xx", "5xx": "5xx" };
const QUANTILES = { "50 % (p50)": 0.5, "95 % (p95)": 0.95, "99 % (p99)": 0.99 };
const FEEDS = "notifications"; // the bucket with concurrent writers
const BUCKETS = { feeds: FEEDS, cursors: "cursors", rules: "rules" };

const fixed = (names) => () => Object.keys(names);
const nodes = (counts) => Object.keys(counts.calls).sort();
const perSecond = (pick) => (counts, seconds, name) => (pick(counts, name) ?? 0) / seconds;

export const LINES = [
  {
    title: "Requests per second",
    about: "By class of status, without /admin, /metrics, /ping and the pages’ files",
    names: fixed(CLASSES),
    colours: ["blue", "green", "teal", "amber", "red"],
    value: perSecond((counts, name) => counts.requests[CLASSES[name]]),
    format: rate,
  },
  {
    title: "Response time",
    about: "Time until the first byte of the reply, by share of requests",
    names: fixed(QUANTILES),
    value: (counts, seconds, name) => counts.begun.all ? quantile(QUANTILES[name], counts.begun.all) : null,
    format: duration,
  },
  {
    title: "Store calls per second",
    about: "By node; “embedded” is the embedded store",
    names: nodes,
    value: perSecond((counts, name) => counts.calls[name]),
    format: rate,
  },
  {
    title: "Failed store calls per second",
    about: "By node: timeouts, errors and cancelled calls",
    names: nodes,
    value: perSecond((counts, name) => counts.failed[name]),
    format: rate,
  },
  {
    title: "Store call time",
    about: "By node: 95 % of the calls took at most this long",
    names: nodes,
    value: (counts, seconds, name) => counts.taken[name] ? quantile(0.95, counts.taken[name]) : null,
    format: duration,
  },
  {
    title: "Notifications per second",
    about: "Trimmed: left the window of 1000 for newer ones",
    names: () => ["created", "removed", "trimmed"],
    value: perSecond((counts, name) => counts[name]),
    format: rate,
  },
  {
    title: "Cache hits",
    about: "Share of reads whose cached value was current",
    names: () => ["hits"],
    value: hits,
    format: share,
    top: 1,
  },
];

export const LEVELS = [
  {
    title: "Stream subscribers",
    about: "Clients that listen to live streams",
    level: (reading) => reading.subscribers,
    format: number,
    least: 2,
  },
];

export const BARS = [
  {
    title: "Siblings per read",
    about: "Of feeds, in the selected period; on Riak, more than one means concurrent writers",
    of: "siblings",
    unit: "reads",
    histogram: (counts) => counts.siblings[FEEDS],
    means: (counts) => means(counts.siblings),
  },
  {
    title: "Changes per put",
    about: "Of feeds, in the selected period; more than one means concurrent writers",
    of: "changes",
    unit: "puts",
    histogram: (counts) => counts.changes[FEEDS],
    means: (counts) => means(counts.changes),
  },
];

// `limit`: the alert threshold, the same as in docs/alerts.yml.
export const TILES = [
  { title: "Requests", value: perSecond((counts) => counts.requests.all), format: rate },
  { title: "5xx replies", value: failing, format: share, limit: 0.01 },
  { title: "Response time (p99)", value: LINES[1].value, name: "99 % (p99)", format: duration, limit: 0.5 },
  { title: "Failed store calls", value: failed, format: share, limit: 0.05 },
  { title: "Cache hits", value: hits, format: share },
  { title: "Stream subscribers", value: (counts, seconds, name, reading) => reading.subscribers, format: number },
];

function failing({ requests }) {
  return requests.all ? (requests["5xx"] ?? 0) / requests.all : null;
}

function failed({ calls, failed: without }) {
  const [all, lost] = [calls, without].map((counts) => Object.values(counts).reduce((one, other) => one + other, 0));
  return all ? lost / all : null;
}

function hits({ cache }) {
  const all = (cache.hit ?? 0) + (cache.miss ?? 0);
  return all ? (cache.hit ?? 0) / all : null;
}

function means(histograms) {
  return Object.entries(BUCKETS)
    .filter(([, bucket]) => bucket in histograms)
    .map(([name, bucket]) => [name, mean(histograms[bucket])]);
}
