// Parts that the editors of masks and of regions share: classes with their colours and keys, and the zoom.

import { el, key as keyCap } from "./dom.js";
import { classColor } from "./mask_view.js";

/** The classes with their colours and keys. */
export function classPalette(classes, t, choose) {
  const buttons = new Map();
  classes.forEach(({ name, key }, place) => {
    const swatch = el("span", { class: "mask-swatch", "aria-hidden": "true" });
    swatch.style.backgroundColor = classColor(place);
    const one = el(
      "button",
      { type: "button", class: "mask-class", "aria-keyshortcuts": key || null, on: { click: () => choose(name) } },
      swatch,
      el("span", { text: name, dir: "auto" }),
      key ? keyCap(key) : null,
    );
    buttons.set(name, one);
  });
  return {
    element: el("div", { class: "mask-classes", role: "group", "aria-label": t("classes.label") }, ...buttons.values()),
    choose,
    press: (name) => buttons.forEach((one, other) => one.setAttribute("aria-pressed", String(other === name))),
    keys: new Map(classes.filter(({ key }) => key).map(({ name, key }) => [key.toLowerCase(), name])),
  };
}

export function zoomBar(view, t) {
  const button = (name, text, action) =>
    el("button", { type: "button", class: "round", "aria-label": t(name), title: t(name), text, on: { click: action } });
  return el(
    "div",
    { class: "zoom-bar mask-zoom" },
    button("image.out", "−", () => view.zoomMiddle(1 / 1.3)),
    button("image.in", "+", () => view.zoomMiddle(1.3)),
    button("image.fit", "⤢", () => view.fit()),
  );
}

/** A key that belongs to the button it was pressed on. */
export const isButton = (event) =>
  [" ", "Enter"].includes(event.key) && Boolean(event.target?.closest?.("button, input, a"));
