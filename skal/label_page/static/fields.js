// A row as what it is: text as text, values as a list of names, images to look into.

import { el } from "./dom.js";
import { imageView } from "./images.js";
import { t } from "./texts.js";

const SHORT = 160; // letters up to which a single text is set large

/** Draw the fields of a row into an element; returns what answers keys and frees the images. */
export function showFields(host, fields, { small = false } = {}) {
  const images = [];
  const parts = [];
  let values = null;
  for (const field of fields) {
    if (field.type === "value") {
      if (!values) {
        values = el("dl", { class: "values" });
        parts.push(values);
      }
      values.append(el("dt", { text: field.name, dir: "auto" }), valueOf(field));
      continue;
    }
    values = null;
    if (field.type === "image") {
      const view = imageView(field, { small });
      images.push(view);
      parts.push(named(field, fields, view.element));
    } else {
      parts.push(named(field, fields, textOf(field, fields, small)));
    }
  }
  host.replaceChildren(...parts);
  host.classList.toggle("only-image", fields.length === 1 && fields[0].type === "image");
  host.classList.toggle("one-short", fields.length === 1 && isShort(fields[0]) && !small);
  host.scrollTop = 0;
  return {
    key: (event) => images.some((view) => view.key(event)),
    destroy: () => images.forEach((view) => view.destroy()),
    images,
  };
}

/** One line about a row, for lists. */
export function lineOf(fields) {
  const field = fields.find(({ type }) => type === "text") ?? fields[0];
  return field?.value ?? field?.name ?? "";
}

function valueOf(field) {
  const missing = field.value === null || field.value === "";
  return el("dd", { text: missing ? t("value.missing") : field.value, dir: "auto", class: missing ? "missing" : null });
}

const isShort = ({ type, value }) => type === "text" && (value ?? "").length <= SHORT && !(value ?? "").includes("\n");

function textOf(field, fields, small) {
  const text = field.value ?? "";
  return el("div", {
    class: !small && fields.length === 1 && isShort(field) ? "text short" : "text",
    dir: field.direction ?? "auto",
    text: text === "" ? t("value.missing") : text,
  });
}

function named(field, fields, content) {
  const alone = fields.length === 1;
  const name = el("h2", { class: alone ? "unseen" : "field-name", text: field.name, dir: "auto" });
  return el("section", { class: `field of-${field.type}`, "aria-label": field.name }, name, content);
}
