// Polls, one request at a time, and only while the page is visible.

export class Poll {
  #job;
  #pause;
  #timer;
  #isAsking = false;

  // `job` handles its own failures. Polling continues even if it throws. `pause`: milliseconds.
  constructor(job, pause) {
    this.#job = job;
    this.#pause = pause;
  }

  start() {
    document.addEventListener("visibilitychange", () => this.#now());
    window.addEventListener("online", () => this.#now());
    window.addEventListener("pageshow", (event) => event.persisted && this.#now());
    this.#now();
  }

  async #now() {
    clearTimeout(this.#timer);
    if (this.#isAsking || document.hidden) return;
    this.#isAsking = true;
    const began = performance.now();
    try {
      await this.#job();
    } finally {
      this.#isAsking = false;
      this.#timer = setTimeout(() => this.#now(), Math.max(0, this.#pause - (performance.now() - began)));
    }
  }
}
