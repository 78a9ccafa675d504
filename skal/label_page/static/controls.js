// An answer's control belongs to its kind. Each one is made once and shown for question after question:
//   show(question)  reset it, with the earlier answer and the guess that may be seen
//   key(event)      whether the key was for it
//   keys            lower-case keys that it takes as a Set or Map, so that commands move aside
//   help()          [[key, text], ...] for the overlay
//   setClasses(classes)

import { ClassList } from "./class_list.js";
import { el, key as keyCap } from "./dom.js";
import { setOf } from "./labels.js";
import { maskControl } from "./mask_control.js";
import { number, t } from "./texts.js";

/**
 * Make a control. `context` holds `session`, `answer(label, more)`, `say(text)`, `create(name, use)` for a new class,
 * `appeared()` the time at which the question appeared.
 */
export function createControl(host, context) {
  const make = { class: classControl, labels: labelsControl, number: numberControl };
  return (make[context.session.project.control] ?? maskControl)(host, context);
}

/** Words that mean yes or no, with the letters that are their keys. */
const YES = { yes: "y", true: "y", ja: "j", wahr: "j" };
const NO = { no: "n", false: "n", nein: "n", falsch: "n" };

/** Two classes that mean yes and no get letters as keys; their numbers work as well. */
function spoken(classes) {
  const letters = classes.map(({ name }) => YES[name.toLowerCase()] ?? NO[name.toLowerCase()]);
  const isPair = classes.length === 2 && letters.filter((letter) => letter === "n").length === 1 && letters.every(Boolean);
  return isPair ? classes.map((known, at) => ({ ...known, key: letters[at], number: known.key })) : null;
}

function classControl(host, { session, answer, create, appeared }) {
  const { project } = session;
  let pair = spoken(project.classes);
  const list = new ClassList(host, {
    classes: pair ?? project.classes,
    newClasses: project.new_classes,
    choose: (name) => answer(name),
    create: (name) => create(name, (made) => answer(made, { new_class: true })),
    appeared,
  });
  return {
    show: ({ earlier, guess }) => list.mark({ earlier: earlier ? [earlier] : [], guess }),
    key(event) {
      const meant = pair?.find((known) => known.number === event.key);
      if (!meant) return list.key(event);
      if (!event.repeat) answer(meant.name);
      return true;
    },
    get keys() {
      return list.keys;
    },
    help: () => [[keysOf(list), t("help.class")]],
    setClasses(classes) {
      pair = spoken(classes);
      list.setClasses(pair ?? classes);
    },
    isPair: () => pair !== null,
  };
}

function labelsControl(host, { session, answer, say, create }) {
  const { project } = session;
  let chosen = new Set();
  const fresh = new Set();
  const draw = () => {
    list.press(chosen);
    confirm.disabled = chosen.size === 0;
    count.textContent = chosen.size ? ` · ${number(chosen.size)}` : "";
  };
  const toggle = (name) => {
    if (!chosen.delete(name)) chosen.add(name);
    say(t(chosen.has(name) ? "labels.on" : "labels.off", { name }));
    draw();
  };
  const add = (name) => {
    fresh.add(name);
    if (!list.has(name)) list.setClasses([...project.classes, ...[...fresh].map((made) => ({ name: made, key: null }))]);
    chosen.add(name);
    draw();
  };
  const send = () => {
    if (!chosen.size) {
      say(t("labels.choose"), true);
      return;
    }
    const names = list.names.filter((name) => chosen.has(name));
    answer(names, names.some((name) => fresh.has(name)) ? { new_class: true } : {});
  };
  const none = () => answer([]);
  const list = new ClassList(host, {
    classes: project.classes,
    newClasses: project.new_classes,
    choose: toggle,
    create: (name) => create(name, add),
    toggles: true,
  });
  const count = el("span");
  const confirm = el(
    "button",
    { type: "button", class: "primary", on: { click: send } },
    el("span", { text: t("labels.confirm") }),
    count,
    keyCap("↵"),
  );
  const empty = el(
    "button",
    { type: "button", class: "secondary", on: { click: none } },
    el("span", { text: t("labels.none") }),
    keyCap("0"),
  );
  host.append(el("div", { class: "confirm-row" }, empty, confirm));
  return {
    show({ earlier, guess }) {
      const before = Array.isArray(earlier) ? earlier : earlier ? setOf(earlier) : [];
      chosen = new Set(before.filter((name) => list.has(name)));
      list.mark({ earlier: before, guess: null });
      if (guess) setOf(guess.label).forEach((name) => list.mark({ earlier: before, guess: { label: name } }));
      draw();
    },
    key(event) {
      if (event.key === "Enter" && !event.repeat) send();
      else if (event.key === "0" && !list.keys.has("0")) none();
      else return list.key(event);
      return true;
    },
    get keys() {
      return list.keys;
    },
    help: () => [
      [keysOf(list), t("help.labels")],
      ["Enter", t("help.confirm")],
      ["0", t("labels.none")],
    ],
    setClasses(classes) {
      list.setClasses(classes);
      draw();
    },
  };
}

function numberControl(host, { session, answer, say }) {
  const range = session.project.range;
  const input = el("input", {
    type: "text",
    inputmode: "decimal",
    class: "number",
    id: "number",
    autocomplete: "off",
    "aria-describedby": "number-hint",
  });
  const slider =
    range && Number.isFinite(range[0]) && Number.isFinite(range[1])
      ? el("input", {
          type: "range",
          min: range[0],
          max: range[1],
          step: stepOf(range),
          "aria-label": t("number.slider"),
          on: { input: () => (input.value = slider.value) },
        })
      : null;
  const hint = el("p", { id: "number-hint", class: "hint" });
  const bounds = range ? { low: number(range[0], 6), high: number(range[1], 6) } : {};
  const wrong = (name) => {
    hint.textContent = t(name, bounds);
    hint.classList.add("wrong");
    input.setAttribute("aria-invalid", "true");
    say(hint.textContent, true);
  };
  const calm = () => {
    hint.textContent = t(range ? "number.range" : "number.any", bounds);
    hint.classList.remove("wrong");
    input.removeAttribute("aria-invalid");
  };
  const send = () => {
    const value = parsed(input.value);
    if (hasTwoReadings(input.value)) wrong("number.two_readings");
    else if (value === null) wrong("number.wrong");
    else if (range && (value < range[0] || value > range[1])) wrong("number.outside");
    else answer(value);
  };
  input.addEventListener("input", () => {
    calm();
    const value = parsed(input.value);
    if (value === null) return;
    if (slider) slider.value = value;
    if (input.value.includes(",")) hint.textContent = t("number.read_as", { given: input.value.trim(), value });
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.repeat) return;
    event.preventDefault();
    event.stopPropagation();
    send();
  });
  host.append(
    el(
      "div",
      { class: "number-row" },
      el("label", { for: "number", text: t("number.label", { target: session.project.target }) }),
      input,
      el("button", { type: "button", class: "primary", on: { click: send } }, t("number.confirm"), keyCap("↵")),
    ),
    ...(slider ? [slider] : []),
    hint,
  );
  return {
    show({ earlier }) {
      input.value = earlier ?? "";
      if (slider) slider.value = parsed(input.value) ?? (range[0] + range[1]) / 2;
      calm();
    },
    key(event) {
      if (event.key === "Enter" && !event.repeat) send();
      else if (/^[-0-9.,]$/.test(event.key)) {
        input.focus(); // the key goes on into the box
        return "typed";
      } else return false;
      return true;
    },
    keys: new Map(),
    help: () => [
      ["0–9", t("help.number")],
      ["Enter", t("help.confirm")],
    ],
    setClasses: () => {},
    keepsFocus: () => document.activeElement === input,
  };
}

/** Whether a comma may set thousands apart as well as decimals: 1,500 is 1500 to one person and 1.5 to another. */
export function hasTwoReadings(text) {
  return /^[+\-−]?[1-9]\d{0,2}(,\d{3})+$/.test(text.trim());
}

/** A number with a point or, as many languages write it, a comma; null if it is none or has two readings. */
export function parsed(text) {
  if (hasTwoReadings(text)) return null;
  const plain = text.trim().replace("−", "-");
  if (!/^[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?$/i.test(plain)) return null;
  const value = Number(plain.replace(",", "."));
  return Number.isFinite(value) ? value : null;
}

/** Steps of a slider: whole numbers where the range is wide, else a thousandth part, rounded. */
function stepOf([low, high]) {
  const width = high - low;
  return width >= 5 ? 1 : 10 ** Math.floor(Math.log10(width / 50));
}

function keysOf(list) {
  const keys = [...list.keys.keys()];
  return keys.length > 2 ? `${keys[0]}–${keys.at(-1)}` : keys.join(" ");
}
