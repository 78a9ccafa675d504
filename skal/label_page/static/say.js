// What happened, for those who see the page and for those who hear it.

import { byId, el } from "./dom.js";
import { t } from "./texts.js";

const LINES = 4; // of the log that screen readers follow

/** Say something: read out, and with `visibly` also shown for a moment. */
export function say(text, visibly = false) {
  const live = byId("live");
  live.append(el("p", { text }));
  while (live.childElementCount > LINES) live.firstElementChild.remove();
  if (!visibly) return;
  document.querySelector(".toast")?.remove();
  const toast = el("p", { class: "toast", text });
  const host = byId("panel").classList.contains("open") && byId("main").inert ? document.body : document.querySelector(".card");
  host.append(toast);
  setTimeout(() => toast.remove(), 4000);
}

/**
 * Show a notice above the question until it is taken away: `kind` is info, warn or bad, `detail` null or
 * { text, lang }.
 */
export function notice(name, kind, text, detail = null) {
  const host = byId("notices");
  const present = host.querySelector(`[data-name="${name}"]`);
  if (text === null) {
    present?.remove();
    return;
  }
  const said = [text, detail?.text].join("\n");
  if (present?.dataset.said === said) return;
  const shown = el(
    "div",
    { class: `notice ${kind}`, data: { name, said }, role: kind === "bad" ? "alert" : "status" },
    el("p", { text }),
    detail ? el("p", { class: "detail", text: detail.text, lang: detail.lang }) : null,
    el("button", {
      type: "button",
      class: "quiet",
      text: t("close"),
      on: { click: (event) => (event.currentTarget.parentElement.hidden = true) },
    }),
  );
  if (present) present.replaceWith(shown);
  else host.append(shown);
}
