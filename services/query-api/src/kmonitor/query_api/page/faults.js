// Open faults, the newest first, as they come and go.
import { get } from "./api.js";
import { byId, h, once } from "./dom.js";
import { condition, duration, t, word } from "./speak.js";
import { SEVERITY_MARKS } from "./tiles.js";

const SHOWN = 100;

export class Faults {
  #faults = new Map(); #severity = null; #more = false; #isLoaded = false; #fresh = new Set(); #onOpen; #onError;

  constructor(onOpen, onError) {
    this.#onOpen = onOpen;
    this.#onError = onError;
    this.draw = once(() => this.#draw());
  }

  async filter(severity) { this.#severity = severity; await this.load(); }

  async load() {
    try {
      const { items, next } = await get("/v1/faults", { status: "open", severity: this.#severity ?? "", limit: SHOWN });
      this.#faults = new Map(items.map((fault) => [fault.fault_id, fault]));
      this.#more = next !== null;
      this.#isLoaded = true;
    } catch (error) {
      this.#onError(error);
    }
    this.draw();
  }

  change(fault) {
    if (fault.cleared_at !== null) this.#faults.delete(fault.fault_id);
    else if (this.#severity === null || fault.severity === this.#severity) {
      this.#faults.set(fault.fault_id, fault);
      this.#fresh.add(fault.fault_id);
      setTimeout(() => this.#fresh.delete(fault.fault_id), 2000);
    }
    this.draw();
  }

  #draw() {
    const sorted = [...this.#faults.values()].sort((a, b) => (a.raised_at < b.raised_at ? 1 : -1)).slice(0, SHOWN);
    const list = byId("fault-list");
    const focused = list.contains(document.activeElement) ? document.activeElement.dataset.fault : null;
    list.replaceChildren(...sorted.map((fault) => this.#item(fault)));
    if (this.#more || this.#faults.size > SHOWN) list.append(h("li", { class: "more quiet" }, "…"));
    if (focused) list.querySelector(`[data-fault="${focused}"]`)?.focus({ preventScroll: true });
    byId("faults-empty").hidden = !this.#isLoaded || sorted.length > 0;
  }

  #item(fault) {
    const unit = fault.device ? `${word("devices", fault.device)} ${fault.unit ?? ""}` : fault.unit ?? "";
    return h("li", { class: this.#fresh.has(fault.fault_id) ? "fresh" : null },
      h("button", { type: "button", class: "fault", "data-fault": fault.fault_id, onclick: () => this.#onOpen(fault.terminal) },
        h("span", { class: `badge severity-${fault.severity}` }, h("span", { class: "mark", "aria-hidden": "true" }, SEVERITY_MARKS[fault.severity]), h("span", { class: "label" }, word("severities", fault.severity))),
        h("span", { class: "what" }, condition(fault.device, fault.condition), fault.code ? h("span", { class: "quiet" }, ` ${t("code")} ${fault.code}`) : null),
        h("span", { class: "where" }, h("b", {}, fault.terminal), " ", unit),
        h("span", { class: "tags" }, h("span", {}, duration(fault.raised_at)), fault.money_risk ? h("span", { class: "risk" }, `₽ ${t("moneyRisk")}`) : null,
          h("span", { class: "quiet" }, `${t("acts")}: ${word("acts", fault.acts)}`))));
  }
}
