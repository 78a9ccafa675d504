// The map of the pool: what is labelled, asked, predicted; a row on a click, an area to ask or to label at once.

import { ApiError, get } from "./api.js";
import { byId, el } from "./dom.js";
import { named } from "./labels.js";
import { MapDetail } from "./map_detail.js";
import { MARKS, swatch } from "./map_marks.js";
import { MapView } from "./map_view.js";
import { say } from "./say.js";
import { number, percent, problem, t, tn } from "./texts.js";

const UNCERTAIN = 0.9; // share of the rows that are less uncertain than those marked
const COLOURS = 8; // of classes, in the style sheet
const POLL = 3000;

export class MapPane {
  #host = byId("pane-map");
  #session;
  #desk;
  #create;
  #view = null;
  #data = null;
  #timer = 0;
  #by = "state";
  #status = el("p", { class: "hint", role: "status" });
  #legend = el("ul", { class: "legend" });

  constructor(session, desk, create) {
    this.#session = session;
    this.#desk = desk;
    this.#create = create;
  }

  get isOpen() {
    return !this.#host.hidden && this.#host.offsetParent !== null;
  }

  open() {
    if (!this.#view) this.#build();
    this.#load();
  }

  focus() {
    byId("map-canvas").focus({ preventScroll: true });
  }

  /** Read again some seconds after an answer, if it can be seen. */
  refresh() {
    if (this.isOpen && !this.#timer) this.#later();
  }

  #later() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      if (this.isOpen) this.#load();
    }, POLL);
  }

  #build() {
    const canvas = el("canvas", {
      id: "map-canvas",
      tabindex: "0",
      role: "application",
      "aria-label": t("map.label"),
      "aria-describedby": "map-hint",
    });
    const view = new MapView(canvas);
    this.#view = view;
    const below = new MapDetail({
      session: this.#session,
      desk: this.#desk,
      create: this.#create,
      view,
      reload: () => this.#load(),
    });
    view.addEventListener("pick", ({ detail }) => (detail ? below.showRow(detail) : below.clear()));
    view.addEventListener("cursor", ({ detail }) => say(this.#spoken(detail)));
    view.addEventListener("area", ({ detail }) => below.showArea(detail));
    const lasso = el("button", {
      type: "button",
      class: "secondary",
      "aria-pressed": "false",
      text: t("map.lasso"),
      on: {
        click: () => {
          this.#view.lasso = !this.#view.lasso;
          lasso.setAttribute("aria-pressed", String(this.#view.lasso));
          canvas.classList.toggle("drawing", this.#view.lasso);
        },
      },
    });
    const ways = el(
      "select",
      {
        "aria-label": t("map.by"),
        on: {
          change: () => {
            this.#by = ways.value;
            this.#show();
          },
        },
      },
      ...["state", "class", "uncertainty"].map((way) => el("option", { value: way, text: t(`map.by_${way}`) })),
    );
    const round = (name, text, action) =>
      el("button", { type: "button", class: "round", "aria-label": t(name), title: t(name), text, on: { click: action } });
    this.#host.append(
      el(
        "div",
        { class: "map-bar" },
        ways,
        lasso,
        el("span", { class: "push" }),
        round("image.out", "−", () => this.#view.zoom(1 / 1.4)),
        round("image.in", "+", () => this.#view.zoom(1.4)),
      ),
      el("div", { class: "map-frame" }, canvas),
      this.#legend,
      this.#status,
      el("p", { class: "hint", id: "map-hint", text: t("map.hint") }),
      below.element,
    );
  }

  async #load() {
    let found;
    try {
      found = await get("/api/map");
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#status.textContent = problem(error).text;
      this.#later();
      return;
    }
    if (found.state !== "ready") {
      this.#status.textContent = t(found.state === "computing" ? "map.computing" : "map.none");
      if (found.state === "computing") this.#later();
      if (!this.#data) return;
    } else {
      this.#data = found;
    }
    this.#show();
  }

  #show() {
    const data = this.#data;
    if (!data) return;
    const sure = (data.uncertainty ?? []).filter((value) => value !== null).sort((a, b) => a - b);
    const bound = sure.length ? sure[Math.min(sure.length - 1, Math.floor(sure.length * UNCERTAIN))] : Infinity;
    const order = Object.keys(MARKS);
    const points = data.rows.map((row, at) => {
      const point = {
        row,
        x: data.x[at],
        y: data.y[at],
        label: data.label[at],
        guess: data.guess[at],
        uncertainty: data.uncertainty[at],
      };
      const mark = data.mark[at];
      point.mark =
        mark !== "none" ? mark : point.uncertainty !== null && point.uncertainty >= bound && bound > 0 ? "uncertain" : point.guess !== null ? "predicted" : "none";
      return point;
    });
    points.sort((a, b) => order.indexOf(a.mark) - order.indexOf(b.mark));
    this.#view.show(points, (point) => this.#style(point));
    this.#drawLegend(points);
    const how = t("map.how", { method: t(`map.${data.method}`), of: t(`map.${data.of}`) });
    this.#status.textContent = data.sampled
      ? t("map.sampled", { shown: number(points.length), rows: number(data.n_rows), how })
      : `${tn("rows", points.length)}. ${how}`;
  }

  #style(point) {
    const { shape, colour } = MARKS[point.mark];
    if (this.#by === "state") return { shape, colour };
    if (this.#by === "uncertainty") {
      if (point.uncertainty === null) return { shape: "dot", colour: "--map-other" };
      return { shape, colour: `--map-level-${Math.min(4, Math.floor(point.uncertainty * 5))}` };
    }
    const name = point.label ?? point.guess;
    return { shape: point.label === null ? "dot" : "disc", colour: this.#colourOf(name) };
  }

  #colourOf(name) {
    const at = this.#session.project.classes.findIndex((known) => known.name === name);
    return at < 0 ? "--map-other" : `--map-class-${at % COLOURS}`;
  }

  #drawLegend(points) {
    const entries = [];
    if (this.#by === "state") {
      for (const [mark, { shape, colour }] of Object.entries(MARKS).reverse()) {
        const n = points.filter((point) => point.mark === mark).length;
        if (n) entries.push([shape, colour, t(`map.mark_${mark}`), n]);
      }
    } else if (this.#by === "class") {
      for (const { name } of this.#session.project.classes) {
        const n = points.filter((point) => (point.label ?? point.guess) === name).length;
        if (n) entries.push(["disc", this.#colourOf(name), name, n]);
      }
    } else {
      for (let level = 4; level >= 0; level--) {
        entries.push(["disc", `--map-level-${level}`, t("map.level", { low: percent(level / 5), high: percent((level + 1) / 5) }), null]);
      }
    }
    const note = this.#by === "class" ? [el("li", { class: "hint", text: t("map.class_hint") })] : [];
    this.#legend.replaceChildren(
      ...entries.map(([shape, colour, name, n]) =>
        el("li", {}, swatch(shape, colour), el("span", { text: name, dir: "auto" }), n === null ? null : el("span", { class: "count", text: number(n) })),
      ),
      ...note,
    );
  }

  #spoken(point) {
    const parts = [t("row", { id: point.row }), t(`map.mark_${point.mark}`)];
    if (point.label !== null) parts.push(named(point.label));
    return parts.join(", ");
  }
}
