// What the page says beside the list: the badge, here and in the title, the connection, what just happened.

const SHOWN_FOR = 6000;

export class Told {
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
    badge.role = "img"; // so that its label is read: "3 unseen", not "3"
    document.title = count === 0 ? this.#title : `(${count}) ${this.#title}`;
  }

  connection(stands) {
    const { connection } = this.part;
    connection.dataset.state = stands ? "stands" : "lost";
    const text = stands ? (this.#wasLost ? "Connected again" : "Connected") : "Connection lost, retrying…";
    // The same words again would be read out again at each attempt.
    if (connection.textContent !== text) connection.textContent = text;
    this.#wasLost = !stands || this.#wasLost;
  }

  // For everybody: shown for a while, and read out.
  say(text) {
    const { toast } = this.part;
    clearTimeout(this.#timer);
    toast.textContent = text;
    this.#timer = setTimeout(() => (toast.textContent = ""), SHOWN_FOR);
  }

  // For those who can't see that it happened.
  whisper(text) {
    this.part.whisper.textContent = text;
  }

  // Instead of the list, where there is none. `again`: whether a button offers another attempt.
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
