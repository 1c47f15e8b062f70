"""One self-contained HTML file: precision against coverage, pass@k, Z, verdicts, training, diversity, rare proofs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import numpy as np

from store import figures
from store.corpus import Corpus
from store.drawing import INK, SERIES, Series, files_in
from store.errors import UsageError
from store.location import Address, locate
from store.metrics import ENOUGH, NUM_RESAMPLES, Interval, difference, load_counts, shown, summarise
from store.report_data import Measured, PolicyInReport, ReportConfig, query, safe
from store.report_rounds import flow_section, time_section
from store.report_training import METRICS_FILE, training_section
from store.report_verdicts import round_section, verdict_section
from store.shards import atomic_path

FOLDER = Path(__file__).parent
TEMPLATE = "report.html.j2"


def config_from_corpus(corpus: Address, *, out: Path, split: str = "test", figures: Path | None = None) -> ReportConfig:
    """Return a report of every policy with judged samples on the split; names and α come from the policies table.

    Raises UsageError when there is none.
    """
    opened = Corpus.open(corpus)
    with opened.connect() as connection:
        rows = query(connection, "report_policies", {"split": split})
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
        figures=figures,
    )


def _described(row: Mapping[str, Any]) -> PolicyInReport:
    alpha = json.loads(row["config"] or "{}").get("alpha")
    name = Path(row["path"]).name if row["path"] else row["policy_id"]
    label = name if alpha is None else f"α = {alpha:g}"
    folder = Path(row["path"]) if row["path"] else None
    return PolicyInReport(label, row["policy_id"], None if alpha is None else float(alpha), folder)


def _with_unique_labels(policies: Sequence[PolicyInReport]) -> tuple[PolicyInReport, ...]:
    """Tell policies of one α apart by their folders, and folders of one name by the policies' ids."""
    names = {policy: policy.folder.name if policy.folder else policy.policy_id[:8] for policy in policies}
    first = _apart(policies, {policy: f"{policy.label}, {name}" for policy, name in names.items()})
    return _apart(first, {policy: f"{policy.label} ({policy.policy_id[:4]})" for policy in first})


def _apart(policies: Sequence[PolicyInReport], longer: Mapping[PolicyInReport, str]) -> tuple[PolicyInReport, ...]:
    times = Counter(policy.label for policy in policies)
    return tuple(policy if times[policy.label] == 1 else replace(policy, label=longer[policy]) for policy in policies)


def write_report(config: ReportConfig) -> Path:
    """Write the report and return its file.

    Raises UsageError when a policy has no judged samples on the split, or no policy is named.
    """
    if not config.policies:
        raise UsageError("a report needs at least one policy.")
    corpus = Corpus.open(config.corpus)
    measured = [_measure(corpus, config, index) for index in range(len(config.policies))]
    with corpus.connect() as connection, files_in(config.figures):
        page = _page(config, measured, corpus, connection)
    loader = jinja2.FileSystemLoader(FOLDER)
    environment = jinja2.Environment(
        loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    html = environment.get_template(TEMPLATE).render(page)
    config.out.parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(config.out) as temporary:
        temporary.write_text(html, encoding="utf-8")
    return config.out


def _measure(corpus: Corpus, config: ReportConfig, index: int) -> Measured:
    policy = config.policies[index]
    counts = load_counts(corpus, policy.policy_id, config.split)
    num_problems = len(corpus.problems(config.split))
    return Measured(
        policy=policy,
        series=_series(config.policies, index),
        result=summarise(policy.policy_id, counts, f"split {config.split}", num_problems, config.seed),
        counts=counts,
    )


def _series(policies: Sequence[PolicyInReport], index: int) -> Series:
    """Give the base ink and the others a colour of their own, in the order of their α."""
    policy = policies[index]
    if index == 0:
        return Series(policy.label, INK, is_base=True, alpha=policy.alpha)
    others = sorted(range(1, len(policies)), key=lambda i: (policies[i].alpha is None, policies[i].alpha or 0.0, i))
    place = others.index(index) * (len(SERIES) - 1) / max(len(others) - 1, 1)
    return Series(policy.label, SERIES[round(place) % len(SERIES)], is_base=False, alpha=policy.alpha)


def _page(
    config: ReportConfig, measured: Sequence[Measured], corpus: Corpus, connection: duckdb.DuckDBPyConnection
) -> dict[str, Any]:
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
        "enough": ENOUGH,
        "num_resamples": NUM_RESAMPLES,
        "columns": shown(k_max),
        "legend_items": [(one.policy.label, _swatch(one.series), one.series.is_base) for one in measured],
        "rows": [_row(one, base, shown(k_max), config.seed) for one in measured],
        "summary": _summary(measured, k_max),
        "plane": safe(figures.precision_coverage(points, k_max)),
        "curves": safe(figures.pass_curves([(one.series, one.result.pass_at) for one in measured])),
        "diversity": safe(figures.diversity_coverage(diverse, k_max)) if diverse else None,
        "partition": _partition(config, connection),
        "sweep": _sweep(measured, k_max),
        "collapsed": _collapsed(measured),
        "verdicts": verdict_section(config, measured, connection),
        "rounds": round_section(config, connection),
        "flows": flow_section(config, measured, connection),
        "time": time_section(corpus),
        "training": training_section(config, measured, connection),
        "gaps": _gaps(measured, connection),
        "rare": _rare(config, connection),
    }


def _swatch(series: Series) -> str:
    return "ink" if series.is_base else f"series-{SERIES.index(series.color)}"


def _row(one: Measured, base: Measured, columns: Sequence[int], seed: int) -> dict[str, Any]:
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
        "entropy": one.result.entropy,
        "gini_simpson": one.result.gini_simpson,
        "equal": f"{one.result.n_equal} of {one.result.n_repeated}",
        "gains": gains,
    }


def _summary(measured: Sequence[Measured], k_max: int) -> list[str]:
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


def _sweep(measured: Sequence[Measured], k_max: int) -> list[Any]:
    """Return pictures of pass@1, coverage and diversity against α; none for fewer than three α."""
    trained = [one for one in measured[1:] if one.policy.alpha is not None]
    if len({one.policy.alpha for one in trained}) < 3:
        return []
    kinds: list[tuple[str, str, Callable[[Measured], Interval | None]]] = [
        ("precision", "precision: pass@1", lambda one: one.result.at(1)),
        ("coverage", f"coverage: pass@{k_max}", lambda one: one.result.at(k_max)),
        ("diversity", "distinct proofs per solved problem", lambda one: one.result.distinct),
    ]
    pictures = []
    for name, title, number in kinds:
        points = [(one.series, value) for one in trained if (value := number(one)) is not None]
        if points:
            pictures.append(safe(figures.alpha_sweep(name, title, points, number(measured[0]))))
    return pictures


def _collapsed(measured: Sequence[Measured]) -> list[str]:
    """Say of each policy that gives one proof over and over on most problems that it does."""
    return [
        f"{one.policy.label}: on {one.result.n_equal} of the {one.result.n_repeated} problems with at least {ENOUGH} "
        "verified draws, every verified draw is one and the same proof."
        for one in measured
        if one.result.collapsed
    ]


def _partition(config: ReportConfig, connection: duckdb.DuckDBPyConnection) -> dict[str, Any] | None:
    """Return the pictures of the base policy's Z on the problems it was trained on, else on the held-out ones."""
    parameters = {"policy_id": config.policies[0].policy_id, "split": config.split}
    rows = query(connection, "report_partition", parameters)
    rows = [row for row in rows if not row["held_out"]] or rows
    if not rows:
        return None
    z, low, high = (np.array([row[name] for row in rows]) for name in ("z", "z_low", "z_high"))
    solved = np.array([row["status"] == "solved" for row in rows])
    return {
        "histogram": safe(figures.partition_histogram(z[solved], int((~solved).sum()))),
        "intervals": safe(figures.partition_intervals(z, low, high)),
        "n_problems": len(rows),
        "n_solved": int(solved.sum()),
        "held_out": bool(rows[0]["held_out"]),
    }


def _gaps(measured: Sequence[Measured], connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Return how far sampler and trainer are apart for each policy that has scored samples of its own."""
    labels = {one.policy.policy_id: one.policy.label for one in measured}
    rows = query(connection, "report_gap", {"policy_ids": list(labels)})
    return [{**row, "label": labels[row["policy_id"]]} for row in rows]


def _rare(config: ReportConfig, connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    parameters = {"policy_id": config.policies[0].policy_id, "how_many": config.num_rare_proofs}
    return query(connection, "report_rare_proofs", parameters)
