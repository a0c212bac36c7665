// What is told in words: since when the service runs, and what should never have happened.

import { date, number } from "./format.js";

export function facts({ started, workers, workerStarts, corrupt, outOfUse }) {
  return [
    started > 0 && { text: `Serving since ${date(started)}` },
    { text: counted(workers, "worker") },
    workerStarts > workers && { text: `${counted(workerStarts - workers, "worker")} replaced`, isBad: true },
    { text: `${corrupt > 0 ? counted(corrupt, "corrupt value") : "no corrupt values"} met`, isBad: corrupt > 0 },
    outOfUse.length > 0 && { text: `gets no requests: ${outOfUse.join(", ")}`, isBad: true },
  ].filter(Boolean);
}

function counted(count, one) {
  return `${number(count)} ${one}${count === 1 ? "" : "s"}`;
}
