// Mouse, pen and fingers on a picture: a tap, a stroke, or moving and zooming with two fingers, the wheel or a drag.

const TAP = 6; // pixels on the screen that a finger may slip

/**
 * Listen on a view. `tool` answers:
 *   grab(place)      what a press at this place takes hold of: "stroke", "corner", or null for a tap
 *   drag(places)     of a stroke or corner, the places since the last call
 *   drop(kept)       it ends; kept is false where a second finger came
 *   tap(place)
 *   hover(place)
 */
export function listen(view, tool) {
  const { frame } = view;
  const fingers = new Map();
  let held = null;
  let slipped = false;
  let startX = 0;
  let startY = 0;
  const spread = () => {
    const [a, b] = [...fingers.values()];
    return { size: Math.max(1, Math.hypot(a.x - b.x, a.y - b.y)), x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  };
  const let_go = (kept) => {
    if (held) tool.drop(kept);
    held = null;
  };

  frame.addEventListener("pointerdown", (event) => {
    if (event.button > 1) return;
    event.preventDefault();
    frame.focus({ preventScroll: true });
    frame.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (fingers.size > 1) {
      let_go(false);
      slipped = true;
      return;
    }
    [startX, startY, slipped] = [event.clientX, event.clientY, event.button === 1];
    held = event.button === 0 ? tool.grab(view.placeOf(event)) : null;
  });

  frame.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) {
      tool.hover(view.placeOf(event));
      return;
    }
    const now = { x: event.clientX, y: event.clientY };
    if (fingers.size === 2) {
      const was = spread();
      fingers.set(event.pointerId, now);
      const is = spread();
      view.move(is.x - was.x, is.y - was.y);
      view.zoom(is.size / was.size, is.x, is.y);
      return;
    }
    fingers.set(event.pointerId, now);
    if (held) {
      const steps = event.getCoalescedEvents?.() ?? [];
      tool.drag((steps.length ? steps : [event]).map((step) => view.placeOf(step)));
      return;
    }
    slipped ||= Math.hypot(now.x - startX, now.y - startY) > TAP;
    if (slipped) view.move(now.x - before.x, now.y - before.y);
  });

  const up = (event) => {
    if (!fingers.delete(event.pointerId)) return;
    if (held) let_go(event.type === "pointerup");
    else if (!slipped && !fingers.size && event.type === "pointerup") tool.tap(view.placeOf(event));
  };
  frame.addEventListener("pointerup", up);
  frame.addEventListener("pointercancel", up);
  frame.addEventListener("pointerleave", () => !fingers.size && tool.hover(null));
  frame.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      view.zoom(1.3 ** (-event.deltaY / 100), event.clientX, event.clientY);
    },
    { passive: false },
  );
}
