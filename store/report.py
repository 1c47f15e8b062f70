"""One self-contained HTML file: precision against coverage, pass@k, Z, verdicts, training, diversity, rare proofs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import numpy as np
import pyarrow as pa

from store import figures
from store.corpus import Corpus
from store.errors import UsageError
from store.figures import INK, SERIES, Series
from store.location import Address, locate
from store.metrics import NUM_RESAMPLES, Counts, EvalResult, difference, evaluate, load_counts, shown
from store.shards import atomic_path

FOLDER = Path(__file__).parent
TEMPLATE = "report.html.j2"
METRICS_FILE = "metrics.jsonl"

TRAINING = {
    "forward_kl": "forward KL from the target, nats",
    "ess": "effective share of the draws",
    "grad_norm": "gradient norm",
    "log_ratio_mean": "mean log π/q, nats",
}
"""Metrics of the training runs that are drawn, and what their axes say."""

SMALLEST_SHARE = 0.01
"""A verdict rarer than this in every policy is counted as `other`."""


@dataclass(frozen=True)
class PolicyInReport:
    """A policy to show; `alpha` is None for the base policy, and for one that was not trained with an α."""

    label: str
    policy_id: str
    alpha: float | None


@dataclass(frozen=True)
class ReportConfig:
    """What to show. The first policy is the base, with which the others are compared."""

    corpus: Address
    policies: tuple[PolicyInReport, ...]
    metrics: tuple[Path, ...] = ()
    """metrics.jsonl of training runs: in the policies' order, or in folders named as the policies are registered."""
    out: Path = Path("report.html")
    split: str = "test"
    num_rare_proofs: int = 8
    seed: int = 0


@dataclass(frozen=True)
class _Measured:
    """A policy with what the corpus says of it."""

    policy: PolicyInReport
    series: Series
    result: EvalResult
    counts: Counts


def config_from_corpus(corpus: Address, *, out: Path, split: str = "test") -> ReportConfig:
    """Return a report of every policy with judged samples on the split; names and α come from the policies table.

    Raises UsageError when there is none.
    """
    opened = Corpus.open(corpus)
    with opened.connect() as connection:
        rows = _query(connection, "report_policies", {"split": split})
    if not rows:
        raise UsageError(f"{corpus}: no judged samples of split {split}. Run `cli eval --split {split}` first.")
    policies = tuple(_described(row) for row in rows)
    ordered = sorted(policies, key=lambda policy: (policy.alpha is not None, policy.alpha or 0.0))
    metrics = [Path(row["path"]) / METRICS_FILE for row in rows if row["path"]]
    return ReportConfig(
        corpus=corpus,
        policies=_with_unique_labels(ordered),
        metrics=tuple(file for file in metrics if file.is_file()),
        out=out,
        split=split,
    )


def _described(row: Mapping[str, Any]) -> PolicyInReport:
    alpha = json.loads(row["config"] or "{}").get("alpha")
    name = Path(row["path"]).name if row["path"] else row["policy_id"]
    label = name if alpha is None else f"α = {alpha:g}"
    return PolicyInReport(label, row["policy_id"], None if alpha is None else float(alpha))


def _with_unique_labels(policies: Sequence[PolicyInReport]) -> tuple[PolicyInReport, ...]:
    labels = [policy.label for policy in policies]
    return tuple(
        policy
        if labels.count(policy.label) == 1
        else PolicyInReport(f"{policy.label} ({policy.policy_id[:4]})", policy.policy_id, policy.alpha)
        for policy in policies
    )


def write_report(config: ReportConfig) -> Path:
    """Write the report and return its file.

    Raises UsageError when a policy has no judged samples on the split, or no policy is named.
    """
    if not config.policies:
        raise UsageError("a report needs at least one policy.")
    corpus = Corpus.open(config.corpus)
    measured = [_measure(corpus, config, index) for index in range(len(config.policies))]
    with corpus.connect() as connection:
        page = _page(config, measured, connection)
    loader = jinja2.FileSystemLoader(FOLDER)
    environment = jinja2.Environment(
        loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    html = environment.get_template(TEMPLATE).render(page)
    config.out.parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(config.out) as temporary:
        temporary.write_text(html, encoding="utf-8")
    return config.out


def _measure(corpus: Corpus, config: ReportConfig, index: int) -> _Measured:
    policy = config.policies[index]
    return _Measured(
        policy=policy,
        series=_series(config.policies, index),
        result=evaluate(corpus, policy.policy_id, config.split, seed=config.seed),
        counts=load_counts(corpus, policy.policy_id, config.split),
    )


def _series(policies: Sequence[PolicyInReport], index: int) -> Series:
    """Give the base ink and the others a colour of their own, in the order of their α."""
    policy = policies[index]
    if index == 0:
        return Series(policy.label, INK, is_base=True, alpha=policy.alpha)
    others = sorted(range(1, len(policies)), key=lambda i: (policies[i].alpha is None, policies[i].alpha or 0.0, i))
    place = others.index(index) * (len(SERIES) - 1) / max(len(others) - 1, 1)
    return Series(policy.label, SERIES[round(place) % len(SERIES)], is_base=False, alpha=policy.alpha)


def _page(config: ReportConfig, measured: Sequence[_Measured], connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Return everything the template shows."""
    base = measured[0]
    k_max = min(one.result.n for one in measured)
    points = [(one.series, one.result.at(1), one.result.at(k_max)) for one in measured]
    diverse = [(one.series, one.result.at(k_max), one.result.distinct) for one in measured if one.result.distinct]
    return {
        "made": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "corpus": locate(config.corpus).resolve().name,
        "split": config.split,
        "n": k_max,
        "n_problems": base.result.n_problems,
        "n_missing": base.result.n_missing,
        "num_resamples": NUM_RESAMPLES,
        "columns": shown(k_max),
        "legend_items": [(one.policy.label, _swatch(one.series), one.series.is_base) for one in measured],
        "rows": [_row(one, base, shown(k_max), config.seed) for one in measured],
        "summary": _summary(measured, k_max),
        "plane": _safe(figures.precision_coverage(points, k_max)),
        "curves": _safe(figures.pass_curves([(one.series, one.result.pass_at) for one in measured])),
        "diversity": _safe(figures.diversity_coverage(diverse, k_max)) if diverse else None,
        "partition": _partition(config, connection),
        "verdicts": _verdicts(config, measured, connection),
        "training": _training(config, measured, connection),
        "gaps": _gaps(measured, connection),
        "rare": _rare(config, connection),
    }


def _safe(svg: str) -> Any:
    """Mark our own SVG as HTML; labels inside it were escaped by matplotlib."""
    return jinja2.filters.Markup(svg)


def _swatch(series: Series) -> str:
    return "ink" if series.is_base else f"series-{SERIES.index(series.color)}"


def _row(one: _Measured, base: _Measured, columns: Sequence[int], seed: int) -> dict[str, Any]:
    """Return a line of the table: intervals of pass@k, of diversity and of the gain over the base."""
    gains = None
    if one is not base:
        gains = [difference(one.counts, base.counts, k, seed) for k in (columns[0], columns[-1])]
    return {
        "label": one.policy.label,
        "swatch": _swatch(one.series),
        "is_base": one.series.is_base,
        "pass_at": [one.result.at(k) for k in columns],
        "distinct": one.result.distinct,
        "cut": one.result.cut_share,
        "gains": gains,
    }


def _summary(measured: Sequence[_Measured], k_max: int) -> list[str]:
    """Return what the table says, in sentences."""
    base = measured[0]
    precision, coverage = base.result.at(1).estimate, base.result.at(k_max).estimate
    sentences = [
        f"In one try {base.policy.label} proves {precision:.1%} of the problems, in {k_max} tries {coverage:.1%}."
    ]
    if len(measured) > 1:
        precise = max(measured[1:], key=lambda one: one.result.at(1).estimate)
        wide = max(measured[1:], key=lambda one: one.result.at(k_max).estimate)
        times = f", {precise.result.at(1).estimate / precision:.1f} times as many" if precision else ""
        sentences.append(
            f"Of the trained policies {precise.policy.label} is the most precise "
            f"({precise.result.at(1).estimate:.1%} in one try{times}), "
            f"{wide.policy.label} covers the most ({wide.result.at(k_max).estimate:.1%} in {k_max})."
        )
    return [sentence.replace("%", " %") for sentence in sentences]


def _partition(config: ReportConfig, connection: duckdb.DuckDBPyConnection) -> dict[str, Any] | None:
    """Return the pictures of the base policy's Z on the problems it was trained on, else on the held-out ones."""
    parameters = {"policy_id": config.policies[0].policy_id, "split": config.split}
    rows = _query(connection, "report_partition", parameters)
    rows = [row for row in rows if not row["held_out"]] or rows
    if not rows:
        return None
    z, low, high = (np.array([row[name] for row in rows]) for name in ("z", "z_low", "z_high"))
    solved = np.array([row["status"] == "solved" for row in rows])
    return {
        "histogram": _safe(figures.partition_histogram(z[solved], int((~solved).sum()))),
        "intervals": _safe(figures.partition_intervals(z, low, high)),
        "n_problems": len(rows),
        "n_solved": int(solved.sum()),
        "held_out": bool(rows[0]["held_out"]),
    }


_VERDICT_COLORS = {"verified": "ok", "error": "wrong", "cut": "cut", "policy": "refused", "other": "other"}
_SPARE_COLORS = ("spare-0", "spare-1", "spare-2")


def _verdicts(
    config: ReportConfig, measured: Sequence[_Measured], connection: duckdb.DuckDBPyConnection
) -> dict[str, Any]:
    """Return the bars of each policy's verdicts and their legend."""
    mixes = []
    for one in measured:
        rows = _query(connection, "report_verdicts", {"policy_id": one.policy.policy_id, "split": config.split})
        total = sum(row["n"] for row in rows)
        mixes.append({row["verdict"]: row["n"] / total for row in rows})
    kinds = _frequent(mixes)
    names = _verdict_names(kinds)
    shares = {kind: [mix.get(kind, 0.0) for mix in mixes] for kind in kinds}
    rest = [max(0.0, 1 - sum(share[row] for share in shares.values())) for row in range(len(mixes))]
    if max(rest) > 1e-9:
        shares["other"], names["other"] = rest, "other"
    colors = {kind: figures.VERDICTS[names[kind]] for kind in shares}
    labels = [one.policy.label for one in measured]
    return {
        "svg": _safe(figures.verdict_mix(labels, shares, colors)),
        "legend": [(kind, names[kind]) for kind in shares],
    }


def _frequent(mixes: Sequence[Mapping[str, float]]) -> list[str]:
    """Return the verdicts worth a colour, `verified` first, then by their largest share."""
    largest = {kind: max(mix.get(kind, 0.0) for mix in mixes) for mix in mixes for kind in mix}
    kinds = sorted(largest, key=lambda kind: (kind != "verified", -largest[kind], kind))
    kept = [kind for kind in kinds if kind == "verified" or largest[kind] >= SMALLEST_SHARE]
    return kept[: len(_VERDICT_COLORS) + len(_SPARE_COLORS) - 2]


def _verdict_names(kinds: Sequence[str]) -> dict[str, str]:
    """Give every verdict the name of a colour; the common ones always the same."""
    free = iter([*_SPARE_COLORS, *(color for kind, color in _VERDICT_COLORS.items() if kind not in (*kinds, "other"))])
    return {kind: _VERDICT_COLORS.get(kind) or next(free) for kind in kinds}


def _training(
    config: ReportConfig, measured: Sequence[_Measured], connection: duckdb.DuckDBPyConnection
) -> list[dict[str, Any]]:
    """Return a picture for each metric that the runs wrote."""
    runs = _runs(config, measured, connection)
    pictures = []
    for metric, title in TRAINING.items():
        curves = [(series, *_points(rows, metric)) for series, rows in runs if any(metric in row for row in rows)]
        if curves:
            pictures.append({"title": title, "svg": _safe(figures.training_curve(metric, title, curves))})
    return pictures


def _points(rows: Sequence[Mapping[str, float]], metric: str) -> tuple[np.ndarray, np.ndarray]:
    found = [(row["step"], row[metric]) for row in rows if metric in row]
    return np.array([step for step, _ in found]), np.array([value for _, value in found], dtype=float)


def _runs(
    config: ReportConfig, measured: Sequence[_Measured], connection: duckdb.DuckDBPyConnection
) -> list[tuple[Series, list[dict[str, float]]]]:
    """Return each metrics file's rows and the look of the policy that was trained there."""
    registered = _query(connection, "report_policies", {"split": config.split})
    folder_of = {row["policy_id"]: Path(row["path"]).resolve() for row in registered if row["path"]}
    trained = [one.series for one in measured[1:]]
    by_folder = {folder_of.get(one.policy.policy_id): one.series for one in measured}
    runs = []
    for index, file in enumerate(config.metrics):
        series = by_folder.get(file.parent.resolve())
        if series is None and len(config.metrics) == len(trained):
            series = trained[index]
        rows = _metrics(file)
        if series is not None and rows:
            runs.append((series, rows))
    return runs


def _metrics(file: Path) -> list[dict[str, float]]:
    """Read a metrics file; the last line of a run that was killed may be cut and is left out."""
    if not file.is_file():
        raise UsageError(f"{file}: no such file; name a {METRICS_FILE} of a training run.")
    rows = []
    lines = file.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, 1):
        try:
            rows.append(json.loads(line))
        except ValueError as error:
            if number < len(lines):
                raise UsageError(f"{file}, line {number}: not JSON: {error}") from error
    return [row for row in rows if "step" in row]


def _gaps(measured: Sequence[_Measured], connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Return how far sampler and trainer are apart for each policy that has scored samples of its own."""
    labels = {one.policy.policy_id: one.policy.label for one in measured}
    rows = _query(connection, "report_gap", {"policy_ids": list(labels)})
    return [{**row, "label": labels[row["policy_id"]]} for row in rows]


def _rare(config: ReportConfig, connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    parameters = {"policy_id": config.policies[0].policy_id, "how_many": config.num_rare_proofs}
    return _query(connection, "report_rare_proofs", parameters)


def _query(connection: duckdb.DuckDBPyConnection, name: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    text = (FOLDER / "queries" / f"{name}.sql").read_text(encoding="utf-8")
    found: pa.Table = connection.sql(text, params=dict(parameters)).to_arrow_table()
    return found.to_pylist()
