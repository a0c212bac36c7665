// Live events, and whether the connection stands. It opens again by itself, at first at once, then less and less often.

const SHORTEST = 1000;
const LONGEST = 15000;

export class Stream {
  #url;
  #heard;
  #changed;
  #source = null;
  #timer;
  #pause = SHORTEST;

  // `heard`: a function per event, by name, called with its data. `changed`: called with true when the connection
  // stands, with false when it does not.
  constructor(url, heard, changed) {
    this.#url = url;
    this.#heard = heard;
    this.#changed = changed;
  }

  start() {
    window.addEventListener("offline", () => this.#lose());
    window.addEventListener("online", () => this.#open());
    window.addEventListener("pagehide", () => this.#close());
    // Pages that come out of the browser's back-forward cache do so without their connections.
    window.addEventListener("pageshow", (event) => event.persisted && this.#open());
    this.#open();
  }

  #open() {
    this.#close();
    this.#source = new EventSource(this.#url);
    this.#source.addEventListener("open", () => {
      this.#pause = SHORTEST;
      this.#changed(true);
    });
    // The browser's own retries end for good at the first 503, so each connection is tried once.
    this.#source.addEventListener("error", () => this.#lose());
    for (const [name, hear] of Object.entries(this.#heard)) {
      this.#source.addEventListener(name, (event) => hear(JSON.parse(event.data)));
    }
  }

  #lose() {
    this.#close();
    this.#changed(false);
    this.#timer = setTimeout(() => this.#open(), this.#pause * (0.75 + Math.random() / 2));
    this.#pause = Math.min(this.#pause * 2, LONGEST);
  }

  #close() {
    clearTimeout(this.#timer);
    this.#source?.close();
  }
}
