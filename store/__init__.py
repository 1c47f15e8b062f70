"""Rows in, answers out: the corpus that all commands share.

`schema` says what a row is, `ids` gives everything a deterministic identity, `shards` writes files that appear whole or
not at all, `corpus` adds and lists them, `manifest` says which files hold each row once, `compact` makes few of many,
and `relations` and `database` open them in DuckDB with the views of `views/*.sql`. On top stand `sql` with its `shell`
(the user's questions), `metrics` (pass@k with intervals), `stats`, `show`, `explore`, `report` and `importing`.
`store.open(corpus)` is the way in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from store.location import Address


def open(
    address: Address, *, as_of: str | None = None, skip_bad: bool = False, keep: Sequence[str] = ()
) -> duckdb.DuckDBPyConnection:
    """Return a DuckDB connection with the tables and views of a corpus; queries read it alone and write nowhere.

    `as_of` names a run (`cli train`, `cli eval`): then the corpus is shown as that run saw it. With `skip_bad`, files
    that cannot be read are left out and named on stderr. Views named in `keep` (`["partition"]`) are computed once,
    now, and read by all that builds on them.

    Raises UsageError for what is no corpus or no such run, CorpusError for a file that is no shard of its table.
    """
    from store.corpus import open_pinned
    from store.database import keep as keep_views
    from store.sql import open_read_only

    connection = open_read_only(open_pinned(address, as_of=as_of, skip_bad=skip_bad))
    keep_views(connection, keep)
    return connection
