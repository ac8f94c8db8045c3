"""`listener labels sample|import|export|recall`: what people say of posts, and how much the classifier misses."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

if TYPE_CHECKING:
    from listener.settings import Settings
    from listener.store import Store

Home: TypeAlias = Annotated[Path | None, typer.Option("--home", help="Directory for settings and data.")]
By: TypeAlias = Annotated[str | None, typer.Option("--as", help="Who does it; none: the user of this machine.")]


def register(app: typer.Typer) -> None:
    """Add the group `listener labels`."""
    group = typer.Typer(no_args_is_help=True, help="Labels: the weekly random sample, in and out, measured recall.")
    app.add_typer(group, name="labels")
    _add_sample(group)
    _add_files(group)


def _add_sample(group: typer.Typer) -> None:
    @group.command()
    def sample(
        out: Annotated[Path | None, typer.Option(help="Where to; none: standard output.")] = None,
        limit: Annotated[int, typer.Option(help="At most so many posts.", min=1)] = 200,
        by: By = None,
        home: Home = None,
    ) -> None:
        """Draw last week's sample if nobody has, and write the posts that wait for a label, one JSON object a line."""
        from listener.cli.hold import who_asks
        from listener.pipeline.labelling import as_record, draw_week

        now = datetime.now(UTC)
        _, store = _open(home)
        with store:
            draw_week(store, now)
            with store.read() as tx:
                waiting = tx.samples.waiting(limit)
            lines = [json.dumps(as_record(row), ensure_ascii=False) for row in waiting]
            _write(out, "".join(f"{line}\n" for line in lines))
            _note(store, "sample", who_asks(by), len(lines), out)

    @group.command()
    def recall(
        as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
        home: Home = None,
    ) -> None:
        """Of all complaints, the share that was flagged, measured on the labelled samples of the last weeks."""
        from dataclasses import asdict

        from listener.pipeline.labelling import measured

        _, store = _open(home)
        with store, store.read() as tx:
            found = measured(tx, datetime.now(UTC))
        if as_json:
            typer.echo(json.dumps(asdict(found) if found else None))
        elif found is None:
            typer.echo("not measured yet: label some posts of each kind first (listener labels sample)")
        else:
            interval = f"95% interval {found.low:.2f} to {found.high:.2f}"
            typer.echo(
                f"recall {found.recall:.2f} ({interval}), about {found.missed:.0f} missed; {found.labelled} labels"
            )


def _add_files(group: typer.Typer) -> None:
    @group.command(name="import")
    def import_(
        file: Annotated[Path, typer.Argument(help="CSV with text_sha256 (or id), complaint, severity, cause, churn.")],
        by: By = None,
        home: Home = None,
    ) -> None:
        """Take labels from a CSV file; one read twice counts once. A bad row is one line on standard error."""
        from listener.cli import say
        from listener.cli.hold import who_asks
        from listener.pipeline.labelling import BadRow, keep

        found = _read(file, who_asks(by))
        bad = [one for one in found if isinstance(one, BadRow)]
        for one in bad:
            say(f"{file}:{one.line}: {one.reason}")
        _, store = _open(home)
        with store:
            new = keep(store, [one for one in found if not isinstance(one, BadRow)])
        typer.echo(f"{new} labels taken, {len(found) - len(bad) - new} known already, {len(bad)} bad rows")
        raise typer.Exit(1 if bad else 0)

    @group.command()
    def export(
        file: Annotated[Path, typer.Argument(help="CSV to write; must not exist.")],
        texts: Annotated[Path | None, typer.Option(help="JSON Lines of the posts that models may learn from.")] = None,
        by: By = None,
        home: Home = None,
    ) -> None:
        """Write all labels; with `--texts` also the stored posts, for `listener train --labels --texts`."""
        import csv
        import io

        from listener.cli.hold import who_asks
        from listener.errors import UsageError
        from listener.pipeline.labelling import COLUMNS, exported, may_train

        for path in (file, texts):
            if path is not None and path.exists():
                raise UsageError(f"{path} exists", hint="Give a new name.")
        settings, store = _open(home)
        with store:
            with store.read() as tx:
                rows = list(exported(tx, may_train(settings, tx)))
                allowed = {row["text_sha256"] for row in rows if row["may_train"]}
                posts = [_post(one) for one in tx.labels.texts(allowed)] if texts is not None else []
            table = io.StringIO()
            writer = csv.DictWriter(table, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
            _write(file, table.getvalue())
            _note(store, "labels", who_asks(by), len(rows), file)
            if texts is not None:
                _write(texts, "".join(json.dumps(post, ensure_ascii=False) + "\n" for post in posts))
                _note(store, "texts", who_asks(by), len(posts), texts)
        typer.echo(f"{len(rows)} labels" + (f", {len(posts)} texts" if texts is not None else ""))


def _post(row: Any) -> dict[str, Any]:
    from listener.store.rows import compose

    text = compose(row.title, row.text)
    return {"id": row.text_sha256, "text": text, "lang": row.lang_hint, "source": row.source, "channel": row.channel}


def _read(file: Path, who: str) -> list[Any]:
    from listener.errors import InputError
    from listener.pipeline.labelling import labels_from

    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            return list(labels_from(lines, who, "import", datetime.now(UTC)))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(str(file), f"cannot be read ({type(error).__name__})") from error


def _open(home: Path | None) -> tuple[Settings, Store]:
    from listener.pipeline.home import database_of
    from listener.settings import load
    from listener.store import Store

    settings = load(home)
    return settings, Store.open(database_of(settings))


def _write(path: Path | None, content: str) -> None:
    """What is written holds people's posts: readable by its owner only."""
    import os

    if path is None:
        sys.stdout.write(content)
        return
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(content)


def _note(store: Store, kind: str, who: str, rows: int, path: Path | None) -> None:
    """Into the register of what was handed out."""
    if rows:
        with store.write() as tx:
            tx.exports.add(datetime.now(UTC), who, kind, rows, str(path.absolute()) if path else "-")
