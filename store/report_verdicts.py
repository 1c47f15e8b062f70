"""The verdict section of a report: what Lean said of each policy's samples, and of each round's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from store import figures
from store.drawing import VERDICTS
from store.report_data import Measured, ReportConfig, query, safe
from store.round_figures import verdict_rounds

SMALLEST_SHARE = 0.01
"""A verdict rarer than this in every policy is counted as `other`."""

_VERDICT_COLORS = {"verified": "ok", "error": "wrong", "cut": "cut", "policy": "refused", "other": "other"}
_SPARE_COLORS = ("spare-0", "spare-1", "spare-2")


def verdict_section(
    config: ReportConfig, measured: Sequence[Measured], connection: duckdb.DuckDBPyConnection
) -> dict[str, Any]:
    """Return the bars of each policy's verdicts and their legend."""
    parameters = {"split": config.split}
    rows = [query(connection, "report_verdicts", {"policy_id": one.policy.policy_id, **parameters}) for one in measured]
    shares, names = _shares([_mix(found) for found in rows])
    colors = {kind: VERDICTS[name] for kind, name in names.items()}
    svg = figures.verdict_mix([one.policy.label for one in measured], shares, colors)
    return {"svg": safe(svg), "legend": list(names.items())}


def round_section(config: ReportConfig, connection: duckdb.DuckDBPyConnection) -> dict[str, Any] | None:
    """Return the columns of each round's verdicts and their legend; None where the corpus has one round."""
    rows = query(connection, "report_rounds", {"split": config.split})
    rounds = sorted({row["round"] for row in rows})
    if not rounds:
        return None
    shares, names = _shares([_mix([row for row in rows if row["round"] == number]) for number in rounds])
    colors = {kind: VERDICTS[name] for kind, name in names.items()}
    return {"svg": safe(verdict_rounds(rounds, shares, colors)), "legend": list(names.items())}


def _mix(rows: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Return each verdict's share."""
    total = sum(row["n"] for row in rows)
    return {row["verdict"]: row["n"] / total for row in rows}


def _shares(mixes: Sequence[Mapping[str, float]]) -> tuple[dict[str, list[float]], dict[str, str]]:
    """Return each verdict's share in every mix, and the name of its colour; the rare ones together as `other`."""
    kinds = _frequent(mixes)
    names = _verdict_names(kinds)
    shares = {kind: [mix.get(kind, 0.0) for mix in mixes] for kind in kinds}
    rest = [max(0.0, 1 - sum(share[row] for share in shares.values())) for row in range(len(mixes))]
    if max(rest) > 1e-9:
        shares["other"], names["other"] = rest, "other"
    return shares, names


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
