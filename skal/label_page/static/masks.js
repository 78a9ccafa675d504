// The editor of masks: polygons by clicks, a brush, an eraser, classes by key, the model's proposal; and of regions:
// an outline, and one key names its class. All can be done by mouse, pen, fingers or keys alone.

import { el, key as keyCap } from "./dom.js";
import { drawShape, onGrid } from "./mask_drawing.js";
import { MaskEdits, ringsOf } from "./mask_edits.js";
import { paintLines } from "./mask_lines.js";
import { classPalette, isButton, zoomBar } from "./mask_parts.js";
import { listen } from "./mask_pointers.js";
import { classColor, MaskView } from "./mask_view.js";
import { regionEditor } from "./region_editor.js";

const NEAR = 10; // pixels on the screen within which a corner is meant
const SNAP = 6; // and within which a new corner is put on one that is there, so that pieces meet without a gap
const TOOLS = { polygon: "q", brush: "b", erase: "e", move: "v" };

/**
 * Make an editor in `host`.
 *
 * @param image     address of the image
 * @param classes   [{name, key}, ...]
 * @param proposal  {mask: digest, size: [w, h], runs: {values, lengths}} of the model, or null
 * @param region    {rings: [[[x, y], ...], ...]} of the region that is asked, or null
 * @param earlier   {shapes, starts} of an own answer that is opened again, or null
 * @param texts     (name, values) => text
 * @param confirm   called where an answer is whole: a region's class was named
 * @returns value() (null: nothing yet), undo(), clicks(), seconds(), key(event), help(), keys, destroy()
 */
export function createMaskEditor(host, given) {
  const link = el("link", { rel: "stylesheet", href: new URL("./masks.css", import.meta.url).href });
  if (![...document.styleSheets].some(({ href }) => href === link.href)) document.head.append(link);
  return given.region ? regionEditor(host, given) : maskEditor(host, given);
}

function maskEditor(host, { image, classes, proposal = null, earlier = null, texts: t }) {
  const began = performance.now();
  const names = classes.map(({ name }) => name);
  const colors = new Map(names.map((name, place) => [name, classColor(place)]));
  const starts = { ...earlier?.starts, ...(proposal ? { [proposal.mask]: proposal } : {}) };
  let [tool, current, size, drawn] = ["polygon", names[0], 12, null];
  let [pointer, held, down] = [null, null, false];
  let edits = null;

  const toolButtons = new Map();
  const button = (name, key, action) =>
    el(
      "button",
      { type: "button", class: "mask-tool", "aria-keyshortcuts": key, title: t(`mask.${name}`), on: { click: action } },
      el("span", { text: t(`mask.${name}`) }),
      keyCap(shownKey(key)),
    );
  for (const [name, key] of Object.entries(TOOLS)) toolButtons.set(name, button(name, key, () => take(name)));
  const slider = el("input", {
    type: "range", min: "1", max: "120", value: String(size), "aria-label": t("mask.size"),
    on: { input: () => setSize(Number(slider.value)) },
  });
  const proposalButton = proposal ? button("proposal", "p", () => propose()) : null;
  const tools = el(
    "div",
    { class: "mask-tools", role: "toolbar", "aria-label": t("mask.tools") },
    ...toolButtons.values(),
    el("label", { class: "mask-size" }, el("span", { text: t("mask.size") }), slider),
    button("rest", "f", () => fillRest()),
    button("delete", "Delete", () => remove()),
    button("undo", "Backspace", () => undo()),
    proposalButton,
  );
  const palette = classPalette(classes, t, (name) => choose(name));
  const state = el("p", { class: "mask-state", role: "status" });
  const side = el("div", { class: "mask-side" }, palette.element, tools);
  const root = el("div", { class: "mask-editor", role: "group", "aria-label": t("mask.editor") }, side);
  host.append(root);
  const view = new MaskView(root, t("mask.frame"), names.length);
  root.append(el("div", { class: "mask-foot" }, state, zoomBar(view, t)));

  const say = (name, values) => (state.textContent = t(`mask.${name}`, values));
  const near = (distance) => distance / view.scale;
  const brushClass = () => (tool === "erase" ? null : current);

  view.lines = (context) =>
    paintLines(context, view, {
      edits, colors, pointer, current, held: drawn && held ? { ...held, place: drawn } : null,
      corners: tool === "move", brush: tool === "brush" || tool === "erase" ? size : 0, near: near(NEAR),
    });

  function take(name) {
    if (name !== "polygon" && edits?.draft.length && !edits.close(current)) edits.dropDraft();
    [tool, down] = [name, false];
    if (edits) edits.selected = -1;
    for (const [other, one] of toolButtons) one.setAttribute("aria-pressed", String(other === name));
    view.frame.dataset.tool = name;
    say(`how.${name}`);
    view.paint();
  }

  function choose(name) {
    current = name;
    palette.press(name);
    if (edits?.selected >= 0) edits.recolor(name);
    else if (tool === "erase" || tool === "move") take("polygon");
    say("class_now", { name });
    view.paint();
  }

  function setSize(to) {
    size = Math.min(Math.max(Math.round(to), 1), 400);
    slider.value = String(size);
    view.paint();
  }

  function tap(place) {
    if (!edits) return;
    if (tool !== "polygon") {
      edits.selected = edits.polygonAt(place);
      say(edits.selected >= 0 ? "selected" : "how.move", { name: edits.shapes[edits.selected]?.class ?? "" });
      view.paint();
      return;
    }
    const [first] = edits.draft;
    if (edits.draft.length > 2 && Math.hypot(first[0] - place[0], first[1] - place[1]) <= near(NEAR)) {
      edits.clicks++;
      close();
      return;
    }
    const there = edits.cornerAt(place, near(SNAP));
    edits.corner(there ? ringsOf(edits.shapes[there.shape])[there.ring][there.corner] : place);
    say("corners", { n: edits.draft.length });
  }

  function close() {
    if (edits.close(current)) say("closed", { name: current });
    else say("three");
  }

  function fillRest() {
    if (!edits) return;
    edits.rest(current);
    say("filled", { name: current });
  }

  function remove() {
    if (!edits) return;
    if (edits.draft.length) edits.dropDraft();
    else if (edits.selected >= 0) edits.remove();
    else say("select");
  }

  function propose() {
    if (!edits || edits.hasStart) return;
    edits.start(proposal.mask);
    say("proposed");
  }

  function undo() {
    const done = Boolean(edits?.undo());
    if (done) say("undone");
    return done;
  }

  // A stroke is painted while it is drawn; a corner is moved when it is let go.
  const gestures = {
    grab(place) {
      if (!edits) return null;
      if (tool === "brush" || tool === "erase") {
        [drawn, held] = [[place], { kind: "stroke" }];
        paintStroke([place]);
        return held;
      }
      const corner = tool === "move" ? edits.cornerAt(place, near(NEAR)) : null;
      if (corner) [drawn, held, edits.selected] = [place, { kind: "corner", ...corner }, corner.shape];
      return corner && held;
    },
    drag(places) {
      pointer = places.at(-1);
      if (held.kind === "corner") drawn = pointer;
      else for (const place of places) extend(place);
      view.paint();
    },
    drop(kept) {
      if (!kept) edits.redraw();
      else if (held.kind === "corner") edits.moveCorner(held, drawn);
      else edits.stroke(brushClass(), size, drawn);
      [drawn, held] = [null, null];
    },
    tap,
    hover(place) {
      pointer = place;
      view.paint();
    },
  };

  function extend(place) {
    const last = drawn.at(-1);
    if (Math.hypot(place[0] - last[0], place[1] - last[1]) < Math.max(0.5, size / 8)) return;
    drawn.push(place);
    paintStroke([last, place]);
  }

  function paintStroke(points) {
    const kept = points.map(([x, y]) => [onGrid(inside(x, view.width)), onGrid(inside(y, view.height))]);
    const shape = { kind: "stroke", class: brushClass(), size: onGrid(size), points: kept };
    view.color(edits.mask, drawShape(edits.mask, shape, view.width, view.height, names));
  }

  listen(view, gestures);

  /** Arrow keys move a cross over the image, the space bar clicks there. */
  function step(event) {
    const far = event.shiftKey ? 10 : 1;
    const [x, y] = pointer ?? [view.width / 2, view.height / 2];
    const [dx, dy] = { ArrowLeft: [-far, 0], ArrowRight: [far, 0], ArrowUp: [0, -far], ArrowDown: [0, far] }[event.key];
    pointer = [inside(x + dx, view.width), inside(y + dy, view.height)];
    if (down) gestures.drag([pointer]);
    view.reveal(pointer);
    view.paint();
  }

  function press() {
    pointer ??= [view.width / 2, view.height / 2];
    if (down) {
      down = false;
      gestures.drop(true);
    } else if (gestures.grab(pointer)) {
      down = true;
      say("down");
    } else tap(pointer);
  }

  const byKey = {
    ...Object.fromEntries(Object.entries(TOOLS).map(([name, key]) => [key, () => take(name)])),
    "[": () => setSize(size / 1.25 - 1), "]": () => setSize(size * 1.25 + 1),
    f: fillRest, Delete: remove, "+": () => view.zoomMiddle(1.3), "=": () => view.zoomMiddle(1.3),
    "-": () => view.zoomMiddle(1 / 1.3), 0: () => view.fit(), " ": press, ...(proposal ? { p: propose } : {}),
  };

  const ready = view.load(image).then(() => {
    edits = new MaskEdits(view.width, view.height, names, starts);
    edits.changed = (box) => {
      view.color(edits.mask, box);
      view.paint();
      if (proposalButton) proposalButton.disabled = edits.hasStart;
    };
    if (earlier) edits.goOnWith(earlier.shapes);
    setSize(Math.max(view.width, view.height) / 40);
    take("polygon");
  });
  palette.press(current);

  return {
    ready,
    value() {
      if (edits?.draft.length) {
        say("open");
        return null;
      }
      return edits?.shapes.length ? edits.value() : null;
    },
    undo,
    clicks: () => edits?.clicks ?? 0,
    seconds: () => (performance.now() - began) / 1000,
    key(event) {
      if (!edits || isButton(event)) return false;
      const name = event.shiftKey ? undefined : palette.keys.get(event.key.toLowerCase());
      if (name !== undefined) choose(name);
      else if (event.key.startsWith("Arrow")) step(event);
      else if (event.key === "Enter" && edits.draft.length) close();
      else if (event.key === "Escape" && edits.draft.length) edits.dropDraft();
      else if (event.key === "Backspace") return undo();
      else if (byKey[event.key]) byKey[event.key]();
      else return false;
      return true;
    },
    keys: new Map([...palette.keys, ...Object.keys(byKey).map((key) => [key.toLowerCase(), key])]),
    help: () => [
      ...Object.entries(TOOLS).map(([name, key]) => [key, t(`mask.${name}`)]),
      ["[ ]", t("mask.size")], ["f", t("mask.rest")], ["Delete", t("mask.delete")],
      ["← ↑ → ↓", t("mask.help.arrows")], [t("key.space"), t("mask.help.space")], ["Enter", t("mask.help.enter")],
      ...(proposal ? [["p", t("mask.proposal")]] : []),
    ],
    destroy() {
      view.destroy();
      root.remove();
    },
  };
}

const inside = (x, most) => Math.min(Math.max(x, 0), most);
const shownKey = (key) => ({ Backspace: "⌫", Delete: "Del" })[key] ?? key;
