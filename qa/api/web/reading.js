// Reads one stored document as text, with a cited span highlighted where the address names one:
// "#/documents/ID?start=10&end=42". Markup in a document is shown, never run.

import { get } from "./api.js";
import { slice } from "./codepoints.js";
import { fill, make } from "./dom.js";
import { date, languageName, number, say } from "./i18n.js";

export async function readingView(main, [id], _info, parameters) {
  const found = await get(`/v1/documents/${encodeURIComponent(id)}`);
  const title = found.title || found.path;
  const facts = [found.source, found.date ? date(found.date) : say("document.undated"),
    languageName(found.language)].filter(Boolean);
  const text = make("div", { class: "text", lang: found.language, "data-document": id, "data-start": 0 });
  const mark = highlighted(text, found.text, parameters);
  fill(main, make("article", { class: "page narrow print document" },
    make("p", {}, make("a", { href: "#/documents", class: "back" }, say("reading.back"))),
    make("h1", {}, title),
    make("p", { class: "facts" }, facts.join(" · ")),
    text,
    make("footer", { class: "quiet" },
      say("reading.facts", { path: found.path, characters: number(found.characters), count: found.passages }))));
  mark?.scrollIntoView({ block: "center" });
  return { title, keepScroll: Boolean(mark) };
}

function highlighted(element, text, parameters) {
  const start = Number(parameters.get("start"));
  const end = Number(parameters.get("end"));
  if (!(end > start && start >= 0)) {
    fill(element, text);
    return null;
  }
  const mark = make("mark", {}, slice(text, start, end));
  fill(element, slice(text, 0, start), mark, slice(text, end));
  return mark;
}
