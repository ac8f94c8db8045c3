"""A model directory: `weights.npz` (plain arrays, never a pickle) and `card.json`, which holds its hash and its story.

The card is read first; every file it names must have the hash that it states. This detects damage and files from
elsewhere; whoever can rewrite the card as well can only change numbers, since no file of a model is ever executed.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from listener.errors import ModelFormatError, ModelTamperedError

FORMAT: Final = 1
CARD: Final = "card.json"
WEIGHTS: Final = "weights.npz"
CURRENT: Final = "CURRENT"
_MAX_CARD: Final = 4_000_000
_MAX_UNPACKED: Final = 400_000_000
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a model is, was made of, reaches and must not be used for.

    `calibration` maps head and language to (slope, intercept) on log-odds; `thresholds` a language to the probability
    from which a post is flagged; `base_rates` a language to its share of complaints, the answer where nothing is known.
    Where a source was calibrated by itself, its `local` key stands beside the language.
    """

    name: str
    version: str
    recipe: str
    config: Mapping[str, Any]
    calibration: Mapping[str, Mapping[str, tuple[float, float]]]
    thresholds: Mapping[str, float]
    base_rates: Mapping[str, float]
    seed: int
    data: list[dict[str, Any]] = field(default_factory=list)
    figures: Mapping[str, Any] = field(default_factory=dict)
    intended_use: str = ""
    limits: list[str] = field(default_factory=list)
    licences: str = ""
    format: int = FORMAT
    files: Mapping[str, str] = field(default_factory=dict)
    """File name -> SHA-256 of its bytes, written by `save`."""


def local(lang: str, source: str | None) -> str:
    """The key of a language in one source, in `calibration`, `thresholds` and `base_rates`."""
    return f"{lang}:{source}" if source else lang


def save_with_files(directory: Path, card: Card, files_from: Path) -> Card:
    """Write a model directory of the files of another, unchanged, with a card of its own. Returns the card."""
    directory.mkdir(parents=True, exist_ok=True)
    files = read_card(files_from).files
    for name in files:
        if Path(name).name != name:
            raise ModelFormatError(str(files_from), f"names a file {name!r} outside itself")
        (directory / name).write_bytes((files_from / name).read_bytes())
    _write_card(directory, card, files)
    return read_card(directory)


def save(directory: Path, card: Card, arrays: Mapping[str, NDArray[Any]]) -> Card:
    """Write a model directory; the same card and arrays give the same bytes. Returns the card with its hashes."""
    directory.mkdir(parents=True, exist_ok=True)
    packed = _pack(arrays)
    (directory / WEIGHTS).write_bytes(packed)
    _write_card(directory, card, {WEIGHTS: hashlib.sha256(packed).hexdigest()})
    return read_card(directory)


def _write_card(directory: Path, card: Card, files: Mapping[str, str]) -> None:
    values = {**asdict(card), "files": dict(files)}
    (directory / CARD).write_text(json.dumps(values, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def read_card(directory: Path) -> Card:
    """The card alone, its form checked. Raises ModelFormatError."""
    path = directory / CARD
    try:
        if path.stat().st_size > _MAX_CARD:
            raise ModelFormatError(str(path), "is too large to be a model card")
        values = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelFormatError(
            str(directory), f"is no listener model: {CARD} cannot be read", hint="Name a model directory."
        ) from error
    except ValueError as error:
        raise ModelFormatError(str(path), "is not JSON in UTF-8") from error
    try:
        return _card(values)
    except (LookupError, AttributeError, TypeError, ValueError) as error:
        raise ModelFormatError(str(path), f"is not a model card of listener ({error})") from error


def read_arrays(directory: Path, card: Card) -> dict[str, NDArray[Any]]:
    """The arrays, after their file's hash was compared. Raises ModelTamperedError, ModelFormatError."""
    path = directory / WEIGHTS
    try:
        packed = path.read_bytes()
    except OSError as error:
        raise ModelFormatError(str(path), "cannot be read") from error
    if hashlib.sha256(packed).hexdigest() != card.files.get(WEIGHTS):
        raise ModelTamperedError(
            str(path), "is not the file that its card describes", hint="Train it again or fetch it from where it came."
        )
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            if sum(member.file_size for member in archive.infolist()) > _MAX_UNPACKED:
                raise ModelFormatError(str(path), "unpacks to more than any model of listener")
        with np.load(io.BytesIO(packed), allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (ValueError, OSError, zipfile.BadZipFile, KeyError, EOFError) as error:
        raise ModelFormatError(str(path), "is not an archive of plain arrays") from error


def current(models: Path) -> Path:
    """The directory that `models/CURRENT` names. Raises ModelFormatError."""
    pointer = models / CURRENT
    try:
        name = pointer.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ModelFormatError(str(pointer), "cannot be read", hint="Train a model with listener train.") from error
    if not _NAME.fullmatch(name):
        raise ModelFormatError(str(pointer), "does not name a model directory")
    return models / name


def _card(values: Any) -> Card:
    if not isinstance(values, dict):
        raise TypeError("not an object")
    if values.get("format") != FORMAT:
        raise ValueError(f"format {values.get('format')!r}, this listener knows {FORMAT}")
    card = Card(**values)
    if not (isinstance(card.name, str) and isinstance(card.version, str) and isinstance(card.files, dict)):
        raise TypeError("name, version or files")
    calibration = {
        head: {lang: (float(pair[0]), float(pair[1])) for lang, pair in by_lang.items()}
        for head, by_lang in card.calibration.items()
    }
    thresholds = {lang: float(value) for lang, value in card.thresholds.items()}
    base_rates = {lang: float(value) for lang, value in card.base_rates.items()}
    return Card(**{**values, "calibration": calibration, "thresholds": thresholds, "base_rates": base_rates})


def _pack(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """An .npz with fixed times, so that equal arrays are equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(arrays):
            member = io.BytesIO()
            np.lib.format.write_array(member, np.ascontiguousarray(arrays[name]), allow_pickle=False)
            info = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, member.getvalue())
    return buffer.getvalue()
