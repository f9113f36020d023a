// The source beside the answer: the cited span in its context, like a page of print.
// In: a citation, the element that shall hold the pane, the button that asked for it. One pane is
// open at a time; closing gives focus back to its button. Where the server cannot show the context,
// the quote of the citation stands alone and a sentence says why.

import { get, query } from "./api.js";
import { provenance } from "./answer.js";
import { parts, pointsIn } from "./codepoints.js";
import { fill, iconButton, make } from "./dom.js";
import { languageName, say } from "./i18n.js";
import { downloadButton, originalOf } from "./original.js";

const CONTEXT = 700;
let current = null;

export function isOpen() {
  return current !== null;
}

export async function openSource(citation, host, opener) {
  if (current?.opener === opener) return closeSource();
  leave();
  current = { host, opener };
  // It scrolls where the context is long, so the arrow keys must reach it.
  const body = make("div", { class: "print", tabindex: "0", role: "group", "aria-label": say("source.text") },
    make("p", { class: "quiet" }, say("source.loading")));
  const pane = make(
    "article",
    { class: "source", tabindex: "-1", "aria-label": label(citation) },
    heading(citation),
    body,
    make("p", { class: "foot" }, make("a", { href: wholeDocument(citation) }, say("source.whole")), " ",
      downloadButton(citation)),
  );
  fill(host, pane).classList.add("open");
  opener.setAttribute("aria-expanded", "true");
  pane.focus({ preventScroll: true });
  const mine = current;
  const content = await spanOf(citation);
  // Another citation may have been opened while this one was on its way.
  if (mine !== current) return;
  fill(body, content);
  showPassage(body);
}

export function closeSource() {
  const opener = current?.opener;
  leave();
  opener?.focus();
}

// Forgets a pane whose view is gone.
export function leave() {
  if (!current) return;
  current.host.classList.remove("open");
  current.host.replaceChildren();
  current.opener.setAttribute("aria-expanded", "false");
  current = null;
}

function label(citation) {
  const marker = citation.marker;
  return marker ? say("source.label", { marker, title: citation.title }) : citation.title;
}

function heading(citation) {
  return make(
    "header",
    {},
    citation.marker ? make("span", { class: "number" }, String(citation.marker)) : null,
    make(
      "div",
      {},
      make("h3", {}, citation.title || citation.path),
      make("p", { class: "facts" }, provenance(citation).join(" · ") || say("document.undated")),
    ),
    iconButton("close", say("source.close"), closeSource),
  );
}

function wholeDocument(citation) {
  const where = query({ start: citation.start, end: citation.end });
  return `#/documents/${encodeURIComponent(citation.document_id)}${where}`;
}

async function spanOf(citation) {
  const { document_id: id, start, end } = citation;
  const path = `/v1/documents/${encodeURIComponent(id)}/span${query({ start, end, context: CONTEXT })}`;
  try {
    const span = await get(path);
    return [...originalOf(citation, span).filter(Boolean),
      ...passage(span.before, span.quote, span.after, citation)];
  } catch (error) {
    const quote = passage("", citation.quote, "", citation);
    return [make("p", { class: "warning" }, error.message), quote];
  }
}

function passage(before, quote, after, citation) {
  const pieces = parts(quote, citation.support ?? []).map(({ text, strong }) =>
    strong ? make("strong", {}, text) : text,
  );
  const mark = make("mark", {}, pieces);
  const opening = citation.start > pointsIn(before) ? "… " : "";
  const text = make("div", {
    class: "text",
    lang: citation.language ?? null,
    "data-document": citation.document_id,
    "data-start": citation.start - pointsIn(before),
  });
  return [opening && make("span", { class: "cut", "aria-hidden": "true" }, opening),
    fill(text, before, mark, after),
    citation.language ? make("p", { class: "quiet" }, languageName(citation.language)) : null];
}

// The highlighted words are in the middle of the pane, and in sight of the reader.
function showPassage(body) {
  const mark = body.querySelector(".text mark");
  body.scrollTop = mark.offsetTop - Math.max(0, (body.clientHeight - mark.offsetHeight) / 2);
  const { top, bottom } = mark.getBoundingClientRect();
  if (top < 0 || bottom > innerHeight) mark.scrollIntoView({ block: "center" });
}
