// Runs jobs one after the other, so that concurrent replies can't mix.

const PAUSE = 150; // milliseconds

export class TaskQueue {
  #last = Promise.resolve();

  // Runs `job` after all earlier jobs have ended, even if they failed.
  run(job) {
    this.#last = this.#last.then(job, job);
    return this.#last;
  }
}

// Returns a function that runs `job` after a short pause, once for all calls in that pause.
export function debounced(job) {
  let timer = null;
  return () => {
    timer ??= setTimeout(() => {
      timer = null;
      job();
    }, PAUSE);
  };
}
