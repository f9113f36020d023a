// The passage a person has marked with the mouse or the keyboard in a source or a document.
// In: the browser's selection. Out: {document_id, start, end, text} with offsets into the stored
// text in code points, or null. It is remembered when focus moves on to a form.

import { pointsIn } from "./codepoints.js";

let marked = null;
const listeners = new Set();

export function markedPassage() {
  return marked;
}

export function onMarked(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

document.addEventListener("selectionchange", () => {
  const found = passageOf(document.getSelection());
  if (!found) return;
  marked = found;
  for (const listener of listeners) listener(found);
});

function passageOf(selection) {
  if (!selection?.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  const holder = range.startContainer.parentElement?.closest("[data-document]");
  if (!holder?.contains(range.endContainer)) return null;
  const before = document.createRange();
  before.selectNodeContents(holder);
  before.setEnd(range.startContainer, range.startOffset);
  const start = Number(holder.dataset.start) + pointsIn(before.toString());
  const text = range.toString();
  return { document_id: holder.dataset.document, start, end: start + pointsIn(text), text };
}
