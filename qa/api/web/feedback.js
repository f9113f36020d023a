// Says whether an answer was right, wrong, badly cited or missing something, with a comment and the
// right passage if the person marks one. In: the id of an answer, how to send it. Out: an element.

import { announce } from "./announce.js";
import { post } from "./api.js";
import { button, field, fill, make } from "./dom.js";
import { say } from "./i18n.js";
import { markedPassage, onMarked } from "./passage.js";

export const VERDICTS = ["right", "wrong", "badly_cited", "missing"];

export function feedbackForm(answerId) {
  const place = make("div", { class: "feedback" });
  const choose = async (verdict, pressed) => {
    press(place, pressed);
    if (verdict === "right") await send(place, { answer_id: answerId, verdict });
    else fill(place.querySelector(".more"), details(place, answerId, verdict));
  };
  const buttons = verdictButtons(choose, "feedback.title");
  return fill(place, buttons, make("div", { class: "more" }));
}

export function verdictButtons(choose, title) {
  const buttons = VERDICTS.map((verdict) =>
    button(say(`verdict.${verdict}`), (event) => choose(verdict, event.currentTarget), {
      class: "quiet",
      "aria-pressed": "false",
      "data-verdict": verdict,
    }),
  );
  return make("div", { class: "group", role: "group", "aria-label": say(title) },
    make("span", { class: "legend", "aria-hidden": "true" }, say(title)), buttons);
}

export function press(place, pressed) {
  for (const one of place.querySelectorAll("[aria-pressed]")) {
    one.setAttribute("aria-pressed", String(one === pressed));
  }
}

function details(place, answerId, verdict) {
  const comment = make("textarea", { rows: 2, maxlength: 2000 });
  const chosen = passageLine();
  const form = make(
    "form",
    { class: "card" },
    field(say("feedback.comment"), comment),
    chosen.element,
    make("button", { type: "submit", class: "main" }, say("feedback.send")),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = { answer_id: answerId, verdict };
    if (comment.value.trim()) body.comment = comment.value.trim();
    if (chosen.passage()) body.passage = chosen.passage();
    await send(place, body);
  });
  return form;
}

// Follows what is marked in the source for as long as the form is on the page.
function passageLine() {
  const element = make("p", { class: "quiet" });
  let passage = null;
  const show = (found) => {
    passage = found;
    const drop = button(say("feedback.drop"), () => show(null), { class: "quiet" });
    if (!found) return fill(element, say("feedback.mark"));
    return fill(element, `${say("feedback.passage")} `, make("q", {}, found.text), " ", drop);
  };
  show(markedPassage());
  const stop = onMarked((found) => (element.isConnected ? show(found) : stop()));
  const span = ({ document_id, start, end }) => ({ document_id, start, end });
  return { element, passage: () => passage && span(passage) };
}

async function send(place, body) {
  const more = place.querySelector(".more");
  try {
    await post("/v1/feedback", body);
    fill(more, make("p", { class: "thanks" }, say("feedback.thanks")));
    announce(say("feedback.thanks"));
  } catch (error) {
    fill(more, make("p", { class: "warning", role: "alert" }, error.message));
  }
}
