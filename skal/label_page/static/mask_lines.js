// Lines over the picture: outlines of polygons, the one that is being clicked, the brush, the region that is asked.

import { ringsOf } from "./mask_edits.js";

/** Draw what belongs to a mask. Lines are as thick at any zoom; a white one under each shows on any ground. */
export function paintLines(context, view, { edits, colors, pointer, current, held, corners, brush, near }) {
  if (!edits) return;
  const thin = 1 / view.scale;
  edits.shapes.forEach((shape, number) => {
    let rings = ringsOf(shape);
    if (held?.kind === "corner" && held.shape === number) {
      rings = rings.map((ring, k) => ring.map((place, j) => (k === held.ring && j === held.corner ? held.place : place)));
    }
    for (const ring of rings) {
      trace(context, ring, true);
      doubled(context, colors.get(shape.class) ?? "#000", (number === edits.selected ? 3 : 1.5) * thin);
      if (corners) for (const place of ring) dot(context, place, 4 * thin, "#fff", colors.get(shape.class) ?? "#000", thin);
    }
  });
  const color = colors.get(current);
  if (edits.draft.length) {
    const [first] = edits.draft;
    const closes = pointer && edits.draft.length > 2 && Math.hypot(first[0] - pointer[0], first[1] - pointer[1]) <= near;
    trace(context, pointer ? [...edits.draft, closes ? first : pointer] : edits.draft, false);
    doubled(context, color, 2 * thin);
    edits.draft.forEach((place, k) => dot(context, place, (k === 0 && closes ? 7 : 4) * thin, k === 0 ? color : "#fff", color, thin));
  }
  if (!pointer) return;
  if (brush) {
    context.beginPath();
    context.arc(pointer[0], pointer[1], brush / 2, 0, 2 * Math.PI);
    doubled(context, color, 1.5 * thin);
  } else {
    cross(context, pointer, 8 * thin);
    doubled(context, "#000", thin);
  }
}

/** Outline a region, and darken what is not asked. */
export function paintRegion(context, view, rings) {
  context.beginPath();
  context.rect(0, 0, view.width, view.height);
  for (const ring of rings) path(context, ring);
  context.fillStyle = "rgb(0 0 0 / 35%)";
  context.fill("evenodd");
  context.beginPath();
  for (const ring of rings) path(context, ring);
  doubled(context, "#d55e00", 2.5 / view.scale);
}

function path(context, ring) {
  ring.forEach(([x, y], k) => (k ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.closePath();
}

function trace(context, points, closed) {
  context.beginPath();
  points.forEach(([x, y], k) => (k ? context.lineTo(x, y) : context.moveTo(x, y)));
  if (closed) context.closePath();
}

function doubled(context, color, width) {
  context.lineJoin = "round";
  context.lineWidth = width * 2;
  context.strokeStyle = "rgb(255 255 255 / 80%)";
  context.stroke();
  context.lineWidth = width;
  context.strokeStyle = color;
  context.stroke();
}

function dot(context, [x, y], radius, fill, line, width) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = fill;
  context.fill();
  context.lineWidth = 1.5 * width;
  context.strokeStyle = line;
  context.stroke();
}

function cross(context, [x, y], arm) {
  context.beginPath();
  context.moveTo(x - arm, y);
  context.lineTo(x + arm, y);
  context.moveTo(x, y - arm);
  context.lineTo(x, y + arm);
}
