"""The tables of a corpus: one pyarrow schema each, with the meaning, unit and source of every column.

Log-probabilities are in nats. A null says "not known"; no column uses NaN.
"""

from __future__ import annotations

import pyarrow as pa

SCHEMA_VERSION = 1
"""Written into the metadata of every file; a reader refuses a newer one."""
VERSION_KEY = b"remains.schema_version"


def _table(*fields: pa.Field) -> pa.Schema:
    return pa.schema(fields, metadata={VERSION_KEY: str(SCHEMA_VERSION).encode()})


def _required(name: str, type_: pa.DataType) -> pa.Field:
    return pa.field(name, type_, nullable=False)


_TIME = pa.timestamp("us", tz="UTC")

PROBLEMS = _table(
    _required("problem_id", pa.string()),  # hash of header and statement, see ids.problem_id
    _required("name", pa.string()),  # of the theorem, as it stands in the statement
    _required("header", pa.string()),  # imports, options and openings before the statement; may be empty
    _required("statement", pa.string()),  # ends in `:= by` or `:=`
    pa.field("informal", pa.string()),  # the problem in words; null when there is none
    pa.field("source", pa.string()),  # the file or generator it came from
    _required("split", pa.string()),  # train, test, …
)

SAMPLES = _table(
    _required("sample_id", pa.string()),  # see ids.sample_id
    _required("problem_id", pa.string()),
    _required("policy_id", pa.string()),  # who was sampled from
    _required("round", pa.int32()),  # of the online loop; 0 offline
    _required("sample_index", pa.int32()),  # 0 … n−1 within (problem, policy, sampling, seed)
    _required("completion", pa.string()),  # text after the prompt, without the end token
    pa.field("token_ids", pa.list_(pa.int32())),  # of the completion, end token included; null when imported as text
    pa.field("token_logprobs", pa.list_(pa.float32())),  # log π of each token, temperature 1, whole vocabulary
    pa.field("logprob_policy", pa.float64()),  # log π(y|x): temperature 1, whole vocabulary, summed over tokens
    pa.field("logprob_sampler", pa.float64()),  # log q(y|x) of the distribution drawn from; null when none exists
    _required("finish_reason", pa.string()),  # stop (end token drawn), length (cut: no proof), abort
    pa.field("prompt_tokens", pa.int32()),
    _required("seed", pa.int64()),
    _required("created_at", _TIME),
    pa.field("template", pa.string()),  # the prompt: a template's name, or RULE@HASH of a user's own; null means plain
)

SCORES = _table(
    _required("sample_id", pa.string()),
    _required("policy_id", pa.string()),  # who scores, not who sampled
    _required("logprob", pa.float64()),  # log π(y|x) of a stored sample under policy_id, as logprob_policy
    pa.field("token_logprobs", pa.list_(pa.float32())),  # the same of each token; null when only the sum is known
    # Copied from the sample, so that its verdict is looked for where it can be; null until `cli compact` has done so.
    pa.field("sampled_problem", pa.string()),  # its problem_id: of that name, `samples JOIN scores` would have two
    pa.field("sampled_by", pa.string()),  # its policy_id
)

TOKEN_STATS = _table(  # of the policy's whole distribution at each token of a sample, temperature 1
    _required("sample_id", pa.string()),
    _required("policy_id", pa.string()),  # whose distribution: the sampler itself or one that scored
    _required("entropy", pa.list_(pa.float32())),  # nats
    _required("logsumexp", pa.list_(pa.float32())),  # of the logits
    _required("mean_logit", pa.list_(pa.float32())),  # over the vocabulary
)

VERDICTS = _table(
    _required("sample_id", pa.string()),
    _required("problem_id", pa.string()),
    _required("verdict", pa.string()),  # a value of filter.verdict.Verdict; `verified` is the only accepting one
    pa.field("detail", pa.string()),  # Lean's first error, the forbidden token, the limit that was hit
    pa.field("proof_hash", pa.string()),  # of problem and proof as Lean reads it; null when it was given nothing
    pa.field("axioms", pa.list_(pa.string())),  # that the proof rests on; null unless Lean said
    _required("elapsed_ms", pa.float64()),  # share of the document's time; 0 when reused from an identical proof
    _required("checker_id", pa.string()),  # hash of Lean, prelude, protocol and limits
    _required("checked_at", _TIME),
    # Copied from the sample, so that estimates read this table alone; null until `cli compact` has filled them in.
    pa.field("policy_id", pa.string()),
    pa.field("round", pa.int32()),
    pa.field("finish_reason", pa.string()),
    pa.field("logprob_policy", pa.float64()),
    pa.field("logprob_sampler", pa.float64()),
)

PROOF_FACTS = _table(  # what a verified sample's proof is made of, see filter.facts
    _required("sample_id", pa.string()),
    _required("tactics", pa.list_(pa.string())),  # in order of use, with repetitions; empty for a proof term
    pa.field("premises", pa.list_(pa.string())),  # constants that its term uses and the statement does not: distinct,
    # sorted; null where it could not be compiled
    _required("num_chars", pa.int32()),  # of the proof without comments, a run of white space counted as one character
    _required("num_lines", pa.int32()),  # that hold more than comments
    _required("num_steps", pa.int32()),  # tactics, with repetitions
)

POLICIES = _table(
    _required("policy_id", pa.string()),  # hash of the weights, see ids.policy_id
    _required("path", pa.string()),  # a Hugging Face folder
    pa.field("parent_policy_id", pa.string()),  # null for a base policy
    _required("step", pa.int32()),  # optimiser steps since the parent
    _required("config", pa.string()),  # JSON: the resolved configuration that made it
    _required("created_at", _TIME),
)

STOPS = _table(  # where adaptive sampling of a problem ended, see train.stopping
    _required("problem_id", pa.string()),
    _required("policy_id", pa.string()),  # who was sampled from
    _required("sampling", pa.string()),  # with problem, policy, seed and index: the sample_ids that it looked at
    _required("seed", pa.int64()),
    _required("plan_id", pa.string()),  # hash of `plan`
    _required("plan", pa.string()),  # JSON: precision asked (z_error, z_rel_error or null) and the looks, in samples
    _required("n", pa.int64()),  # samples it looked at: those of sample_index 0 … n−1
    _required("n_verified", pa.int64()),  # of these n
    _required("z_unbiased", pa.float64()),  # of Z, whatever the plan made of the outcomes
    _required("status", pa.string()),  # settled (precision reached), spent (the budget came first)
    _required("stopped_at", _TIME),
)

TABLES = {
    "problems": PROBLEMS,
    "samples": SAMPLES,
    "scores": SCORES,
    "token_stats": TOKEN_STATS,
    "verdicts": VERDICTS,
    "proof_facts": PROOF_FACTS,
    "policies": POLICIES,
    "stops": STOPS,
}

COPIED = {
    "verdicts": ("policy_id", "round", "finish_reason", "logprob_policy", "logprob_sampler"),
    "scores": ("sampled_problem", "sampled_by"),
}
"""Columns that other tables copy from the sample."""

ADDED = {"samples": frozenset({"template"})} | {table: frozenset(names) for table, names in COPIED.items()}
"""Columns that files of earlier versions lack; there they read as null."""

KEYS = {
    "problems": ("problem_id",),
    "samples": ("sample_id",),
    "scores": ("sample_id", "policy_id"),
    "token_stats": ("sample_id", "policy_id"),
    "proof_facts": ("sample_id",),
    "policies": ("policy_id",),
}
"""What a row is known by: a row that stands in two files counts once.

Verdicts and stops have none: they may be given again, and the latest counts.
"""
