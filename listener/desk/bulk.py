"""One act on many alerts: each by itself, so that one that is refused stops no other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from listener.errors import DeskError, NotAllowedError, UsageError
from listener.store.rows import AlertRow

MOST: Final = 500


@dataclass(frozen=True, slots=True)
class Done:
    """`refused`: the alert and the error that says why."""

    done: tuple[int, ...]
    refused: tuple[tuple[int, DeskError], ...]


def each(alert_ids: Sequence[int], act: Callable[[int], AlertRow]) -> Done:
    """Do it to each of them, in order, each once. Raises UsageError for more than MOST, NotAllowedError at once."""
    wanted = list(dict.fromkeys(alert_ids))
    if len(wanted) > MOST:
        raise UsageError(f"up to {MOST} alerts at once, not {len(wanted)}")
    done: list[int] = []
    refused: list[tuple[int, DeskError]] = []
    for alert_id in wanted:
        try:
            act(alert_id)
        except NotAllowedError:
            raise
        except DeskError as error:
            refused.append((alert_id, error))
        else:
            done.append(alert_id)
    return Done(tuple(done), tuple(refused))
