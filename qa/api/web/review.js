// The view for reviewers: answers that are unsure or disputed, four verdicts each, and how far two
// reviewers agree beyond chance (Cohen's kappa; words after Landis and Koch 1977, Biometrics 33).

import { announce } from "./announce.js";
import { get, post, query } from "./api.js";
import { field, fill, make } from "./dom.js";
import { press, verdictButtons } from "./feedback.js";
import { number, say } from "./i18n.js";
import { pagedList } from "./list.js";
import { leave } from "./source.js";
import { turnView } from "./turn.js";

const AGREEMENT = [[0.81, "almost"], [0.61, "substantial"], [0.41, "moderate"], [0.21, "fair"], [0, "slight"]];

export async function reviewView(main) {
  const agreement = make("section", { class: "card agreement" });
  const list = pagedList({
    load: (cursor) => get(`/v1/reviews${query({ limit: 10, cursor })}`),
    row: (item) => entry(item, () => showAgreement(agreement)),
    empty: say("review.empty"),
    label: say("review.queue"),
  });
  list.element.classList.add("queue");
  fill(main, make("div", { class: "page" },
    make("h1", {}, say("nav.review")),
    make("p", { class: "lead" }, say("review.lead")),
    agreement, list.element));
  await Promise.all([list.reload(), showAgreement(agreement)]);
  return { title: say("nav.review"), close: leave };
}

async function showAgreement(place) {
  const { kappa, agreement, answers } = await get("/v1/reviews/agreement");
  if (kappa === null || kappa === undefined) {
    fill(place, make("p", {}, say("review.noKappa")));
    return;
  }
  const words = AGREEMENT.find(([least]) => kappa >= least)?.[1] ?? "none";
  fill(place,
    make("p", { class: "figure" }, number(kappa, 2)),
    make("div", {},
      make("p", {}, make("strong", {}, say("review.kappa")), ` ${say(`kappa.${words}`)}`),
      make("p", { class: "quiet" }, say("review.basis", { count: answers, percent: number(agreement * 100) }))));
}

function entry(item, judged) {
  const { answer } = item;
  const turn = {
    question: answer.question, state: "done", answer, sentences: [], pending: "",
    citations: new Map(answer.citations.map((one) => [one.marker, one])),
  };
  const view = turnView(turn, { withFeedback: false });
  const comment = make("textarea", { rows: 2, maxlength: 2000 });
  const state = make("p", { class: "quiet", role: "status" });
  const given = item.verdicts ?? [];
  if (given.length) fill(state, say("review.given", { count: given.length }));
  const choose = async (verdict, pressed) => {
    const body = { verdict };
    if (comment.value.trim()) body.comment = comment.value.trim();
    try {
      await post(`/v1/reviews/${encodeURIComponent(answer.id)}`, body);
    } catch (error) {
      fill(state, error.message);
      return;
    }
    press(panel, pressed);
    fill(state, say("review.saved"));
    announce(say("review.saved"));
    await judged();
  };
  const panel = make("div", { class: "judge" }, said(item.feedback ?? []),
    field(say("feedback.comment"), comment), verdictButtons(choose, "review.verdict"), state);
  if (item.own) press(panel, panel.querySelector(`[data-verdict="${CSS.escape(item.own)}"]`));
  view.element.querySelector(".rest").append(panel);
  return make("li", { class: "case" }, view.element);
}

function said(feedback) {
  if (!feedback.length) return null;
  const lines = feedback.map((one) => make("li", {},
    make("strong", {}, say(`verdict.${one.verdict}`)), one.comment ? `: ${one.comment}` : ""));
  return make("div", { class: "said" }, make("h3", {}, say("review.feedback")), make("ul", {}, lines));
}
