// An image: at its size or fitted, zoom by wheel, pinch, + and -, moved by dragging or arrow keys.

import { imageBlob } from "./api.js";
import { el } from "./dom.js";
import { number, t } from "./texts.js";

const STEP = 1.3;
const MOST = 40; // times the image's own size
const SMALL = 320; // pixels that a tiny image is enlarged to, by a whole factor
const AGAIN = 3000; // ms until an image is asked for again while the server is away
const KEPT = 8; // images that stay loaded

const loaded = new Map(); // address at the server -> promise of an address in this page

/** Load an image once; what was loaded long ago is let go. */
export function load(url) {
  if (!loaded.has(url)) {
    const promise = imageBlob(url).then((blob) => URL.createObjectURL(blob));
    promise.catch(() => loaded.delete(url));
    loaded.set(url, promise);
    while (loaded.size > KEPT) {
      const [oldest, address] = loaded.entries().next().value;
      loaded.delete(oldest);
      address.then(URL.revokeObjectURL, () => {});
    }
  }
  return loaded.get(url);
}

/** Make the view of an image field. */
export function imageView(field, { small = false } = {}) {
  if (small) return thumbnail(field);
  const image = el("img", { alt: t("image.alt", { name: field.value ?? field.name }), draggable: "false" });
  const frame = el("div", { class: "frame", tabindex: "0", role: "group", "aria-label": t("image.frame") }, image);
  const zoomed = el("output", { class: "zoom" });
  const view = { x: 0, y: 0, scale: 1, fitted: true };

  const fit = () => Math.min(frame.clientWidth / image.naturalWidth, frame.clientHeight / image.naturalHeight);
  const start = () => {
    const whole = Math.floor(SMALL / Math.max(image.naturalWidth, image.naturalHeight));
    return Math.min(fit(), Math.max(1, whole));
  };

  function draw() {
    if (!image.naturalWidth) return;
    const width = image.naturalWidth * view.scale;
    const height = image.naturalHeight * view.scale;
    const [roomX, roomY] = [frame.clientWidth - width, frame.clientHeight - height];
    view.x = roomX >= 0 ? roomX / 2 : Math.min(0, Math.max(roomX, view.x));
    view.y = roomY >= 0 ? roomY / 2 : Math.min(0, Math.max(roomY, view.y));
    image.style.width = `${width}px`;
    image.style.height = `${height}px`;
    image.style.transform = `translate(${view.x}px, ${view.y}px)`;
    image.classList.toggle("pixels", view.scale >= 3);
    frame.classList.toggle("movable", roomX < -1 || roomY < -1);
    zoomed.value = t("image.zoom", { percent: number(view.scale * 100) });
  }

  function zoomTo(scale, x = frame.clientWidth / 2, y = frame.clientHeight / 2) {
    const next = Math.min(MOST, Math.max(Math.min(start(), 1, fit()), scale));
    view.x = x - ((x - view.x) * next) / view.scale;
    view.y = y - ((y - view.y) * next) / view.scale;
    view.scale = next;
    view.fitted = false;
    draw();
  }

  function reset() {
    Object.assign(view, { scale: start(), fitted: true });
    draw();
  }

  image.addEventListener("load", () => {
    frame.classList.remove("loading");
    reset();
  });
  frame.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const box = frame.getBoundingClientRect();
      zoomTo(view.scale * STEP ** (-event.deltaY / 100), event.clientX - box.left, event.clientY - box.top);
    },
    { passive: false },
  );
  frame.addEventListener("dblclick", () => (view.fitted ? zoomTo(view.scale * 2) : reset()));
  dragging(frame, view, draw, zoomTo);
  const watch = new ResizeObserver(() => (view.fitted && image.naturalWidth ? reset() : draw()));
  watch.observe(frame);

  frame.classList.add("loading");
  const failed = el("p", { class: "missing", text: t("image.failed"), hidden: true });
  frame.append(failed);
  const get = () =>
    load(field.url).then(
      (address) => {
        failed.hidden = true;
        image.src = address;
      },
      (error) => {
        failed.hidden = false;
        if (error.passes && frame.isConnected) setTimeout(get, AGAIN);
      },
    );
  get();

  const button = (name, text, action) =>
    el("button", { type: "button", class: "round", "aria-label": t(name), title: t(name), text, on: { click: action } });
  const bar = el(
    "div",
    { class: "zoom-bar" },
    button("image.out", "−", () => zoomTo(view.scale / STEP)),
    zoomed,
    button("image.in", "+", () => zoomTo(view.scale * STEP)),
    button("image.own", "1:1", () => zoomTo(1)),
    button("image.fit", "⤢", reset),
  );
  return {
    element: el("div", { class: "viewer" }, frame, bar),
    key(event) {
      if (event.key === "+" || event.key === "=") zoomTo(view.scale * STEP);
      else if (event.key === "-" || event.key === "_") zoomTo(view.scale / STEP);
      else if (event.key.startsWith("Arrow") && frame.classList.contains("movable")) {
        view.x += { ArrowLeft: 60, ArrowRight: -60 }[event.key] ?? 0;
        view.y += { ArrowUp: 60, ArrowDown: -60 }[event.key] ?? 0;
        draw();
      } else return false;
      return true;
    },
    destroy: () => watch.disconnect(),
  };
}

function thumbnail(field) {
  const image = el("img", { class: "thumb", alt: t("image.alt", { name: field.value ?? field.name }) });
  load(field.url).then(
    (address) => (image.src = address),
    () => image.replaceWith(el("p", { class: "missing", text: t("image.failed") })),
  );
  return { element: image, key: () => false, destroy: () => {} };
}

/** One pointer moves, two pinch. */
function dragging(frame, view, draw, zoomTo) {
  const pointers = new Map();
  const spread = () => {
    const [a, b] = [...pointers.values()];
    return { size: Math.hypot(a.x - b.x, a.y - b.y), x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  };
  frame.addEventListener("pointerdown", (event) => {
    frame.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  });
  frame.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    if (pointers.size === 1) {
      view.x += event.clientX - before.x;
      view.y += event.clientY - before.y;
      pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      draw();
    } else if (pointers.size === 2) {
      const was = spread();
      pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      const now = spread();
      const box = frame.getBoundingClientRect();
      zoomTo((view.scale * now.size) / Math.max(1, was.size), now.x - box.left, now.y - box.top);
    }
  });
  for (const name of ["pointerup", "pointercancel"]) {
    frame.addEventListener(name, (event) => pointers.delete(event.pointerId));
  }
}
