// An answer as text that can be pasted elsewhere, with its citations. In: an answer.
// Out: plain text, Markdown or BibTeX; `copyText` puts it on the clipboard.

import { announce } from "./announce.js";
import { provenance } from "./answer.js";
import { showText } from "./dialogs.js";
import { button, make } from "./dom.js";
import { say } from "./i18n.js";

const BIBTEX = {
  "\\": "\\textbackslash{}", "{": "\\{", "}": "\\}", "%": "\\%", "&": "\\&", $: "\\$", "#": "\\#",
  _: "\\_", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}",
};
const MARKDOWN = /([\\`*_[\]<>])/g;

export const FORMATS = { plain, markdown, bibtex };

function plain(answer) {
  const sources = answer.citations.map((one) => {
    const facts = [one.title, ...provenance(one)].join(", ");
    return `[${one.marker}] ${facts}\n    „${oneLine(one.quote)}“`;
  });
  return [answer.text, ...sources].join("\n\n");
}

function markdown(answer) {
  const known = new Set(answer.citations.map((one) => one.marker));
  // Footnotes: the one form of citation that Markdown's readers share.
  const text = answer.text
    .split(/\s*(\[\d+\])/)
    .map((piece) => (known.has(Number(piece.slice(1, -1))) ? `[^${piece.slice(1)}` : escaped(piece)))
    .join("");
  const notes = answer.citations.map((one) => {
    const facts = provenance(one).map(escaped).join(", ");
    return `[^${one.marker}]: *${escaped(one.title)}*${facts && `, ${facts}`}: „${escaped(one.quote)}“`;
  });
  return `${text}\n\n${notes.join("\n")}`;
}

function bibtex(answer) {
  return answer.citations.map((one) => {
    const [year, month] = (one.date ?? "").split("-");
    const fields = {
      title: one.title,
      howpublished: one.source,
      year,
      month: month && String(Number(month)),
      note: `„${one.quote}“`,
    };
    const lines = Object.entries(fields)
      .filter(([, value]) => value)
      .map(([name, value]) => `  ${name} = {${forBibtex(value)}}`);
    const name = `belegt${one.marker}${one.document_id.replace(/\W/g, "").slice(0, 8)}`;
    return `@misc{${name},\n${lines.join(",\n")}\n}`;
  }).join("\n\n");
}

function oneLine(text) {
  return text.replace(/\s+/g, " ");
}

function escaped(text) {
  return oneLine(text).replace(MARKDOWN, "\\$1");
}

function forBibtex(text) {
  return oneLine(text).replace(/[\\{}%&$#_~^]/g, (sign) => BIBTEX[sign]);
}

export function copyButtons(answer) {
  const buttons = Object.entries(FORMATS).map(([name, format]) =>
    button(say(`copy.${name}`), (event) => copyText(format(answer), event.currentTarget), {
      class: "quiet",
      "aria-label": say("copy.as", { format: say(`copy.${name}`) }),
    }),
  );
  return make("div", { class: "group", role: "group", "aria-label": say("copy.title") },
    make("span", { class: "legend", "aria-hidden": "true" }, say("copy.title")), buttons);
}

async function copyText(text, pressed) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    return showText(say("copy.byHand"), text);
  }
  announce(say("copy.done"));
  pressed.classList.add("done");
  setTimeout(() => pressed.classList.remove("done"), 1600);
}
