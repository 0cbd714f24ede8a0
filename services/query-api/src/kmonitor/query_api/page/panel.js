// One terminal in full: units, consumables, cash, link, queue, clock and faults.
import { get } from "./api.js";
import { byId, h } from "./dom.js";
import { clock, condition, duration, money, number, plural, reason, t, word } from "./speak.js";
import { MARKS, SEVERITY_MARKS } from "./tiles.js";

const AGAIN_MS = 1000;

export class Panel {
  #terminal = null; #came = null; #timer = null; #onError; #box = byId("panel"); #drawn = "";

  constructor(onError) {
    this.#onError = onError;
    document.addEventListener("keydown", (event) => { if (event.key === "Escape" && this.#terminal) this.close(); });
  }

  async open(terminal) {
    if (this.#terminal === null) this.#came = document.activeElement;
    this.#terminal = terminal;
    this.#drawn = "";
    await this.#read();
    this.#box.querySelector(".close")?.focus();
  }

  close() {
    this.#terminal = null;
    this.#box.hidden = true;
    document.body.classList.remove("with-panel");
    this.#came?.focus?.();
  }

  /** Something of a terminal has changed: read again, at most once a second. */
  changed(terminal) {
    if (terminal !== this.#terminal || this.#timer) return;
    this.#timer = setTimeout(() => { this.#timer = null; this.#read(); }, AGAIN_MS);
  }

  draw() { this.#drawn = ""; if (this.#terminal) this.#read(); }

  async #read() {
    const terminal = this.#terminal;
    if (terminal === null) return;
    try {
      const [now, faults] = await Promise.all([get(`/v1/terminals/${encodeURIComponent(terminal)}`), get("/v1/faults", { terminal })]);
      if (terminal === this.#terminal) this.#draw(now, faults.items);
    } catch (error) {
      this.#onError(error);
    }
  }

  #draw(now, faults) {
    const focused = this.#box.contains(document.activeElement);
    const top = this.#box.scrollTop;
    this.#box.replaceChildren(head(now, () => this.close()), ...sections(now, faults));
    this.#box.hidden = false;
    document.body.classList.add("with-panel");
    if (this.#drawn === now.terminal) this.#box.scrollTop = top;
    if (focused && this.#drawn) this.#box.querySelector(".close").focus({ preventScroll: true });
    this.#drawn = now.terminal;
  }
}

function head(now, close) {
  return h("div", { class: "panel-head" },
    h("div", {}, h("h2", { id: "panel-title" }, now.terminal), h("p", { class: "name" }, now.name ?? "")),
    h("button", { type: "button", class: "close", "aria-label": t("close"), onclick: close }, "✕"),
    h("p", { class: "standing" }, h("span", { class: `badge status-${now.status}` }, h("span", { class: "mark", "aria-hidden": "true" }, MARKS[now.status]), h("span", { class: "label" }, word("oneStatus", now.status))),
      h("span", {}, reason(now.reason)), now.status_since ? h("span", { class: "quiet" }, duration(now.status_since)) : null));
}

function sections(now, faults) {
  return [
    faults.length ? section(t("faults"), h("ul", { class: "plain" }, faults.map(faultLine))) : null,
    section(t("units"), now.devices.length ? h("ul", { class: "plain" }, now.devices.map(unitLine)) : quiet()),
    section(t("consumables"), now.consumables.length ? h("ul", { class: "plain" }, now.consumables.map(levelLine)) : quiet()),
    section(t("cash"), now.cash.length ? cash(now.cash) : quiet()),
    section(t("link"), facts([
      [t("lastReport"), clock(now.last_received_at)], [t("lastEvent"), clock(now.last_event_at)], [t("lastPayment"), clock(now.last_payment_at)],
      now.link ? [t("link"), [now.link.kind, now.link.operator].filter(Boolean).join(" ")] : null,
      percent("signal", now.link?.signal_percent), now.link?.ping_ms != null ? [t("ping"), `${number(now.link.ping_ms)} ms`] : null,
      [t("queue"), now.queued ? plural(now.queued, "queued") : t("queueEmpty")],
      [t("clock"), `${t(now.clock.wrong ? "clockWrong" : "clockRight")}, ${t("skew")} ${number(now.clock.skew_s)} ${t("second")}`, now.clock.wrong],
    ])),
    section(t("computer"), facts([
      [t("software"), now.software.version ?? t("none")], now.model ? [t("model"), now.model] : null, now.address ? [t("address"), now.address] : null,
      percent("memory", now.health?.memory_percent), now.health?.disk_free_mb != null ? [t("disk"), `${number(now.health.disk_free_mb)} MB`] : null,
      now.health?.temperature_c != null ? [t("heat"), `${number(now.health.temperature_c)} °C`] : null,
      now.position ? [t("position"), `${now.position.partition} / ${now.position.offset}`] : null,
    ])),
  ].filter(Boolean);
}

const section = (title, content) => h("section", {}, h("h3", {}, title), content);
const quiet = () => h("p", { class: "quiet" }, t("none"));
const percent = (key, value) => (value == null ? null : [t(key), `${number(Math.round(value))} %`]);

function facts(lines) {
  return h("dl", {}, lines.filter(Boolean).flatMap(([name, value, isWrong]) => [h("dt", {}, name), h("dd", { class: isWrong ? "late" : null }, value)]));
}

function faultLine(fault) {
  return h("li", { class: "line" }, h("span", { class: `badge severity-${fault.severity}` }, h("span", { class: "mark", "aria-hidden": "true" }, SEVERITY_MARKS[fault.severity]), h("span", { class: "label" }, word("severities", fault.severity))),
    h("span", { class: "grow" }, condition(fault.device, fault.condition), fault.money_risk ? h("span", { class: "risk" }, ` ₽ ${t("moneyRisk")}`) : null), h("span", { class: "quiet" }, duration(fault.raised_at)));
}

function unitLine(unit) {
  const isWell = unit.condition === "ok";
  return h("li", { class: "line" }, h("span", { class: isWell ? "dot well" : "dot ill", "aria-hidden": "true" }, isWell ? "✓" : unit.condition === "unknown" ? "?" : "✕"),
    h("span", { class: "grow" }, word("devices", unit.device), h("span", { class: "quiet" }, ` ${unit.unit}`)),
    h("span", { class: isWell ? "quiet" : "late" }, condition(unit.device, unit.condition), !isWell && unit.code ? ` (${t("code")} ${unit.code})` : null));
}

function levelLine(kind) {
  const level = kind.level_percent ?? (kind.capacity ? (100 * (kind.remaining ?? 0)) / kind.capacity : null);
  const left = kind.level_percent != null ? `${number(Math.round(kind.level_percent))} %` : `${t("left")} ${number(kind.remaining ?? 0)}${kind.capacity ? ` ${t("of")} ${number(kind.capacity)}` : ""}`;
  return h("li", { class: "line" }, h("span", { class: "grow" }, word("kinds", kind.kind), h("span", { class: "quiet" }, ` ${kind.unit}`)),
    level === null ? null : h("meter", { min: 0, max: 100, low: 15, optimum: 100, value: level, "aria-label": word("kinds", kind.kind) }), h("span", {}, left));
}

function cash(notes) {
  const totals = new Map();
  for (const each of notes) totals.set(each.currency, (totals.get(each.currency) ?? 0) + each.count * each.denomination_minor);
  return h("table", { class: "cash" },
    h("tbody", {}, notes.map((each) => h("tr", {}, h("td", {}, money(each.denomination_minor, each.currency)), h("td", { class: "quiet" }, plural(each.count, "notes")), h("td", {}, money(each.count * each.denomination_minor, each.currency))))),
    h("tfoot", {}, [...totals].map(([currency, sum]) => h("tr", {}, h("th", { colspan: 2, scope: "row" }, t("total")), h("td", {}, money(sum, currency))))));
}
