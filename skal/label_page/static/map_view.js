// The map as a picture: points of a canvas, moved and zoomed, with a cursor for the keyboard and a drawn area.

import { drawMark, inside } from "./map_marks.js";

const ROOM = 18; // pixels around the points
const NEAR = 14; // pixels within which a click finds a point
const MOST = 40;
const FADED = 0.22; // of points outside the chosen area

/** Events: `pick` (detail: point or null), `area` (detail: points), `cursor` (detail: point). */
export class MapView extends EventTarget {
  points = [];
  lasso = false;
  chosen = new Set();
  #canvas;
  #context;
  #view = { x: 0, y: 0, scale: 1 };
  #box = { left: 0, top: 0, width: 1, height: 1 };
  #cursor = -1;
  #path = null;
  #frame = 0;

  constructor(canvas) {
    super();
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
    new ResizeObserver(() => this.redraw()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.redraw());
    canvas.addEventListener("keydown", (event) => this.#key(event));
    canvas.addEventListener("blur", () => this.redraw());
    canvas.addEventListener("focus", () => this.redraw());
    this.#pointers();
  }

  /** Points with x, y, row and `style(point)` -> {shape, colour}. */
  show(points, style) {
    const keep = this.points[this.#cursor]?.row;
    this.points = points;
    this.style = style;
    this.#cursor = points.findIndex(({ row }) => row === keep);
    const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
    const [left, top] = [Math.min(...xs), Math.min(...ys)];
    this.#box = { left, top, width: Math.max(...xs) - left || 1, height: Math.max(...ys) - top || 1 };
    this.redraw();
  }

  get cursor() {
    return this.points[this.#cursor] ?? null;
  }

  choose(points) {
    this.chosen = new Set(points.map(({ row }) => row));
    this.redraw();
  }

  /** The points that are nearest to one, itself first. */
  nearest(point, n) {
    const distance = ({ x, y }) =>
      ((x - point.x) / this.#box.width) ** 2 + ((y - point.y) / this.#box.height) ** 2;
    return [...this.points].sort((a, b) => distance(a) - distance(b)).slice(0, n);
  }

  zoom(factor, x = this.#canvas.clientWidth / 2, y = this.#canvas.clientHeight / 2) {
    const view = this.#view;
    const next = Math.min(MOST, Math.max(1, view.scale * factor));
    view.x = next === 1 ? 0 : x - ((x - view.x) * next) / view.scale;
    view.y = next === 1 ? 0 : y - ((y - view.y) * next) / view.scale;
    view.scale = next;
    this.redraw();
  }

  redraw() {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#draw());
  }

  #place({ x, y }) {
    const { clientWidth: w, clientHeight: h } = this.#canvas;
    const { left, top, width, height } = this.#box;
    return [
      (ROOM + ((x - left) / width) * (w - 2 * ROOM)) * this.#view.scale + this.#view.x,
      (h - ROOM - ((y - top) / height) * (h - 2 * ROOM)) * this.#view.scale + this.#view.y,
    ];
  }

  #draw() {
    const { clientWidth: w, clientHeight: h } = this.#canvas;
    const dense = window.devicePixelRatio || 1;
    if (!w || !h) return;
    if (this.#canvas.width !== Math.round(w * dense) || this.#canvas.height !== Math.round(h * dense)) {
      this.#canvas.width = Math.round(w * dense);
      this.#canvas.height = Math.round(h * dense);
    }
    const context = this.#context;
    const colours = getComputedStyle(this.#canvas);
    const colour = (name) => colours.getPropertyValue(name).trim() || name;
    context.setTransform(dense, 0, 0, dense, 0, 0);
    context.clearRect(0, 0, w, h);
    const size = this.points.length > 800 ? 3 : 4;
    const ink = colour("--ink");
    context.lineWidth = 2;
    for (const point of this.points) {
      const [x, y] = this.#place(point);
      if (x < -9 || y < -9 || x > w + 9 || y > h + 9) continue;
      const { shape, colour: name } = this.style(point);
      context.fillStyle = context.strokeStyle = colour(name);
      const isChosen = this.chosen.has(point.row);
      context.globalAlpha = this.chosen.size > 1 && !isChosen ? FADED : 1;
      drawMark(context, shape, x, y, size);
      if (isChosen && this.chosen.size === 1) {
        context.strokeStyle = ink;
        drawMark(context, "ring", x, y, size + 3);
      }
    }
    context.globalAlpha = 1;
    if (this.cursor && document.activeElement === this.#canvas) {
      const [x, y] = this.#place(this.cursor);
      context.strokeStyle = ink;
      context.strokeRect(x - 9, y - 9, 18, 18);
    }
    if (this.#path) {
      context.strokeStyle = ink;
      context.setLineDash([5, 4]);
      context.beginPath();
      for (const [x, y] of this.#path) context.lineTo(x, y);
      context.closePath();
      context.stroke();
      context.setLineDash([]);
    }
  }

  #at(event) {
    const box = this.#canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  #find([x, y]) {
    let best = -1;
    let least = NEAR;
    this.points.forEach((point, at) => {
      const [px, py] = this.#place(point);
      const far = Math.hypot(px - x, py - y);
      if (far <= least) [best, least] = [at, far];
    });
    return best;
  }

  #pick(at) {
    this.#cursor = at;
    this.redraw();
    this.dispatchEvent(new CustomEvent("pick", { detail: this.cursor }));
  }

  #pointers() {
    const canvas = this.#canvas;
    const down = new Map();
    let moved = false;
    canvas.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        this.zoom(1.2 ** (-event.deltaY / 100), ...this.#at(event));
      },
      { passive: false },
    );
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      down.set(event.pointerId, this.#at(event));
      moved = false;
      this.#path = this.lasso && down.size === 1 ? [this.#at(event)] : null;
    });
    canvas.addEventListener("pointermove", (event) => {
      const before = down.get(event.pointerId);
      if (!before) return;
      const now = this.#at(event);
      if (Math.hypot(now[0] - before[0], now[1] - before[1]) < (moved ? 1 : 4)) return;
      moved = true;
      if (this.#path) this.#path.push(now);
      else if (down.size === 2) {
        const other = [...down].find(([id]) => id !== event.pointerId)[1];
        const factor = Math.hypot(now[0] - other[0], now[1] - other[1]) / Math.max(1, Math.hypot(before[0] - other[0], before[1] - other[1]));
        this.zoom(factor, (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
      } else {
        this.#view.x += now[0] - before[0];
        this.#view.y += now[1] - before[1];
      }
      down.set(event.pointerId, now);
      this.redraw();
    });
    canvas.addEventListener("pointerup", (event) => {
      if (!down.delete(event.pointerId)) return;
      const path = this.#path;
      this.#path = null;
      if (!moved) this.#pick(this.#find(this.#at(event)));
      else if (path?.length > 2) {
        const found = this.points.filter((point) => inside(this.#place(point), path));
        this.choose(found);
        this.dispatchEvent(new CustomEvent("area", { detail: found }));
      }
      this.redraw();
    });
    canvas.addEventListener("pointercancel", (event) => {
      down.delete(event.pointerId);
      this.#path = null;
    });
  }

  #key(event) {
    const direction = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (direction && this.points.length) this.#step(direction);
    else if (event.key === "+" || event.key === "=") this.zoom(1.3);
    else if (event.key === "-") this.zoom(1 / 1.3);
    else if (event.key === "Enter" && this.cursor) this.#pick(this.#cursor);
    else if (event.key === "a" && this.cursor) this.#grow();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Go to the nearest point in a direction. */
  #step([dx, dy]) {
    const here = this.cursor ? this.#place(this.cursor) : [this.#canvas.clientWidth / 2, this.#canvas.clientHeight / 2];
    let best = -1;
    let least = Infinity;
    this.points.forEach((point, at) => {
      if (at === this.#cursor) return;
      const [x, y] = this.#place(point);
      const [ahead, aside] = [(x - here[0]) * dx + (y - here[1]) * dy, (x - here[0]) * dy + (y - here[1]) * dx];
      const far = ahead + 2 * Math.abs(aside);
      if (ahead > 0.5 && far < least) [best, least] = [at, far];
    });
    if (best < 0) return;
    this.#cursor = best;
    this.redraw();
    this.dispatchEvent(new CustomEvent("cursor", { detail: this.cursor }));
  }

  /** An area without a pointer: ten more neighbours with every press. */
  #grow() {
    const found = this.nearest(this.cursor, this.chosen.has(this.cursor.row) ? this.chosen.size + 10 : 10);
    this.choose(found);
    this.dispatchEvent(new CustomEvent("area", { detail: found }));
  }
}
