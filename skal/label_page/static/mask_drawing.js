// From shapes to pixels, by the rules of skal.labeling.masks: a polygon has the pixels whose centres are inside
// (even-odd), a stroke those whose centres are no farther from its line than half its size. What is shown while
// drawing is what the server keeps, pixel by pixel.

export const VOID = 255;
const GRID = 16; // coordinates are kept to a sixteenth of a pixel

export const onGrid = (x) => Math.round(x * GRID) / GRID;

/** Draw shapes into a new mask, one byte a pixel. `starts`: stored masks by digest, {size, runs}. */
export function drawShapes(shapes, width, height, classes, starts = {}) {
  const mask = new Uint8Array(width * height).fill(VOID);
  for (const shape of shapes) drawShape(mask, shape, width, height, classes, starts);
  return mask;
}

/** Draw one shape over a mask, and return the box [left, top, right, bottom] of what may have changed. */
export function drawShape(mask, shape, width, height, classes, starts = {}) {
  if (shape.kind === "start") return drawStart(mask, starts[shape.mask], width, height);
  const value = shape.class === null ? VOID : classes.indexOf(shape.class);
  if (shape.kind === "rest") {
    for (let place = 0; place < mask.length; place++) if (mask[place] === VOID) mask[place] = value;
    return [0, 0, width, height];
  }
  return shape.kind === "polygon"
    ? drawPolygon(mask, [shape.points, ...(shape.holes ?? [])], value, width, height)
    : drawStroke(mask, shape.points, shape.size / 2, value, width, height);
}

/** The value of each pixel of a stored mask. */
export function unpacked({ size: [width, height], runs }) {
  const values = new Uint8Array(width * height);
  const of = bytes(runs.values);
  const lengths = new DataView(bytes(runs.lengths).buffer);
  let place = 0;
  for (let k = 0; k < of.length; k++) {
    const length = lengths.getUint32(4 * k, true);
    values.fill(of[k], place, place + length);
    place += length;
  }
  return values;
}

const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

/** Whether a place is inside the rings of a polygon. */
export function isInside(rings, x, y) {
  let inside = false;
  for (const ring of rings) {
    for (let k = 0; k < ring.length; k++) {
      const [[ax, ay], [bx, by]] = [ring[k], ring[(k + 1) % ring.length]];
      if (ay > y !== by > y && x < ax + ((y - ay) / (by - ay)) * (bx - ax)) inside = !inside;
    }
  }
  return inside;
}

function drawStart(mask, stored, width, height) {
  if (stored) {
    const values = unpacked(stored);
    const [w, h] = stored.size;
    const columns = Array.from({ length: width }, (_, x) => Math.floor(((2 * x + 1) * w) / (2 * width)));
    for (let y = 0; y < height; y++) {
      const row = Math.floor(((2 * y + 1) * h) / (2 * height)) * w;
      for (let x = 0; x < width; x++) mask[y * width + x] = values[row + columns[x]];
    }
  }
  return [0, 0, width, height];
}

function drawPolygon(mask, rings, value, width, height) {
  const points = rings.flat();
  const [left, top, right, bottom] = boxAround(points, 0, width, height);
  const [wide, high] = [right - left, bottom - top];
  const turns = new Uint8Array((wide + 1) * high); // where an odd number of edges is crossed
  for (const ring of rings) {
    for (let k = 0; k < ring.length; k++) {
      let [upper, lower] = [ring[k], ring[(k + 1) % ring.length]].map(([x, y]) => [x - left, y - top]);
      if (upper[1] > lower[1]) [upper, lower] = [lower, upper];
      const first = clip(Math.ceil(upper[1] - 0.5), 0, high);
      const last = clip(Math.ceil(lower[1] - 0.5), 0, high);
      for (let row = first; row < last; row++) {
        const part = (row + 0.5 - upper[1]) / (lower[1] - upper[1]);
        const crossing = upper[0] + part * (lower[0] - upper[0]);
        turns[row * (wide + 1) + clip(Math.ceil(crossing - 0.5), 0, wide)] ^= 1;
      }
    }
  }
  for (let row = 0; row < high; row++) {
    let inside = 0;
    for (let column = 0; column < wide; column++) {
      inside ^= turns[row * (wide + 1) + column];
      if (inside) mask[(top + row) * width + left + column] = value;
    }
  }
  return [left, top, right, bottom];
}

function drawStroke(mask, points, radius, value, width, height) {
  const ends = points.length > 1 ? points.slice(1) : points;
  ends.forEach(([u, v], k) => {
    const [x, y] = points[k];
    const box = boxAround([points[k], [u, v]], radius, width, height);
    const [dx, dy] = [u - x, v - y];
    const length = dx * dx + dy * dy;
    for (let row = box[1]; row < box[3]; row++) {
      for (let column = box[0]; column < box[2]; column++) {
        const [cx, cy] = [column + 0.5, row + 0.5];
        const part = length > 0 ? clip(((cx - x) * dx + (cy - y) * dy) / length, 0, 1) : 0;
        const [across, down] = [cx - (x + part * dx), cy - (y + part * dy)];
        if (across * across + down * down <= radius * radius) mask[row * width + column] = value;
      }
    }
  });
  return boxAround(points, radius, width, height);
}

function boxAround(points, more, width, height) {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of points) {
    [left, top] = [Math.min(left, x - more), Math.min(top, y - more)];
    [right, bottom] = [Math.max(right, x + more), Math.max(bottom, y + more)];
  }
  left = clip(Math.floor(left), 0, width);
  top = clip(Math.floor(top), 0, height);
  return [left, top, Math.max(left, clip(Math.ceil(right), 0, width)), Math.max(top, clip(Math.ceil(bottom), 0, height))];
}

const clip = (x, low, high) => Math.min(Math.max(x, low), high);
