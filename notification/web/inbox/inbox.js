// The inbox: what the reader does, and what is heard of the feed, becomes what is shown.

import { Failed } from "./api.js";
import { counted } from "./told.js";
import { Turns, soon } from "./turns.js";

const PATIENCE = 3000;

export class Inbox {
  #api;
  #feed;
  #list;
  #told;
  #pill;
  #part;
  #turns = new Turns();
  #arrived = 0; // notifications heard of, and not yet read
  #unseen = 0;

  constructor(api, feed, list, told, pill, part) {
    this.#api = api;
    this.#feed = feed;
    this.#list = list;
    this.#told = told;
    this.#pill = pill;
    this.#part = part;
    const reload = soon(() => this.load());
    this.reload = reload;
    // What to do with each event of the stream.
    this.heard = {
      notification: ({ replayed }) => {
        if (!replayed) this.#arrived += 1;
        reload();
      },
      removed: reload,
      reset: reload,
      cleared: () => this.#clear("All notifications were removed"),
      seen: ({ value }) => {
        this.#feed.seeUpTo(value);
        reload();
      },
      counts: ({ unseen }) => {
        this.#unseen = unseen;
        this.#told.unseen(unseen);
        this.#offer();
      },
    };
  }

  connection(stands) {
    this.#told.connection(stands);
    if (stands) this.reload(); // for what happened while nobody listened
  }

  load() {
    return this.#turns.take(() => this.#trying(() => this.#load(), (reason) => this.#notLoaded(reason)));
  }

  loadMore() {
    const hasFocus = document.activeElement === this.#part.more;
    return this.#turns.take(() => this.#trying(() => this.#loadMore(hasFocus), "Could not load more"));
  }

  seeAll() {
    if (!this.#hasNews) return null;
    const { newest } = this.#feed;
    return this.#trying(async () => {
      await this.#api.seeUpTo(newest);
      this.#feed.seeUpTo(newest);
      this.#told.say("All marked as seen");
      this.#show();
      this.reload();
    }, "Could not mark as seen");
  }

  // Not shown from this moment on; back, if the service can't do it.
  remove(card) {
    const ids = this.#list.idsUnder(card);
    this.#feed.hide(ids);
    this.#show();
    this.#told.say(ids.length > 1 ? `${ids.length} notifications removed` : "Notification removed");
    return this.#trying(() => this.#api.remove(ids), (reason) => {
      this.#feed.unhide(ids);
      this.#show();
      this.#told.say(`Could not remove: ${reason}`);
    });
  }

  removeAll() {
    return this.#trying(async () => {
      await this.#api.removeAll();
      await this.#clear("All notifications removed");
    }, "Could not remove");
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
    if (wasLoaded && fresh.length > 0) this.#welcome(fresh);
  }

  #welcome(fresh) {
    this.#pill.add(fresh.length);
    this.#told.whisper(fresh.length > 1 ? counted(fresh.length, "new notification") : `New: ${fresh[0].message}`);
  }

  #notLoaded(reason) {
    if (!this.#feed.isLoaded) this.#told.notice("The notifications could not be loaded", `${reason}.`, true);
    setTimeout(this.reload, PATIENCE);
  }

  async #loadMore(hasFocus) {
    if (!this.#feed.hasMore) return;
    const known = this.#list.ids;
    await this.#feed.loadMore();
    this.#show();
    const more = this.#list.visible.filter((card) => !known.has(card.id));
    this.#told.whisper(`${counted(more.length, "more", "more")} loaded`);
    if (hasFocus) this.#list.focus(more[0]);
  }

  // In turn, so that a list read before does not bring anything back.
  #clear(text) {
    return this.#turns.take(() => {
      if (!this.isEmpty) this.#told.say(text);
      this.#feed.clear();
      this.#show();
    });
  }

  #show() {
    this.#list.show(this.#feed.groups);
    this.#part.list.ariaBusy = "false";
    this.#part.more.hidden = !this.#feed.hasMore;
    if (this.isEmpty && this.#feed.hasMore) this.#told.notice("Nothing more on this page");
    else if (this.isEmpty) this.#told.notice("Nothing here", "New notifications appear by themselves.");
    else this.#told.notice("");
    this.#offer();
  }

  // Buttons with nothing to do say so; they keep the focus, which `disabled` would take from them.
  #offer() {
    this.#part["remove-all"].ariaDisabled = String(this.isEmpty);
    this.#part["see-all"].ariaDisabled = String(!this.#hasNews);
  }

  // Where the service fails: `otherwise`, a function of the reason or the beginning of a sentence.
  async #trying(job, otherwise) {
    try {
      await job();
    } catch (error) {
      if (!(error instanceof Failed)) throw error;
      if (typeof otherwise === "function") otherwise(error.message);
      else this.#told.say(`${otherwise}: ${error.message}`);
    }
  }
}
