// "3 new": what arrived above, while the reader was further down.

import { isAtTop } from "./scroll.js";
import { counted } from "./told.js";

export class Pill {
  #button;
  #count = 0;

  // `go`: brings the reader to the top.
  constructor(button, go) {
    this.#button = button;
    button.addEventListener("click", () => {
      window.scrollTo({ top: 0 });
      go();
      this.#show(0);
    });
    window.addEventListener("scroll", () => isAtTop() && this.#show(0), { passive: true });
  }

  add(count) {
    if (!isAtTop()) this.#show(this.#count + count);
  }

  #show(count) {
    this.#count = count;
    this.#button.hidden = count === 0;
    this.#button.textContent = counted(count, "new notification");
  }
}
