// Keys that work anywhere outside of a text field. Single letters can be switched off in the help
// (WCAG 2.1.4); Escape, which is no character, always works.
// In: a function that gives what the current view can do: {digit, question, fresh}.

import { isBusy, stop } from "./conversation.js";
import { showHelp } from "./dialogs.js";
import { read } from "./preferences.js";
import { closeSource, isOpen } from "./source.js";

const PLACES = { a: "#/ask", d: "#/documents", e: "#/evaluation", r: "#/review", h: "#/history" };
const PATIENCE_MS = 1200;

export function listen(view) {
  let goingSince = -Infinity;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") {
      escape(event);
      return;
    }
    if (isTyping(event.target) || read("shortcuts", "on") !== "on") return;
    const isGoing = performance.now() - goingSince < PATIENCE_MS;
    goingSince = event.key === "g" ? performance.now() : -Infinity;
    if (isGoing && PLACES[event.key]) location.hash = PLACES[event.key];
    else if (!press(event.key, view())) return;
    event.preventDefault();
  });
}

function escape(event) {
  if (isOpen()) closeSource();
  else if (isBusy()) stop();
  else return;
  event.preventDefault();
}

function press(key, view) {
  if (key === "?") showHelp();
  else if (/^[1-9]$/.test(key)) return view.digit?.(key);
  else if (key === "/" && view.question) view.question();
  else if (key === "n" && view.fresh) view.fresh();
  else return false;
  return true;
}

function isTyping(target) {
  return target.closest("textarea, select, [contenteditable], input:not([type=checkbox], [type=file])");
}
