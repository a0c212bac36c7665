// Asks again and again, one question at a time, and only while somebody can see the page.

export class Poll {
  #job;
  #pause;
  #timer;
  #isAsking = false;

  // `job` handles what may fail; it is called again even so.
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
