"""One sample with all that is known of it: `cli show` prints it, the explorer draws it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from store.corpus import Corpus, provenance_of
from store.database import read_sql
from store.errors import UsageError
from store.focus import focus
from store.shards import read_columns
from store.tokens import token_texts

QUERIES = Path(__file__).parent / "queries"


@dataclass(frozen=True)
class Weight:
    """A sample's place in the target that is built on one base policy; log quantities in nats."""

    base_policy_id: str
    path: str
    log_base: float
    log_sampler: float | None
    log_partition: float | None
    log_target: float | None
    """log p(y|x); None where the sample is not verified, so p = 0."""
    log_ratio: float | None
    weight: float | None
    """v·(p/q)^(1−α)."""


@dataclass(frozen=True)
class SampleRecord:
    """A row of `queries/sample.sql`, its tokens as text, and its weights for one α."""

    row: dict[str, Any]
    tokens: list[str] | None
    """None where the policy's tokenizer is not here."""
    alpha: float
    weights: tuple[Weight, ...]

    @property
    def token_rows(self) -> list[tuple[str, float]]:
        """Text and log-probability of each token; its number stands for a text that is not known."""
        texts = self.tokens or [f"#{token} " for token in self.row["token_ids"]]
        return list(zip(texts, self.row["token_logprobs"], strict=False))


def rarest_proof(connection: duckdb.DuckDBPyConnection) -> str:
    """Return the sample_id of the verified sample that its policy found least likely.

    Raises UsageError when nothing is verified yet.
    """
    found = connection.execute(_query("sample_rarest")).fetchone()
    if found is None:
        raise UsageError("no sample is verified yet; name one by its sample_id. `cli sql` finds ids.")
    return str(found[0])


def find_sample(connection: duckdb.DuckDBPyConnection, prefix: str) -> tuple[str, str]:
    """Return sample_id and problem_id of the one sample whose id begins with `prefix`.

    Raises UsageError when there is none, or more than one.
    """
    found = connection.execute(_query("sample_by_prefix"), {"prefix": prefix}).fetchall() if prefix else []
    if not found:
        raise UsageError(f"sample {prefix or '(no id)'}: no sample_id of the corpus begins so. `cli sql` finds ids.")
    if len(found) > 1:
        several = ", ".join(sample for sample, _ in found[:2])
        raise UsageError(f"sample {prefix}: several ids begin so ({several}, …); write more of it.")
    sample, problem = found[0]
    return sample, problem


def load_sample(connection: duckdb.DuckDBPyConnection, prefix: str, alpha: float) -> SampleRecord:
    """Return the sample whose id begins with `prefix`. Raises UsageError as `find_sample`, and for α outside [0, 1]."""
    check_alpha(alpha)
    sample, problem = find_sample(connection, prefix)
    with focus(connection, problem) as small:
        return read_sample(connection, small, sample, alpha)


def read_sample(
    connection: duckdb.DuckDBPyConnection, small: duckdb.DuckDBPyConnection, sample: str, alpha: float
) -> SampleRecord:
    """Return a sample: its tokens from the corpus on `connection`, all else from `small`, the views of its problem."""
    parameters = {"sample": sample}
    row = small.sql(_query("sample"), params=parameters).to_arrow_table().to_pylist()[0]
    found = connection.execute(_query("sample_tokens"), {**parameters, "problem": row["problem_id"]}).fetchone()
    row["token_ids"], row["token_logprobs"] = (values or [] for values in found or ([], []))
    weights = small.execute(_query("sample_weights"), {**parameters, "alpha": alpha}).fetchall()
    texts = token_texts(row["token_ids"], row["policy_path"], row["completion"])
    return SampleRecord(row, texts, alpha, tuple(Weight(*values) for values in weights))


def check_alpha(alpha: float) -> None:
    """Raise UsageError for an α outside [0, 1]."""
    if not 0 <= alpha <= 1:
        raise UsageError(f"--alpha {alpha}: must lie in [0, 1].")


def provenance(corpus: Corpus, sample_id: str, policy_id: str) -> tuple[str, dict[str, object]] | None:
    """Return the shard that holds a sample, and what it says of its origin; None when nothing holds it any more."""
    files = corpus.files("samples")
    likely = [file for file in files if f"policy={policy_id}" in str(file)] or files
    for file, ids in zip(likely, read_columns(likely, ["sample_id"]), strict=True):
        if sample_id in ids["sample_id"].to_pylist():
            return str(file), provenance_of(file)
    return None


def _query(name: str) -> str:
    return read_sql(QUERIES, name)
