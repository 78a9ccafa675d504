// Answers on their way: sent one after the other, again and again under the same id, until the server says it has them.

import { ApiError, newRequest, post } from "./api.js";
import { openStore } from "./outbox_store.js";

const PAUSES = [400, 1000, 2000, 4000, 8000]; // ms between attempts; the last one goes on
const LATE = 1500; // ms after which an answer that is not confirmed is said not to be kept yet

/**
 * Events: `change` (something waits or waits no more), `kept` (detail: item, answer), `refused` (detail: item, error).
 */
export class Outbox extends EventTarget {
  items = [];
  lastError = null; // of the request that is tried again
  #scope = null;
  #store = null;
  #sending = false;
  #timer = 0;
  #failures = 0;
  #place = 0;

  /** Take up what an earlier page left. */
  async open(scope) {
    this.#scope = scope;
    this.#store = await openStore();
    const left = this.#store ? await this.#store.all(scope).catch(() => []) : [];
    this.items = [...left.map((item) => ({ ...item, tries: 1, ours: false })), ...this.items];
    addEventListener("online", () => this.hurry());
    addEventListener("visibilitychange", () => this.hurry());
    this.#changed();
  }

  /** Whether answers outlive this tab. */
  get isDurable() {
    return this.#store !== null;
  }

  /** Whether something waits longer than it should. */
  get isLate() {
    return this.items.length > 0 && (this.lastError !== null || performance.now() - this.items[0].begun > LATE);
  }

  /** Put a request at the end of the row. `about` stays in this page. */
  add(path, body, about = {}) {
    const request = newRequest();
    const item = { request, path, body: { request, ...body }, about, tries: 0, ours: true };
    this.items.push(item);
    this.#store
      ?.put({ request, path, body: item.body, scope: this.#scope, given: Date.now(), place: this.#place++ })
      .catch(() => {
        item.volatile = true;
        this.#changed();
      });
    this.#changed();
    this.#send();
    return item;
  }

  /** Take back the last request if it has never left. */
  withdraw(item) {
    if (item.tries > 0 || this.items.at(-1) !== item) return false;
    this.items.pop();
    this.#store?.remove(item.request).catch(() => {});
    this.#changed();
    return true;
  }

  /** Rows that were answered here and are not with the server yet. */
  rowsUnderWay() {
    const rows = new Set();
    for (const { path, body, about } of this.items) {
      if (path === "/api/answer") rows.add(body.row);
      else if (path === "/api/undo" && about.row !== undefined) rows.delete(about.row);
    }
    return rows;
  }

  /** Try again now. */
  hurry() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#send();
  }

  async #send() {
    if (this.#sending || this.#timer || !this.items.length) return;
    this.#sending = true;
    const item = this.items[0];
    item.tries += 1;
    item.begun ??= performance.now();
    setTimeout(() => this.items[0] === item && this.#changed(), LATE + 50);
    try {
      const answer = await post(item.path, item.body);
      this.#settle(item, "kept", { item, answer });
    } catch (error) {
      if (!(error instanceof ApiError) || error.passes) {
        this.#later(error);
      } else {
        this.#settle(item, "refused", { item, error });
      }
    }
    this.#sending = false;
    this.#send();
  }

  #settle(item, kind, detail) {
    this.#failures = 0;
    this.lastError = null;
    this.items.shift();
    this.#store?.remove(item.request).catch(() => {});
    this.#changed();
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }

  #later(error) {
    const pause = PAUSES[Math.min(this.#failures, PAUSES.length - 1)];
    this.#failures += 1;
    this.lastError = error;
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      this.#send();
    }, pause);
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
