"""The run records as a relation: what commands did, as they wrote it into `runs/*.json`."""

from __future__ import annotations

from pathlib import Path

from store.location import Location

RUN_VIEWS = ("steps", "rounds", "evaluations")
"""The files of `views/` that read run records instead of tables; they build on nothing else."""
MAX_BYTES = 2**26
"""Of a record; DuckDB takes memory for twice as much when one is read."""
_COLUMNS = "name, kind, written_at, record"


def run_files(root: Location) -> list[Location]:
    """Return the records that are there now, in order of their names, which is that of time."""
    return sorted((root / "runs").rglob("*.json"), key=str)


def runs_view(files: list[Location]) -> str:
    """Return the statement that creates `runs`: name, kind of command, time of writing, the record as JSON."""
    if not files:
        nothing = "NULL::VARCHAR AS name, NULL::VARCHAR AS kind, NULL::TIMESTAMPTZ AS written_at, NULL::JSON AS record"
        return f"CREATE OR REPLACE VIEW runs AS SELECT {nothing} WHERE false;"
    names = ", ".join("'" + _absolute(file).replace("'", "''") + "'" for file in files)
    return (
        f"CREATE OR REPLACE VIEW runs AS SELECT {_COLUMNS} FROM (\n"
        "    SELECT regexp_extract(filename, '([^/]*)\\.json$', 1) AS name, split_part(name, '-', 2) AS kind,\n"
        "        strptime(split_part(name, '-', 1) || '+00', '%Y%m%dT%H%M%S%z') AS written_at, json AS record\n"
        f"    FROM read_json_objects([{names}], format = 'unstructured', filename = true,\n"
        f"        maximum_object_size = {MAX_BYTES})\n"
        ");"
    )


def _absolute(path: Location) -> str:
    return str(path.resolve() if isinstance(path, Path) else path)
