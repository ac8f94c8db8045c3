"""Every error that listener raises on purpose, in one tree.

::

    ListenerError
    ├── UsageError                    exit 2: the call, the settings or the input cannot be used
    │   ├── SettingsError             a key of listener.toml: its place, what was expected, the nearest name
    │   ├── SecretError               a secret named by environment variable or file is not there
    │   └── InputError                a file as a whole cannot be read (a bad record is only reported)
    ├── AlreadyRunningError           exit 2: another listener holds this home
    ├── SourceError                   a collector's trouble with its platform; never stops another source
    │   ├── UnreachableError          transient: no answer, cut connection, 5xx
    │   ├── RateLimitedError          transient: the platform said when to come back (`retry_after`)
    │   ├── AuthError                 permanent: key missing, expired or refused
    │   ├── GoneError                 permanent: the place asked for does not exist (404, 410) or is private (403)
    │   ├── ForbiddenAddressError     permanent: an address that collectors may not open
    │   └── PayloadError              permanent: the answer is not what the platform documents
    ├── StoreError                    the database
    │   ├── StoreBusyError            transient: locked by another writer beyond the waiting time
    │   ├── StoreFullError            transient: no space left; nothing of the transaction was kept
    │   └── SchemaError               permanent: the database is of a newer listener, or no listener database
    ├── ModelError                    permanent: a model directory
    │   ├── ModelTamperedError        a file's hash is not the one on the card
    │   ├── ModelFormatError          not a listener model, or one of an unknown version
    │   └── ModelRefusedError         exit 1: the gate held a promotion back
    ├── IncidentError                 exit 1: a person's act on an incident that was refused
    │   ├── NoSuchIncidentError
    │   ├── IncidentTakenError        names who coordinates it
    │   └── IncidentStateError        the incident as it is does not allow this act
    ├── SignInError                   exit 1: a name and password that do not fit, or a locked account
    └── DeskError                     exit 1: a person's act that was refused
        ├── NoSuchAlertError
        ├── AlreadyClaimedError       names the holder
        ├── NotHolderError            only the holder may do this
        ├── WrongStateError           the alert is in a state that does not allow this act
        └── NotAllowedError           this person may not do this act

Each error carries the ids it is about as attributes, says by `permanent` whether trying again can help, and has a
`hint`: one sentence on what a person can do. Neither message nor hint ever holds a post's text or a secret.
"""

from __future__ import annotations

from typing import ClassVar


class ListenerError(Exception):
    """Base of all; `str(error)` is one line for people."""

    permanent: ClassVar[bool] = True
    exit_code: ClassVar[int] = 1
    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(ListenerError):
    """The call cannot be carried out as given."""

    exit_code = 2
    code = "usage"


class SettingsError(UsageError):
    """A wrong key or value in the settings; `key` is its dotted place, e.g. ``sources[1].url``."""

    code = "settings"

    def __init__(self, key: str, expected: str, *, nearest: str | None = None, file: str | None = None) -> None:
        place = f"{file}: {key}" if file else key
        meant = f"; did you mean {nearest!r}?" if nearest else ""
        super().__init__(f"{place}: {expected}{meant}")
        self.key = key
        self.expected = expected
        self.nearest = nearest


class SecretError(UsageError):
    """A secret that the settings name is not there; `key` is the setting, never the value."""

    code = "secret"

    def __init__(self, key: str, message: str, *, hint: str = "") -> None:
        super().__init__(f"{key}: {message}", hint=hint)
        self.key = key


class InputError(UsageError):
    """A file of records that cannot be read at all."""

    code = "input"

    def __init__(self, path: str, reason: str, *, hint: str = "") -> None:
        super().__init__(f"{path}: {reason}", hint=hint)
        self.path = path


class AlreadyRunningError(ListenerError):
    """Another process holds this home; `holder` is what it wrote of itself."""

    exit_code = 2
    code = "already-running"

    def __init__(self, home: str, holder: str) -> None:
        super().__init__(
            f"listener already runs on {home} ({holder})",
            hint="Stop that one first, or set LISTENER_HOME to another directory.",
        )
        self.home = home
        self.holder = holder


class SourceError(ListenerError):
    """A platform could not be heard. `source` is the source's name in the settings."""

    code = "source"

    def __init__(self, source: str, message: str, *, hint: str = "", retry_after: float | None = None) -> None:
        super().__init__(f"{source}: {message}", hint=hint)
        self.source = source
        self.retry_after = retry_after


class UnreachableError(SourceError):
    """No usable answer just now."""

    permanent = False
    code = "unreachable"


class RateLimitedError(SourceError):
    """The platform asks to wait; `retry_after` in seconds where it said how long."""

    permanent = False
    code = "rate-limited"


class AuthError(SourceError):
    """Credentials are missing, expired or refused."""

    code = "auth"


class GoneError(SourceError):
    """The subreddit, feed or page asked for is not there or not public."""

    code = "gone"


class ForbiddenAddressError(SourceError):
    """The address is not globally routable and not listed in ``[network] allow``."""

    code = "forbidden-address"


class PayloadError(SourceError):
    """The platform answered something that is not in its documented format."""

    code = "payload"


class StoreError(ListenerError):
    """The database could not do what was asked."""

    code = "store"


class StoreBusyError(StoreError):
    """Another writer held the database longer than the waiting time."""

    permanent = False
    code = "store-busy"


class StoreFullError(StoreError):
    """No space is left on the disk; the transaction was rolled back whole."""

    permanent = False
    code = "store-full"


class SchemaError(StoreError):
    """The database is not one this version can use."""

    code = "schema"


class ModelError(ListenerError):
    """A model directory cannot be used; `path` names it."""

    exit_code = 2
    code = "model"

    def __init__(self, path: str, message: str, *, hint: str = "") -> None:
        super().__init__(f"{path}: {message}", hint=hint)
        self.path = path


class ModelTamperedError(ModelError):
    """A file differs from the hash on the card."""

    code = "model-tampered"


class ModelFormatError(ModelError):
    """Not a listener model directory, or of a version this listener does not know."""

    code = "model-format"


class ModelRefusedError(ModelError):
    """A promotion that the gate held back; `faults` are the figures that got worse, as `models compare` gives them."""

    exit_code = 1
    code = "model-refused"

    def __init__(self, path: str, message: str, *, hint: str = "", faults: tuple[dict[str, object], ...] = ()) -> None:
        super().__init__(path, message, hint=hint)
        self.faults = faults


class DeskError(ListenerError):
    """A person's act that was refused; `alert_id` is the alert concerned."""

    code = "desk"

    def __init__(self, alert_id: int, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.alert_id = alert_id


class NoSuchAlertError(DeskError):
    """No alert has this id."""

    code = "no-such-alert"

    def __init__(self, alert_id: int) -> None:
        super().__init__(alert_id, f"there is no alert {alert_id}")


class AlreadyClaimedError(DeskError):
    """Somebody else holds it; `owner` says who."""

    code = "already-claimed"

    def __init__(self, alert_id: int, owner: str) -> None:
        super().__init__(alert_id, f"{owner} already has alert {alert_id}")
        self.owner = owner


class NotHolderError(DeskError):
    """Only the one who holds the alert may do this."""

    code = "not-holder"

    def __init__(self, alert_id: int, owner: str | None) -> None:
        who = f"{owner} has it" if owner else "nobody has claimed it"
        super().__init__(alert_id, f"alert {alert_id} is not yours: {who}", hint="Claim it first.")
        self.owner = owner


class WrongStateError(DeskError):
    """The alert's state does not allow this act."""

    code = "wrong-state"

    def __init__(self, alert_id: int, state: str, act: str) -> None:
        super().__init__(alert_id, f"alert {alert_id} is {state}: it cannot be {act}")
        self.state = state
        self.act = act


class NotAllowedError(DeskError):
    """This person may not do this act."""

    code = "not-allowed"


class SignInError(ListenerError):
    """A name and a password that do not fit, or an account that is locked."""

    code = "sign-in"


class IncidentError(ListenerError):
    """A person's act on an incident that was refused; `incident_id` is the incident concerned."""

    code = "incident"

    def __init__(self, incident_id: int, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.incident_id = incident_id


class NoSuchIncidentError(IncidentError):
    """No incident has this id."""

    code = "no-such-incident"

    def __init__(self, incident_id: int) -> None:
        super().__init__(incident_id, f"there is no incident {incident_id}")


class IncidentTakenError(IncidentError):
    """Somebody else coordinates it; `owner` says who."""

    code = "incident-taken"

    def __init__(self, incident_id: int, owner: str) -> None:
        super().__init__(incident_id, f"{owner} already coordinates incident {incident_id}")
        self.owner = owner


class IncidentStateError(IncidentError):
    """The incident as it is does not allow this act."""

    code = "incident-state"
