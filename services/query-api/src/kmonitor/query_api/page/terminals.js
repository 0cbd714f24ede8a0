// The list of terminals: only the rows in sight exist, more are fetched on the way down, changes appear in place.
import { get } from "./api.js";
import { byId, h, once, say } from "./dom.js";
import { clock, duration, reason, t, word } from "./speak.js";
import { MARKS } from "./tiles.js";

const PAGE = 200;
const SPARE = 6;

export class Terminals {
  #rows = []; #at = new Map(); #next = null; #isLoading = false; #asked = 0;
  #filter = { status: null, q: "" }; #active = 0; #pool = []; #height = 48; #onOpen; #onError;
  #box = byId("rows"); #space = h("div", { class: "space", role: "presentation" });

  constructor(onOpen, onError) {
    this.#onOpen = onOpen;
    this.#onError = onError;
    this.draw = once(() => this.#draw());
    this.#box.append(this.#space);
    this.#box.addEventListener("scroll", this.draw, { passive: true });
    this.#box.addEventListener("keydown", (event) => this.#key(event));
    new ResizeObserver(() => { this.#measure(); this.draw(); }).observe(this.#box);
  }

  /** Shows what matches, from the beginning. */
  async filter(filter) {
    this.#filter = { ...this.#filter, ...filter };
    this.#active = 0;
    this.#box.scrollTop = 0;
    await this.load();
  }

  /** Reads anew as many rows as are shown; what is there stays in sight until then. */
  async load() {
    const asked = ++this.#asked;
    const wanted = Math.max(PAGE, Math.min(1000, Math.ceil(this.#bottom() / PAGE) * PAGE));
    await this.#fetch(null, wanted, asked);
  }

  /** A terminal as it is now. */
  change(row) {
    const at = this.#at.get(row.terminal);
    const { status, q } = this.#filter;
    const belongs = status === null || row.status === status;
    if (at !== undefined) {
      if (!belongs) { this.#rows.splice(at, 1); this.#index(at); }
      else if (!isOlder(row, this.#rows[at])) this.#rows[at] = row;
      this.draw();
    } else if (belongs && !q && (this.#next === null || row.terminal < this.#rows.at(-1)?.terminal)) {
      const place = this.#rows.findIndex((other) => other.terminal > row.terminal);
      this.#rows.splice(place < 0 ? this.#rows.length : place, 0, row);
      this.#index(place < 0 ? this.#rows.length - 1 : place);
      this.draw();
    }
  }

  async #fetch(cursor, limit, asked) {
    this.#isLoading = true;
    try {
      const { items, next } = await get("/v1/terminals", { ...this.#filter, status: this.#filter.status ?? "", limit, cursor });
      if (asked !== this.#asked) return;
      const fresh = items.map((row) => {
        const known = this.#rows[this.#at.get(row.terminal)];
        return known && isOlder(row, known) ? known : row;
      });
      this.#rows = cursor === null ? fresh : [...this.#rows, ...fresh];
      this.#next = next;
      this.#at.clear();
      this.#index(0);
    } catch (error) {
      this.#onError(error);
    } finally {
      if (asked === this.#asked) this.#isLoading = false;
    }
    this.draw();
  }

  #index(from) {
    if (from > 0 || this.#at.size !== this.#rows.length) {
      if (from === 0) this.#at.clear();
      else for (const key of [...this.#at.keys()]) if (this.#at.get(key) >= from) this.#at.delete(key);
    }
    for (let at = from; at < this.#rows.length; at += 1) this.#at.set(this.#rows[at].terminal, at);
  }

  #measure() {
    this.#height = Number.parseFloat(getComputedStyle(this.#box).getPropertyValue("--row")) * Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  }

  #bottom() { return Math.ceil((this.#box.scrollTop + this.#box.clientHeight) / this.#height) + SPARE; }

  #draw() {
    const first = Math.max(0, Math.floor(this.#box.scrollTop / this.#height) - SPARE);
    const last = Math.min(this.#rows.length, this.#bottom());
    this.#space.style.height = `${this.#rows.length * this.#height}px`;
    this.#box.setAttribute("aria-rowcount", String(this.#next === null ? this.#rows.length : -1));
    while (this.#pool.length < last - first) this.#pool.push(this.#newRow());
    this.#active = Math.max(0, Math.min(this.#active, this.#rows.length - 1));
    this.#pool.forEach((element, at) => {
      const number = first + at;
      element.hidden = number >= last;
      if (!element.hidden) this.#fill(element, number, this.#rows[number]);
    });
    const empty = byId("rows-empty");
    empty.hidden = this.#rows.length > 0 || this.#isLoading;
    say(empty, t(this.#filter.status || this.#filter.q ? "noTerminals" : "noTerminalsYet"));
    if (this.#next !== null && !this.#isLoading && last > this.#rows.length - PAGE / 2) this.#fetch(this.#next, PAGE, this.#asked);
  }

  #newRow() {
    const cell = (kind, ...inside) => h("span", { role: "gridcell", class: kind }, ...inside);
    const row = h("div", { role: "row", class: "row", tabindex: "-1" },
      cell("who", h("b", { class: "id" }), h("span", { class: "name" })),
      cell("state", h("span", { class: "badge" }, h("span", { class: "mark", "aria-hidden": "true" }), h("span", { class: "label" })), h("span", { class: "why" })),
      cell("since"), cell("heard"), cell("place"));
    row.addEventListener("click", () => this.#open(Number(row.dataset.number)));
    this.#space.append(row);
    return row;
  }

  #fill(element, number, row) {
    element.style.transform = `translateY(${number * this.#height}px)`;
    element.dataset.number = String(number);
    element.setAttribute("aria-rowindex", String(number + 1));
    element.tabIndex = number === this.#active ? 0 : -1;
    const set = (selector, text) => say(element.querySelector(selector), text);
    set(".id", row.terminal);
    set(".name", row.name ?? "");
    const badge = element.querySelector(".badge");
    if (badge.dataset.status !== row.status) { badge.dataset.status = row.status; badge.className = `badge status-${row.status}`; }
    set(".mark", MARKS[row.status] ?? "?");
    set(".label", word("oneStatus", row.status));
    set(".why", reason(row.reason));
    set(".since", duration(row.status_since));
    set(".heard", row.last_received_at ? clock(row.last_received_at) : "—");
    set(".place", [row.region, row.dealer].filter(Boolean).join(" · "));
  }

  #open(number) {
    this.#active = number;
    this.draw();
    const row = this.#rows[number];
    if (row) this.#onOpen(row.terminal);
  }

  #key(event) {
    const visible = Math.max(1, Math.floor(this.#box.clientHeight / this.#height) - 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: visible, PageUp: -visible, Home: -Infinity, End: Infinity };
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); this.#open(this.#active); return; }
    if (!(event.key in steps)) return;
    event.preventDefault();
    this.#active = Math.max(0, Math.min(this.#rows.length - 1, this.#active + steps[event.key]));
    const top = this.#active * this.#height;
    if (top < this.#box.scrollTop) this.#box.scrollTop = top;
    if (top + this.#height > this.#box.scrollTop + this.#box.clientHeight) this.#box.scrollTop = top + this.#height - this.#box.clientHeight;
    this.#draw();
    this.#space.querySelector(`[data-number="${this.#active}"]:not([hidden])`)?.focus({ preventScroll: true });
  }
}

const isOlder = (row, known) => (row.last_received_at ?? "") < (known.last_received_at ?? "");
