// Below the map: a row that was clicked, or an area that is asked next or, after a look at a sample, labelled at once.

import { ApiError, get, newRequest, post } from "./api.js";
import { createControl } from "./controls.js";
import { askSure } from "./dialogs.js";
import { el } from "./dom.js";
import { showFields } from "./fields.js";
import { named } from "./labels.js";
import { say } from "./say.js";
import { number, problem, t, tn } from "./texts.js";

const IN_BULK = ["class", "labels", "number"]; // kinds of answers that many rows can have at once

export class MapDetail {
  element = el("div", { class: "map-detail" });
  #session;
  #desk;
  #create;
  #view;
  #reload;
  #drawn = null;

  /** `reload()` reads the map again. */
  constructor({ session, desk, create, view, reload }) {
    this.#session = session;
    this.#desk = desk;
    this.#create = create;
    this.#view = view;
    this.#reload = reload;
  }

  clear() {
    this.#drawn?.destroy();
    this.#drawn = null;
    this.element.replaceChildren();
    this.#view.choose([]);
  }

  async showRow(point) {
    let found;
    try {
      found = await get("/api/row", { id: point.row });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      say(problem(error).text, true);
      return;
    }
    this.clear();
    this.#view.choose([point]);
    const fields = el("div", { class: "fields small" });
    this.#drawn = showFields(fields, found.fields, { small: true });
    this.element.replaceChildren(
      el("h3", { text: t("row", { id: point.row }) }),
      el("p", { class: "hint", text: this.#about(point, found) }),
      fields,
      el(
        "div",
        { class: "confirm-row" },
        el("button", { type: "button", class: "secondary", text: t("close"), on: { click: () => this.clear() } }),
        el("button", { type: "button", class: "primary", text: t("map.ask_row"), on: { click: () => this.#ask([point.row]) } }),
      ),
    );
    this.#reveal();
    say(t("map.row_shown", { id: point.row }));
  }

  #about(point, { own }) {
    const parts = [t(`map.mark_${point.mark}`)];
    if (own !== null && own !== undefined) parts.push(t("map.own", { label: named(own) }));
    return parts.join(" · ");
  }

  showArea(points) {
    this.#drawn?.destroy();
    this.#drawn = null;
    if (!points.length) {
      this.element.replaceChildren(el("p", { class: "hint", text: t("map.area_empty") }));
      return;
    }
    const rows = points.map(({ row }) => row);
    const bulk = IN_BULK.includes(this.#session.project.control);
    this.element.replaceChildren(
      el("h3", { text: tn("map.area", rows.length) }),
      el(
        "div",
        { class: "confirm-row" },
        el("button", { type: "button", class: "secondary", text: t("map.drop"), on: { click: () => this.clear() } }),
        el("button", { type: "button", class: "primary", text: t("map.ask_area"), on: { click: () => this.#ask(rows) } }),
        bulk
          ? el("button", { type: "button", class: "secondary", text: t("map.look"), on: { click: () => this.#look(rows) } })
          : null,
      ),
      el("p", { class: "hint", text: bulk ? t("map.area_hint") : "" }),
    );
    this.#reveal();
    say(tn("map.area", rows.length));
  }

  /** Scroll to what is said about a row or an area, below the map. */
  #reveal() {
    const below = this.element.offsetTop + this.element.offsetHeight - this.element.parentElement.clientHeight;
    if (below > this.element.parentElement.scrollTop) this.element.parentElement.scrollTop = Math.min(below, this.element.offsetTop - 8);
  }

  async #look(rows) {
    const found = await this.#try(() => post("/api/map/sample", { request: newRequest(), rows }));
    if (!found) return;
    const shown = found.rows.map(({ row, fields }) => {
      const host = el("div", { class: "fields small" });
      showFields(host, fields, { small: true });
      return el("li", { class: "sample" }, el("p", { class: "row-id", text: t("row", { id: row }) }), host);
    });
    const control = el("div");
    this.element.replaceChildren(
      el("h3", { text: t("map.sample", { shown: number(shown.length), rows: number(rows.length) }) }),
      el("ul", { class: "samples" }, ...shown),
      el("h3", { text: tn("map.label_all", rows.length) }),
      el("p", { class: "hint", text: t("map.bulk_hint") }),
      control,
      el("div", { class: "confirm-row" }, el("button", { type: "button", class: "secondary", text: t("map.drop"), on: { click: () => this.clear() } })),
    );
    this.element.parentElement.scrollTop = this.element.offsetTop - 8;
    let sent = false;
    createControl(control, {
      session: this.#session,
      say,
      create: this.#create,
      appeared: () => -Infinity,
      answer: (label, { new_class } = {}) => {
        if (sent) return;
        sent = true;
        this.#labelAll(rows, { label, looked: shown.length, ...(new_class ? { new_class } : {}) }).finally(() => (sent = false));
      },
    }).show({ earlier: null, guess: null });
  }

  async #labelAll(rows, given) {
    const name = named(given.label);
    const sure = await askSure(t("map.sure_title"), t("map.sure", { n: number(rows.length), label: name }), t("map.sure_send"));
    if (!sure) return;
    const taken = await this.#try(() => post("/api/map/label", { request: newRequest(), rows, ...given }));
    if (!taken) return;
    this.clear();
    this.#desk.bulk(taken, name);
    say(t("map.labelled", { n: number(rows.length), label: name }), true);
    this.#reload();
  }

  async #ask(rows) {
    const asked = await this.#try(() => post("/api/map/ask", { request: newRequest(), rows }));
    if (!asked) return;
    this.clear();
    say(tn("map.asked", rows.length), true);
    this.#desk.refresh();
    this.#reload();
  }

  /** Nothing of the map waits in the outbox: where the server cannot do it now, it says so. */
  async #try(action) {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      say(error.status === 0 ? t("map.not_done") : problem(error).text, true);
      return null;
    }
  }
}
