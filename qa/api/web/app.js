// The page: its frame, the address bar and the view that belongs to it.
// In: "#/ask/ID", "#/documents", … Out: one view in <main>. Views other than asking are fetched when
// they are first wanted. A view is f(main, rest of the path, info of the server, parameters) and
// gives {title, digit, question, fresh, close}; one that fails leaves a sentence and a second try.

import { Problem, get } from "./api.js";
import { askView } from "./ask.js";
import { showHelp } from "./dialogs.js";
import { button, fill, iconButton, make } from "./dom.js";
import { currentLanguage, firstLanguage, loadLanguage, say, switchLanguage } from "./i18n.js";
import { read, write } from "./preferences.js";
import { listen } from "./shortcuts.js";

const VIEWS = {
  ask: async () => askView,
  documents: async (id) => id
    ? (await import("./reading.js")).readingView
    : (await import("./documents.js")).documentsView,
  evaluation: async () => (await import("./evaluation.js")).evaluationView,
  review: async () => (await import("./review.js")).reviewView,
  history: async () => (await import("./history.js")).historyView,
};
const THEMES = ["auto", "light", "dark"];

const main = document.getElementById("main");
let current = {};
let round = 0;

function frame() {
  const links = Object.keys(VIEWS).map((name) => make("a", { href: `#/${name}`, "data-view": name }, say(`nav.${name}`)));
  const other = currentLanguage() === "de" ? "en" : "de";
  const language = button(other.toUpperCase(), () => changeLanguage(other), {
    class: "icon word", lang: other, "aria-label": say("frame.otherLanguage"), title: say("frame.otherLanguage"),
  });
  fill(document.getElementById("top"),
    make("a", { class: "brand", href: "#/ask" }, "belegt"),
    make("nav", { "aria-label": say("frame.views") }, links),
    make("div", { class: "tools" }, language, themeButton(),
      button("?", showHelp, { class: "icon word", "aria-label": say("help.title"), title: say("help.title") })));
  document.getElementById("skip").textContent = say("frame.skip");
}

function themeButton() {
  const theme = document.documentElement.dataset.theme;
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
  const name = say("frame.theme", { theme: say(`theme.${theme}`) });
  return iconButton(theme, name, () => {
    document.documentElement.dataset.theme = next;
    write("theme", next);
    frame();
    mark(place().name);
    document.querySelector("#top .tools button:nth-child(2)").focus();
  });
}

async function changeLanguage(wanted) {
  await switchLanguage(wanted);
  frame();
  await show();
  document.querySelector("#top .tools button").focus();
}

function place() {
  const [path, parameters] = location.hash.replace(/^#\/?/, "").split("?");
  const [name, ...rest] = path.split("/").map(decoded);
  return { name: name in VIEWS ? name : "ask", rest: rest.filter(Boolean), parameters: new URLSearchParams(parameters) };
}

// A per cent sign typed into the address bar need not be an escape.
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function mark(name) {
  for (const link of document.querySelectorAll("#top nav a")) {
    if (link.dataset.view !== name) link.removeAttribute("aria-current");
    else {
      link.setAttribute("aria-current", "page");
      // On a phone the row of links is wider than the screen.
      link.parentElement.scrollLeft = link.offsetLeft - link.parentElement.clientWidth / 2;
    }
  }
}

async function show() {
  const { name, rest, parameters } = place();
  const mine = (round += 1);
  current.close?.();
  current = {};
  mark(name);
  // Each view draws into a place of its own, so that one that comes late disturbs nothing.
  const stage = make("div", { class: "stage", "aria-busy": "true" });
  main.replaceChildren(stage);
  try {
    const [view, info] = await Promise.all([VIEWS[name](rest[0]), get("/v1/info")]);
    const shown = mine === round ? await view(stage, rest, info, parameters) : null;
    if (!shown) return;
    if (mine !== round) {
      shown.close?.();
      return;
    }
    current = shown;
    document.title = `${shown.title} – belegt`;
    if (!shown.keepScroll) scrollTo(0, 0);
  } catch (error) {
    if (mine === round) fill(stage, failure(error));
  }
  stage.removeAttribute("aria-busy");
}

function failure(error) {
  const message = error instanceof Problem ? error.message : say("problem.page");
  return make("div", { class: "page narrow" },
    make("h1", {}, say("problem.title")),
    make("div", { class: "warning", role: "alert" },
      make("p", {}, message), error.detail ? make("p", { class: "quiet" }, error.detail) : null),
    button(say("list.again"), show, { class: "main" }));
}

document.documentElement.dataset.theme = read("theme", "auto");
document.getElementById("skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
addEventListener("hashchange", async (event) => {
  await show();
  // Back and forth keep the browser's place; a new page is read from its beginning.
  if (event.isTrusted && document.activeElement === document.body) main.focus({ preventScroll: true });
});
// A file dropped beside its place must not replace the page.
for (const kind of ["dragover", "drop"]) addEventListener(kind, (event) => event.preventDefault());
listen(() => current);
await loadLanguage(firstLanguage());
frame();
await show();
