"""From the settings' tables to collectors ready to run: each kind's own options checked, each module imported once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from listener import collect
from listener.collect import Collector
from listener.errors import SettingsError, UsageError
from listener.settings import Settings, SourceOptions, nearest_name, validated
from listener.text.brands import BrandMatcher


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A source of the settings, ready to be collected."""

    options: SourceOptions
    collector: Collector

    @property
    def name(self) -> str:
        """Its name in the settings: the `source` of every mention."""
        return self.options.name

    @property
    def streaming(self) -> bool:
        """Whether one `collect` runs until it is closed, rather than making one pass."""
        return bool(getattr(self.collector, "STREAMING", False))

    @property
    def passes(self) -> int:
        """How many passes make up a `--once`."""
        return int(getattr(self.collector, "PASSES", 1))


def sources(settings: Settings, matcher: BrandMatcher) -> list[Source]:
    """Every enabled source of the settings. Raises SettingsError naming the key of the first wrong option."""
    brands = [brand.name for brand in settings.brands]
    found = []
    for index, table in enumerate(settings.sources):
        source = _source(index, table, settings, matcher)
        _check_brand(f"sources[{index}].brand", source.options.brand, brands)
        if source.options.enabled:
            found.append(source)
    if settings.web.public_port and not any(source.options.kind == "feedback" for source in found):
        found.append(_feedback(settings))
    return found


def _feedback(settings: Settings) -> Source:
    """The feedback form is there wherever there is a public port, under a name that is free."""
    module = collect.load("feedback")
    taken = {table["name"] for table in settings.sources}
    name = next(name for name in ("feedback", *(f"feedback-{n}" for n in range(2, 999))) if name not in taken)
    return Source(options=module.Options(name=name, kind="feedback"), collector=module)


def select(available: Sequence[Source], names: Sequence[str]) -> list[Source]:
    """The sources called `names`, all if none are named. Raises UsageError for a name that is not in the settings."""
    known = {source.name: source for source in available}
    for name in names:
        if name not in known:
            nearest = nearest_name(name, known)
            raise UsageError(
                f"no enabled source is called {name!r}" + (f"; did you mean {nearest!r}?" if nearest else ""),
                hint=f"Sources: {', '.join(known) or 'none'}",
            )
    return [known[name] for name in dict.fromkeys(names)] if names else list(available)


def _source(index: int, table: Mapping[str, Any], settings: Settings, matcher: BrandMatcher) -> Source:
    prefix = f"sources[{index}]."
    module = collect.load(table["kind"], key=f"{prefix}kind")
    fields = module.Options.model_fields
    values = dict(table)
    if "allow" in fields:
        # Which private addresses may be opened is for [network] alone to say, not for one source.
        if "allow" in values:
            raise SettingsError(f"{prefix}allow", "unknown key; addresses are allowed in [network] allow")
        values["allow"] = settings.network.allow
    if "keywords" in fields and not values.get("keywords"):
        values["keywords"] = matcher.terms
    return Source(options=validated(module.Options, values, prefix=prefix), collector=module)


def _check_brand(key: str, brand: str | None, brands: Sequence[str]) -> None:
    if brand is not None and brands and brand not in brands:
        raise SettingsError(key, f"one of the brands: {', '.join(brands)}", nearest=nearest_name(brand, brands))
