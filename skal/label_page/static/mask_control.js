// Masks and regions: the editor of masks.js draws on the image; this hands it the question and sends what was drawn.

import { el, key as keyCap } from "./dom.js";
import { load } from "./images.js";
import { t } from "./texts.js";

export function maskControl(host, { session, answer, say, stage, changed }) {
  const { project } = session;
  let editor = null;
  let shown = 0;
  const send = () => {
    const value = editor?.value() ?? null;
    if (value === null) say(t("mask.empty"), true);
    else answer(value, { clicks: editor.clicks() });
  };
  const confirm = el(
    "div",
    { class: "confirm-row" },
    el("button", { type: "button", class: "primary", on: { click: send } }, t("mask.confirm"), keyCap("↵")),
  );
  host.append(confirm);
  return {
    async show(question) {
      editor?.destroy();
      editor = null;
      confirm.hidden = Boolean(question.region); // the key of a class is the whole answer
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
        earlier: question.drawn ?? (question.earlier?.shapes ? question.earlier : null),
        texts: t,
        confirm: send,
      });
      changed();
    },
    key(event) {
      if (editor?.key(event)) return true;
      if (event.key !== "Enter" || event.repeat || confirm.hidden) return false;
      send();
      return true;
    },
    get keys() {
      return editor?.keys ?? new Map();
    },
    help: () => editor?.help() ?? [],
    setClasses: () => {},
  };
}
