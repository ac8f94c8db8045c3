"""The command line: one file a verb, each adding itself by `register(app)`; heavy imports only inside the commands.

Exit codes (DESIGN.md section 6): 0 done; 1 finished, with listed failures or findings; 2 wrong usage or unusable input.
Never a traceback: `main` turns every error into one line, LISTENER_DEBUG=1 shows where it came from.
"""

from __future__ import annotations

import importlib
import io
import os
import sys
from typing import Annotated, Final

import typer

VERBS: Final = (
    "init",
    "up",
    "collect",
    "check",
    "score",
    "evaluate",
    "train",
    "calibrate",
    "models",
    "replay",
    "forecast",
    "desk",
    "users",
    "bench",
    "labels",
    "db",
)

app = typer.Typer(
    name="listener",
    help="Hears unhappy customers before they leave.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"listener {version('listener')}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Hears unhappy customers before they leave.

    Settings and data lie in LISTENER_HOME (default: the user's data directory). Start with: listener up --demo
    """


for _verb in VERBS:
    importlib.import_module(f"listener.cli.{_verb}").register(app)


def main() -> None:
    """Entry point of the `listener` command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # whatever the locale says
    try:
        code = app(standalone_mode=False)
    except BaseException as error:
        code = _report(error)
    raise SystemExit(code or 0)


def _report(error: BaseException) -> int:
    """One line for people on standard error; the exit code."""
    from listener.errors import ListenerError

    if os.environ.get("LISTENER_DEBUG"):
        import traceback

        traceback.print_exception(error)
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else 1
    if isinstance(error, typer.Exit):
        return error.exit_code
    if callable(words := getattr(error, "format_message", None)):
        told = str(words())
        say(told if told.startswith("Usage") else f"listener: {told}")
        return 2
    if isinstance(error, BrokenPipeError):
        # The reader of our output went away (`listener score … | head`): nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    if isinstance(error, KeyboardInterrupt | typer.Abort):
        return 130
    if isinstance(error, ListenerError):
        say("listener: " + " ".join(str(error).split()))  # a file's name, or a key, may hold a line break
        if error.hint:
            say(f"  {error.hint}")
        return error.exit_code
    say(f"listener: {type(error).__name__} that listener did not expect; LISTENER_DEBUG=1 shows where")
    return 1


TABLE_WIDTH: Final = 110
"""Characters that a table of figures needs; a narrower terminal wraps its lines, better than cut numbers."""


def say(line: str) -> None:
    """One line to standard error: news for a person, never part of the output."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
