// Modal dialogs: the access key, a confirmation, the list of keys one can press.
// Each resolves when it closes; the browser keeps focus inside and gives it back afterwards.

import { button, field, fill, make } from "./dom.js";
import { say } from "./i18n.js";
import { read, write } from "./preferences.js";

const SHORTCUTS = [
  ["/", "help.question"],
  ["1 … 9", "help.citation"],
  ["Esc", "help.close"],
  ["n", "help.fresh"],
  ["g a", "help.ask"],
  ["g d", "help.documents"],
  ["g e", "help.evaluation"],
  ["g r", "help.review"],
  ["g h", "help.history"],
  ["?", "help.help"],
];

// The key, or null where the person gave none.
export async function askForKey(wasRefused) {
  const entry = make("input", {
    type: "password",
    autocomplete: "off",
    spellcheck: "false",
    pattern: "[!-~]+",
    required: true,
    "aria-describedby": "key-note",
  });
  const note = make("p", { id: "key-note" }, say(wasRefused ? "key.refused" : "key.needed"));
  const answer = await shown(say("key.title"), [note, field(say("key.label"), entry)], {
    yes: say("key.use"),
    isWarning: wasRefused,
  });
  return answer ? entry.value.trim() || null : null;
}

export function confirmed(title, text, yes) {
  return shown(title, [make("p", {}, text)], { yes, isDanger: true });
}

export async function showHelp() {
  if (document.querySelector("dialog[open]")) return;
  const rows = SHORTCUTS.map(([keys, name]) =>
    make("div", {}, make("dt", {}, ...strokes(keys)), make("dd", {}, say(name))),
  );
  const single = make("input", { type: "checkbox" });
  single.checked = read("shortcuts", "on") === "on";
  single.addEventListener("change", () => write("shortcuts", single.checked ? "on" : "off"));
  const choice = make("label", { class: "check" }, single, say("help.single"));
  await shown(say("help.title"), [make("dl", { class: "keys" }, rows), choice], {});
}

// Text to copy by hand, where the browser gives a page no clipboard (http beyond loopback).
export async function showText(title, text) {
  const area = make("textarea", { readonly: true, rows: 10, "aria-label": title });
  area.value = text;
  const closing = shown(title, [area], {});
  area.select();
  await closing;
}

function strokes(keys) {
  return keys.split(" ").map((one) => (one === "…" ? "–" : make("kbd", {}, one)));
}

function shown(title, content, { yes, isDanger, isWarning }) {
  const dialog = make("dialog", { "aria-labelledby": "dialog-title" });
  const close = (value) => dialog.close(value);
  const buttons = yes
    ? [
        button(say("dialog.cancel"), () => close("no"), { class: "plain" }),
        make("button", { type: "submit", class: isDanger ? "danger" : "main" }, yes),
      ]
    : [button(say("dialog.close"), () => close("no"), { class: "main" })];
  const form = make("form", { class: isWarning ? "warning" : null });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    close("yes");
  });
  const heading = make("h2", { id: "dialog-title" }, title);
  fill(form, heading, content, make("div", { class: "buttons" }, buttons));
  dialog.append(form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}
