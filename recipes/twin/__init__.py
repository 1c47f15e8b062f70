"""The paper's experiment in small, online: base policies in, a table, pictures and the answers to its claims out.

`python -m recipes.twin OUT` trains every row of `rows.py` with `cli loop`'s code on the quickstart's problems, seed by
seed, and measures each on held-out problems. Killed anywhere, the same command goes on; `--table-only` shows what is
done.
"""
