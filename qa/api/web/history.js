// The view of earlier conversations: open one, delete one, more of them page by page.

import { announce } from "./announce.js";
import { get, query, remove } from "./api.js";
import { conversation, startFresh } from "./conversation.js";
import { confirmed } from "./dialogs.js";
import { fill, iconButton, make } from "./dom.js";
import { moment, say } from "./i18n.js";
import { pagedList } from "./list.js";

export async function historyView(main) {
  const list = pagedList({
    load: (cursor) => get(`/v1/conversations${query({ limit: 20, cursor })}`),
    row: (one) => entry(one, () => list.reload()),
    empty: say("history.empty"),
    label: say("nav.history"),
  });
  fill(main, make("div", { class: "page narrow" },
    make("h1", {}, say("nav.history")), make("p", { class: "lead" }, say("history.lead")), list.element));
  await list.reload();
  return { title: say("nav.history") };
}

function entry(one, reload) {
  const title = one.title || say("history.untitled");
  const discard = async () => {
    if (!(await confirmed(say("history.deleteTitle"), title, say("dialog.delete")))) return;
    await remove(`/v1/conversations/${encodeURIComponent(one.id)}`);
    if (conversation.id === one.id) startFresh();
    announce(say("history.deleted"));
    await reload();
  };
  return make("li", { class: "entry" },
    make("div", {},
      make("a", { class: "title", href: `#/ask/${encodeURIComponent(one.id)}` }, title),
      make("span", { class: "facts" }, `${moment(one.updated)} · ${say("history.turns", { count: one.turns })}`)),
    iconButton("trash", say("history.delete", { title }), discard));
}
