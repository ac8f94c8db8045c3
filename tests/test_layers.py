"""The order of DESIGN.md section 2, read from the syntax trees."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "listener"

LAYERS: tuple[tuple[str, ...], ...] = (
    ("listener.types", "listener.errors", "listener.settings"),
    ("listener.text",),
    ("listener.collect", "listener.classify", "listener.triage", "listener.notify"),
    ("listener.store",),
    ("listener.pipeline", "listener.desk", "listener.lab"),
    ("app", "listener.cli", "listener.board", "listener.__main__"),
)
APART = {"listener.collect", "listener.classify", "listener.triage", "listener.notify"}
SQL_WORDS = ("select ", "insert into", "update ", "delete from", "create table", "pragma ")


def modules() -> list[Path]:
    return [*sorted(PACKAGE.rglob("*.py")), ROOT / "app.py"]


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[str]:
    """Every module that `path` imports, at the top or inside a function, as an absolute name."""
    package = name_of(path).split(".") if path.name == "__init__.py" else name_of(path).split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            stem = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                full = f"{stem}.{alias.name}"
                yield full if module_exists(full) else stem


def module_exists(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def layer_of(name: str) -> int | None:
    for level, members in enumerate(LAYERS):
        if any(name == member or name.startswith(member + ".") for member in members):
            return level
    return None


def area_of(name: str) -> str:
    return ".".join(name.split(".")[:2])


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_imports_point_only_downwards(path: Path) -> None:
    me = name_of(path)
    if me == "listener":
        return
    level = layer_of(me)
    assert level is not None, f"{me} is in no layer of DESIGN.md"
    for imported in imports(path):
        other = layer_of(imported)
        if other is None or area_of(imported) == area_of(me):
            continue
        assert other <= level, f"{me} imports {imported} from a layer above"
        if area_of(me) in APART:
            assert area_of(imported) not in APART, f"{me} imports its neighbour {imported}"


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_streamlit_stays_on_the_board(path: Path) -> None:
    me = name_of(path)
    if me == "app" or me.startswith("listener.board"):
        return
    assert not [name for name in imports(path) if name.split(".")[0] == "streamlit"]


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_sql_stays_in_the_store(path: Path) -> None:
    me = name_of(path)
    if me.startswith("listener.store"):
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    assert not [name for name in imports(path) if name.split(".")[0] in ("sqlalchemy", "sqlite3", "alembic")]
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            text = node.value.strip().lower()
            assert not (text.startswith(SQL_WORDS) and (" from " in text or " set " in text or "into " in text)), text


def test_there_are_no_import_circles() -> None:
    graph = {name_of(p): {m for m in imports(p) if m.startswith("listener") and m != name_of(p)} for p in modules()}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, "circle: " + " > ".join([*trail[trail.index(name) :], name])
        if name in done or name not in graph:
            return
        for imported in sorted(graph[name]):
            visit(imported, (*trail, name))
        done.add(name)

    for name in graph:
        visit(name, ())


def test_there_is_no_god_file() -> None:
    """The aim is 300 lines; this is where it stops being an aim."""
    long = {name_of(p): n for p in modules() if (n := len(p.read_text(encoding="utf-8").splitlines())) > 400}
    assert not long


def test_nothing_but_the_agreed_names_at_the_top() -> None:
    allowed = {
        *("listener", "models", "app.py", "data", "tests", "pyproject.toml", "README.md"),
        *("LICENSE", "CHANGELOG.md", "docs", ".ci", ".gitignore", ".git"),
    }
    tracked = {p.name for p in ROOT.iterdir() if not p.name.startswith(".") and p.name != "__pycache__"}
    assert tracked - allowed <= {"local", "build", "dist"}
