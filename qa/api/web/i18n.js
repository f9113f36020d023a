// Words of the interface in the chosen language, numbers and dates in its manner.
// In: i18n/de.json, i18n/en.json (flat; the test holds their keys together). Out: text.

import { read, write } from "./preferences.js";

const LANGUAGES = ["de", "en"];
let language = "en";
let words = {};
let plurals = new Intl.PluralRules("en");

export async function loadLanguage(wanted) {
  const response = await fetch(new URL(`i18n/${wanted}.json`, import.meta.url));
  words = await response.json();
  language = wanted;
  plurals = new Intl.PluralRules(wanted);
  document.documentElement.lang = wanted;
}

export function firstLanguage() {
  const chosen = read("language", null);
  if (LANGUAGES.includes(chosen)) return chosen;
  const wanted = (navigator.languages ?? [navigator.language]).map((name) => name.slice(0, 2));
  return wanted.find((name) => LANGUAGES.includes(name)) ?? "en";
}

export async function switchLanguage(wanted) {
  await loadLanguage(wanted);
  write("language", wanted);
}

export function currentLanguage() {
  return language;
}

// say("documents.count", {count: 3}) takes "documents.count.other" where there is a count.
export function say(name, values = {}) {
  const plural = "count" in values ? words[`${name}.${plurals.select(values.count)}`] : undefined;
  const text = plural ?? words[name] ?? name;
  return text.replace(/\{(\w+)\}/g, (whole, slot) => shown(values[slot] ?? whole));
}

export function knows(name) {
  return name in words;
}

function shown(value) {
  return typeof value === "number" ? number(value) : String(value);
}

export function number(value, digits = 0) {
  return new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value);
}

// Documents are dated as exactly as is known: "2025", "2025-06" or "2025-06-13".
export function date(iso) {
  const [year, month, day] = String(iso).split("T")[0].split("-").map(Number);
  if (!year) return String(iso);
  if (!month) return String(year);
  const form = { year: "numeric", month: "long", timeZone: "UTC" };
  if (day) form.day = "numeric";
  return new Intl.DateTimeFormat(language, form).format(Date.UTC(year, month - 1, day || 1));
}

export function moment(iso) {
  const form = { dateStyle: "medium", timeStyle: "short" };
  const time = typeof iso === "number" ? new Date(iso * 1000) : new Date(iso);
  return Number.isNaN(time.valueOf())
    ? String(iso)
    : new Intl.DateTimeFormat(language, form).format(time);
}

export function languageName(code) {
  if (!code) return "";
  return new Intl.DisplayNames(language, { type: "language" }).of(code);
}
