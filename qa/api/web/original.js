// The source as it stands in its file: a page of a PDF with the quote highlighted, a table with its
// cells marked, what a mail states of itself, and the file itself to download.
// In: a citation and the span that the server gave for it. Out: elements; the text of the span is
// shown below them by source.js, for whoever cannot see a picture. A page that cannot be drawn leaves
// a sentence.

import { call, query } from "./api.js";
import { button, fill, make } from "./dom.js";
import { say } from "./i18n.js";

const SCALES = [1.5, 2.5, 4];
const MAIL = ["sender", "to", "subject"];

export function originalOf(citation, span) {
  return [mailFacts(span), span.drawn ? pageView(citation, span.place.pages) : null, tableOf(span)];
}

export function downloadButton(citation) {
  return button(say("source.original"), (event) => download(citation, event.currentTarget), { class: "plain" });
}

async function download(citation, opener) {
  try {
    const response = await call("GET", `${path(citation)}/original`);
    const address = URL.createObjectURL(await response.blob());
    const name = citation.path.split("/").at(-1);
    make("a", { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60000);
  } catch (error) {
    opener.replaceWith(make("span", { class: "quiet", role: "status" }, error.detail || error.message));
  }
}

function path(citation) {
  return `/v1/documents/${encodeURIComponent(citation.document_id)}`;
}

function pageView(citation, pages) {
  const canvas = make("canvas", { class: "sheet", role: "img" });
  const status = make("p", { class: "quiet", role: "status" });
  let number = pages[0].page;
  let zoom = 0;
  const show = async () => {
    const wanted = { number, zoom };
    try {
      const scale = SCALES[zoom];
      const response = await call("GET", `${path(citation)}/pages/${number}.png${query({ scale })}`);
      const picture = await createImageBitmap(await response.blob());
      if (wanted.number !== number || wanted.zoom !== zoom) return;
      draw(canvas, picture, scale, pages.find((one) => one.page === number)?.rectangles ?? []);
      canvas.setAttribute("aria-label", say("source.page", { page: number }));
      canvas.classList.toggle("large", zoom > 0);
      fill(status, say("source.page", { page: number }));
    } catch (error) {
      number = wanted.number;
      fill(status, error.detail || error.message);
    }
  };
  const turn = (step) => {
    number = Math.max(1, number + step);
    show();
  };
  const magnify = () => {
    zoom = (zoom + 1) % SCALES.length;
    show();
  };
  show();
  return make("div", { class: "original" },
    make("div", { class: "turns-page" },
      button(say("source.before"), () => turn(-1), { class: "plain" }),
      button(say("source.after"), () => turn(1), { class: "plain" }),
      button(say("source.zoom"), magnify, { class: "plain" })),
    make("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": say("source.picture") }, canvas),
    status);
}

function draw(canvas, picture, scale, rectangles) {
  canvas.width = picture.width;
  canvas.height = picture.height;
  const context = canvas.getContext("2d");
  context.drawImage(picture, 0, 0);
  context.globalCompositeOperation = "multiply";
  context.fillStyle = "#ffe27a";
  for (const [left, top, right, bottom] of rectangles) {
    context.fillRect(left * scale - 1, top * scale - 1, (right - left) * scale + 2, (bottom - top) * scale + 2);
  }
}

function tableOf(span) {
  if (!span.table) return null;
  const { caption, headers, rows } = span.table;
  const cell = (name, one) => make(name, name === "th" ? { scope: "col" } : {},
    one.cited ? make("mark", {}, one.text) : one.text);
  const line = (row, place) => make("tr", {}, row.map((one) => cell(place < headers ? "th" : "td", one)));
  const lines = rows.map(line);
  return make("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": say("source.table") },
    make("table", { class: "cells" },
      caption ? make("caption", {}, caption) : null,
      headers ? make("thead", {}, lines.slice(0, headers)) : null,
      make("tbody", {}, lines.slice(headers))));
}

function mailFacts(span) {
  const facts = MAIL.filter((name) => span.facts?.sender && span.facts[name]);
  if (!facts.length) return null;
  return make("dl", { class: "facts" },
    facts.flatMap((name) => [make("dt", {}, say(`mail.${name}`)), make("dd", {}, span.facts[name])]));
}
