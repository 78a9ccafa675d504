// Masks and regions: the editor of masks.js draws the image; this hands it the question and sends what was drawn.

import { el, key as keyCap } from "./dom.js";
import { load } from "./images.js";
import { t } from "./texts.js";

export function maskControl(host, { session, answer, say, stage }) {
  const { project } = session;
  let editor = null;
  let shown = 0;
  const send = () => {
    const value = editor?.value();
    if (value === null || value === undefined) {
      say(t("mask.empty"), true);
      return;
    }
    answer(value, { clicks: typeof editor.clicks === "function" ? editor.clicks() : (editor.clicks ?? 0) });
  };
  host.append(
    el(
      "div",
      { class: "confirm-row" },
      el("button", { type: "button", class: "primary", on: { click: send } }, t("mask.confirm"), keyCap("↵")),
    ),
  );
  return {
    async show(question) {
      editor?.destroy();
      editor = null;
      const turn = ++shown;
      const field = question.fields.find(({ type }) => type === "image");
      if (!field) return;
      const { createMaskEditor } = await import("./masks.js");
      const image = await load(field.url);
      if (turn !== shown) return; // another question came meanwhile
      editor = createMaskEditor(stage(), {
        image,
        classes: project.classes,
        proposal: question.proposal ?? null,
        region: question.region ?? null,
        texts: t,
      });
    },
    key(event) {
      if (event.key !== "Enter" || event.repeat) return false;
      send();
      return true;
    },
    keys: new Map(project.classes.map(({ name, key }) => [key, name])),
    help: () => [["Enter", t("help.confirm")]],
    setClasses: () => {},
  };
}
