// Facts in words: the start time of the service, its workers, and faults.

import { date, number } from "./format.js";

export function facts({ started, workers, workerStarts, corrupt, outOfUse }) {
  return [
    started > 0 && { text: `Up since ${date(started)}` },
    { text: counted(workers, "worker") },
    workerStarts > workers && { text: `${counted(workerStarts - workers, "worker")} replaced`, isBad: true },
    { text: `${corrupt > 0 ? counted(corrupt, "corrupt value") : "no corrupt values"}`, isBad: corrupt > 0 },
    outOfUse.length > 0 && { text: `Nodes out of use: ${outOfUse.join(", ")}`, isBad: true },
  ].filter(Boolean);
}

function counted(count, one) {
  return `${number(count)} ${one}${count === 1 ? "" : "s"}`;
}
