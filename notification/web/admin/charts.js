// What is drawn: each chart's title, its lines, and how their values are written.

import { duration, number, rate, share } from "./format.js";
import { mean, quantile } from "./histogram.js";

const CLASSES = { "all requests": "all", "2xx": "2xx", "3xx": "3xx", "4xx": "4xx", "5xx": "5xx" };
const QUANTILES = { "half (p50)": 0.5, "95 % (p95)": 0.95, "99 % (p99)": 0.99 };
const FEEDS = "notifications"; // the bucket that many write at once
const BUCKETS = { feeds: FEEDS, cursors: "cursors", rules: "rules" };

const fixed = (names) => () => Object.keys(names);
const nodes = (counts) => Object.keys(counts.calls).sort();
const perSecond = (pick) => (counts, seconds, name) => (pick(counts, name) ?? 0) / seconds;

export const LINES = [
  {
    title: "Requests per second",
    about: "by class of status; without /admin, /metrics, /ping and the files of pages",
    names: fixed(CLASSES),
    colours: ["blue", "green", "teal", "amber", "red"],
    value: perSecond((counts, name) => counts.requests[CLASSES[name]]),
    format: rate,
  },
  {
    title: "Time until a reply begins",
    about: "within which so many of the requests were answered",
    names: fixed(QUANTILES),
    value: (counts, seconds, name) => counts.begun.all ? quantile(QUANTILES[name], counts.begun.all) : null,
    format: duration,
  },
  {
    title: "Store calls per second",
    about: "by node; “embedded” is the file",
    names: nodes,
    value: perSecond((counts, name) => counts.calls[name]),
    format: rate,
  },
  {
    title: "Failed store calls per second",
    about: "by node: no usable answer in time, an error, or nobody waited any more",
    names: nodes,
    value: perSecond((counts, name) => counts.failed[name]),
    format: rate,
  },
  {
    title: "Time a store call takes",
    about: "by node: within which 95 % were done",
    names: nodes,
    value: (counts, seconds, name) => counts.taken[name] ? quantile(0.95, counts.taken[name]) : null,
    format: duration,
  },
  {
    title: "Notifications per second",
    about: "trimmed are those that left the window of 1000 for newer ones",
    names: () => ["created", "removed", "trimmed"],
    value: perSecond((counts, name) => counts[name]),
    format: rate,
  },
  {
    title: "Cache hits",
    about: "the share of reads for which the cached value was still true",
    names: () => ["hits"],
    value: hits,
    format: share,
    top: 1,
  },
];

export const LEVELS = [
  {
    title: "Stream subscribers",
    about: "who listens to streams",
    level: (reading) => reading.subscribers,
    format: number,
    least: 2,
  },
];

export const BARS = [
  {
    title: "Siblings per read",
    about: "of a feed, in the span shown; on Riak, more than one means concurrent writers",
    of: "siblings",
    unit: "reads",
    histogram: (counts) => counts.siblings[FEEDS],
    means: (counts) => means(counts.siblings),
  },
  {
    title: "Changes per put",
    about: "of a feed, in the span shown; more than one where many write it at once",
    of: "changes",
    unit: "puts",
    histogram: (counts) => counts.changes[FEEDS],
    means: (counts) => means(counts.changes),
  },
];

// `limit`: above it something is wrong; the same as in docs/alerts.yml.
export const TILES = [
  { title: "Requests", value: perSecond((counts) => counts.requests.all), format: rate },
  { title: "Replies 5xx", value: failing, format: share, limit: 0.01 },
  { title: "99 % begin within", value: LINES[1].value, name: "99 % (p99)", format: duration, limit: 0.5 },
  { title: "Store calls failed", value: failed, format: share, limit: 0.05 },
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
