// The live stream. Read by fetch and not by EventSource, so that also a heartbeat counts as a sign of life.
import { Problem, openStream } from "./api.js";

const SILENCE_MS = 25_000;
const LONGEST_WAIT_MS = 15_000;

/** Keeps a connection for ever. Tells `on.open(resumed)`, `on.event(type, item)`, `on.lost()`, `on.denied()`. */
export class Live {
  #lastEventId = null; #tries = 0; #on; #path; #stopped = false; #abort = null;
  heardAt = null;

  constructor(path, on) { this.#path = path; this.#on = on; this.#keep(); }

  stop() { this.#stopped = true; this.#abort?.abort(); }

  async #keep() {
    while (!this.#stopped) {
      try {
        await this.#connect();
      } catch (error) {
        if (error instanceof Problem && error.status === 401) { this.#on.denied(); return; }
      }
      if (this.#stopped) return;
      this.#on.lost();
      this.#tries += 1;
      const wait = Math.min(LONGEST_WAIT_MS, 500 * 2 ** Math.min(this.#tries, 6)) * (0.5 + Math.random() / 2);
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }

  async #connect() {
    this.#abort = new AbortController();
    const watch = setInterval(() => {
      if (Date.now() - this.heardAt > SILENCE_MS) this.#abort.abort();
    }, 1000);
    try {
      this.heardAt ??= Date.now();
      const answer = await openStream(this.#path, this.#lastEventId, this.#abort.signal);
      const resumed = this.#lastEventId !== null;
      this.#tries = 0;
      this.heardAt = Date.now();
      this.#on.open(resumed);
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        this.heardAt = Date.now();
        const blocks = (rest + value).split("\n\n");
        rest = blocks.pop();
        for (const block of blocks) if (!this.#take(block)) return;
      }
    } finally {
      clearInterval(watch);
    }
  }

  /** False when all is void and the stream has to be begun anew. */
  #take(block) {
    let type = "message", data = null, id = null;
    for (const line of block.split("\n")) {
      if (line.startsWith("data: ")) data = line.slice(6);
      else if (line.startsWith("event: ")) type = line.slice(7);
      else if (line.startsWith("id: ")) id = line.slice(4);
    }
    if (type === "reset") { this.#lastEventId = null; this.#abort.abort(); return false; }
    if (data !== null) this.#on.event(type, JSON.parse(data));
    if (id !== null) this.#lastEventId = id;
    return true;
  }
}
