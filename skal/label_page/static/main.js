// The page: opens the session and puts the parts together.

import { AnswersPane } from "./answers_pane.js";
import { ApiError, get, openSession, whenReopened } from "./api.js";
import { belongsElsewhere, Commands } from "./commands.js";
import { createControl } from "./controls.js";
import { Desk } from "./desk.js";
import { askClass, askNote, askReason, reasonText, showHelp, showSettings } from "./dialogs.js";
import { byId } from "./dom.js";
import { named, readLabelsAs } from "./labels.js";
import { MapPane } from "./map_pane.js";
import { Outbox } from "./outbox.js";
import { Panel } from "./panel.js";
import { showProgress } from "./progress_pane.js";
import { QuestionView } from "./question_view.js";
import { notice, say } from "./say.js";
import { State } from "./state.js";
import { OtherTabs } from "./tabs.js";
import { has, problem, t, tn, useLanguage } from "./texts.js";

const POLL = 15_000; // ms between looks at the progress; it also says that this page is open

async function start() {
  let session = null;
  while (session === null) {
    try {
      session = await openSession();
    } catch (error) {
      await useLanguage(null);
      document.body.classList.add("closed");
      byId("question-title").textContent = t(error.status === 401 ? "closed.title" : "closed.unreachable_title");
      byId("fields").textContent = t(error.status === 401 ? "closed.link" : "closed.unreachable");
      if (error.status === 401) return;
      await new Promise((resolve) => setTimeout(resolve, 2000));
    }
  }
  document.body.classList.remove("closed");
  await useLanguage(session.language);
  await open(session);
}

async function open(session) {
  const { project } = session;
  const scope = [project.id ?? project.name, project.target, session.annotator].join("\n");
  document.title = `${project.name} · skal`;
  byId("project").textContent = project.name;
  document.body.dataset.control = project.control;
  readLabelsAs(project.control);
  whenReopened((again) => (again.project.id ?? again.project.name) === (project.id ?? project.name));

  const outbox = new Outbox();
  const desk = new Desk(outbox);
  const tabs = new OtherTabs(scope);
  const create = async (given, use) => {
    const name = await askClass(given);
    if (name !== null) use(name);
  };
  const control = createControl(byId("control"), {
    session,
    say,
    create,
    answer: (label, more) => desk.answer(label, more),
    appeared: () => desk.clock.started,
    stage: () => byId("fields"),
    changed: () => commands.setTaken(control.keys),
  });
  const view = new QuestionView(session, control);
  const answers = new AnswersPane(project, async (row) => {
    try {
      desk.correct(await Desk.questionOf(row));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      say(problem(error).text, true);
      return;
    }
    if (panel.isOver) panel.close();
    byId("question-title").focus({ preventScroll: true });
  });
  const state = new State({ outbox, desk, view });
  const map = new MapPane(session, desk, create);
  const panel = new Panel({ answers, map });

  const actions = {
    undo: { key: "Backspace", run: () => undo() },
    skip: { key: "s", run: () => skip() },
    unsure: { key: "u", run: () => desk.skip("not sure") },
    note: { key: "n", run: () => note() },
    why: { key: "w", run: () => view.toggleWhy() },
    guess: { key: "g", run: () => view.toggleGuess() },
    answers: { key: "l", run: () => panel.toggle("answers") },
    map: { key: "m", run: () => panel.toggle("map") },
    progress: { key: "p", run: () => panel.toggle("progress") },
    create: { key: "c", run: () => byId("control").querySelector(".class.new")?.click() },
    help: { key: "?", run: () => help() },
  };
  const commands = new Commands(actions);
  commands.setTaken(control.keys);

  function undo() {
    if (!desk.correcting && !desk.history.length) say(t("undo.asked"));
    desk.undo();
  }

  async function skip() {
    if (!desk.current || desk.correcting) return;
    const row = desk.current.row;
    const reason = await askReason();
    if (reason !== null && desk.current?.row === row) desk.skip(reason);
  }

  async function note() {
    const question = desk.current;
    if (!question) return;
    const text = await askNote(question.note);
    if (text === null) return;
    desk.note(text);
    say(t("note.kept"), true);
  }

  function help() {
    const row = (name) => [commands.keyOf(name), t(`help.${name}`)];
    const looking = [row("why"), ["+ -", t("help.zoom")]];
    if (!byId("show-guess").hidden) looking.splice(1, 0, row("guess"));
    if (!["mask", "region"].includes(project.control)) looking.push([t("key.space"), t("help.scroll")]);
    const groups = [
      [t("help.answering"), [...control.help(), row("unsure"), row("skip"), row("note")]],
      [t("help.looking"), looking],
      [t("help.going"), [["Backspace Ctrl+Z", t("help.undo")], row("answers"), row("map"), row("progress"), ["Esc", t("help.escape")], ["?", t("help.help")]]],
    ];
    if (project.classes.length > 10) groups[0][1].splice(1, 0, ["/", t("help.filter")]);
    if (project.new_classes) groups[0][1].splice(1, 0, row("create"));
    showHelp(groups);
  }

  for (const name of ["undo", "unsure", "skip", "note"]) byId(name).addEventListener("click", actions[name].run);
  byId("open-help").addEventListener("click", help);
  byId("open-settings").addEventListener("click", () => showSettings(session.annotator));

  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !document.querySelector("dialog[open]")) {
      if (!panel.isOver && desk.current && control.key(event)) return;
      if (panel.isOver || byId("panel").contains(document.activeElement)) panel.close();
      else if (desk.correcting) desk.correct(null);
      else byId("question-title").focus({ preventScroll: true });
      return;
    }
    if (belongsElsewhere(event)) return;
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (plain && desk.current && !panel.isOver) {
      const used = control.key(event);
      if (used === "typed") return;
      if (used || (!byId("panel").contains(document.activeElement) && view.key(event))) {
        event.preventDefault();
        return;
      }
    }
    if (commands.run(event)) event.preventDefault();
  });

  desk.addEventListener("question", () => {
    const question = desk.current;
    view.show(question, { moveFocus: !panel.isOver && !document.querySelector("dialog[open]") });
    state.showState();
    state.showUndo();
  });
  desk.addEventListener("ahead", () => view.prepare(desk.queue.find((question) => question !== desk.current)));
  desk.addEventListener("progress", () => {
    showProgress(desk.progress, project);
  });
  desk.addEventListener("answered", ({ detail: { row, label, skip: reason, corrected } }) => {
    tabs.tell("answered", { row });
    const what = reason ? t("said.skipped", { reason: reasonText(reason) }) : t(corrected ? "said.corrected" : "said.answered", { label: named(label) });
    say(what, Boolean(corrected));
  });
  desk.addEventListener("undone", ({ detail }) => {
    const n = detail.rows?.length ?? 0;
    if (!n) say(t("undo.nothing"), true);
    else if (n > 1) say(tn("undo.bulk", n), true);
    else say(detail.label === null || detail.label === undefined ? t("undo.done_plain") : t("undo.done", { label: named(detail.label) }), true);
    tabs.tell("changed");
    answers.refresh();
    map.refresh();
    state.showUndo();
  });
  desk.addEventListener("lost", () => say(t("question.lost"), true));
  desk.addEventListener("classes", ({ detail }) => {
    project.classes = detail;
    control.setClasses(detail);
    answers.setClasses(detail);
    commands.setTaken(control.keys);
  });
  desk.addEventListener("refused", ({ detail: { error, path } }) => {
    if (path === "/api/undo" && error.code === "nothing") {
      say(t("undo.nothing"), true);
      return;
    }
    const known = `error.${error.code}`;
    notice("refused", "bad", has(known) ? t(known) : t("error.refused"), error.code === "refused" ? problem(error) : null);
  });
  outbox.addEventListener("kept", () => {
    notice("refused", "bad", null);
    answers.refresh();
    map.refresh();
  });
  tabs.addEventListener("answered", ({ detail }) => desk.answeredElsewhere(detail.row));
  tabs.addEventListener("changed", () => desk.refresh());
  addEventListener("beforeunload", (event) => {
    if (outbox.items.length && (!outbox.isDurable || outbox.items.some(({ volatile }) => volatile))) event.preventDefault();
  });

  view.show(null);
  state.showState();
  state.showUndo();
  await outbox.open(scope);
  outbox.hurry();
  await desk.refresh();
  setInterval(async () => {
    try {
      desk.heard(await get("/api/progress"));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }, POLL);
}

start();
