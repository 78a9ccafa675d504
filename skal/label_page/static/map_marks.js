// How rows are drawn on the map: by shape and by colour, so that neither has to be told apart alone.

import { el } from "./dom.js";

/** Marks in the order in which they are drawn, with their shape and the colour's name in the style sheet. */
export const MARKS = {
  none: { shape: "dot", colour: "--map-other" },
  predicted: { shape: "dot", colour: "--map-predicted" },
  uncertain: { shape: "triangle", colour: "--map-uncertain" },
  labelled: { shape: "disc", colour: "--map-labelled" },
  audit: { shape: "diamond", colour: "--map-audit" },
  asked: { shape: "ring", colour: "--map-asked" },
};

/** Draw one mark. */
export function drawMark(context, shape, x, y, size) {
  context.beginPath();
  if (shape === "triangle") {
    context.moveTo(x, y - size * 1.2);
    context.lineTo(x + size * 1.1, y + size * 0.8);
    context.lineTo(x - size * 1.1, y + size * 0.8);
    context.closePath();
  } else if (shape === "diamond") {
    context.moveTo(x, y - size * 1.35);
    context.lineTo(x + size * 1.35, y);
    context.lineTo(x, y + size * 1.35);
    context.lineTo(x - size * 1.35, y);
    context.closePath();
  } else {
    context.arc(x, y, shape === "dot" ? size * 0.75 : size * 1.15, 0, 2 * Math.PI);
  }
  if (shape === "ring") context.stroke();
  else context.fill();
}

/** Whether a place is inside a path that is closed (crossings of a ray). */
export function inside([x, y], path) {
  let crossed = false;
  for (let i = 0, j = path.length - 1; i < path.length; j = i++) {
    const [[ax, ay], [bx, by]] = [path[i], path[j]];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) crossed = !crossed;
  }
  return crossed;
}

/** A mark for the legend. */
export function swatch(shape, colour) {
  const canvas = el("canvas", { class: "swatch", width: "28", height: "28", "aria-hidden": "true" });
  requestAnimationFrame(() => {
    const context = canvas.getContext("2d");
    context.fillStyle = context.strokeStyle = getComputedStyle(canvas).getPropertyValue(colour).trim();
    context.lineWidth = 4;
    drawMark(context, shape, 14, 14, 8);
  });
  return canvas;
}
