// The view of the documents: add, find, read, index again, delete.
// What a key may not do is not offered (info.role, info.writable).

import { announce } from "./announce.js";
import { get, post, query, remove } from "./api.js";
import { confirmed } from "./dialogs.js";
import { button, field, fill, iconButton, make } from "./dom.js";
import { date, languageName, say } from "./i18n.js";
import { pagedList } from "./list.js";
import { jobCard, uploader } from "./upload.js";

export async function documentsView(main, _rest, info) {
  const mayWrite = info.writable !== false && info.role !== "reader";
  const filters = { q: "", source: "", language: "", since: "", until: "" };
  const total = make("p", { class: "lead", role: "status" });
  const jobs = make("div", { class: "jobs" });
  const list = pagedList({
    load: (cursor) => get(`/v1/documents${query({ limit: 50, cursor, ...filters })}`),
    row: (one) => entry(one, { mayWrite, jobs, reload: () => list.reload() }),
    empty: say("documents.none"),
    label: say("nav.documents"),
    onPage: (page) => fill(total, say("documents.count", { count: page.total ?? page.items.length })),
  });
  const tools = mayWrite && button(say("documents.reindexAll"), () => reindexAll(jobs, list), { class: "plain" });
  fill(main, make("div", { class: "page" },
    make("div", { class: "headline" }, make("div", {}, make("h1", {}, say("nav.documents")), total), tools || null),
    mayWrite ? uploader(jobs, () => list.reload()) : null,
    jobs,
    filterForm(filters, info.sources ?? [], () => list.reload()),
    list.element));
  await list.reload();
  return { title: say("nav.documents"), question: () => main.querySelector("input[type=search]").focus() };
}

function filterForm(filters, sources, changed) {
  let waiting = 0;
  const bound = (control, name) => {
    control.addEventListener("input", () => {
      filters[name] = control.value.trim();
      clearTimeout(waiting);
      waiting = setTimeout(changed, 200);
    });
    return control;
  };
  const languages = ["", "de", "en"].map((code) =>
    make("option", { value: code }, code ? languageName(code) : say("option.any")));
  const known = make("datalist", { id: "document-sources" }, sources.map((one) => make("option", { value: one })));
  const form = make("form", { class: "filters", role: "search", "aria-label": say("documents.filter") },
    field(say("documents.search"), bound(make("input", { type: "search" }), "q"), { class: "field wide" }),
    field(say("option.source"), bound(make("input", { type: "text", list: "document-sources" }), "source")),
    field(say("document.language"), bound(make("select", {}, languages), "language")),
    field(say("option.since"), bound(make("input", { type: "date" }), "since")),
    field(say("option.until"), bound(make("input", { type: "date" }), "until")),
    known);
  form.addEventListener("submit", (event) => event.preventDefault());
  return form;
}

function entry(one, { mayWrite, jobs, reload }) {
  const title = one.title || one.path;
  const path = `/v1/documents/${encodeURIComponent(one.id)}`;
  const facts = [one.source, one.date && date(one.date), languageName(one.language),
    say("documents.passages", { count: one.passages })].filter(Boolean);
  return make("li", { class: "entry" },
    make("div", {},
      make("a", { class: "title", href: `#/documents/${encodeURIComponent(one.id)}` }, title),
      make("span", { class: "facts" }, facts.join(" · "))),
    mayWrite ? make("div", { class: "tools" },
      iconButton("again", say("documents.reindex", { title }), () =>
        started(jobs, say("documents.reindexing", { title }), () => post(`${path}/reindex`), reload)),
      iconButton("trash", say("documents.delete", { title }), () => discard(one, title, path, jobs, reload)))
      : null);
}

async function discard(one, title, path, jobs, reload) {
  const sentence = say("documents.deleteText", { title });
  if (!(await confirmed(say("documents.deleteTitle"), sentence, say("dialog.delete")))) return;
  try {
    await remove(path, one.etag ? { "If-Match": quoted(one.etag) } : {});
    announce(say("documents.deleted", { title }));
  } catch (error) {
    jobs.append(make("p", { class: "warning", role: "alert" }, error.message));
  }
  await reload();
}

function quoted(etag) {
  return etag.endsWith('"') ? etag : `"${etag}"`;
}

async function reindexAll(jobs, list) {
  const title = say("documents.reindexAll");
  if (!(await confirmed(title, say("documents.reindexText"), say("documents.reindexYes")))) return;
  await started(jobs, title, () => post("/v1/documents/reindex"), () => list.reload());
}

async function started(jobs, title, begin, reload) {
  try {
    await jobCard(jobs, title, await begin());
    await reload();
  } catch (error) {
    jobs.append(make("p", { class: "warning", role: "alert" }, error.message));
  }
}
