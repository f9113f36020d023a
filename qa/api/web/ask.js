// The view for asking and reading: the turns of a conversation and the question box below them.
// In: "#/ask" (where it was left), "#/ask/ID" (a stored conversation). Keys: digits open a citation
// of the last answer, "n" begins anew.

import { get } from "./api.js";
import { composer } from "./composer.js";
import { ask, conversation, isBusy, open, startFresh, stop, watch } from "./conversation.js";
import { fill, make } from "./dom.js";
import { moment, say } from "./i18n.js";
import { leave } from "./source.js";
import { turnView } from "./turn.js";

export async function askView(main, [id], info) {
  if (id) await open(id);
  const views = new Map();
  const turns = make("div", { class: "turns" });
  const page = make("div", { class: "ask" });
  const box = composer({
    onAsk: submit, onStop: stop, onFresh: begin, isBusy,
    sources: info.sources, longest: info.limits?.question_characters,
  });
  const dock = make("div", { class: "dock" }, make("div", { class: "row" }, box.element));

  function add(turn) {
    const view = turnView(turn, { onAgain });
    views.set(turn, view);
    turns.append(view.element);
    return view;
  }

  function arrange() {
    const isNew = conversation.turns.length === 0;
    page.classList.toggle("new", isNew);
    box.refresh(isNew);
    fill(page, isNew ? welcome(info) : make("h1", { class: "unseen" }, say("nav.ask")), turns, dock,
      isNew ? recent() : null);
  }

  function submit(question, options) {
    const wasNew = conversation.turns.length === 0;
    ask(question, options);
    if (wasNew) arrange();
    const view = views.get(conversation.turns.at(-1));
    view.element.scrollIntoView({ block: "start" });
    view.question.focus({ preventScroll: true });
  }

  function onAgain(turn) {
    if (!isBusy()) submit(turn.question, {});
  }

  function begin() {
    leave();
    startFresh();
    views.clear();
    turns.replaceChildren();
    history.replaceState(null, "", "#/ask");
    arrange();
    box.box.focus();
  }

  watch((turn) => {
    if (!page.isConnected || !conversation.turns.includes(turn)) return;
    (views.get(turn) ?? add(turn)).refresh();
    box.refresh(false);
    if (conversation.id && !turn.answer) {
      history.replaceState(null, "", `#/ask/${encodeURIComponent(conversation.id)}`);
    }
  });
  for (const turn of conversation.turns) add(turn);
  arrange();
  fill(main, page);
  if (!conversation.turns.length) box.box.focus();
  return {
    title: conversation.turns[0]?.question ?? say("nav.ask"),
    digit: (marker) => [...views.values()].at(-1)?.open(marker),
    question: () => box.box.focus(),
    fresh: begin,
    close: leave,
  };
}

function welcome(info) {
  const known = info.documents === undefined ? null
    : make("p", { class: "quiet" }, say("ask.known", { count: info.documents }),
        info.documents === 0 ? make("a", { href: "#/documents" }, say("ask.addFirst")) : null);
  return make("div", { class: "welcome" }, make("h1", {}, say("ask.title")), known);
}

// The last few conversations; a server that keeps none leaves the place empty.
function recent() {
  const place = make("section", { class: "recent" });
  get("/v1/conversations?limit=3").then(({ items }) => {
    if (!items.length) return;
    const links = items.map((one) => make("li", {},
      make("a", { href: `#/ask/${encodeURIComponent(one.id)}` }, one.title || say("history.untitled")),
      make("span", { class: "facts" }, moment(one.updated))));
    fill(place, make("h2", {}, say("ask.recent")), make("ul", {}, links));
  }).catch((error) => fill(place, make("p", { class: "quiet" }, error.message)));
  return place;
}
