// A region of an image that is asked: it is outlined, and one key names its class.

import { el } from "./dom.js";
import { paintRegion } from "./mask_lines.js";
import { classPalette, isButton, zoomBar } from "./mask_parts.js";
import { listen } from "./mask_pointers.js";
import { MaskView } from "./mask_view.js";

const MOVES = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };

/** As `createMaskEditor` of masks.js, for a region. */
export function regionEditor(host, { image, classes, region, texts: t, confirm = () => {} }) {
  const began = performance.now();
  let [chosen, clicks] = [null, 0];
  const palette = classPalette(classes, t, (name) => {
    chosen = name;
    clicks++;
    palette.press(name);
    confirm(name);
  });
  const root = el("div", { class: "mask-editor", role: "group", "aria-label": t("mask.region") });
  root.append(el("div", { class: "mask-side" }, palette.element));
  host.append(root);
  const view = new MaskView(root, t("mask.region"), 0);
  view.frame.dataset.tool = "move";
  view.lines = (context) => paintRegion(context, view, region.rings);
  root.append(el("div", { class: "mask-foot" }, zoomBar(view, t)));
  listen(view, { grab: () => null, drag: () => {}, drop: () => {}, tap: () => {}, hover: () => {} });
  const ready = view.load(image);
  return {
    ready,
    value: () => chosen,
    undo: () => false,
    clicks: () => clicks,
    seconds: () => (performance.now() - began) / 1000,
    key(event) {
      if (isButton(event)) return false;
      const name = event.shiftKey ? undefined : palette.keys.get(event.key.toLowerCase());
      if (name !== undefined) palette.choose(name);
      else if (event.key === "+" || event.key === "=") view.zoomMiddle(1.3);
      else if (event.key === "-") view.zoomMiddle(1 / 1.3);
      else if (event.key.startsWith("Arrow")) view.move(...MOVES[event.key]);
      else return false;
      return true;
    },
    keys: palette.keys,
    help: () => [],
    destroy() {
      view.destroy();
      root.remove();
    },
  };
}
