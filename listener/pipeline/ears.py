"""What every source needs to hand over what it heard, built once from the settings."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from listener.pipeline.sources import Source, sources
from listener.settings import Settings
from listener.store import Store
from listener.text.brands import BrandMatcher


@dataclass(frozen=True, slots=True, kw_only=True)
class Ears:
    """`match` names the brands of a text; `news` is set when something new was written."""

    store: Store
    match: Callable[[str], tuple[str, ...]]
    own_accounts: Collection[str]
    news: threading.Event = field(default_factory=threading.Event)


def ears_for(settings: Settings, store: Store) -> tuple[Ears, list[Source]]:
    """What sources hand over to, and the sources themselves. Raises SettingsError."""
    matcher = BrandMatcher(settings.brands)
    ears = Ears(store=store, match=matcher.match, own_accounts=own_accounts(settings))
    return ears, sources(settings, matcher)


def own_accounts(settings: Settings) -> frozenset[str]:
    """Handles that speak for a brand: its own and its people's, without `@`, case folded."""
    handles = [h for brand in settings.brands for h in brand.accounts]
    handles += [h for person in settings.people for h in person.accounts]
    return frozenset(handle.removeprefix("@").casefold() for handle in handles)


def register(store: Store, found: Sequence[Source]) -> None:
    """Give every source its row on the board; one that the settings no longer listen to is shown as off."""
    kinds = {source.name: source.options.kind for source in found}
    with store.write() as tx:
        for row in tx.sources.all():
            if row.source not in kinds:
                tx.sources.register(row.source, row.kind, "off")
        for name, kind in kinds.items():
            tx.sources.register(name, kind)
