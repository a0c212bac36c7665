// Entry point: the inbox of the user in the page's URL.

import { Api } from "./api.js";
import { ask, closeOnButtons } from "./dialogs.js";
import { Feed } from "./feed.js";
import { Inbox } from "./inbox.js";
import { listen } from "./keyboard.js";
import { List } from "./list.js";
import { Pill } from "./pill.js";
import { Stream } from "./stream.js";
import { keepCurrent } from "./time.js";
import { Announcer } from "./announcer.js";

const part = Object.fromEntries([...document.querySelectorAll("[id]")].map((one) => [one.id, one]));
const username = decodeURIComponent(location.pathname.split("/").at(-1));
const api = new Api(username);
const list = new List(part.list, part.notice);
const pill = new Pill(part.pill, () => list.focus(list.visible[0]));
const inbox = new Inbox(api, new Feed(api), list, new Announcer(part), pill, part);

part.username.textContent = username;
closeOnButtons(part.ask);
closeOnButtons(part.shortcuts);

async function removeAll() {
  if (!inbox.isEmpty && (await ask(part.ask))) await inbox.removeAll();
}

const actions = {
  remove: (card) => inbox.remove(card),
  seeAll: () => inbox.seeAll(),
  help: () => part.shortcuts.showModal(),
};
part.help.addEventListener("click", actions.help);
part["see-all"].addEventListener("click", actions.seeAll);
part["remove-all"].addEventListener("click", removeAll);
part.more.addEventListener("click", () => inbox.loadMore());
part.again.addEventListener("click", () => inbox.load());
part.list.addEventListener("click", (event) => {
  const what = event.target.closest("button")?.dataset.do;
  const card = list.cardOf(event.target);
  if (what === "remove") inbox.remove(card);
  if (what === "toggle") list.unfold(list.entryOf(card), !list.entryOf(card).isUnfolded);
});
listen(list, actions);
keepCurrent();
await inbox.load();
new Stream(api.stream, inbox.handlers, (isOpen) => inbox.connection(isOpen)).start();
