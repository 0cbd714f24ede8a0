// The network in one look: a tile for each status, which is also the filter; money and completeness beside them.
import { byId, h, say } from "./dom.js";
import { clock, money, number, plural, t, word } from "./speak.js";

export const MARKS = { working: "●", degraded: "▲", stopped: "■", silent: "◌", off: "○", maintenance: "◆", new: "✦", retired: "×" };
const ORDER = ["stopped", "silent", "degraded", "working", "off", "maintenance", "new", "retired"];
const ALWAYS = new Set(["stopped", "silent", "degraded", "working", "off", "new"]);
const SEVERITIES = ["critical", "error", "warning", "info"];
export const SEVERITY_MARKS = { critical: "‼", error: "!", warning: "△", info: "i" };

export class Tiles {
  #buttons = new Map(); #severities = new Map(); #summary = null; #chosen = { status: null, severity: null };

  constructor(onStatus, onSeverity) {
    for (const status of ORDER) {
      const tile = h("button", { type: "button", class: `tile status-${status}`, "aria-pressed": "false", onclick: () => onStatus(status) },
        h("span", { class: "mark", "aria-hidden": "true" }, MARKS[status]),
        h("span", { class: "amount" }, "–"), h("span", { class: "what" }));
      this.#buttons.set(status, tile);
      byId("statuses").append(tile);
    }
    for (const severity of SEVERITIES) {
      const chip = h("button", { type: "button", class: `severity severity-${severity}`, "aria-pressed": "false", onclick: () => onSeverity(severity) },
        h("span", { class: "mark", "aria-hidden": "true" }, SEVERITY_MARKS[severity]), h("span", { class: "amount" }), h("span", { class: "what" }));
      this.#severities.set(severity, chip);
      byId("severities").append(chip);
    }
  }

  choose(chosen) { this.#chosen = { ...this.#chosen, ...chosen }; this.draw(); }

  show(summary) { this.#summary = summary; this.draw(); }

  draw() {
    const summary = this.#summary;
    if (!summary) return;
    for (const [status, tile] of this.#buttons) {
      const count = summary.terminals[status] ?? 0;
      tile.hidden = count === 0 && !ALWAYS.has(status);
      tile.classList.toggle("none", count === 0);
      tile.setAttribute("aria-pressed", String(this.#chosen.status === status));
      say(tile.querySelector(".amount"), number(count));
      say(tile.querySelector(".what"), word("statuses", status));
    }
    for (const [severity, chip] of this.#severities) {
      const count = summary.faults[severity] ?? 0;
      chip.hidden = count === 0 && this.#chosen.severity !== severity;
      chip.setAttribute("aria-pressed", String(this.#chosen.severity === severity));
      say(chip.querySelector(".amount"), number(count));
      say(chip.querySelector(".what"), word("severities", severity));
    }
    say(byId("tab-faults"), number(Object.values(summary.faults).reduce((sum, each) => sum + each, 0)));
    byId("facts").replaceChildren(...[moneyFact(summary), completeFact(summary)].filter(Boolean));
  }
}

function moneyFact({ money_today: taken, figures_at: at }) {
  if (taken === null && at !== null) return null; // whose role may not see it
  const lines = taken === null ? [h("span", { class: "quiet" }, t("noFigures"))]
    : taken.length === 0 ? [h("span", { class: "quiet" }, t("noMoney"))]
      : taken.map((each) => h("p", { class: "sum" }, h("strong", {}, money(each.credited_minor, each.currency)),
        h("span", { class: "quiet" }, plural(each.payments, "payments"))));
  return h("div", { class: "fact" }, h("h3", {}, t("moneyToday")), ...lines);
}

function completeFact({ complete_to: to, catching_up: behind, figures_at: at }) {
  const said = at === null ? t("noFigures") : to === null ? t("incomplete") : clock(to);
  return h("div", { class: "fact" }, h("h3", {}, t("completeTo")), h("p", { class: "sum" }, h("strong", {}, said),
    at === null ? null : h("span", { class: behind ? "late" : "quiet" }, behind ? plural(behind, "catchingUp") : t("allInTime"))));
}
