// A list that is fetched page by page. In: load(cursor) -> {items, next}, row(item) -> <li>.
// Out: {element, reload}. A page that fails leaves a sentence and a way to try again; answers of an
// earlier search that come late are dropped.

import { button, fill, make } from "./dom.js";
import { say } from "./i18n.js";

export function pagedList({ load, row, empty, label, onPage = () => undefined }) {
  const rows = make("ul", { class: "list", "aria-label": label });
  const below = make("div", { class: "below" });
  let round = 0;

  async function fetchPage(cursor) {
    const mine = round;
    fill(below, make("p", { class: "progress" }, say("list.loading")));
    try {
      const page = await load(cursor);
      if (mine !== round) return;
      if (!cursor) rows.replaceChildren();
      rows.append(...page.items.map(row));
      rows.hidden = !rows.childElementCount;
      onPage(page);
      fill(below, page.next ? button(say("list.more"), () => fetchPage(page.next), { class: "plain" }) : null,
        rows.hidden ? make("p", { class: "quiet" }, empty) : null);
    } catch (error) {
      if (mine !== round) return;
      fill(below, make("p", { class: "warning", role: "alert" }, error.message),
        button(say("list.again"), () => fetchPage(cursor), { class: "plain" }));
    }
  }

  const reload = () => {
    round += 1;
    return fetchPage(null);
  };
  return { element: make("div", {}, rows, below), reload };
}
