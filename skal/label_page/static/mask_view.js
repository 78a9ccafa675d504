// The picture under a mask: image, colours of the classes and lines on one canvas, with zoom and pan.

import { el } from "./dom.js";
import { VOID } from "./mask_drawing.js";

const MOST = 60; // times the image's own size
const FIRST = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#f0e442"]; // Okabe & Ito
const OPACITY = 0.5;

/** The colour of a class by its place; the first seven are told apart by everybody. */
export function classColor(place) {
  if (place < FIRST.length) return FIRST[place];
  const k = place - FIRST.length;
  return `hsl(${Math.round(360 * ((0.11 + k * 0.618034) % 1))} 60% ${[65, 50, 35][k % 3]}%)`;
}

export class MaskView {
  scale = 1;
  x = 0;
  y = 0;
  opacity = OPACITY;
  lines = () => {}; // draws what lies over the mask, given the context and this view
  #image = null;
  #overlay = null;
  #colors;
  #waiting = false;
  #fitted = true;

  constructor(host, label, nColors) {
    this.canvas = el("canvas", { "aria-hidden": "true" });
    this.frame = el("div", { class: "mask-frame", tabindex: "0", role: "application", "aria-label": label }, this.canvas);
    host.append(this.frame);
    this.#colors = Array.from({ length: nColors }, (_, place) => wordOf(classColor(place)));
    this.watch = new ResizeObserver(() => (this.#fitted ? this.fit() : this.paint()));
    this.watch.observe(this.frame);
  }

  /** Load an image; its own size is that of the mask. */
  async load(address) {
    const image = new Image();
    image.src = address;
    await image.decode();
    this.#image = image;
    [this.width, this.height] = [image.naturalWidth, image.naturalHeight];
    this.#overlay = el("canvas", { width: this.width, height: this.height });
    this.fit();
  }

  /** Colour the pixels of a box [left, top, right, bottom] as the mask says. */
  color(mask, [left, top, right, bottom]) {
    if (right <= left || bottom <= top) return;
    const part = new ImageData(right - left, bottom - top);
    const pixels = new Uint32Array(part.data.buffer); // a colour at once: photographs have millions of pixels
    for (let y = top, to = 0; y < bottom; y++) {
      for (let from = y * this.width + left, end = from + right - left; from < end; from++, to++) {
        if (mask[from] !== VOID) pixels[to] = this.#colors[mask[from]];
      }
    }
    this.#overlay.getContext("2d").putImageData(part, left, top);
    this.paint();
  }

  /** The place in the image of a pointer. */
  placeOf(event) {
    const box = this.frame.getBoundingClientRect();
    return [(event.clientX - box.left - this.x) / this.scale, (event.clientY - box.top - this.y) / this.scale];
  }

  fit() {
    if (!this.#image || !this.frame.clientWidth) return;
    this.scale = Math.min(this.frame.clientWidth / this.width, this.frame.clientHeight / this.height);
    [this.x, this.y] = [0, 0];
    this.#fitted = true;
    this.paint();
  }

  zoom(factor, clientX, clientY) {
    const box = this.frame.getBoundingClientRect();
    const [x, y] = [clientX - box.left, clientY - box.top];
    const whole = Math.min(box.width / this.width, box.height / this.height);
    const next = Math.min(Math.max(this.scale * factor, whole / 2), MOST);
    this.x = x - ((x - this.x) * next) / this.scale;
    this.y = y - ((y - this.y) * next) / this.scale;
    this.scale = next;
    this.#fitted = false;
    this.paint();
  }

  zoomMiddle(factor) {
    const box = this.frame.getBoundingClientRect();
    this.zoom(factor, box.left + box.width / 2, box.top + box.height / 2);
  }

  move(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.#fitted = false;
    this.paint();
  }

  /** Move a place into the frame. */
  reveal([x, y], margin = 24) {
    const [px, py] = [x * this.scale + this.x, y * this.scale + this.y];
    const { clientWidth: width, clientHeight: height } = this.frame;
    const dx = Math.max(0, margin - px) - Math.max(0, px - (width - margin));
    const dy = Math.max(0, margin - py) - Math.max(0, py - (height - margin));
    if (dx || dy) this.move(dx, dy);
  }

  /** Paint soon; several calls are one painting. */
  paint() {
    if (this.#waiting) return;
    this.#waiting = true;
    requestAnimationFrame(() => {
      this.#waiting = false;
      this.#paintNow();
    });
  }

  #paintNow() {
    if (!this.#image) return;
    const { clientWidth: width, clientHeight: height } = this.frame;
    const ratio = devicePixelRatio || 1;
    const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.canvas.width !== wide || this.canvas.height !== high) Object.assign(this.canvas, { width: wide, height: high });
    this.x = inFrame(this.x, this.width * this.scale, width);
    this.y = inFrame(this.y, this.height * this.scale, height);
    const context = this.canvas.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, wide, high);
    context.setTransform(ratio * this.scale, 0, 0, ratio * this.scale, ratio * this.x, ratio * this.y);
    context.imageSmoothingEnabled = this.scale < 3;
    context.drawImage(this.#image, 0, 0);
    context.imageSmoothingEnabled = false;
    context.globalAlpha = this.opacity;
    context.drawImage(this.#overlay, 0, 0);
    context.globalAlpha = 1;
    this.lines(context, this);
  }

  destroy() {
    this.watch.disconnect();
    this.frame.remove();
  }
}

/** Keep an image in its frame: in the middle if it is smaller, without a gap at its sides if it is larger. */
function inFrame(place, size, room) {
  if (size <= room) return (room - size) / 2;
  return Math.min(0, Math.max(room - size, place));
}

function wordOf(color) {
  const context = el("canvas", { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  return new Uint32Array(context.getImageData(0, 0, 1, 1).data.buffer)[0];
}
