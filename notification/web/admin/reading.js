// Reduces a reply of /admin/metrics to what the page draws. docs/reference/metrics.md explains every metric.

import { sum } from "./counts.js";

const OPERATORS = /^\/(admin|metrics|ping|web)(\/|$)/; // operators' requests, including this page's, would hide what users see

export function read({ time, metrics }) {
  const samples = (name) => metrics[`notification_${name}`]?.samples ?? [];
  const total = (name) => Object.values(grouped(samples(name), () => "all", value)).at(0) ?? 0;
  return {
    time,
    started: total("start_time_seconds"),
    subscribers: total("stream_subscribers"),
    workers: total("workers"),
    workerStarts: total("worker_starts_total"),
    corrupt: total("corrupt_values_total"),
    outOfUse: samples("node_in_use").filter((one) => one.value === 0).map((one) => one.labels.node),
    counts: counts(samples, total),
  };
}

function counts(samples, total) {
  const [requests, calls] = [samples("requests_total").filter(isUsers), samples("store_calls_total")];
  return {
    requests: { all: added(requests), ...grouped(requests, ({ status }) => `${status[0]}xx`, value) },
    begun: grouped(samples("request_seconds").filter(isUsers), () => "all", histogram),
    calls: grouped(calls, byNode, value),
    failed: grouped(calls, byNode, (one) => (one.labels.outcome === "ok" ? 0 : one.value)),
    taken: grouped(samples("store_call_seconds"), byNode, histogram),
    cache: grouped(samples("cache_reads_total"), ({ result }) => result, value),
    siblings: grouped(samples("siblings_per_read"), byBucket, histogram),
    changes: grouped(samples("changes_per_put"), byBucket, histogram),
    created: total("created_total"),
    removed: total("removed_total"),
    trimmed: total("trimmed_total"),
  };
}

const value = (sample) => sample.value;
const byNode = (labels) => labels.node;
const byBucket = (labels) => labels.bucket;
const isUsers = (sample) => !OPERATORS.test(sample.labels.route);
const added = (samples) => samples.reduce((all, sample) => all + sample.value, 0);

function histogram({ count, sum: total, buckets }) {
  return { count, sum: total, upTo: Object.fromEntries(buckets.map((bucket) => [bucket.le, bucket.count])) };
}

function grouped(samples, group, number) {
  const groups = {};
  for (const sample of samples) groups[group(sample.labels)] = sum(groups[group(sample.labels)], number(sample));
  return groups;
}
