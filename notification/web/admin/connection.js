// Whether the service answers, in words; said once when it changes.

import { clock } from "./format.js";
import { write } from "./table.js";

export class Connection {
  #part;
  #lostAt = null;
  #wasLost = false;

  constructor(part) {
    this.#part = part;
  }

  stands() {
    this.#lostAt = null;
    this.#show("stands", this.#wasLost ? "Connected again" : "Connected");
  }

  lost(reason) {
    this.#lostAt ??= Date.now() / 1000;
    this.#wasLost = true;
    this.#show("lost", `Connection lost at ${clock(this.#lostAt)} (${reason}), trying again; what is drawn is older`);
  }

  #show(state, text) {
    this.#part.dataset.state = state;
    document.body.dataset.connection = state;
    write(this.#part, text);
  }
}
