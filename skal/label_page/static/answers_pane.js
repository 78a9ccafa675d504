// One's own answers, newest first: searched, and corrected by choosing one.

import { ApiError, get } from "./api.js";
import { reasonText } from "./dialogs.js";
import { byId, el } from "./dom.js";
import { named } from "./labels.js";
import { moment, t, tn } from "./texts.js";

const PAGE = 50;

export class AnswersPane {
  #host = byId("pane-answers");
  #list = el("ul", { class: "answers" });
  #count = el("p", { class: "hint", role: "status" });
  #more = el("button", { type: "button", class: "secondary", text: t("answers.more"), on: { click: () => this.#load(true) } });
  #search;
  #class;
  #correct;
  #timer = 0;
  #turn = 0;

  /** `correct(row)` shows a row to answer it again. */
  constructor(project, correct) {
    this.#correct = correct;
    const later = () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#load(), 200);
    };
    this.#search = el("input", {
      type: "search",
      id: "answers-search",
      placeholder: t("answers.search"),
      "aria-label": t("answers.search"),
      autocomplete: "off",
      on: { input: later },
    });
    this.#class = el("select", { "aria-label": t("answers.class"), on: { change: () => this.#load() } });
    this.setClasses(project.classes);
    if (["number", "mask"].includes(project.control) || !project.classes.length) this.#class.hidden = true;
    this.#host.append(el("div", { class: "search-row" }, this.#search, this.#class), this.#count, this.#list, this.#more);
  }

  setClasses(classes) {
    const chosen = this.#class.value;
    this.#class.replaceChildren(
      el("option", { value: "", text: t("answers.all_classes") }),
      ...classes.map(({ name }) => el("option", { value: name, text: name })),
    );
    this.#class.value = chosen;
  }

  get isOpen() {
    return !this.#host.hidden && this.#host.offsetParent !== null;
  }

  open() {
    this.#load();
  }

  focus() {
    this.#search.focus();
  }

  /** Read again after an answer, if it can be seen. */
  refresh() {
    clearTimeout(this.#timer);
    if (this.isOpen) this.#timer = setTimeout(() => this.#load(), 300);
  }

  async #load(more = false) {
    const turn = ++this.#turn;
    const offset = more ? this.#list.childElementCount : 0;
    let found;
    try {
      found = await get("/api/answers", { search: this.#search.value.trim(), class: this.#class.value, offset, limit: PAGE });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#count.textContent = t("unreachable");
      return;
    }
    if (turn !== this.#turn) return;
    const rows = found.answers.map((answer) => this.#row(answer));
    if (more) this.#list.append(...rows);
    else this.#list.replaceChildren(...rows);
    this.#count.textContent = found.total ? tn("answers", found.total) : t("answers.none");
    this.#more.hidden = this.#list.childElementCount >= found.total;
  }

  #row({ row, label, skip, note, time, text, bulk }) {
    const given = skip !== null && skip !== undefined ? t("answers.skipped", { reason: reasonText(skip) }) : named(label);
    return el(
      "li",
      {},
      el(
        "button",
        { type: "button", class: "answer", on: { click: () => this.#correct(row) }, data: { row } },
        el("span", { class: skip ? "given skipped" : "given", text: given, dir: "auto" }),
        el("span", { class: "when", text: moment(time) }),
        el("span", { class: "excerpt", text: text || row, dir: "auto" }),
        note ? el("span", { class: "remark", text: t("answers.note", { note }), dir: "auto" }) : null,
        bulk ? el("span", { class: "remark", text: t("answers.bulk") }) : null,
        el("span", { class: "unseen", text: t("answers.correct") }),
      ),
    );
  }
}
