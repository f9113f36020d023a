// The question box with its language and filters. In: what to do with a question. Out: a form.
// Options ({language, filters}) stay as they were chosen for the next question.

import { button, field, fill, icon, make } from "./dom.js";
import { languageName, say } from "./i18n.js";

const chosen = { language: "", since: "", until: "", source: "", document: "" };

export function composer({ onAsk, onStop, onFresh, isBusy, sources, longest }) {
  const box = make("textarea", {
    id: "question",
    rows: 1,
    required: true,
    maxlength: longest ?? 2000,
    placeholder: say("ask.placeholder"),
    "aria-label": say("ask.label"),
    enterkeyhint: "send",
  });
  const send = make("button", {
    type: "submit", class: "send", "aria-label": say("ask.send"), title: say("ask.send"),
  }, icon("send"));
  const halt = button(icon("stop"), onStop, {
    class: "send stop", "aria-label": say("ask.stop"), title: say("ask.stop"),
  });
  const options = disclosure(sources ?? []);
  const fresh = button([icon("fresh"), say("ask.fresh")], onFresh, { class: "fresh" });
  const form = make("form", { class: "composer" },
    make("div", { class: "box" }, box, send, halt),
    make("div", { class: "under" }, options.element, fresh));
  const submit = () => {
    const question = box.value.trim();
    if (!question || isBusy()) return;
    box.value = "";
    options.close();
    onAsk(question, options.value());
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  box.addEventListener("keydown", (event) => {
    // Enter also confirms what an input method proposes.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  const refresh = (isNew) => {
    fresh.hidden = isNew;
    send.hidden = isBusy();
    halt.hidden = !isBusy();
  };
  return { element: form, box, refresh };
}

function disclosure(sources) {
  const summary = make("summary", {});
  const names = [["", say("option.asQuestion")], ["de", languageName("de")], ["en", languageName("en")]];
  const any = [["", say("option.any")], ...names.slice(1)];
  const list = make("datalist", { id: "known-sources" }, sources.map((one) => make("option", { value: one })));
  const element = make(
    "details",
    { class: "options" },
    summary,
    make(
      "div",
      { class: "fields" },
      field(say("option.language"), choice("language", names)),
      field(say("option.since"), entry("since", "date")),
      field(say("option.until"), entry("until", "date")),
      field(say("option.source"), entry("source", "text", { list: "known-sources", placeholder: say("option.any") })),
      field(say("option.document"), choice("document", any)),
      list,
    ),
  );
  const update = () => fill(summary, say("option.title"), set().map((text) => make("span", { class: "tag" }, text)));
  element.addEventListener("change", update);
  update();
  return { element, value: chosenOptions, close: () => (element.open = false) };
}

function choice(name, values) {
  const select = make("select", {}, values.map(([value, text]) => make("option", { value }, text)));
  return bound(select, name);
}

function entry(name, type, more = {}) {
  return bound(make("input", { type, ...more }), name);
}

function bound(control, name) {
  control.value = chosen[name];
  control.addEventListener("change", () => (chosen[name] = control.value.trim()));
  return control;
}

// What differs from the usual, in short, so that nobody forgets a filter that is set.
function set() {
  const { language, since, until, source, document } = chosen;
  return [
    language && say("option.answerIn", { language: languageName(language) }),
    since && `≥ ${since}`,
    until && `≤ ${until}`,
    source,
    document && say("option.documentsIn", { language: languageName(document) }),
  ].filter(Boolean);
}

function chosenOptions() {
  const filters = {};
  if (chosen.since) filters.since = chosen.since;
  if (chosen.until) filters.until = chosen.until;
  if (chosen.source) filters.sources = [chosen.source];
  if (chosen.document) filters.languages = [chosen.document];
  const options = {};
  if (chosen.language) options.language = chosen.language;
  if (Object.keys(filters).length) options.filters = filters;
  return options;
}
