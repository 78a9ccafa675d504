// The panel beside the question: progress, own answers, map. On a narrow screen it lies over the question.

import { byId } from "./dom.js";

const NAMES = ["progress", "answers", "map"];
const WIDE = matchMedia("(min-width: 1000px)");

export class Panel {
  #panes;
  #now = "progress";
  #before = null;

  /** `panes`: name -> object with `open()`, called when the pane comes into view. */
  constructor(panes) {
    this.#panes = panes;
    for (const name of NAMES) {
      const tab = byId(`tab-${name}`);
      tab.addEventListener("click", () => this.show(name));
      tab.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        event.preventDefault();
        event.stopPropagation();
        const next = NAMES[(NAMES.indexOf(name) + step + NAMES.length) % NAMES.length];
        this.show(next);
        byId(`tab-${next}`).focus();
      });
    }
    for (const button of document.querySelectorAll("[data-panel]")) {
      button.addEventListener("click", () => this.toggle(button.dataset.panel));
    }
    byId("close-panel").addEventListener("click", () => this.close());
    WIDE.addEventListener("change", () => this.#lay());
    this.#mark();
    this.#lay();
  }

  get isOver() {
    return !WIDE.matches && byId("panel").classList.contains("open");
  }

  /** Bring a pane into view and put the focus into it. */
  toggle(name) {
    const visible = WIDE.matches || byId("panel").classList.contains("open");
    if (visible && this.#now === name) {
      if (byId("panel").contains(document.activeElement) || !WIDE.matches) this.close();
      else this.#focus(name);
      return;
    }
    this.#before = document.activeElement;
    this.show(name);
    this.#focus(name);
  }

  show(name) {
    this.#now = name;
    byId("panel").classList.add("open");
    this.#mark();
    this.#lay();
    this.#panes[name]?.open();
  }

  /** Go back to the question. */
  close() {
    byId("panel").classList.remove("open");
    this.#lay();
    const back = this.#before?.isConnected && !byId("panel").contains(this.#before) ? this.#before : byId("question-title");
    back.focus({ preventScroll: true });
    if (WIDE.matches && this.#now !== "progress") this.show("progress");
  }

  #focus(name) {
    if (this.#panes[name]?.focus) this.#panes[name].focus();
    else byId(`tab-${name}`).focus();
  }

  #mark() {
    document.body.dataset.pane = this.#now;
    for (const name of NAMES) {
      const chosen = name === this.#now;
      byId(`tab-${name}`).setAttribute("aria-selected", String(chosen));
      byId(`tab-${name}`).tabIndex = chosen ? 0 : -1;
      byId(`pane-${name}`).hidden = !chosen;
    }
  }

  #lay() {
    byId("main").inert = this.isOver;
  }
}
