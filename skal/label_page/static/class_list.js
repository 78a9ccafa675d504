// The classes as buttons with their keys, with a filter where there are many. For one class and for several alike.

import { breakable, el, key as keyCap } from "./dom.js";
import { t } from "./texts.js";

const FILTERED = 10; // more classes than this get a filter box
const DOUBLE = 500; // ms within which a second click was meant for the question before
const BRIEF = 9; // letters of names that fit three in a row on a phone

/** Buttons of classes. `choose(name, isNew)` is called for a click, a key, Enter in the filter. */
export class ClassList {
  #choose;
  #buttons = new Map();
  #keys = new Map();
  #grid = el("div", { class: "classes", role: "group", "aria-label": t("classes.label") });
  #filter = null;
  #create = null;
  #appeared;

  constructor(host, { classes, newClasses, choose, create, toggles = false, appeared = () => -Infinity }) {
    this.#choose = choose;
    this.#create = newClasses ? create : null;
    this.toggles = toggles;
    this.#appeared = appeared;
    if (classes.length > FILTERED) host.append(this.#filterBox());
    host.append(this.#grid);
    this.setClasses(classes);
  }

  setClasses(classes) {
    this.#buttons.clear();
    this.#keys.clear();
    for (const { name, key } of classes) {
      const button = el(
        "button",
        {
          type: "button",
          class: "class",
          data: { name },
          "aria-pressed": this.toggles ? "false" : null,
          "aria-keyshortcuts": key || null,
          on: { click: (event) => this.#clicked(event, name) },
        },
        key ? keyCap(key) : null,
        el("span", { class: "name", dir: "auto" }, ...breakable(name)),
        el("span", { class: "tag" }),
      );
      this.#buttons.set(name, button);
      if (key) this.#keys.set(key.toLowerCase(), name);
    }
    const more = this.#create
      ? el(
          "button",
          { type: "button", class: "class new", on: { click: () => this.#create(this.#filter?.value ?? "") } },
          keyCap("c"),
          el("span", { class: "name", text: t("new_class.button") }),
        )
      : null;
    this.#grid.classList.toggle("pair", classes.length === 2 && !more);
    this.#grid.classList.toggle("many", classes.length > FILTERED);
    this.#grid.classList.toggle("brief", !more && classes.length > 4 && classes.every(({ name }) => name.length <= BRIEF));
    this.#grid.replaceChildren(...this.#buttons.values(), ...(more ? [more] : []));
  }

  /** Mark classes: `earlier` answers, the model's `guess`. */
  mark({ earlier = [], guess = null } = {}) {
    for (const [name, button] of this.#buttons) {
      const was = earlier.includes(name);
      const guessed = guess?.label === name;
      button.classList.toggle("earlier", was);
      button.classList.toggle("guessed", guessed);
      button.lastElementChild.textContent = was ? t("answer.earlier") : guessed ? t("guess.tag") : "";
    }
    this.clearFilter();
  }

  press(names) {
    for (const [name, button] of this.#buttons) button.setAttribute("aria-pressed", String(names.has(name)));
  }

  has = (name) => this.#buttons.has(name);
  get names() {
    return [...this.#buttons.keys()];
  }

  /** Keys that classes take, so that commands move aside. */
  get keys() {
    return this.#keys;
  }

  key(event) {
    const name = event.shiftKey ? undefined : this.#keys.get(event.key.toLowerCase());
    if (name !== undefined) {
      if (!event.repeat) this.#choose(name);
      return true;
    }
    if (event.key === "/" && this.#filter) {
      this.#filter.focus();
      return true;
    }
    return false;
  }

  clearFilter() {
    if (!this.#filter || !this.#filter.value) return;
    this.#filter.value = "";
    this.#narrow();
  }

  #clicked(event, name) {
    // The second click of a double click belongs to the question before.
    if (!this.toggles && event.detail > 1 && event.timeStamp - this.#appeared() < DOUBLE) return;
    this.#choose(name);
  }

  #filterBox() {
    this.#filter = el("input", {
      type: "search",
      class: "filter",
      placeholder: t("filter.placeholder"),
      "aria-label": t("filter.label"),
      autocomplete: "off",
      spellcheck: "false",
      on: { input: () => this.#narrow(), keydown: (event) => this.#inFilter(event) },
    });
    return el("div", { class: "filter-row" }, this.#filter, keyCap("/"));
  }

  #narrow() {
    const wanted = folded(this.#filter.value);
    let first = null;
    for (const [name, button] of this.#buttons) {
      const fits = folded(name).includes(wanted);
      button.hidden = !fits;
      button.classList.remove("next");
      if (fits && (!first || (folded(name).startsWith(wanted) && !folded(first.dataset.name).startsWith(wanted)))) {
        first = button;
      }
    }
    if (wanted) first?.classList.add("next");
  }

  #inFilter(event) {
    const visible = [...this.#buttons.values()].filter((button) => !button.hidden);
    const at = visible.findIndex((button) => button.classList.contains("next"));
    if (event.key === "Enter") {
      event.preventDefault();
      if (at >= 0) this.#choose(visible[at].dataset.name);
      else if (!visible.length && this.#create) this.#create(this.#filter.value);
      else return;
      this.clearFilter();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      visible[at]?.classList.remove("next");
      const next = visible[(at + (event.key === "ArrowDown" ? 1 : visible.length - 1)) % visible.length];
      next?.classList.add("next");
      next?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Escape") {
      this.clearFilter();
      document.getElementById("question-title").focus();
    } else return;
    event.stopPropagation();
  }
}

/** Letters alike for searching: no case, no accents. */
const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
