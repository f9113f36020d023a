// How sure belegt is, in words. In: an answer. Out: a meter of four steps and a sentence.
// The number is the probability that the status is right: that the documents hold the answer
// where there is one, that they do not where there is none.

import { make } from "./dom.js";
import { number, say } from "./i18n.js";

// The only place where numbers become words: [at least, words, lit steps].
const STEPS = [
  [0.9, "very", 4],
  [0.7, "fairly", 3],
  [0.5, "rather", 2],
  [0, "unsure", 1],
];

export function step(confidence) {
  return STEPS.find(([least]) => confidence >= least) ?? STEPS.at(-1);
}

export function confidenceLine(answer) {
  const [, name, lit] = step(answer.confidence);
  const meter = make("span", { class: "meter", "aria-hidden": "true" });
  for (let one = 1; one <= STEPS.length; one += 1) {
    meter.append(make("i", { class: one <= lit ? "lit" : null }));
  }
  const percent = number(answer.confidence * 100);
  return make(
    "p",
    { class: "confidence", title: say(`confidence.meaning.${answer.status}`, { percent }) },
    meter,
    `${say(`confidence.${answer.status}`)} `,
    make("strong", {}, say(`confidence.${name}`)),
  );
}
