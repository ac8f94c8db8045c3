"""The figures of `listener bench early` as a table for people: what is aimed at, ours, and what others reach."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from listener.lab.early_rivals import RIVALS

MAPE: Final = {"600": 0.325, "1800": 0.315, "3600": 0.30}
"""Aims of the spread forecast: median absolute percentage error by seconds seen."""
_ALARMS: Final = (
    ("found", "at least 0.9"),
    ("median_complaints", "at most 8"),
    ("median_minutes", "at most 60"),
    ("false_per_brand_week", "budget 1"),
    ("interval", "not wholly above 1"),
)


def lines(figures: Mapping[str, Any]) -> Iterator[str]:
    """Lines without line ends."""
    yield (
        f"{figures['incidents']} incidents in {figures['brand_weeks']} brand-weeks of real posts,"
        f" model {figures['model']}, size {figures['size']}"
    )
    names = ("ours", *RIVALS)
    yield _row("alarms at 1 false one a brand and week", "aim", *names)
    for key, aim in _ALARMS:
        yield _row(key, aim, *(figures[name][key] for name in names))
    yield _row("we ring first", "at least 0.8", "", *(figures[name]["we_are_earlier"] for name in RIVALS))
    yield ""
    yield _row("members of incidents (B-cubed)", "aim of F1", "F1", "precision", "recall")
    yield from _members(figures["members"])
    for name, told in figures.get("worse_classifiers", {}).items():
        yield ""
        yield _row(f"a classifier that {name}", "", *(key for key, _ in _ALARMS[:-1]))
        yield _row("", "", *(told[key] for key, _ in _ALARMS[:-1]))
        yield from _members(told["members"])
    yield ""
    yield from _spread(figures["spread"])
    yield ""
    yield from _rest(figures)


def _members(found: Mapping[str, Any]) -> Iterator[str]:
    for kind, aim, name in (("language", 0.8, "in one language"), ("languages", 0.7, "across languages")):
        if kind in found:
            yield _row(name, f"at least {aim}", *(found[kind][key] for key in ("f1", "precision", "recall")))


def _spread(found: Mapping[str, Any]) -> Iterator[str]:
    yield (
        f"spread forecast, median absolute percentage error on {found['held_out']} cascades held out"
        f" (measured {found['measured']})"
    )
    yield _row("after", "aim", "ours", "constant", "GBR of 12", "SEISMIC", "of constant", "90% holds")
    yield from _ages(found["ages"])
    others = found["cross_validated"]
    yield f"the same on the {others['known']} others, in five parts"
    yield from _ages(others["ages"])
    yield _row("", "", "", "", "", "", "below 0.9", "0.85-0.95")


def _ages(found: Mapping[str, Any]) -> Iterator[str]:
    for at, told in found.items():
        ratio = f"{told['ratio_low']:.2f}-{told['ratio_high']:.2f}"
        cells = (told[key] for key in ("model", "constant", "gbr12", "seismic"))
        yield _row(f"{int(at) // 60} minutes", f"at most {MAPE[at]}", *cells, ratio, told["coverage"])


def _rest(figures: Mapping[str, Any]) -> Iterator[str]:
    yield _row("mentions a second, one core", "at least 2000", figures["mentions_per_second"])
    size = next(key for key in figures if key.startswith("state_mb"))
    yield _row(size.replace("_", " "), "at most 500", figures[size])
    yield _row("a restart changes nothing", "true", figures["restart_changes_nothing"])
    if airline := figures["airline"]:
        yield (
            f"six airlines at their true times, {airline['tweets']} tweets: of {airline['raw_alarms']} alarms of raw"
            f" volume {airline['near_one_of_ours']} have one of ours near, {airline['lead_minutes']} minutes before"
            " (median)"
        )
        for brand, times in airline["ours"].items():
            yield f"  {brand}: ours {', '.join(times)}; raw volume {', '.join(airline['raw_volume'][brand])}"


def _row(name: str, aim: str, *cells: object) -> str:
    return f"{name:<40}{aim:<20}" + "".join(f"{_shown(cell):>22}" for cell in cells)


def _shown(cell: object) -> str:
    return "-".join(map(str, cell)) if isinstance(cell, list) else str(cell)
