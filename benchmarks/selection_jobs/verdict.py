"""Whether a goal was reached, from the numbers of a case."""


def fastest(sides, kind):
    """Name of the fastest side of a kind that ran."""
    ran = {name: side["median"] for name, side in sides.items() if side["kind"] == kind and "median" in side}
    return min(ran, key=ran.get) if ran else None


def against_of(goal, sides):
    if goal.against in ("peer", "limit"):
        return fastest(sides, goal.against)
    return goal.against if "median" in sides.get(goal.against, {}) else None


def judge(goal, record):
    """Found value, wanted value and verdict in words, or None where a number is missing."""
    sides = record["sides"]
    own = sides.get(goal.side, {})
    if goal.measure == "mib":
        memory = own.get("memory")
        if not memory:
            return None
        value = memory["mib_without_files"] if "map" in record["title"] else memory["mib"]
        return f"{value:.0f} MiB", f"at most {goal.at_most:.0f} MiB", value <= goal.at_most
    if "median" not in own:
        return None
    if not goal.against:
        return f"{own['median']:.3g} s", f"at most {goal.at_most:g} s", own["median"] <= goal.at_most
    other = against_of(goal, sides)
    if other is None:
        return None
    if goal.at_least is not None:
        ratio = sides[other]["median"] / own["median"]
        note = " (extrapolated)" if sides[other]["how"] else ""
        found = f"{ratio:.3g} times as fast as {other}{note}"
        return found, f"at least {goal.at_least:g} times", ratio >= goal.at_least
    ratio = own["median"] / sides[other]["median"]
    return f"{ratio:.3g} times {other}", f"at most {goal.at_most:g} times", ratio <= goal.at_most


def ceiling(goal, record):
    """Where a ratio against a peer was missed: what it would be for somebody who did nothing but the least work."""
    sides = record["sides"]
    other, limit = against_of(goal, sides), fastest(sides, "limit")
    if goal.at_least is None or other is None or limit is None:
        return None
    peer, least, own = sides[other]["median"], sides[limit]["median"], sides[goal.side]["median"]
    told = (
        f"{other} takes {seconds(peer)} and {limit} {seconds(least)}, so no side can be more than {peer / least:.3g} "
        f"times as fast. skal's {seconds(own)} are {own / least:.3g} times that."
    )
    for name, what in (("NumPy", "The logarithms alone"), ("float64", "In float64, as skal takes them, they")):
        logs = sides.get(f"logarithms alone, {name}", {}).get("median")
        if logs:
            told += f" {what} take {seconds(logs)} with NumPy, which leaves {peer / logs:.3g} times."
    return told


def seconds(value):
    """Three digits, in a unit that suits."""
    for unit, factor in (("s", 1.0), ("ms", 1e3)):
        if value * factor >= 1:
            return f"{value * factor:.3g} {unit}"
    return f"{value * 1e6:.3g} µs"
