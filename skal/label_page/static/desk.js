// The questions of one person: what is on the screen, what comes next, what was answered. It shows nothing itself.
//
// The next question is taken from the two that the server has handed out, so it is there at the key press. Answers go
// through the outbox; what the server says to them is merged, with the server in the right.

import { ApiError, get, newRequest, post } from "./api.js";
import { Clock } from "./clock.js";

const WAITS = { asking: 700, training: 1000, finished: 8000, failed: 3000, unreachable: 2000 };

/**
 * Events: `question` (another question, or none), `progress`, `state`, `classes`, `undone` (detail: rows, label),
 * `refused` (detail: error, row), `lost` (the question was taken away), `answered` (detail: row).
 */
export class Desk extends EventTarget {
  queue = [];
  history = [];
  correcting = null;
  state = "asking";
  message = null;
  progress = null;
  clock = new Clock();
  #outbox;
  #timer = 0;
  #asking = false;

  constructor(outbox) {
    super();
    this.#outbox = outbox;
    outbox.addEventListener("kept", ({ detail }) => this.#kept(detail.item, detail.answer));
    outbox.addEventListener("refused", ({ detail }) => this.#refused(detail.item, detail.error));
  }

  /** The question on the screen. */
  get current() {
    return this.correcting ?? this.queue[0] ?? null;
  }

  /** Get questions, now and then again while there are none. */
  async refresh() {
    clearTimeout(this.#timer);
    if (this.#asking) return;
    this.#asking = true;
    try {
      this.#take(await post("/api/next", { request: newRequest() }));
    } catch (error) {
      this.#setState(error instanceof ApiError && error.passes ? "unreachable" : "failed", error.message, error);
    }
    this.#asking = false;
    this.#waitIfEmpty();
  }

  /** Answer what is on the screen. `more` may hold `new_class`, `clicks`. */
  answer(label, more = {}) {
    const question = this.current;
    if (!question) return;
    if (this.correcting) {
      const item = this.#outbox.add("/api/correct", { row: question.row, label, ...(more.new_class ? { new_class: true } : {}) });
      this.history.push({ kind: "correct", row: question.row, label, item });
      this.correcting = null;
      this.dispatchEvent(new CustomEvent("answered", { detail: { row: question.row, label, corrected: true } }));
      this.#shown();
      return;
    }
    const seen = question.sawGuess || question.guess ? { saw_guess: true } : {};
    this.#send(question, { label, seconds: this.clock.seconds, ...seen, ...more }, label);
  }

  /** Leave the row on the screen out. */
  skip(reason) {
    const question = this.current;
    if (!question || this.correcting) return;
    this.#send(question, { skip: reason, seconds: this.clock.seconds }, null, reason);
  }

  /** Write a remark to the row on the screen. */
  note(note) {
    const question = this.current;
    if (!question) return;
    question.note = note;
    this.#outbox.add("/api/note", { row: question.row, note });
  }

  /** Take the last answer back; the question is on the screen again at once where this page gave the answer. */
  undo() {
    if (this.correcting) {
      this.correct(null);
      return;
    }
    const last = this.history.pop();
    if (last?.item && this.#outbox.withdraw(last.item)) {
      if (last.kind === "answer") this.#reopen(last);
      this.dispatchEvent(new CustomEvent("undone", { detail: { rows: [last.row], label: last.label ?? null } }));
      return;
    }
    const reopened = last?.kind === "answer" ? last : null;
    this.#outbox.add("/api/undo", {}, { row: reopened?.row });
    if (reopened) this.#reopen(reopened);
  }

  /** Show an answered row to correct it; null goes back to the question. */
  correct(question) {
    this.correcting = question;
    this.#shown();
  }

  /** Remember that many rows were labelled at once, so that undo knows what it takes back. */
  bulk(answer, label) {
    this.history.push({ kind: "bulk", label });
    this.#take(answer);
  }

  /** Use what the server says besides: progress of a poll, answers to the map. */
  heard(progress) {
    this.progress = progress;
    this.dispatchEvent(new Event("progress"));
    const shown = this.queue[0];
    if (progress.held && shown && !this.#outbox.items.length && !progress.held.includes(shown.row)) this.refresh(); // answered by file
  }

  /** Drop a question that another tab of this person has answered. */
  answeredElsewhere(row) {
    if (!this.queue.some((question) => question.row === row)) return;
    this.queue = this.queue.filter((question) => question.row !== row);
    this.#shown();
    this.refresh();
  }

  #send(question, body, label, skip = null) {
    const item = this.#outbox.add("/api/answer", { row: question.row, ...body }, { question });
    this.history.push({ kind: "answer", row: question.row, label, skip, question, item });
    this.queue = this.queue.filter((other) => other.row !== question.row);
    this.dispatchEvent(new CustomEvent("answered", { detail: { row: question.row, label, skip } }));
    this.#shown();
    this.#waitIfEmpty();
  }

  #reopen({ question, label, skip }) {
    const others = this.queue.filter((other) => other.row !== question.row);
    this.queue = [{ ...question, earlier: label ?? null, earlierSkip: skip ?? null }, ...others];
    this.#shown();
  }

  #kept(item, answer) {
    this.#take(answer);
    const undone = item.path === "/api/undo" ? answer.undone : null;
    if (undone) this.dispatchEvent(new CustomEvent("undone", { detail: undone }));
    else if (item.path === "/api/undo") this.dispatchEvent(new CustomEvent("undone", { detail: { rows: [] } }));
    this.#waitIfEmpty();
  }

  #refused(item, error) {
    const { question } = item.about;
    this.history = this.history.filter((entry) => entry.item !== item);
    if (item.path === "/api/answer" && question) this.#reopen({ question });
    this.dispatchEvent(new CustomEvent("refused", { detail: { error, path: item.path, row: item.body.row } }));
    this.refresh();
  }

  #take(said) {
    if (said.progress) this.heard(said.progress);
    if (said.classes) this.dispatchEvent(new CustomEvent("classes", { detail: said.classes }));
    if (said.questions) this.#merge(said.questions, said.undone?.rows?.length ? said.undone.rows : []);
    if (said.state) this.#setState(said.state, said.message ?? null);
  }

  /** The server's questions, without those that are answered here, and the one on the screen first if it still holds. */
  #merge(questions, undone) {
    const underWay = this.#outbox.rowsUnderWay();
    const theirs = questions.filter((question) => !underWay.has(question.row));
    const shown = this.queue[0];
    const known = new Map(this.queue.map((question) => [question.row, question]));
    const first = [];
    // While something is under way, what the server said is older than what was done here since.
    if (this.#outbox.items.length) first.push(...this.queue);
    else if (undone.length) first.push(...theirs.filter((question) => undone.includes(question.row)));
    else if (shown && theirs.some((question) => question.row === shown.row)) first.push(shown);
    const rest = theirs.filter((question) => !first.some((other) => other.row === question.row));
    this.queue = [...first, ...rest].map((question) => known.get(question.row) ?? question);
    if (shown && this.queue[0] !== shown) {
      if (!undone.length) this.dispatchEvent(new CustomEvent("lost", { detail: { row: shown.row } }));
      this.#shown();
    } else if (!shown && this.queue.length) {
      this.#shown();
    } else {
      this.dispatchEvent(new Event("ahead"));
    }
  }

  #shown() {
    this.clock.start();
    this.dispatchEvent(new Event("question"));
    this.dispatchEvent(new Event("ahead"));
  }

  #setState(state, message, error = null) {
    const changed = state !== this.state || message !== this.message;
    Object.assign(this, { state, message, error, code: error?.code ?? null });
    if (changed) this.dispatchEvent(new Event("state"));
  }

  #waitIfEmpty() {
    clearTimeout(this.#timer);
    if (this.queue.length) return;
    this.#timer = setTimeout(() => this.refresh(), WAITS[this.state] ?? 2000);
  }

  /** Ask for the row of an answer as a question that corrects it. */
  static async questionOf(row) {
    const { own, drawn, ...found } = await get("/api/row", { id: row });
    return { row, earlier: drawn ?? own, corrects: true, ...found };
  }
}
