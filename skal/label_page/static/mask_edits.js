// What is being drawn: shapes, the polygon that is not closed yet, and every step back to the first click.

import { drawShape, drawShapes, isInside, onGrid } from "./mask_drawing.js";

export class MaskEdits {
  shapes = [];
  draft = []; // corners of the polygon that is being clicked
  clicks = 0; // of everything that was done, also of what was undone: they were work
  selected = -1; // number of a polygon
  changed = () => {}; // called with the box of the pixels that may have changed
  #past = [];

  constructor(width, height, classes, starts = {}) {
    Object.assign(this, { width, height, classes, starts });
    this.mask = drawShapes([], width, height, classes);
  }

  /** Go on with shapes that were drawn before; `undo` does not go behind them. */
  goOnWith(shapes) {
    this.shapes = shapes;
    this.#drawAll();
  }

  corner(place) {
    this.draft = [...this.draft, this.#kept(place)];
    this.#clicked();
  }

  /** Close the polygon; false where it has fewer than three corners. */
  close(name) {
    if (this.draft.length < 3) return false;
    const points = this.draft;
    this.draft = [];
    this.#add({ kind: "polygon", class: name, points });
    return true;
  }

  stroke(name, size, points) {
    this.#add({ kind: "stroke", class: name, size: onGrid(size), points: points.map((place) => this.#kept(place)) });
    this.#clicked();
  }

  rest(name) {
    this.#add({ kind: "rest", class: name });
    this.#clicked();
  }

  /** Begin with a stored mask; what was drawn lies over it. */
  start(digest) {
    this.#remember();
    this.shapes = [{ kind: "start", mask: digest }, ...this.shapes.filter(({ kind }) => kind !== "start")];
    this.#clicked();
    this.#drawAll();
  }

  get hasStart() {
    return this.shapes[0]?.kind === "start";
  }

  moveCorner({ shape, ring, corner }, place) {
    const old = this.shapes[shape];
    const rings = [old.points, ...(old.holes ?? [])].map((points) => [...points]);
    rings[ring][corner] = this.#kept(place);
    const [points, ...holes] = rings;
    this.#replace(shape, { ...old, points, ...(holes.length ? { holes } : {}) });
  }

  /** Give the selected polygon another class. */
  recolor(name) {
    this.#replace(this.selected, { ...this.shapes[this.selected], class: name });
  }

  remove() {
    this.#remember();
    this.shapes = this.shapes.filter((_, number) => number !== this.selected);
    this.selected = -1;
    this.#clicked();
    this.#drawAll();
  }

  /** Take back the last click: a corner, else the last change. False if there is none. */
  undo() {
    if (this.draft.length) {
      this.draft = this.draft.slice(0, -1);
      this.changed([0, 0, 0, 0]);
      return true;
    }
    const before = this.#past.pop();
    if (!before) return false;
    // A polygon that was closed is open again, so that its last corner can be taken back.
    [this.shapes, this.draft] = before;
    this.selected = -1;
    this.#drawAll();
    return true;
  }

  dropDraft() {
    this.draft = [];
    this.changed([0, 0, 0, 0]);
  }

  /** The corner of a polygon next to a place, within a distance; the uppermost polygon first. */
  cornerAt([x, y], distance) {
    for (let shape = this.shapes.length - 1; shape >= 0; shape--) {
      for (const [ring, points] of ringsOf(this.shapes[shape]).entries()) {
        const corner = points.findIndex(([u, v]) => Math.hypot(u - x, v - y) <= distance);
        if (corner >= 0) return { shape, ring, corner };
      }
    }
    return null;
  }

  /** The number of the uppermost polygon at a place, -1 if there is none. */
  polygonAt([x, y]) {
    for (let shape = this.shapes.length - 1; shape >= 0; shape--) {
      const rings = ringsOf(this.shapes[shape]);
      if (rings.length && isInside(rings, x, y)) return shape;
    }
    return -1;
  }

  /** Draw all again, as it is after what is painted for the eye alone. */
  redraw() {
    this.#drawAll();
  }

  value() {
    return { shapes: this.shapes, clicks: this.clicks, size: [this.width, this.height] };
  }

  #add(shape) {
    this.#past.push([this.shapes, shape.kind === "polygon" ? shape.points : []]);
    this.shapes = [...this.shapes, shape];
    this.changed(drawShape(this.mask, shape, this.width, this.height, this.classes, this.starts));
  }

  #replace(number, shape) {
    this.#remember();
    this.shapes = this.shapes.map((old, place) => (place === number ? shape : old));
    this.#clicked();
    this.#drawAll();
  }

  #remember() {
    this.#past.push([this.shapes, []]);
  }

  #clicked() {
    this.clicks++;
    this.changed([0, 0, 0, 0]);
  }

  /** Corners may leave the image a little, as hands do; on its border they stay on it. */
  #kept([x, y]) {
    return [onGrid(Math.min(Math.max(x, 0), this.width)), onGrid(Math.min(Math.max(y, 0), this.height))];
  }

  #drawAll() {
    this.mask.set(drawShapes(this.shapes, this.width, this.height, this.classes, this.starts));
    this.changed([0, 0, this.width, this.height]);
  }
}

export const ringsOf = (shape) => (shape.kind === "polygon" ? [shape.points, ...(shape.holes ?? [])] : []);
