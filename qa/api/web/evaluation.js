// The view of evaluation runs: what was measured, and a link to each run's report.

import { address, get, post } from "./api.js";
import { button, fill, make } from "./dom.js";
import { moment, number, say } from "./i18n.js";
import { key } from "./preferences.js";

const FIGURES = 4;

export async function evaluationView(main, _rest, info) {
  const { items } = info.evaluation === false ? { items: [] } : await get("/v1/evaluations");
  const notice = make("div", { "aria-live": "polite" });
  const cards = items.map((one) => make("li", { class: "card run" },
    make("h2", {}, one.name),
    make("p", { class: "facts" }, [one.set, one.system, say("evaluation.questions", { count: one.questions }),
      one.started && moment(one.started)].filter(Boolean).join(" · ")),
    figures(one.figures ?? {}),
    reportLink(one, notice)));
  fill(main, make("div", { class: "page" },
    make("h1", {}, say("nav.evaluation")),
    make("p", { class: "lead" }, say("evaluation.lead")),
    notice,
    items.length ? make("ul", { class: "runs" }, cards) : make("p", { class: "quiet" }, say("evaluation.none"))));
  return { title: say("nav.evaluation") };
}

function figures(found) {
  const tiles = Object.entries(found).slice(0, FIGURES).map(([name, value]) =>
    make("div", {}, make("dt", {}, name.replaceAll("_", " ")), make("dd", {}, shown(value))));
  return make("dl", { class: "tiles" }, tiles);
}

function shown(value) {
  const plain = typeof value === "object" && value !== null ? value.value : value;
  if (typeof plain !== "number") return String(plain ?? "–");
  return number(plain, Math.abs(plain) < 10 ? 2 : 0);
}

// A new tab can send no key; with one, the server gives an address that works once.
function reportLink(one, notice) {
  const path = `/v1/evaluations/${encodeURIComponent(one.name)}`;
  const label = say("evaluation.report", { name: one.name });
  if (key() === null) {
    return make("a", { href: address(`${path}/report`).href, target: "_blank", rel: "noopener", "aria-label": label },
      say("evaluation.open"));
  }
  const openReport = async () => {
    try {
      const { url } = await post(`${path}/ticket`);
      // A path of this server, whatever its name and prefix are here.
      if (/^\/[^/\\]/.test(url)) window.open(address(url), "_blank", "noopener");
    } catch (error) {
      fill(notice, make("p", { class: "warning" }, error.message));
    }
  };
  return button(say("evaluation.open"), openReport, { class: "plain", "aria-label": label });
}
