"""DuckDB over a corpus: one view per table of Parquet files, then the views and macros of `store/views/*.sql`."""

from __future__ import annotations

import itertools
from pathlib import Path

import duckdb

from store.location import Address, Location, ObjectPath
from store.manifest import Manifest
from store.relations import table_views

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
)
"""Files of `views/` in the order in which they build on each other."""


def read_sql(folder: Path, name: str) -> str:
    """Return the text of a query or view that stands in a file of its own."""
    return (folder / f"{name}.sql").read_text(encoding="utf-8")


def create_views(connection: duckdb.DuckDBPyConnection, root: Location, manifest: Manifest) -> None:
    """Create every table view and every view of `store/views` on `connection`, over the files of `manifest`."""
    if isinstance(root, ObjectPath):
        from store.snapshot import Snapshot

        paths = (part.footer.path for part in itertools.chain.from_iterable(manifest.values()))
        connection.register_filesystem(Snapshot(root, (path for path in paths if isinstance(path, ObjectPath))))
    for statement in statements(manifest):
        connection.execute(statement)


def statements(manifest: Manifest) -> list[str]:
    """Return the SQL of every table view, view and macro, in order."""
    return [*table_views(manifest), *(read_sql(VIEWS, name) for name in ORDER)]


def init_script(root: Address) -> str:
    """Return the script that makes the corpus, as it is now, queryable in the plain duckdb client (`duckdb -init`)."""
    from store.corpus import Corpus

    return "\n".join(statements(Corpus.open(root).manifest()))


def describe_views() -> list[tuple[str, str]]:
    """Return the name and the header comment of every view and macro: grain, columns, units, formula."""
    found = []
    for name in ORDER:
        lines = read_sql(VIEWS, name).splitlines()
        header = itertools.takewhile(lambda line: line.startswith("--"), lines)
        found.append((name, "\n".join(line.removeprefix("--").removeprefix(" ") for line in header)))
    return found
