"""What an incident is called: its cause, place and most frequent words. Made of its members' words, never invented."""

from __future__ import annotations

from typing import Final

from listener.triage.incidents.incident import Incident

_WORDS: Final = 4
_FEW: Final = 2
"""Words of a title where no two members share any."""


def cause_of(incident: Incident) -> str:
    """The most frequent cause of its members; of equal ones the first by name."""
    return min(incident.causes, key=lambda item: (-item[1], item[0]))[0] if incident.causes else "other"


def languages_of(incident: Incident) -> tuple[str, ...]:
    """Languages of its members, the most frequent first."""
    return tuple(lang for lang, _ in sorted(incident.places, key=lambda item: (-item[1], item[0])))


def title_of(incident: Incident) -> str:
    """A person's title, else the cause and the words that most members share.

    >>> title_of(incident)
    'outage: login, アプデ, update'
    """
    if incident.title is not None:
        return incident.title
    ranked = sorted(incident.words, key=lambda item: (-item[1], item[0]))
    words = [word for word, count in ranked if count > 1][:_WORDS] or [word for word, _ in ranked[:_FEW]]
    return f"{cause_of(incident)}: {', '.join(words)}" if words else cause_of(incident)
