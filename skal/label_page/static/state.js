// What is going on: answers that are not kept yet, the model's training, and why there is no question.

import { reasonText } from "./dialogs.js";
import { byId, el, key } from "./dom.js";
import { named } from "./labels.js";
import { notice } from "./say.js";
import { duration, problem, t, tn, told } from "./texts.js";

export class State {
  #outbox;
  #desk;
  #view;

  constructor({ outbox, desk, view }) {
    this.#outbox = outbox;
    this.#desk = desk;
    this.#view = view;
    outbox.addEventListener("change", () => this.showKept());
    desk.addEventListener("state", () => this.showState());
    desk.addEventListener("progress", () => this.showTraining());
  }

  /** Say that answers wait, once they wait longer than answers usually do. */
  showKept() {
    const host = byId("kept");
    const { items, isLate, isDurable, lastError } = this.#outbox;
    host.className = isLate ? "waits" : "";
    host.textContent = isLate ? tn("kept.waiting", items.length) : "";
    if (!isLate) {
      notice("kept", "warn", null);
      return;
    }
    const said = whyNotKept(lastError).more;
    const safe = t(isDurable ? "kept.safe" : "kept.unsafe");
    notice("kept", "warn", t(whyNotKept(lastError).text), { text: [safe, said?.text].filter(Boolean).join(" ") });
  }

  showTraining() {
    const training = this.#desk.progress.training ?? {};
    if (training.state === "failed") notice("training", "warn", t("notice.failed"), trouble(training));
    else if (training.state === "hanging") notice("training", "warn", t("notice.hanging"), trouble(training));
    else notice("training", "warn", null);
  }

  /** Say why there is no question, if there is none. */
  showState() {
    const { current, state, code, error, message, progress } = this.#desk;
    const view = this.#view;
    const took = progress?.training?.took;
    if (current) view.instead(null, null);
    else if (code === "token") view.instead(t("closed.title"), t("closed.link"));
    else if (state === "finished") view.instead(t("state.finished_title"), t("state.finished"));
    else if (state === "unreachable" || this.#outbox.isLate) view.instead(t("state.offline_title"), t("state.offline"), true);
    else if (state === "failed") view.instead(t("state.failed_title"), t("state.failed"), false, error ? problem(error) : trouble(progress?.training ?? {}));
    else if (state === "training" && message) view.instead(t("state.failed_title"), t("state.soon"), true, { text: t("state.others") });
    else if (state === "training") {
      const text = took ? t("state.training_took", { time: duration(took) }) : t("state.training");
      view.instead(t("state.training_title"), text, true);
    } else view.instead(t("state.loading_title"), t("state.loading"), true);
  }

  /** Say on the button what an undo takes back. */
  showUndo() {
    const { correcting, history } = this.#desk;
    const last = history.at(-1);
    const what = last?.skip ? reasonText(last.skip) : last ? named(last.label) : null;
    const text = correcting ? t("correct.back") : what === null ? t("undo.button") : t("undo.button_of", { label: what });
    byId("undo").replaceChildren(key("⌫"), " ", el("span", { text }));
    byId("tools").classList.toggle("correcting", Boolean(correcting));
  }
}

/** What went wrong with the training. */
const trouble = ({ reason, values, message }) => told(`trouble.${reason}`, values ?? {}, message);

/** The name of a text, and what there is to say besides. */
function whyNotKept(error) {
  if (error === null) return { text: "kept.slow" };
  if (error.code === "token") return { text: "kept.token" };
  if (error.code === "other_project") return { text: "kept.other" };
  if (error.status === 0) return { text: "kept.unreachable" };
  return { text: "kept.not_kept", more: error.code === "not_kept" ? told("", {}, error.message) : problem(error) };
}
