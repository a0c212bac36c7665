// The "3 new notifications" button, for arrivals above the visible part of the list.

import { isAtTop } from "./scroll.js";
import { counted } from "./announcer.js";

export class Pill {
  #button;
  #count = 0;

  // `go`: called when the reader presses the button.
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
