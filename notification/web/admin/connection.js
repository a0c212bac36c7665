// Whether the service answers, in words; said once when it changes.

import { clock } from "./format.js";
import { write } from "./table.js";

export class Connection {
  #part;
  #age;
  #lostAt = null;
  #wasLost = false;

  // `age`: where it is said of which time the latest numbers are.
  constructor(part, age) {
    this.#part = part;
    this.#age = age;
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
    write(this.#age, state === "lost" ? "Ten seconds before the connection was lost" : "The last ten seconds");
  }
}
