// Shows what an answer says: sentences with numbered citations as buttons, sources, nearest
// passages, sources that disagree. In: values of the API. Out: elements. Only markers that resolve
// become buttons; a number in brackets without a citation stays text.

import { button, make } from "./dom.js";
import { date, say } from "./i18n.js";

// "… 2025. [1][2]" as text and buttons; `onCite` gets the citation and the button pressed.
export function markedText(text, citations, onCite) {
  const pieces = [];
  let last = 0;
  for (const found of text.matchAll(/\s*\[(\d+)\]/g)) {
    const citation = citations.get(Number(found[1]));
    if (!citation) continue;
    pieces.push(text.slice(last, found.index));
    pieces.push(citeButton(citation, onCite));
    last = found.index + found[0].length;
  }
  return [...pieces, text.slice(last)];
}

function citeButton(citation, onCite) {
  const press = (event) => onCite(citation, event.currentTarget);
  return button(String(citation.marker), press, {
    class: "cite",
    "data-marker": citation.marker,
    "aria-expanded": "false",
    "aria-label": say("answer.open", { marker: citation.marker, title: citation.title }),
    title: [citation.title, ...provenance(citation)].join(" · "),
  });
}

export function provenance(citation) {
  return [citation.source, citation.date && date(citation.date)].filter(Boolean);
}

export function sourceList(citations, onCite) {
  if (!citations.length) return null;
  return make(
    "section",
    { class: "sources", "aria-label": say("answer.sources") },
    make("h3", {}, say("answer.sources")),
    make("ol", {}, citations.map((one) => sourceItem(one, onCite, one.marker))),
  );
}

export function nearestList(citations, onCite) {
  if (!citations.length) return null;
  return make(
    "section",
    { class: "sources nearest" },
    make("h3", {}, say("answer.nearest")),
    make("p", { class: "quiet" }, say("answer.nearestNote")),
    make("ol", {}, citations.map((one) => sourceItem(one, onCite, null))),
  );
}

function sourceItem(citation, onCite, marker) {
  const facts = provenance(citation).join(" · ");
  return make(
    "li",
    {},
    marker ? make("span", { class: "number", "aria-hidden": "true" }, String(marker)) : null,
    button(citation.title || citation.path, (event) => onCite(citation, event.currentTarget), {
      class: "title",
      "aria-expanded": "false",
    }),
    facts ? make("span", { class: "facts" }, facts) : null,
    make("q", {}, citation.quote),
  );
}

export function conflictTables(conflicts, citations, onCite) {
  return conflicts.map((conflict) => {
    const heads = ["value", "date", "source"].map((name) =>
      make("th", { scope: "col" }, say(`conflict.${name}`)),
    );
    const caption = [
      make("strong", {}, say("conflict.title")),
      conflict.topic ? ` ${conflict.topic}` : "",
    ];
    return make(
      "table",
      { class: "conflict" },
      make("caption", {}, ...caption),
      make("thead", {}, make("tr", {}, heads)),
      make("tbody", {}, conflict.values.map((one) => conflictRow(one, citations, onCite))),
    );
  });
}

function conflictRow(one, citations, onCite) {
  const citation = citations.get(one.marker);
  const where = one.source ?? citation?.source ?? citation?.title ?? say("document.undated");
  const when = one.date ?? citation?.date;
  return make(
    "tr",
    {},
    make("th", { scope: "row" }, one.value),
    make("td", {}, when ? date(when) : say("document.undated")),
    make("td", {}, where, citation ? citeButton(citation, onCite) : null),
  );
}
