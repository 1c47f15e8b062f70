"""DuckDB over a corpus: one view per table of Parquet files, then the views and macros of `store/views/*.sql`."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path

import duckdb

from store.errors import UsageError
from store.location import Address, Location, ObjectPath
from store.manifest import Manifest
from store.relations import table_views
from store.runs import RUN_VIEWS, run_files, runs_view

VIEWS = Path(__file__).parent / "views"

ORDER = (
    "judged",
    "corpus",
    "jeffreys",
    "draws",
    "named_scores",
    "scored",
    "partition",
    "z_adaptive",
    "weights",
    "importance_weight",
    "pass_at_k",
    "proofs",
    "policy_of",
    "diversity",
    "proof_diversity",
    "effective_samples",
    "difficulty",
    "difficulty_moves",
    "unsolved",
    "z_shrunk",
    "duplicates",
    "verdict_mix",
    "sampler_gap",
    *RUN_VIEWS,
)
"""Files of `views/` in the order in which they build on each other."""


def read_sql(folder: Path, name: str) -> str:
    """Return the text of a query or view that stands in a file of its own."""
    return (folder / f"{name}.sql").read_text(encoding="utf-8")


def create_views(
    connection: duckdb.DuckDBPyConnection, root: Location, manifest: Manifest, views: Collection[str] | None = None
) -> None:
    """Create every table view and every view of `store/views` on `connection`, over the files of `manifest`.

    `views`: of the latter only these, and those that they build on.
    """
    names = ORDER if views is None else _with_sources(frozenset(views))
    runs = run_files(root) if not set(names).isdisjoint(RUN_VIEWS) else []
    if isinstance(root, ObjectPath):
        from store.snapshot import Snapshot

        paths = [part.footer.path for part in itertools.chain.from_iterable(manifest.values())]
        connection.register_filesystem(Snapshot(root, (path for path in paths + runs if isinstance(path, ObjectPath))))
    for statement in statements(manifest, runs, names):
        connection.execute(statement)


def statements(manifest: Manifest, runs: list[Location], names: Collection[str] = ORDER) -> list[str]:
    """Return the SQL of every table view, of the run records and of the views and macros `names`, in order."""
    return [*table_views(manifest), runs_view(runs), *map(_text, names)]


def named_in(sql: str) -> frozenset[str]:
    """Return the views, files of `views/`, of which a name stands in `sql`; what only looks like one is among them."""
    words = frozenset(re.findall(r"\w+", sql.lower()))
    return frozenset(name for name in ORDER if not words.isdisjoint(_makes(name)))


@cache
def _with_sources(views: frozenset[str]) -> tuple[str, ...]:
    """Return the views, in order, with every other whose name stands in their SQL, and so on."""
    wanted: set[str] = set()
    for name in reversed(ORDER):
        if name in views or any(name in named_in(_text(other)) for other in wanted):
            wanted.add(name)
    return tuple(name for name in ORDER if name in wanted)


@cache
def _makes(name: str) -> frozenset[str]:
    """Return the views and macros that a file of `views/` makes."""
    return frozenset(re.findall(r"CREATE OR REPLACE (?:VIEW|MACRO) (\w+)", _text(name)))


@cache
def _text(name: str) -> str:
    return read_sql(VIEWS, name)


def keep(connection: duckdb.DuckDBPyConnection, views: Sequence[str]) -> None:
    """Compute these views now, as temporary tables of `connection`: whatever reads or builds on them reads those.

    Raises UsageError for a name that is no view of `store/views`.
    """
    for name in views:
        if name not in ORDER:
            raise UsageError(f"keep {name!r}: no such view; there are {', '.join(ORDER)}.")
        connection.execute(f"CREATE TEMP TABLE {name} AS FROM main.{name}")


def init_script(root: Address) -> str:
    """Return the script that makes the corpus, as it is now, queryable in the plain duckdb client (`duckdb -init`)."""
    from store.corpus import Corpus

    corpus = Corpus.open(root)
    return "\n".join(statements(corpus.manifest(), run_files(corpus.root)))


def describe_views() -> list[tuple[str, str]]:
    """Return the name and the header comment of every view and macro: grain, columns, units, formula."""
    found = []
    for name in ORDER:
        lines = read_sql(VIEWS, name).splitlines()
        header = itertools.takewhile(lambda line: line.startswith("--"), lines)
        found.append((name, "\n".join(line.removeprefix("--").removeprefix(" ") for line in header)))
    return found
