"""The outside data sets that listener knows, and on which terms each may train a model that is shipped.

None of their text is part of the project. They are looked for in a directory given by option or LISTENER_DATA_DIR;
whoever has the public sets in that form can rebuild the shipped model.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

Family: TypeAlias = Literal["real", "reviews", "corpus", "labels"]
Terms: TypeAlias = Literal["yes", "weights"]
"""`yes`: a licence that allows it. `weights`: published without a stated licence; `--only-licensed` leaves it out."""

ENVIRONMENT: Final = "LISTENER_DATA_DIR"


@dataclass(frozen=True, slots=True)
class DataSet:
    """One file `NAME.jsonl.gz`. `licensed_sources`: records of these sources are under `yes` though the set is not.

    `weight` is that of one record in training, against 1 for a post that was labelled by reading.
    """

    name: str
    lang: str
    family: Family
    terms: Terms
    licence: str
    weight: float
    licensed_sources: tuple[str, ...] = ()


_REAL: Final = 1.0

CATALOGUE: Final = (
    DataSet(
        "real_ja", "ja", "real", "weights", "open2ch and toxic Apache-2.0, others unstated", _REAL,
        ("open2ch-dialogue-corpus (Apache-2.0)", "japanese_toxic (Apache-2.0)"),
    ),
    DataSet(
        "real_zh", "zh", "real", "weights", "openrice CC BY 4.0, others unstated", _REAL, ("openrice_hk (CC BY 4.0)",)
    ),
    DataSet(
        "real_en", "en", "real", "weights", "xci MIT, tweeteval unrestricted, others unstated", _REAL,
        ("xci (MIT)", "tweeteval"),
    ),
    DataSet("en_xci", "en", "reviews", "yes", "MIT", 0.1),
    DataSet("en_playstore_food", "en", "reviews", "yes", "MIT", 0.1),
    DataSet("zh_online_shopping", "zh", "reviews", "weights", "unstated", 0.01),
    DataSet("zh_waimai", "zh", "reviews", "weights", "unstated", 0.01),
    DataSet("zh_openrice_hk", "zh", "reviews", "yes", "CC BY 4.0", 0.01),
    DataSet("zh_heimao_cause6", "zh", "reviews", "weights", "unstated", 0.01),
    DataSet("ja_amazon_daigo", "ja", "reviews", "weights", "code MIT, texts unstated", 0.05),
    DataSet("ja_minkou", "ja", "reviews", "weights", "unstated", 0.05),
)  # fmt: skip
"""Sets whose licence forbids it (en_us_airline, ja_jrte) are not here: they only measure."""


LICENSED_SOURCES: Final = frozenset(source for data in CATALOGUE for source in data.licensed_sources)
"""Sources whose posts may train a model under a stated licence, wherever they are found."""

POOLS: Final = ("pool_ja", "pool_zh", "pool_en")
"""Unlabelled real posts, to which the labels in data/labels/ belong."""


def data_directory(given: Path | None) -> Path | None:
    """Where the outside sets lie: as given, else LISTENER_DATA_DIR, else ../shared/datasets beside a checkout."""
    if given is not None:
        return given
    if named := os.environ.get(ENVIRONMENT):
        return Path(named).expanduser()
    beside = Path(__file__).resolve().parents[3] / "shared" / "datasets"
    return beside if beside.is_dir() else None
