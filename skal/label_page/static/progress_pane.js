// What one sees of the work: answers, classes, pace, the model and how well it does.

import { byId, el } from "./dom.js";
import { duration, figures, isToday, moment, number, percent, t, tn } from "./texts.js";

export function showProgress(progress, { control }) {
  const host = byId("pane-progress");
  const share = progress.n_rows ? progress.n_labeled / progress.n_rows : 0;
  byId("meter").style.width = `${Math.max(share > 0 ? 0.5 : 0, share * 100)}%`;
  const parts = [
    el(
      "div",
      { class: "figures" },
      figure(number(progress.today), t("progress.today")),
      figure(number(progress.total), t("progress.total")),
      figure(progress.pace === null ? "–" : number(progress.pace), t("progress.pace")),
    ),
    el("p", {
      class: "share",
      text: t("progress.rows", {
        labeled: number(progress.n_labeled),
        rows: number(progress.n_rows),
        share: percent(share, share < 0.1 ? 1 : 0),
      }),
    }),
    bar(share),
  ];
  if (progress.search) parts.push(el("h3", { text: t("search.title", { classes: progress.search.find.join(", ") }) }), ...search(progress.search));
  const counts = Object.entries(progress.by_class ?? {});
  if (counts.length) parts.push(el("h3", { text: t(control === "number" ? "progress.values" : "progress.by_class") }), classes(counts));
  parts.push(el("h3", { text: t("progress.model") }), model(progress));
  if (progress.people?.length > 1) parts.push(el("h3", { text: t("progress.people") }), people(progress.people));
  host.replaceChildren(...parts);
}

const figure = (value, name) => el("p", { class: "figure" }, el("strong", { text: value }), el("span", { text: name }));

function bar(share, of = 1) {
  const fill = el("span", { class: "fill" });
  fill.style.width = `${of ? (100 * share) / of : 0}%`;
  return el("span", { class: "bar-line", "aria-hidden": "true" }, fill);
}

function search({ n, n_labels: labels, n_since: since, low, high, n_draws: draws, rows }) {
  const about = { n: number(n), labels: tn("search.labels", labels), since: tn("search.labels", since) };
  const lines = [t(n ? "search.found" : "search.none", about)];
  if (n && draws) lines.push(t("search.share", { low: percent(low), high: percent(high), rows: tn("rows", draws) }));
  else if (n) lines.push(t("search.no_draws"));
  const found = rows.map(({ label, text }) =>
    el("li", {}, el("span", { class: "count-name", text: text || label, dir: "auto" }), el("span", { class: "count", text: label, dir: "auto" })),
  );
  return [...lines.map((text) => el("p", { class: "share", text })), el("ul", { class: "counts" }, ...found)];
}

function classes(counts) {
  const most = Math.max(...counts.map(([, n]) => n));
  const sorted = counts.sort((a, b) => b[1] - a[1]);
  return el(
    "ul",
    { class: "counts" },
    ...sorted.map(([name, n]) =>
      el("li", {}, el("span", { class: "count-name", text: name, dir: "auto" }), el("span", { class: "count", text: number(n) }), bar(n, most)),
    ),
  );
}

function model(progress) {
  const { training, accuracy, round, left_in_round: left } = progress;
  const rows = [[t("model.accuracy"), accuracyText(accuracy)]];
  if (accuracy?.audit?.rise) rows.push([t("model.rise"), riseText(accuracy.audit.rise)]);
  if (accuracy?.next) rows.push([t("model.next"), nextText(accuracy.next)]);
  if (accuracy?.trial) rows.push([t("model.trial"), trialText(accuracy.trial)]);
  if (progress.model) rows.push([t("model.name"), progress.model]);
  rows.push([t("model.training"), trainingText(training)]);
  const short = [];
  if (round) short.push([t("model.round"), number(round)]);
  if (round || left) short.push([t(round ? "model.left" : "model.waiting"), number(left)]);
  return el("dl", { class: "facts" }, ...rows.map((row) => fact("", row)), ...short.map((row) => fact("half", row)));
}

const fact = (kind, [name, value]) => el("div", { class: kind }, el("dt", { text: name }), el("dd", { text: value }));

function trainingText(training) {
  if (!training) return "–";
  const { state, since, took } = training;
  const ran = typeof since === "number" ? Math.max(0, Date.now() / 1000 - since) : null;
  if (state === "running") return ran === null ? t("training.running") : t("training.running_since", { time: duration(ran) });
  if (state === "failed") return t("training.failed");
  if (state === "hanging") return t("training.hanging");
  if (took === null || took === undefined) return t("training.none");
  const time = duration(took);
  return ran === null ? t("training.took", { time }) : t("training.took_at", { time, when: moment(1000 * since) });
}

function accuracyText(accuracy) {
  if (!accuracy) return t("accuracy.none");
  const { share, audit, error, mean, low, high, n, at } = accuracy;
  const rows = tn("rows", n);
  const known = (value) => value !== null && value !== undefined;
  let text = accuracy.text;
  if (known(share)) text = t("accuracy.is", { share: percent(share), low: percent(low), high: percent(high), rows });
  else if (known(audit?.estimate)) text = auditText(audit, rows);
  else if (known(error) && known(low)) text = t("accuracy.error", { error: figures(error), low: figures(low), high: figures(high), rows });
  else if (known(error)) text = t("accuracy.error_of_one", { error: figures(error), rows });
  else if (known(mean)) text = t("accuracy.overlap", { mean: number(mean, 2), rows });
  return at && !isToday(1000 * at) ? t("accuracy.as_of", { text, when: moment(1000 * at) }) : text;
}

function auditText({ measure, estimate, low, high, population, looks }, rows) {
  const shown = measure === "accuracy" || measure === "exact_sets" ? (x) => percent(x, 1) : figures;
  const said = t("accuracy.audit", {
    measure: t(`measure.${measure}`),
    estimate: shown(estimate),
    low: shown(low),
    high: shown(high),
    population: number(population),
    rows,
  });
  return looks ? `${said}; ${t("accuracy.looks", { low: shown(looks.low), high: shown(looks.high) })}` : said;
}

const signed = (value, digits) => `${value > 0 ? "+" : ""}${digits === null ? figures(value) : number(value, digits)}`;

const riseText = ({ estimate, low, high, labels }) =>
  t("rise.since", {
    rise: signed(100 * estimate, 1),
    low: signed(100 * low, 1),
    high: signed(100 * high, 1),
    labels: number(labels),
  });

function nextText({ n_more: more, expected, low, high, points, stop }) {
  const shown = points ? (x) => signed(100 * x, 1) : (x) => signed(x, null);
  const about = { n: number(more), gain: shown(expected), low: shown(low), high: shown(high) };
  return `${t(points ? "next.points" : "next.score", about)} ${t(stop ? "next.stop" : "next.go_on")}`;
}

function trialText({ strategy, measure, verdict, estimate, low, high, n, is_over: isOver }) {
  const said = [t(`trial.${verdict}`, { strategy })];
  if (estimate === null) said.push(t("trial.nothing"));
  else {
    const shown = measure === "accuracy" ? (x) => number(100 * x, 1) : figures;
    const numbers = { difference: shown(estimate), low: shown(low), high: shown(high), rows: tn("rows", n) };
    said.push(t(`trial.by_${measure}`, numbers));
  }
  if (isOver) said.push(t(verdict === "worse" ? "trial.over_worse" : "trial.over"));
  return said.join(" ");
}

const people = (found) =>
  el(
    "ul",
    { class: "counts" },
    ...found.map(({ name, total }) =>
      el("li", {}, el("span", { class: "count-name", text: name, dir: "auto" }), el("span", { class: "count", text: number(total) })),
    ),
  );
