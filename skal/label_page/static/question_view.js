// The question on the screen: heading, row, why it is asked, the model's guess on demand.

import { ApiError, get } from "./api.js";
import { byId, el } from "./dom.js";
import { reasonText } from "./dialogs.js";
import { showFields } from "./fields.js";
import { load } from "./images.js";
import { named } from "./labels.js";
import { figures, number, percent, t, told } from "./texts.js";

const HEADINGS = { class: "ask.class", labels: "ask.labels", number: "ask.number", mask: "ask.mask", region: "ask.region" };

export class QuestionView {
  #session;
  #control;
  #fields = null;
  #shown = null;
  #ahead = null;

  constructor(session, control) {
    this.#session = session;
    this.#control = control;
    byId("show-why").addEventListener("click", () => this.toggleWhy());
    byId("show-guess").addEventListener("click", () => this.toggleGuess());
    byId("show-guess").hidden = session.project.control === "mask" || session.project.control === "region";
  }

  /** Show a question and move the focus to its heading. */
  show(question, { moveFocus = true } = {}) {
    const main = byId("main");
    this.#shown = question;
    main.dataset.row = question?.row ?? "";
    main.classList.toggle("waiting", question === null);
    byId("control").inert = question === null; // the last answer can still be taken back
    for (const name of ["unsure", "skip", "note"]) byId(name).disabled = question === null;
    this.#fields?.destroy();
    this.#fields = null;
    this.#fold();
    if (question === null) {
      byId("fields").replaceChildren();
      return;
    }
    main.classList.toggle("correcting", Boolean(question.corrects));
    byId("question-title").textContent = this.#heading(question);
    this.#eyebrow(question);
    const drawn = this.#session.project.control in { mask: 1, region: 1 };
    const fields = drawn ? question.fields.filter(({ type }) => type !== "image") : question.fields;
    this.#fields = showFields(byId("fields"), fields);
    byId("fields").classList.toggle("drawn", drawn);
    byId("instead").hidden = true;
    byId("show-why").hidden = Boolean(question.corrects);
    this.#control.show(question);
    const scrolls = byId("fields").scrollHeight > byId("fields").clientHeight + 2;
    if (scrolls) byId("fields").setAttribute("tabindex", "0");
    else byId("fields").removeAttribute("tabindex");
    if (moveFocus && !this.#control.keepsFocus?.()) byId("question-title").focus({ preventScroll: true });
  }

  /** Load the images of the question that comes next. */
  prepare(question) {
    if (!question || question === this.#ahead) return;
    this.#ahead = question;
    for (const { type, url } of question.fields) if (type === "image") load(url).catch(() => {});
  }

  /** Show a message where the question would be; `text` null takes it away. */
  instead(title, text, busy = false, detail = null) {
    const host = byId("instead");
    host.hidden = text === null;
    byId("control").hidden = text !== null && !busy;
    if (text === null) return;
    byId("question-title").textContent = title;
    byId("eyebrow").replaceChildren();
    host.replaceChildren(
      busy ? el("span", { class: "spinner", "aria-hidden": "true" }) : "",
      el("p", { text }),
      detail ? el("p", { class: "detail", text: detail.text, lang: detail.lang }) : "",
    );
  }

  key(event) {
    if (this.#fields?.key(event)) return true;
    const fields = byId("fields");
    const page = fields.clientHeight * 0.85;
    const by = { " ": event.shiftKey ? -page : page, PageDown: page, PageUp: -page, ArrowDown: 60, ArrowUp: -60 }[event.key];
    if (by === undefined || fields.scrollHeight <= fields.clientHeight) return false;
    fields.scrollBy({ top: by });
    return true;
  }

  toggleWhy() {
    const question = this.#shown;
    if (!question || question.corrects) return;
    const reason = told(`why.${question.by}`, {}, question.why);
    const { strategy, score, round } = question.chosen ?? {};
    const parts = [
      strategy && t("why.by_strategy", { strategy }),
      typeof score === "number" && t("why.score", { score: figures(score) }),
      typeof round === "number" && t("why.round", { round: number(round) }),
    ].filter(Boolean);
    this.#toggle("why", () => [
      reason && el("p", { text: reason.text, lang: reason.lang }),
      parts.length ? el("p", { class: "detail", text: parts.join(" · ") }) : null,
    ]);
  }

  async toggleGuess() {
    const question = this.#shown;
    if (!question || byId("show-guess").hidden) return;
    if (!byId("guess").hidden) {
      this.#toggle("guess", () => []);
      return;
    }
    let guess = question.guess;
    try {
      guess ??= (await get("/api/guess", { row: question.row })).guess;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      guess = undefined;
    }
    if (this.#shown !== question) return;
    question.sawGuess = Boolean(guess);
    const said =
      guess === undefined
        ? t("guess.unreachable")
        : guess === null
          ? t("guess.none")
          : Number.isFinite(guess.probability)
            ? t("guess.is", { label: named(guess.label), share: percent(guess.probability) })
            : t("guess.is_plain", { label: named(guess.label) });
    const hidden = guess ? el("p", { class: "detail", text: t("guess.why_hidden") }) : null;
    this.#toggle("guess", () => [el("p", { class: "guess", text: said }), hidden]);
  }

  #toggle(name, build) {
    const host = byId(name);
    const opens = host.hidden;
    host.replaceChildren(...(opens ? build().filter(Boolean) : []));
    host.hidden = !opens;
    host.setAttribute("role", "status");
    byId(`show-${name}`).setAttribute("aria-expanded", String(opens));
  }

  #fold() {
    for (const name of ["why", "guess"]) {
      byId(name).hidden = true;
      byId(name).replaceChildren();
      byId(`show-${name}`).setAttribute("aria-expanded", "false");
    }
  }

  #heading(question) {
    if (question.corrects) return t("correct.title");
    const { control, target } = this.#session.project;
    if (control === "class" && this.#control.isPair?.()) return t("ask.pair", { target });
    return t(HEADINGS[control] ?? "ask.class", { target });
  }

  #eyebrow(question) {
    const { target } = this.#session.project;
    const parts = [
      target && target !== "label" && !this.#control.isPair?.() ? el("span", { text: target, dir: "auto" }) : null,
      el("span", { class: "row-id", text: t("row", { id: question.row }), title: question.row }),
    ];
    const earlier = question.earlier === null || question.earlier === undefined ? "" : named(question.earlier);
    if (earlier) parts.push(el("span", { class: "was", text: t("earlier.label", { label: earlier }) }));
    else if (question.earlierSkip) {
      parts.push(el("span", { class: "was", text: t("earlier.skip", { reason: reasonText(question.earlierSkip) }) }));
    }
    byId("eyebrow").replaceChildren(...parts.filter(Boolean));
  }
}
