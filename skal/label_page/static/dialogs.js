// Small windows over the question: reasons to skip, a note, a new class, the keys, settings.

import { hasLink, stayOnDevice, staysOnDevice } from "./api.js";
import { el, key as keyCap } from "./dom.js";
import { chooseLanguage, currentLanguage, LANGUAGES, t } from "./texts.js";

/** Reasons as the journal keeps them, whatever the language of the page. */
export const REASONS = ["not sure", "none fits", "several fit", "unreadable", "duplicate", "private"];

/** The words for a reason, in the language of the page. */
export function reasonText(reason) {
  return REASONS.includes(reason) ? t(`reason.${reason.replace(" ", "_")}`) : reason;
}

let before = null;

/** Open a window; resolves with what `close(value)` was called with, or null. Focus returns afterwards. */
function open(title, build, name) {
  return new Promise((resolve) => {
    let result = null;
    before = document.activeElement;
    const close = (value = null) => {
      result = value;
      dialog.close();
    };
    const dialog = el(
      "dialog",
      { class: `window ${name}`, "aria-labelledby": "window-title" },
      el(
        "div",
        { class: "window-head" },
        el("h2", { id: "window-title", text: title }),
        el("button", { type: "button", class: "quiet close", text: t("close"), on: { click: () => close() } }),
      ),
    );
    dialog.append(...build(close));
    dialog.addEventListener("keydown", (event) => event.stopPropagation()); // no key here answers the question below
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) close(); // beside the window
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (before?.isConnected) before.focus({ preventScroll: true });
      resolve(result);
    });
    document.body.append(dialog);
    dialog.showModal();
    (dialog.querySelector("[data-first]") ?? dialog.querySelector("button")).focus();
  });
}

/** Ask for the reason to skip: a text or null. */
export function askReason() {
  return open(
    t("skip.title"),
    (close) => {
      const reasons = REASONS.map((reason, at) =>
        el(
          "button",
          { type: "button", class: "class", data: at ? {} : { first: "" }, on: { click: () => close(reason) } },
          keyCap(String(at + 1)),
          el("span", { class: "name", text: reasonText(reason) }),
        ),
      );
      const list = el("div", { class: "classes" }, ...reasons);
      list.addEventListener("keydown", (event) => {
        const reason = REASONS[Number(event.key) - 1];
        if (reason && !event.repeat) close(reason);
      });
      const own = el("input", { type: "text", maxlength: "200", id: "own-reason", autocomplete: "off" });
      const form = el(
        "form",
        {
          class: "line-form",
          on: {
            submit: (event) => {
              event.preventDefault();
              if (own.value.trim()) close(own.value.trim());
            },
          },
        },
        el("label", { for: "own-reason", text: t("skip.other") }),
        own,
        el("button", { type: "submit", class: "secondary", text: t("skip.send") }),
      );
      return [list, form];
    },
    "reasons",
  );
}

/** Ask for a text in a form: null if nothing was given. */
function askText(title, { label, hint, value, long, send, name }) {
  return open(
    title,
    (close) => {
      const input = el(long ? "textarea" : "input", {
        id: "window-text",
        rows: long ? "4" : null,
        type: long ? null : "text",
        maxlength: long ? "2000" : "200",
        "data-first": "",
        autocomplete: "off",
      });
      input.value = value ?? "";
      const submit = () => close(input.value.trim() || null);
      if (long) {
        input.addEventListener("keydown", (event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit();
        });
      }
      const form = el(
        "form",
        {
          on: {
            submit: (event) => {
              event.preventDefault();
              submit();
            },
          },
        },
        el("label", { for: "window-text", text: label }),
        input,
        hint ? el("p", { class: "hint", text: hint }) : null,
        el("div", { class: "confirm-row" }, el("button", { type: "submit", class: "primary", text: send })),
      );
      return [form];
    },
    name,
  );
}

export const askNote = (value) =>
  askText(t("note.title"), {
    label: t("note.label"),
    hint: t("note.hint"),
    value,
    long: true,
    send: t("note.send"),
    name: "notes",
  });

export const askClass = (value) =>
  askText(t("new_class.title"), {
    label: t("new_class.label"),
    hint: t("new_class.hint"),
    value,
    send: t("new_class.send"),
    name: "new-class",
  });

/** Ask whether something is to be done: true or null. */
export const askSure = (title, text, send) =>
  open(
    title,
    (close) => [
      el("p", { text }),
      el(
        "div",
        { class: "confirm-row" },
        el("button", { type: "button", class: "secondary", text: t("cancel"), on: { click: () => close() } }),
        el("button", { type: "button", class: "primary", data: { first: "" }, text: send, on: { click: () => close(true) } }),
      ),
    ],
    "sure",
  );

/** Show the keys: [[heading, [[key, text], ...]], ...]. */
export function showHelp(groups) {
  return open(
    t("help.title"),
    () =>
      groups.map(([heading, rows]) =>
        el(
          "section",
          { class: "keys" },
          el("h3", { text: heading }),
          el(
            "dl",
            {},
            ...rows.flatMap(([name, text]) => [
              el("dt", {}, ...name.split(" ").map((part) => el("kbd", { text: part }))),
              el("dd", { text }),
            ]),
          ),
        ),
      ),
    "help",
  );
}

export function showSettings(annotator) {
  return open(
    t("settings.title"),
    (close) => {
      const languages = el(
        "select",
        {
          id: "language",
          "data-first": "",
          on: {
            change: () => {
              chooseLanguage(languages.value);
              location.reload();
            },
          },
        },
        ...Object.entries(LANGUAGES).map(([tag, name]) =>
          el("option", { value: tag, text: name, lang: tag, selected: tag === currentLanguage() }),
        ),
      );
      const stay = el("input", {
        type: "checkbox",
        id: "stay",
        checked: staysOnDevice(),
        on: { change: () => stayOnDevice(stay.checked) },
      });
      return [
        el("p", { text: t("settings.who", { name: annotator }) }),
        el("div", { class: "setting" }, el("label", { for: "language", text: t("settings.language") }), languages),
        hasLink()
          ? el(
              "div",
              { class: "setting" },
              stay,
              el("label", { for: "stay", text: t("settings.stay") }),
              el("p", { class: "hint", text: t("settings.stay_hint") }),
            )
          : null,
        el("div", { class: "confirm-row" }, el("button", { class: "primary", text: t("done"), on: { click: () => close() } })),
      ].filter(Boolean);
    },
    "settings",
  );
}
