// Live events and the state of their connection. It reconnects with growing pauses.

const MIN_PAUSE = 1000; // milliseconds
const MAX_PAUSE = 15000;

export class Stream {
  #url;
  #handlers;
  #changed;
  #source = null;
  #timer;
  #pause = MIN_PAUSE;

  // `handlers`: a function for each event name, called with the event's data. `changed`: called with whether the
  // connection is open.
  constructor(url, handlers, changed) {
    this.#url = url;
    this.#handlers = handlers;
    this.#changed = changed;
  }

  start() {
    window.addEventListener("offline", () => this.#lose());
    window.addEventListener("online", () => this.#open());
    window.addEventListener("pagehide", () => this.#close());
    // A page restored from the browser's back-forward cache has lost its connections.
    window.addEventListener("pageshow", (event) => event.persisted && this.#open());
    this.#open();
  }

  #open() {
    this.#close();
    this.#source = new EventSource(this.#url);
    this.#source.addEventListener("open", () => {
      this.#pause = MIN_PAUSE;
      this.#changed(true);
    });
    // The browser stops its own retries at the first 503, so this class reconnects instead.
    this.#source.addEventListener("error", () => this.#lose());
    for (const [name, handle] of Object.entries(this.#handlers)) {
      this.#source.addEventListener(name, (event) => handle(JSON.parse(event.data)));
    }
  }

  #lose() {
    this.#close();
    this.#changed(false);
    this.#timer = setTimeout(() => this.#open(), this.#pause * (0.75 + Math.random() / 2));
    this.#pause = Math.min(this.#pause * 2, MAX_PAUSE);
  }

  #close() {
    clearTimeout(this.#timer);
    this.#source?.close();
  }
}
