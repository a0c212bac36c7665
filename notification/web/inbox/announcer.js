// Everything that the page says besides the list: badge, title, connection state, toasts, notices.

const TOAST_TIME = 6000; // milliseconds

export class Announcer {
  #title = document.title;
  #wasLost = false;
  #timer;

  constructor(part) {
    this.part = part;
  }

  unseen(count) {
    const { badge } = this.part;
    badge.hidden = count === 0;
    badge.textContent = count > 999 ? "999+" : String(count);
    badge.ariaLabel = `${count} unseen`;
    badge.role = "img"; // makes screen readers read the label "3 unseen" instead of "3"
    document.title = count === 0 ? this.#title : `(${count}) ${this.#title}`;
  }

  connection(isOpen) {
    const { connection } = this.part;
    connection.dataset.state = isOpen ? "open" : "lost";
    const text = isOpen ? (this.#wasLost ? "Reconnected" : "Connected") : "Connection lost. Reconnecting…";
    // Screen readers would read the same text again at each attempt.
    if (connection.textContent !== text) connection.textContent = text;
    this.#wasLost = !isOpen || this.#wasLost;
  }

  // Shows a toast, which screen readers read, too.
  say(text) {
    const { toast } = this.part;
    clearTimeout(this.#timer);
    toast.textContent = text;
    this.#timer = setTimeout(() => (toast.textContent = ""), TOAST_TIME);
  }

  // Announces to screen readers only.
  whisper(text) {
    this.part.whisper.textContent = text;
  }

  // Shows a notice in place of an empty list. `again`: whether to offer a button that tries again.
  notice(title, more = "", again = false) {
    const { notice } = this.part;
    notice.hidden = title === "";
    notice.querySelector(".title").textContent = title;
    notice.querySelector(".more").textContent = more;
    notice.querySelector("button").hidden = !again;
  }
}

export function counted(count, one, many = `${one}s`) {
  return `${count} ${count === 1 ? one : many}`;
}
