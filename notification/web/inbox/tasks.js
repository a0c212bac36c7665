// Jobs one after the other, so that an answer never meets another one's list.

const PAUSE = 150;

export class Turns {
  #last = Promise.resolve();

  // Runs `job` when those before it have ended, however they did.
  take(job) {
    this.#last = this.#last.then(job, job);
    return this.#last;
  }
}

// A function that has `job` done soon after it was called, once for however many calls came meanwhile.
export function soon(job) {
  let timer = null;
  return () => {
    timer ??= setTimeout(() => {
      timer = null;
      job();
    }, PAUSE);
  };
}
