"""Pictures of time against the size of the pool."""

from selection_jobs import JOBS

COLORS = {"skal": "#0b5fa5", "plain": "#777777", "peer": "#c4501b", "limit": "#2f8f4e"}
MARKERS = "osD^vPX*"
SKIPPED = ("logarithms alone, NumPy", "logarithms alone, float64")


def draw(folder, cases):
    """Draw a picture for each job that has a curve; return file names by job."""
    import matplotlib

    matplotlib.use("Agg")
    drawn = {}
    for name, job in JOBS.items():
        shown = [
            record
            for record in cases.values()
            if job.PLOT
            and record["job"] == name
            and (record["device"], record["threads"]) == ("cpu", 1)
            and all(record["size"].get(key) == value for key, value in job.PLOT["where"].items())
        ]
        if len({record["size"]["n"] for record in shown}) > 1:
            folder.mkdir(parents=True, exist_ok=True)
            drawn[name] = f"performance_{name}.png"
            _draw(folder / drawn[name], job.PLOT, shown)
    return drawn


def _draw(path, plot, records):
    from matplotlib.figure import Figure

    by = plot.get("by")
    groups = list(dict.fromkeys(record["size"].get(by) for record in records)) if by else [None]
    figure = Figure(figsize=(4.4 * len(groups) + 2.2 * (len(groups) == 1), 4.4), layout="constrained")
    axes = figure.subplots(1, len(groups), sharey=True, squeeze=False)[0]
    names = list(dict.fromkeys(name for record in records for name in record["sides"] if name not in SKIPPED))
    for axis, group in zip(axes, groups, strict=True):
        some = [record for record in records if not by or record["size"][by] == group]
        some.sort(key=lambda record: record["size"]["n"])
        for place, name in enumerate(names):
            _line(axis, some, name, MARKERS[place % len(MARKERS)])
        axis.set(xscale="log", yscale="log", xlabel="rows in the pool, n", title=group or "")
        axis.grid(True, which="major", color="#dddddd", linewidth=0.7)
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].set_ylabel("seconds (median), one thread")
    figure.suptitle(plot["title"], fontsize=11)
    handles = _legend(axes)
    ordered = {name: handles[name] for name in (*names, "open: extrapolated") if name in handles}
    below = len(groups) > 1
    figure.legend(
        ordered.values(),
        ordered.keys(),
        loc="outside lower center" if below else "outside right center",
        ncols=4 if below else 1,
        fontsize=8,
        frameon=False,
    )
    figure.savefig(path, dpi=110, metadata={"Software": None})


def _line(axis, records, name, marker):
    sides = [(record["size"]["n"], record["sides"].get(name, {})) for record in records]
    sides = [(n, side) for n, side in sides if "median" in side]
    if not sides:
        return
    color = COLORS[sides[0][1]["kind"]]
    wide = name == "skal"
    axis.plot(
        [n for n, _ in sides],
        [side["median"] for _, side in sides],
        color=color,
        marker=marker,
        markersize=6 if wide else 5,
        linewidth=2.2 if wide else 1.2,
        linestyle="--" if sides[0][1]["kind"] == "limit" else "-",
        label=name,
        zorder=3 if wide else 2,
    )
    guessed = [(n, side["median"]) for n, side in sides if side["how"]]
    if guessed:
        axis.plot(*zip(*guessed, strict=True), marker, color=color, markerfacecolor="white", markersize=5, zorder=4)
        axis.plot([], [], "o", color="black", markerfacecolor="white", markersize=5, label="open: extrapolated")


def _legend(axes):
    handles = {}
    for axis in axes:
        some, names = axis.get_legend_handles_labels()
        handles |= dict(zip(names, some, strict=True))
    return handles
