// The words of the page: one file per language, numbers and dates as the language writes them.

export const LANGUAGES = { en: "English", de: "Deutsch" };
const CHOICE = "skal.language";

let texts = {};
let language = "en";
let region = "en"; // how numbers and times are written: the language as the browser has it, such as en-GB

/** Load a language: the one chosen on this device, else the one the server was started with, else the browser's. */
export async function useLanguage(asked) {
  let chosen = null;
  try {
    chosen = localStorage.getItem(CHOICE);
  } catch {
    // Storage may be forbidden; the page works without it.
  }
  const wanted = [chosen, asked, ...navigator.languages.map((tag) => tag.slice(0, 2))];
  language = wanted.find((tag) => tag && tag in LANGUAGES) ?? "en";
  region = navigator.languages.find((tag) => tag.split("-")[0] === language) ?? language;
  const answer = await fetch(`/static/texts/${language}.json`);
  if (!answer.ok) throw new Error(`texts of ${language}: ${answer.status}`);
  texts = await answer.json();
  document.documentElement.lang = language;
  fillIn(document);
}

/** Remember a language on this device. */
export function chooseLanguage(tag) {
  try {
    localStorage.setItem(CHOICE, tag);
  } catch {
    // As above.
  }
}

export const currentLanguage = () => language;

/** A text with its {places} filled in. */
export function t(name, values = {}) {
  const text = texts[name];
  if (text === undefined) return name;
  return text.replace(/\{(\w+)\}/g, (place, key) => (key in values ? String(values[key]) : place));
}

/** A text that depends on a number: `name.one` or `name.other`, with {n}. */
export function tn(name, n, values = {}) {
  const form = new Intl.PluralRules(language).select(n) === "one" ? "one" : "other";
  return t(`${name}.${form}`, { n: number(n), ...values });
}

/** What the server said: in the language of the page where it has a name for it, else as it is, in English. */
export function told(name, values, english) {
  if (name in texts) return { text: t(name, values) };
  return english ? { text: t("server.english", { text: english }), lang: "en" } : null;
}

/** Why the server did not do what it was asked: { text, lang }. */
export function problem(error) {
  if (error.status === 0) return { text: t("unreachable") };
  const named = error.details?.reason ? `refused.${error.details.reason}` : `problem.${error.code}`;
  return told(named, {}, error.message);
}

export const has = (name) => name in texts;
export const number = (x, digits = 0) => new Intl.NumberFormat(region, { maximumFractionDigits: digits }).format(x);
/** A number with four significant digits. */
export const figures = (x) => new Intl.NumberFormat(region, { maximumSignificantDigits: 4 }).format(x);
export const percent = (x, digits = 0) =>
  new Intl.NumberFormat(region, { style: "percent", maximumFractionDigits: digits }).format(x);

/** A moment: the time alone if it was today. */
export function moment(iso) {
  const when = new Date(iso);
  if (Number.isNaN(when.getTime())) return "";
  const form = isToday(iso) ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" };
  return new Intl.DateTimeFormat(region, form).format(when);
}

export const isToday = (iso) => new Date(iso).toDateString() === new Date().toDateString();

/** Seconds as people say them. */
export function duration(seconds) {
  if (seconds < 90) return tn("seconds", Math.max(1, Math.round(seconds)));
  return tn("minutes", Math.round(seconds / 60));
}

/** Fill the texts of the HTML file in. */
export function fillIn(root) {
  for (const element of root.querySelectorAll("[data-text]")) element.textContent = t(element.dataset.text);
  for (const element of root.querySelectorAll("[data-text-label]")) {
    element.setAttribute("aria-label", t(element.dataset.textLabel));
  }
}
