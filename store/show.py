"""`cli show`: one sample on the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from store.corpus import Corpus
from store.sample import SampleRecord, load_sample, provenance, rarest_proof
from store.tables import lean, screen_console, visible

STEPS = ((0.1, ""), (0.7, "on grey15"), (1.6, "black on #fde0b5"), (3.0, "black on #fdae61"), (5.0, "black on #f46d43"))
"""Surprise −log π of a token in nats up to which a colour serves; each step is darker than the one before."""
LAST = "white on #a50026"


def show(corpus: Corpus, prefix: str | None, alpha: float) -> str:
    """Return the sample whose id begins with `prefix`, with its weight at `alpha`, laid out for the screen.

    Without a prefix it is the verified sample that its policy found least likely.
    """
    with corpus.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        record = load_sample(connection, rarest_proof(connection) if prefix is None else prefix, alpha)
    origin = provenance(corpus, record.row["sample_id"], record.row["policy_id"])
    console = screen_console()
    with console.capture() as capture:
        console.print(Group(*_parts(record, origin, coloured=not console.no_color)))
    return "\n".join(line.rstrip() for line in capture.get().rstrip().split("\n"))


def _parts(
    record: SampleRecord, origin: tuple[str, dict[str, object]] | None, *, coloured: bool
) -> Iterator[RenderableType]:
    row = record.row
    yield _heading(f"sample {row['sample_id']}")
    yield _facts(row)
    yield _heading("problem and proof")
    yield lean(f"{row['header']}\n{row['statement']}{row['completion']}" if row["header"] else _code(row))
    yield _heading("verdict")
    yield _verdict(row)
    if record.token_rows:
        yield _heading("tokens, by log π in nats")
        yield _legend() if coloured else Text("token and log π, a line each")
        yield coloured_tokens(record.token_rows) if coloured else _listed_tokens(record.token_rows)
    yield _heading(f"weight v·(p/q)^(1−α) at α = {record.alpha:g}")
    yield _weights(record)
    yield _heading("origin")
    yield _origin(origin)


def _heading(text: str) -> Rule:
    return Rule(Text(text, style="bold"), align="left", style="dim", characters="─")


def _code(row: dict[str, Any]) -> str:
    return f"{row['statement']}{row['completion']}"


def _facts(row: dict[str, Any]) -> Table:
    return _grid(
        ("problem", f"{row['name']}  {row['problem_id']}  split {row['split']}  source {row['source'] or '-'}"),
        ("policy", f"{row['policy_id']}  {row['policy_path'] or 'not registered'}"),
        ("draw", f"index {row['sample_index']}, seed {row['seed']}, round {row['round']}, template {row['template']}"),
        ("sampled", f"{row['created_at']}  finish {row['finish_reason']}, {len(row['token_ids'])} tokens"),
        ("log π(y|x)", _nats(row["logprob_policy"])),
        ("log q(y|x)", f"{_nats(row['logprob_sampler'])} of the distribution drawn from"),
    )


def _verdict(row: dict[str, Any]) -> Table:
    if row["verdict"] is None:
        return _grid(("verdict", "waiting: run `cli filter`"))
    style = "green" if row["verified"] else "red"
    return _grid(
        ("verdict", Text(row["verdict"], style=f"bold {style}")),
        ("detail", row["detail"] or "-"),
        ("axioms", "not recorded" if row["axioms"] is None else ", ".join(row["axioms"]) or "none"),
        ("checked", f"{row['elapsed_ms']:.1f} ms by checker {row['checker_id']}, proof {row['proof_hash'] or '-'}"),
    )


def _weights(record: SampleRecord) -> RenderableType:
    if not record.weights:
        return Text("none: the sample is not judged, or was not really drawn")
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("base", "log π_base", "log q", "log Z", "log p", "log p/q", "weight"):
        table.add_column(name, justify="left" if name == "base" else "right")
    for item in record.weights:
        numbers = (item.log_base, item.log_sampler, item.log_partition, item.log_target, item.log_ratio, item.weight)
        name = f"{item.base_policy_id} {item.path.rstrip('/').rsplit('/', 1)[-1]}"
        table.add_row(name, *("-" if value is None else f"{value:.4g}" for value in numbers))
    return table


def _origin(origin: tuple[str, dict[str, object]] | None) -> Table:
    if origin is None:
        return _grid(("shard", "not found any more"))
    shard, said = origin
    rows = [(name, value if isinstance(value, str) else _joined(value)) for name, value in said.items()]
    return _grid(("shard", shard), *(rows or [("", "the shard says nothing of its origin")]))


def _joined(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_joined(item)}" for key, item in value.items() if key != "text")
    return ", ".join(map(_joined, value)) if isinstance(value, list) else str(value)


def surprise_step(logprob: float) -> int:
    """Return the number of a token's colour: 0 for one as good as certain, 5 for the most surprising."""
    return next((step for step, (limit, _) in enumerate(STEPS) if -logprob <= limit), len(STEPS))


def coloured_tokens(tokens: Sequence[tuple[str, float]]) -> Text:
    """Return the tokens as text, each on the colour of its surprise."""
    styles = [*(style for _, style in STEPS), LAST]
    return Text.assemble(*((visible(text), styles[surprise_step(logprob)]) for text, logprob in tokens))


def _listed_tokens(tokens: Sequence[tuple[str, float]]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(justify="right")
    table.add_column()
    for text, logprob in tokens:
        table.add_row(f"{logprob:.3f}", Text(visible(text.replace("\n", "\\n"))))
    return table


def _legend() -> Text:
    limits = [f" ≥ −{limit:g} " for limit, _ in STEPS]
    parts = [(text, style) for text, (_, style) in zip(limits, STEPS, strict=True)]
    return Text.assemble(*parts, (" below ", LAST))


def _grid(*rows: tuple[str, object]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(name, value if isinstance(value, Text) else Text(visible(str(value))))
    return table


def _nats(value: float | None) -> str:
    return "not known" if value is None else f"{value:.4f} nats"
