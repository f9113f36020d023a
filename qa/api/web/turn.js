// One question and its answer on the page: while it grows, when it is whole, when it failed.
// In: a turn of conversation.js. Out: an element, and `refresh` to call when the turn has changed.

import { conflictTables, markedText, nearestList, sourceList } from "./answer.js";
import { confidenceLine } from "./confidence.js";
import { copyButtons } from "./copy.js";
import { button, fill, make } from "./dom.js";
import { feedbackForm } from "./feedback.js";
import { number, say } from "./i18n.js";
import { openSource } from "./source.js";

// `onAgain` asks the question once more; where it is missing there is no such button.
export function turnView(turn, { onAgain = null, withFeedback = true } = {}) {
  const question = make("h2", { class: "question", tabindex: "-1" }, turn.question);
  const words = make("div", { class: "words" });
  const rest = make("div", { class: "rest" });
  const host = make("div", { class: "beside" });
  // The source stands before sources and verdicts: right below the words on a narrow screen.
  const element = make("section", { class: "turn" }, question, words, host, rest);
  const onCite = (citation, opener) => openSource(citation, host, opener);
  let isWhole = false;
  const refresh = () => {
    element.dataset.state = turn.state;
    if (isWhole) return;
    isWhole = Boolean(turn.answer);
    if (turn.answer) whole(turn, { words, rest, onCite, withFeedback });
    else growing(turn, { words, rest, onCite, onAgain });
  };
  refresh();
  return { element, refresh, question, open: (marker) => openMarker(element, marker) };
}

function growing(turn, { words, rest, onCite, onAgain }) {
  const sentences = turn.sentences.map((text) => [...markedText(text, turn.citations, onCite), " "]);
  const pending = turn.pending && make("span", { class: "pending" }, turn.pending);
  const isEmpty = !turn.sentences.length && !turn.pending;
  const state = isEmpty && stateLine(turn);
  // A source may be open beside a growing answer: its button must stay the same element.
  if (words.dataset.shown !== String(turn.sentences.length) || isEmpty) {
    fill(words, state || make("p", { class: "answer" }, ...sentences));
    words.dataset.shown = String(turn.sentences.length);
  }
  const line = words.querySelector(".answer");
  line?.querySelector(".pending")?.remove();
  if (line && pending) line.append(pending);
  if (!line && pending) fill(words, make("p", { class: "answer" }, pending));
  fill(rest, ...ending(turn, onAgain));
}

function stateLine(turn) {
  if (turn.state === "stopped" || turn.state === "failed") return make("p", { class: "answer" });
  const text = turn.state === "reading"
    ? say("ask.reading", { count: turn.passages })
    : say("ask.searching");
  return make("p", { class: "progress" }, text);
}

function ending(turn, onAgain) {
  const again = onAgain && button(say("ask.again"), () => onAgain(turn), { class: "plain" });
  if (turn.state === "stopped") return [make("p", { class: "quiet" }, say("answer.stopped")), again];
  if (turn.state !== "failed") return [];
  const { message, detail } = turn.problem;
  return [
    make("div", { class: "warning", role: "alert" },
      make("p", {}, message), detail ? make("p", { class: "quiet" }, detail) : null),
    again,
  ];
}

function whole(turn, { words, rest, onCite, withFeedback }) {
  const { answer, citations } = turn;
  const isFound = answer.status === "answered";
  const open = document.activeElement?.dataset?.marker;
  fill(words,
    make("p", { class: isFound ? "answer" : "answer refusal", lang: answer.language },
      ...markedText(answer.text, citations, onCite)),
    ...conflictTables(answer.conflicts ?? [], citations, onCite));
  fill(rest,
    make("div", { class: "verdict-line" }, confidenceLine(answer), facts(answer)),
    isFound ? sourceList(answer.citations, onCite) : nearestList(answer.nearest, onCite),
    make("div", { class: "actions" },
      isFound ? copyButtons(answer) : null,
      withFeedback && answer.id ? feedbackForm(answer.id) : null));
  if (open) words.querySelector(`[data-marker="${CSS.escape(open)}"]`)?.focus();
}

function facts(answer) {
  const seconds = number(answer.timings.total_ms / 1000, 1);
  const counted = answer.status === "answered"
    ? `${say("answer.count", { count: answer.citations.length })} · ` : "";
  return make("p", { class: "quiet" }, `${counted}${seconds} s`);
}

function openMarker(element, marker) {
  const found = element.querySelector(`.words [data-marker="${CSS.escape(marker)}"]`);
  found?.click();
  return Boolean(found);
}
