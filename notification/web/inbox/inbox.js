// The inbox: turns the reader's actions and the events of the feed into changes of the page.

import { Failed } from "./api.js";
import { counted } from "./announcer.js";
import { TaskQueue, debounced } from "./tasks.js";

const RETRY_DELAY = 3000; // milliseconds

export class Inbox {
  #api;
  #feed;
  #list;
  #announcer;
  #pill;
  #part;
  #tasks = new TaskQueue();
  #arrived = 0; // announced by the stream, not yet read
  #unseen = 0;

  constructor(api, feed, list, announcer, pill, part) {
    this.#api = api;
    this.#feed = feed;
    this.#list = list;
    this.#announcer = announcer;
    this.#pill = pill;
    this.#part = part;
    const reload = debounced(() => this.load());
    this.reload = reload;
    // A handler for each event of the stream, by name.
    this.handlers = {
      notification: ({ replayed }) => {
        if (!replayed) this.#arrived += 1;
        reload();
      },
      removed: reload,
      reset: reload,
      cleared: () => this.#clear("All notifications removed"),
      seen: ({ value }) => {
        this.#feed.seeUpTo(value);
        reload();
      },
      counts: ({ unseen }) => {
        this.#unseen = unseen;
        this.#announcer.unseen(unseen);
        this.#updateButtons();
      },
    };
  }

  connection(isOpen) {
    this.#announcer.connection(isOpen);
    if (isOpen) this.reload(); // events may have been missed before
  }

  load() {
    return this.#tasks.run(() => this.#attempt(() => this.#load(), (reason) => this.#loadFailed(reason)));
  }

  loadMore() {
    const hasFocus = document.activeElement === this.#part.more;
    return this.#tasks.run(() => this.#attempt(() => this.#loadMore(hasFocus), "Couldn’t load more"));
  }

  seeAll() {
    if (!this.#hasNews) return null;
    const { newest } = this.#feed;
    return this.#attempt(async () => {
      await this.#api.seeUpTo(newest);
      this.#feed.seeUpTo(newest);
      this.#announcer.say("All marked as seen");
      this.#show();
      this.reload();
    }, "Couldn’t mark as seen");
  }

  // Hides the card at once; shows it again if the request fails.
  remove(card) {
    const ids = this.#list.idsUnder(card);
    this.#feed.hide(ids);
    this.#show();
    this.#announcer.say(ids.length > 1 ? `${ids.length} notifications removed` : "Notification removed");
    return this.#attempt(() => this.#api.remove(ids), (reason) => {
      this.#feed.unhide(ids);
      this.#show();
      this.#announcer.say(`Couldn’t remove: ${reason}`);
    });
  }

  removeAll() {
    return this.#attempt(async () => {
      await this.#api.removeAll();
      await this.#clear("All notifications removed");
    }, "Couldn’t remove");
  }

  get isEmpty() {
    return this.#feed.groups.length === 0;
  }

  get #hasNews() {
    return !this.isEmpty && (this.#unseen > 0 || this.#feed.groups.some(([head]) => head.unseen));
  }

  async #load() {
    const [known, newest, wasLoaded, arrived] = [this.#list.ids, this.#feed.newest, this.#feed.isLoaded, this.#arrived];
    await this.#feed.load(arrived);
    this.#arrived -= arrived;
    this.#show();
    const fresh = this.#feed.groups.flat().filter((one) => !known.has(one.id) && one.id > (newest ?? ""));
    if (wasLoaded && fresh.length > 0) this.#announceNew(fresh);
  }

  #announceNew(fresh) {
    this.#pill.add(fresh.length);
    this.#announcer.whisper(fresh.length > 1 ? counted(fresh.length, "new notification") : `New: ${fresh[0].message}`);
  }

  #loadFailed(reason) {
    if (!this.#feed.isLoaded) this.#announcer.notice("Couldn’t load your notifications", `${reason}.`, true);
    setTimeout(this.reload, RETRY_DELAY);
  }

  async #loadMore(hasFocus) {
    if (!this.#feed.hasMore) return;
    const known = this.#list.ids;
    await this.#feed.loadMore();
    this.#show();
    const more = this.#list.visible.filter((card) => !known.has(card.id));
    this.#announcer.whisper(`${counted(more.length, "more", "more")} loaded`);
    if (hasFocus) this.#list.focus(more[0]);
  }

  // Queued, so that a load in progress doesn't bring anything back.
  #clear(text) {
    return this.#tasks.run(() => {
      if (!this.isEmpty) this.#announcer.say(text);
      this.#feed.clear();
      this.#show();
    });
  }

  #show() {
    this.#list.show(this.#feed.groups);
    this.#part.list.ariaBusy = "false";
    this.#part.more.hidden = !this.#feed.hasMore;
    if (this.isEmpty && this.#feed.hasMore) this.#announcer.notice("No more notifications on this page");
    else if (this.isEmpty) this.#announcer.notice("No notifications", "New ones appear here automatically.");
    else this.#announcer.notice("");
    this.#updateButtons();
  }

  // `aria-disabled` keeps the focus on a button; `disabled` would drop it.
  #updateButtons() {
    this.#part["remove-all"].ariaDisabled = String(this.isEmpty);
    this.#part["see-all"].ariaDisabled = String(!this.#hasNews);
  }

  // Runs a job. If the service fails: calls the function `onFailure` with the reason, or announces that text with it.
  async #attempt(job, onFailure) {
    try {
      await job();
    } catch (error) {
      if (!(error instanceof Failed)) throw error;
      if (typeof onFailure === "function") onFailure(error.message);
      else this.#announcer.say(`${onFailure}: ${error.message}`);
    }
  }
}
