// The state of the connection to the service.

import { clock } from "./format.js";
import { write } from "./table.js";

export class Connection {
  #part;
  #age;
  #lostAt = null;
  #wasLost = false;

  // `age`: the heading that says how old the latest numbers are.
  constructor(part, age) {
    this.#part = part;
    this.#age = age;
  }

  opened() {
    this.#lostAt = null;
    this.#show("open", this.#wasLost ? "Reconnected" : "Connected");
  }

  lost(reason) {
    this.#lostAt ??= Date.now() / 1000;
    this.#wasLost = true;
    this.#show("lost", `Connection lost at ${clock(this.#lostAt)} (${reason}). Reconnecting… The charts show older data.`);
  }

  #show(state, text) {
    this.#part.dataset.state = state;
    document.body.dataset.connection = state;
    write(this.#part, text);
    write(this.#age, state === "lost" ? "Last 10 seconds before the connection was lost" : "Last 10 seconds");
  }
}
