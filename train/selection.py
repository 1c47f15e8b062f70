"""Which samples are learnt from: a split and policies, or any SQL query, asked of the corpus some rows at a time."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from store.corpus import Corpus
from store.database import read_sql
from store.errors import UsageError
from train.objectives import Needs

QUERIES = Path(__file__).parent / "queries"

ROWS_AT_A_TIME = 1024
ROWS_SORTED_AT_ONCE = 32_768
"""With their texts and tokens: DuckDB needs memory for about half of what it sorts, whatever it may put aside."""
MEMORY = "25%"
"""Of the machine's, at most, while a training set is read; what needs more is put aside in a temporary folder."""

Drawn = tuple[tuple[int, str], ...]
"""(round, policy_id) of the draws that take part."""


@dataclass(frozen=True)
class Mixture:
    """Draws of several policies taken together, as `queries/mixture.sql` weighs them; their samplers were plain."""

    rows: Drawn
    """What is learnt from."""
    z: Drawn
    """What Z is estimated from."""


@dataclass(frozen=True)
class Selection:
    """Which samples to learn from."""

    split: str | None = "train"
    """None: every split."""
    sampled_by: tuple[str, ...] | None = None
    """policy_ids; None: the base and every policy whose samples were scored under it."""
    base: str | None = None
    """policy_id of the base that the target is built on; None: the policy that the trained one descends from."""
    template: str = "plain"
    """The prompt template that the samples were drawn with."""
    where: str | None = None
    """An SQL condition on the columns of `training` (queries/training.sql)."""
    sql: Path | None = None
    """A file with one SQL query that returns sample_id, of rows of `training`."""
    mixture: Mixture | None = None
    """In place of `sampled_by`: every draw against the mixture of all that take part, not against its own sampler."""
    needs: Needs = field(default_factory=lambda: Needs(wrong=False))
    """What the objective cannot do without."""

    def __post_init__(self) -> None:
        """Refuse two queries at once."""
        if self.mixture is not None and (self.where is not None or self.sql is not None):
            raise UsageError("--where, --sql: a mixture of policies takes all their draws.")
        if self.where is not None and self.sql is not None:
            raise UsageError("--where and --sql: one of them; a query has its own WHERE.")

    def query(self) -> str | None:
        """Return the SQL that chooses the samples, None for all. Raises UsageError for a file that cannot be read."""
        if self.where is not None:
            return f"SELECT sample_id FROM training WHERE {self.where}"
        if self.sql is None:
            return None
        try:
            return self.sql.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"--sql {self.sql}: cannot be read: {error}.") from error

    @property
    def flag(self) -> str:
        """Return the flag that the query came by."""
        return "--where" if self.where is not None else f"--sql {self.sql}"


def ancestor(corpus: Corpus, policy: str) -> str:
    """Return the policy that `policy` descends from, itself when the corpus knows no parent of it."""
    query = _text("ancestor")
    with corpus.connect_for(query) as connection:
        (row,) = connection.execute(query, {"policy_id": policy}).fetchall()
    return row[0]


def rows(corpus: Corpus, selection: Selection, base: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of queries/rows.sql that `selection` chooses, some at a time.

    Raises UsageError for a query that is none, or returns what cannot be learnt from.
    """
    query = selection.query()
    names = ("taking_part", "training", "numbers") if selection.mixture is None else ("mixture",)
    with _spilling(corpus, query or "", *map(_text, names)) as connection:
        if selection.mixture is not None:
            yield from _mixture_rows(connection, selection, selection.mixture, base)
            return
        sampled_by = None if selection.sampled_by is None else list(selection.sampled_by)
        asked = {"base": base, "split": selection.split, "sampled_by": sampled_by}
        connection.execute(_text("taking_part"), asked)
        connection.execute("CREATE TEMP TABLE target_base AS SELECT $base::VARCHAR AS policy_id", {"base": base})
        connection.execute(_text("training"))
        if query is None:
            connection.execute("CREATE TEMP VIEW chosen AS FROM taking_part")
        else:
            _choose(connection, selection, query)
        connection.execute(_text("numbers"), {"base": base, "wrong": selection.needs.wrong})
        for first, last in connection.execute(_text("stretches"), {"rows": ROWS_SORTED_AT_ONCE}).fetchall():
            wanted = {"base": base, "tokens": selection.needs.tokens, "first": first, "last": last}
            for batch in connection.sql(_text("rows"), params=wanted).to_arrow_reader(ROWS_AT_A_TIME):
                yield from batch.to_pylist()


def _mixture_rows(
    connection: duckdb.DuckDBPyConnection, selection: Selection, mixture: Mixture, base: str
) -> Iterator[dict[str, Any]]:
    parameters: dict[str, object] = {"base": base, "split": selection.split}
    parameters |= {"wrong": selection.needs.wrong, "tokens": selection.needs.tokens}
    for name, drawn in (("", mixture.rows), ("z_", mixture.z)):
        parameters[f"{name}rounds"] = [number for number, _ in drawn]
        parameters[f"{name}policies"] = [policy for _, policy in drawn]
    for batch in connection.sql(_text("mixture"), params=parameters).to_arrow_reader(ROWS_AT_A_TIME):
        yield from batch.to_pylist()


def _choose(connection: duckdb.DuckDBPyConnection, selection: Selection, query: str) -> None:
    """Make `chosen` of what the user's query returns."""
    flag = selection.flag
    try:
        statements = connection.extract_statements(query)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise UsageError(f"{flag}: must be one SELECT.")
        found = connection.sql(query)
        if "sample_id" not in found.columns:
            raise UsageError(f"{flag}: returns {', '.join(found.columns)}; it must return sample_id.")
        found.select("sample_id").distinct().to_table("selected")
    except duckdb.Error as error:
        raise UsageError(f"{flag}: {str(error).splitlines()[0]}") from error
    connection.execute("CREATE TEMP TABLE chosen AS FROM taking_part SEMI JOIN selected USING (sample_id)")
    where = "" if selection.split is None else f"of split {selection.split}, "
    strangers = connection.execute("FROM selected ANTI JOIN taking_part USING (sample_id) LIMIT 1").fetchall()
    if strangers:
        raise UsageError(
            f"{flag}: returns sample {strangers[0][0]}, which cannot be learnt from: samples are to be {where}judged, "
            "and of a policy that was scored under the base (cli score). Take them FROM training."
        )
    right_alone = "SELECT count(*) > 0 AND bool_and(verified) FROM chosen"
    left_out = "SELECT count(*) > 0 FROM taking_part SEMI JOIN chosen USING (policy_id, problem_id) WHERE NOT verified"
    if all(connection.execute(question).fetchall() == [(True,)] for question in (right_alone, left_out)):
        raise UsageError(
            f"{flag}: keeps verified samples alone, but a problem's loss is a mean over all its samples. Leave the "
            "verdict out of the query: what an objective does not need is not read."
        )


@contextmanager
def _spilling(corpus: Corpus, *sql: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection for these texts that holds no more than `MEMORY`; the rest is in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="remains-") as spill, corpus.connect_for(*sql) as connection:
        connection.execute("SET preserve_insertion_order = false")
        connection.execute("SET temp_directory = $spill", {"spill": spill})
        connection.execute("SET memory_limit = $limit", {"limit": MEMORY})
        yield connection


def _text(query: str) -> str:
    return read_sql(QUERIES, query)
