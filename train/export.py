"""Verified proofs as a Hugging Face data set: prompt and completion, or a chosen and a rejected completion.

What is exported is what was sampled: the prompt is rendered by the template of the samples, and a chat stays a list of
messages. Not here: uploading, and a mixture of templates in one data set.
"""

from __future__ import annotations

import re
import shutil
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import jinja2
import pyarrow as pa
import pyarrow.parquet as pq

from gen.prompts import render
from gen.template import Template, find_template, label, template_hash
from store.corpus import Corpus, Problem
from store.database import read_sql
from store.errors import CorpusError, UsageError
from store.shards import atomic_path
from store.sql import open_read_only, refuse_inside, rows_of, select

QUERIES = Path(__file__).parent / "queries"
KINDS = ("sft", "preference")
ROWS_AT_ONCE = 8_192
GROUP_BYTES = 128 * 2**20
"""A row group is closed when its rows take this much memory; on the disk they take less. The Hub wants under 300 MB."""
FILE_BYTES = 1024 * 2**20
"""A file is closed when the rows in it took this much memory."""
SIZES = (("n<1K", 10**3), ("1K<n<10K", 10**4), ("10K<n<100K", 10**5), ("100K<n<1M", 10**6), ("1M<n<10M", 10**7))
_SPLIT = re.compile(r"\w+(\.\w+)*")
_MESSAGES = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))


@dataclass(frozen=True)
class ExportConfig:
    """Which samples, and in what form."""

    corpus: str | Path
    out: Path
    """A folder that does not exist yet, or is empty."""
    kind: str = "sft"
    """One of KINDS."""
    split: str = "train"
    template: str | None = None
    """None: the one that the samples were drawn with, if it is one."""
    where: str | None = None
    """SQL over the columns of view `corpus`; a sample for which it is true is taken."""
    dedup: bool = True
    """Each proof of a problem once."""
    per_problem: int | None = None
    """Rows of one problem, at most."""
    seed: int = 0
    """Draws which rows of a problem stay, and which proofs meet in a pair."""


@dataclass
class ExportSummary:
    """What was written."""

    config: ExportConfig
    num_rows: int = 0
    num_bytes: int = 0
    files: list[str] = field(default_factory=list)
    problems: set[str] = field(default_factory=set)
    policies: set[str] = field(default_factory=set)

    def as_text(self) -> str:
        """Return what `cli export` prints."""
        what = "verified proofs" if self.config.kind == "sft" else "pairs"
        return (
            f"{self.num_rows:,} {what} of {len(self.problems):,} problems by {len(self.policies)} policies in "
            f"{len(self.files)} files, {self.num_bytes / 2**20:.1f} MiB\n"
            f'load with: datasets.load_dataset("{self.config.out}", split="{self.config.split}")'
        )


def export(config: ExportConfig) -> ExportSummary:
    """Write the data set and its card into `config.out`, which appears when all of it is there.

    Raises UsageError for a folder that holds something, a selection without rows, a filter that is no SQL condition,
    samples of several templates, or a split's name that the Hub cannot hold.
    """
    corpus = Corpus.open(config.corpus)
    _check(config, corpus)
    summary = ExportSummary(config)
    with open_read_only(corpus) as connection, _folder(config.out) as folder:
        template = _template(connection, config)
        relation = select(connection, _query(config), _parameters(config, template_label(template, config)))
        _write(_prompted(rows_of(relation, ROWS_AT_ONCE), template, config.kind), folder, summary)
        if not summary.num_rows:
            raise UsageError(f"--out {config.out}: nothing written: no {_sought(config)} of split {config.split}.")
        checkers = connection.execute("SELECT DISTINCT checker_id FROM verdicts ORDER BY 1").fetchall()
        _write_card(folder, summary, template, [checker for (checker,) in checkers])
    return summary


def _sought(config: ExportConfig) -> str:
    what = "verified sample" if config.kind == "sft" else "problem with a verified and a rejected sample"
    return f"{what} that meets --where" if config.where else what


def _check(config: ExportConfig, corpus: Corpus) -> None:
    if config.kind not in KINDS:
        raise UsageError(f"--kind {config.kind}: unknown; there are {', '.join(KINDS)}.")
    if config.per_problem is not None and config.per_problem < 1:
        raise UsageError(f"--per-problem {config.per_problem}: must be at least 1.")
    if not _SPLIT.fullmatch(config.split):
        raise UsageError(f"--split {config.split}: a data set's split may have letters, digits, _ and . only.")
    refuse_inside(corpus, config.out)
    if config.out.exists() and (not config.out.is_dir() or any(config.out.iterdir())):
        raise UsageError(f"--out {config.out}: is not an empty folder; name one that does not exist yet.")


@contextmanager
def _folder(out: Path) -> Iterator[Path]:
    """Give a folder beside `out` that becomes `out` at the end, or goes if something fails."""
    temporary = out.with_name(f".{out.name}.{uuid.uuid4().hex}.tmp")
    try:
        (temporary / "data").mkdir(parents=True)
        yield temporary
        temporary.replace(out)
    except OSError as error:
        raise CorpusError(f"cannot write {out}: {error.strerror or error}. Choose another folder.") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _template(connection: Any, config: ExportConfig) -> Template:
    if config.template is not None:
        return find_template(config.template)
    query = read_sql(QUERIES, "export_templates")
    found = connection.execute(query, {"split": config.split}).fetchall()
    if len(found) > 1:
        several = ", ".join(f"{name} ({n:,})" for name, n in found)
        raise UsageError(f"the verified samples of split {config.split} have several templates: {several}. "
                         "Choose one with --template.")  # fmt: skip
    name = found[0][0] if found else "plain"
    if "@" in name:
        raise UsageError(
            f"samples were drawn with a template of the user's ({name}): name its file with --template FILE."
        )
    return find_template(name)


def template_label(template: Template, config: ExportConfig) -> str:
    """Return what the samples table calls a template.

    Raises UsageError for a user's own chat template: its label depends on a tokenizer, which is not at hand here.
    """
    if template.name == config.template and template.chat and label(template, "") != template.name:
        raise UsageError(
            f"--template {template.name}: a chat template of your own cannot be exported; only known ones."
        )
    return label(template, "" if template.chat else template_hash(template))


def _query(config: ExportConfig) -> str:
    text = read_sql(QUERIES, f"export_{config.kind}")
    return text.replace("{where}", f"{config.where}\n" if config.where else "true")


def _parameters(config: ExportConfig, template: str) -> dict[str, object]:
    return {
        "split": config.split,
        "template": template,
        "dedup": config.dedup,
        "per_problem": config.per_problem,
        "seed": str(config.seed),
    }


def _prompted(tables: Iterable[pa.Table], template: Template, kind: str) -> Iterator[pa.Table]:
    """Put the prompt before the other columns; in a chat it and the completions become messages."""
    answers = ("completion",) if kind == "sft" else ("chosen", "rejected")
    for rows in tables:
        prompts = [_prompt(template, row) for row in rows.select(["name", "header", "statement"]).to_pylist()]
        rows = rows.add_column(0, "prompt", pa.array(prompts, _MESSAGES if template.chat else pa.string()))
        for place, name in enumerate(answers, start=1):
            texts = rows[name].to_pylist()
            values = [[{"role": "assistant", "content": text}] for text in texts] if template.chat else texts
            rows = rows.drop_columns(name)
            rows = rows.add_column(place, name, pa.array(values, _MESSAGES if template.chat else pa.string()))
        yield rows


def _prompt(template: Template, row: dict[str, Any]) -> str | list[dict[str, str]]:
    problem = Problem("", row["name"], row["header"], row["statement"], row.get("informal"), None, "")
    if not template.chat:
        return render(template, problem)
    text = render(Template(template.name, template.text, template.extract), problem)
    system = [{"role": "system", "content": template.system}] if template.system else []
    return [*system, {"role": "user", "content": text}]


def _write(tables: Iterable[pa.Table], folder: Path, summary: ExportSummary) -> None:
    """Write row groups of about GROUP_BYTES into files of about FILE_BYTES, never holding more than one group."""
    writer: pq.ParquetWriter | None = None
    in_file = 0
    for group in _groups(tables):
        if writer is None or in_file > FILE_BYTES:
            if writer is not None:
                writer.close()
            path = folder / "data" / f"{summary.config.split}-{len(summary.files):05d}.parquet"
            writer, in_file = pq.ParquetWriter(path, group.schema, compression="zstd"), 0
            summary.files.append(path.name)
        writer.write_table(group, row_group_size=max(1, group.num_rows))
        in_file += group.nbytes
        _count(group, summary)
    if writer is not None:
        writer.close()
    summary.num_bytes = sum(path.stat().st_size for path in (folder / "data").iterdir())


def _groups(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    waiting: list[pa.Table] = []
    for piece in (piece for table in tables for piece in _pieces(table)):
        waiting.append(piece)
        if sum(part.nbytes for part in waiting) >= GROUP_BYTES:
            yield pa.concat_tables(waiting)
            waiting = []
    if waiting:
        yield pa.concat_tables(waiting)


def _pieces(table: pa.Table) -> Iterator[pa.Table]:
    """Cut a table of long rows so that no piece is much larger than GROUP_BYTES."""
    num_rows = max(1, table.num_rows * GROUP_BYTES // max(1, table.nbytes))
    for start in range(0, table.num_rows, num_rows):
        yield table.slice(start, num_rows)


def _count(rows: pa.Table, summary: ExportSummary) -> None:
    summary.num_rows += rows.num_rows
    summary.problems.update(rows["problem_id"].to_pylist())
    for name in ("policy_id", "chosen_policy_id", "rejected_policy_id"):
        if name in rows.column_names:
            summary.policies.update(rows[name].unique().to_pylist())


def _write_card(folder: Path, summary: ExportSummary, template: Template, checkers: list[str]) -> None:
    config = summary.config
    environment = jinja2.Environment(trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)
    card = environment.from_string((Path(__file__).parent / "data_card.md.j2").read_text(encoding="utf-8"))
    text = card.render(
        name=config.out.resolve().name, kind=config.kind, split=config.split, template=template.name,
        chat=template.chat,
        where=" ".join(config.where.split()).replace("`", "'") if config.where else None, dedup=config.dedup,
        per_problem=config.per_problem, seed=config.seed, num_rows=summary.num_rows,
        num_problems=len(summary.problems), policies=sorted(summary.policies), checkers=checkers,
        folder=str(config.out), version=_version(), size_category=_size_category(summary.num_rows),
    )  # fmt: skip
    with atomic_path(folder / "README.md") as temporary:
        temporary.write_text(text, encoding="utf-8")


def _size_category(num_rows: int) -> str:
    return next((name for name, limit in SIZES if num_rows < limit), "n>10M")


def _version() -> str:
    try:
        return version("remains")
    except PackageNotFoundError:
        return "(source tree)"
