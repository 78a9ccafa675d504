// Labels as people read them, and sets of labels as the journal writes them.

import { t } from "./texts.js";

const NONE = "(none)"; // a set without a label
let control = "class";

/** Say which kind of answers the project has. */
export function readLabelsAs(kind) {
  control = kind;
}

/** A label as one text. */
export function named(label) {
  if (control === "labels") {
    const names = Array.isArray(label) ? label : setOf(label);
    return names.length ? names.join("; ") : t("labels.none");
  }
  return control === "mask" ? t("mask.drawn") : String(label);
}

/** The names in a set of labels. */
export const setOf = (text) => (text === NONE ? [] : text.split("; "));
