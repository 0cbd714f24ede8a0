// The language of the page: words, numbers, money and times as its reader is used to them.
import { WORDS } from "./words.js";

let language = "en";
let dictionary = new Map();
const listeners = new Set();

export const currentLanguage = () => language;
export const onLanguage = (listener) => listeners.add(listener);

export function chooseLanguage(wanted) {
  language = wanted === "ru" ? "ru" : "en";
  document.documentElement.lang = language;
  try { localStorage.setItem("kmonitor.language", language); } catch { /* a private window forgets */ }
  for (const [attribute, apply] of [
    ["data-text", (element, said) => { element.textContent = said; }],
    ["data-label", (element, said) => element.setAttribute("aria-label", said)],
    ["data-placeholder", (element, said) => element.setAttribute("placeholder", said)],
  ]) {
    for (const element of document.querySelectorAll(`[${attribute}]`)) apply(element, t(element.getAttribute(attribute)));
  }
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language));
  }
  for (const listener of listeners) listener();
}

export function firstLanguage() {
  let kept = null;
  try { kept = localStorage.getItem("kmonitor.language"); } catch { /* the same */ }
  return kept ?? (navigator.language.toLowerCase().startsWith("ru") ? "ru" : "en");
}

export const t = (key) => WORDS.text[language][key] ?? key;
export const word = (kind, key) => WORDS[kind][language][key] ?? key;

/** What the fault dictionary of the server says of conditions. */
export function learnConditions(items) {
  dictionary = new Map(items.flatMap((item) => item.devices.map((device) => [`${device}/${item.condition}`, item.text])));
}

export const condition = (device, name) =>
  dictionary.get(`${device}/${name}`)?.[language] ?? WORDS.conditions[language][name] ?? name;

/** Why a terminal is as it is; a unit's own reason reads `device/unit condition`. */
export function reason(said) {
  if (!said) return "";
  const [, device, unit, name] = said.match(/^([a-z_]+)\/(\S+) (\S+)$/) ?? [];
  if (!device) return WORDS.reasons[language][said] ?? said;
  return `${condition(device, name)} · ${word("devices", device)} ${unit}`;
}

export const number = (value, options) => new Intl.NumberFormat(language, options).format(value);

export function plural(count, key) {
  const [one, few, many] = t(key);
  const form = new Intl.PluralRules(language).select(count);
  return `${number(count)} ${form === "one" ? one : form === "few" ? few : many}`;
}

/** Minor units to the currency's own digits: 12 345 of JPY are yen, of RUB kopecks. */
export function money(minor, currency) {
  try {
    const format = new Intl.NumberFormat(language, { style: "currency", currency });
    return format.format(minor / 10 ** format.resolvedOptions().maximumFractionDigits);
  } catch {
    return `${minor} ${currency}`;
  }
}

const DAY_S = 86_400;

export function clock(iso) {
  if (!iso) return t("never");
  const when = new Date(iso);
  const isToday = when.toDateString() === new Date().toDateString();
  const time = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
  return when.toLocaleString(language, isToday ? time : { day: "2-digit", month: "2-digit", ...time });
}

export function duration(iso, now = Date.now()) {
  if (!iso) return "";
  const s = Math.max(0, Math.round((now - Date.parse(iso)) / 1000));
  if (s < 60) return `${s} ${t("second")}`;
  if (s < 3600) return `${Math.floor(s / 60)} ${t("minute")}`;
  if (s < DAY_S) return `${Math.floor(s / 3600)} ${t("hour")} ${Math.floor((s % 3600) / 60)} ${t("minute")}`;
  return `${Math.floor(s / DAY_S)} ${t("day")} ${Math.floor((s % DAY_S) / 3600)} ${t("hour")}`;
}
