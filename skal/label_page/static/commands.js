// What one can do, and with which keys. Keys of classes come first: where a class has taken the letter of a command,
// the command is reached with Shift and that letter. Buttons and the overlay of keys show what is true at the moment.

import { takesText } from "./dom.js";

export class Commands {
  #commands;
  #taken = new Map();

  /** `commands`: name -> {key, run}; `key` is a letter or a sign. */
  constructor(commands) {
    this.#commands = commands;
  }

  /** Say which keys the control takes. */
  setTaken(keys) {
    this.#taken = keys;
    for (const shown of document.querySelectorAll("[data-key-of]")) {
      shown.textContent = this.keyOf(shown.dataset.keyOf);
      shown.parentElement.setAttribute("aria-keyshortcuts", shown.textContent.replace("⇧", "Shift+"));
    }
  }

  keyOf(name) {
    const { key } = this.#commands[name];
    return this.#taken.has(key) ? `⇧${key.toUpperCase()}` : key;
  }

  /** Run what a key stands for; false if it stands for nothing. */
  run(event) {
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "z") {
      this.#commands.undo.run();
      return true;
    }
    if (!plain) return false;
    if (event.key === "Backspace") {
      this.#commands.undo.run();
      return true;
    }
    for (const { key, run } of Object.values(this.#commands)) {
      const letter = key.length === 1 && key.toLowerCase() !== key.toUpperCase();
      const meant = letter
        ? event.key.toLowerCase() === key && (event.shiftKey || !this.#taken.has(key))
        : event.key === key;
      if (!meant) continue;
      if (!event.repeat) run();
      return true;
    }
    return false;
  }
}

/** Whether a key is for the element that has the focus, and no command. */
export function belongsElsewhere(event) {
  if (document.querySelector("dialog[open]")) return true;
  const at = document.activeElement;
  if (event.isComposing) return true;
  const undo = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z";
  if (takesText(at)) return !(undo && at.value === "");
  const presses = event.key === "Enter" || event.key === " ";
  return presses && Boolean(at?.closest("button, a[href], summary, input, [role=tab]"));
}
