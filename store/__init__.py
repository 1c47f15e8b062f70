"""Rows in, answers out: the corpus that all commands share.

`schema` says what a row is, `ids` gives everything a deterministic identity, `shards` writes files that appear whole or
not at all, `corpus` adds and lists them, and `database` opens them in DuckDB with the views of `views/*.sql`. On top
stand `sql` with its `shell` (the user's questions), `metrics` (pass@k with intervals), `stats`, `show`, `explore`,
`report` and `importing`.
"""
