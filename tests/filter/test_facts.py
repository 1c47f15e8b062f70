"""What verified proofs are made of: premises against what Lean itself prints, and the table in the corpus."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

import filter.facts
from filter.document import Problem, Proof
from filter.embedded import COMMAND_TOKENS
from filter.extract import extract
from filter.facts import FactsConfig, collect
from filter.premises import premises_of
from filter.process import Limits, run_lean
from filter.run import FilterConfig, check
from filter.scan import Scanned, scan
from filter.toolchain import Toolchain
from store.corpus import Corpus
from store.errors import UsageError
from tests.filter.honest import ROWS
from tests.filter.test_run import SWAP, _corpus

LIMITS = Limits(30.0, 4096, 200_000)


def proof(statement: str, text: str) -> Proof:
    found = scan(extract(text, statement), COMMAND_TOKENS)
    name = re.search(r"theorem ([\w'.]+?)(?=\.\{|\s)", statement)
    assert isinstance(found, Scanned)
    assert name
    return Proof(Problem("", name[1], statement), found.text.rstrip())


def test_premises_are_the_constants_of_the_term_beyond_those_of_the_statement(toolchain: Toolchain) -> None:
    texts = {
        "\n  exact ⟨h.2, h.1⟩": ["And.intro", "And.left", "And.right"],
        "\n  exact And.symm h": ["And.symm"],
        "\n  exact id (And.symm h)": ["And.symm", "id"],
        "\n  exact k where\n  k : q ∧ p := And.symm h": ["And.symm"],
        "\n  exact this_is_unknown": None,
        "\n  match h with\n  | ⟨a, b⟩ => exact ⟨b, a⟩": ["And.casesOn", "And.intro"],
        "\n  exact match h with\n  | ⟨a, b⟩ => ⟨b, a⟩": ["And.casesOn", "And.intro"],
    }
    found = premises_of(toolchain, [proof(SWAP, text) for text in texts], LIMITS)
    assert found == list(texts.values())


def test_what_a_header_declares_is_a_premise_and_no_helper(toolchain: Toolchain) -> None:
    header = "theorem swap {p q : Prop} (h : p ∧ q) : q ∧ p := And.symm h\n"
    problem = Problem(header, "t", SWAP)
    assert premises_of(toolchain, [Proof(problem, "\n  exact swap h")], LIMITS) == [["swap"]]


def _words(text: str) -> set[str]:
    return {word.strip(".") for word in re.findall(r"[\w.']+", text)}


@pytest.mark.slow
def test_premises_are_those_that_lean_prints(toolchain: Toolchain) -> None:
    """`#print` with every detail shown, of proofs that need no helper of their own."""
    proofs = [proof(*row) for row in ROWS if "where" not in row[1] and "." not in row[0].partition("(")[0]]
    document = toolchain.preamble + "set_option pp.all true\nset_option pp.proofs true\nset_option pp.maxSteps 100000\n"
    asked = []
    for index, each in enumerate(proofs):
        document += f"namespace n{index}\n{each.problem.statement}{each.text}\nend n{index}\n"
        asked.append(document.count("\n"))
        document += f"#print n{index}.{each.problem.name}\n"
    outcome = run_lean(toolchain, document, LIMITS)
    printed = {each.line: each.message for each in outcome.diagnostics}
    compared = 0
    for line, each, found in zip(asked, proofs, premises_of(toolchain, proofs, LIMITS), strict=True):
        if "match_" in printed[line] or "failed to pretty print" in printed[line]:
            continue
        statement, _, term = printed[line].partition(":=")
        shown, stated, bound = (_words(text) for text in (term, statement, each.text))
        assert found is not None
        assert set(found) <= shown, each.text
        assert not {word for word in shown - stated - bound - set(found) if re.search(r"\.\D", word)}, each.text
        compared += 1
    assert compared > 60


def test_every_verified_sample_gets_its_facts_once(tmp_path: Path) -> None:
    same = ["\n  -- swap\n  have k := h\n\n  exact ⟨k.2, k.1⟩", "\n    have k := h\n    exact ⟨k.2, k.1⟩"]
    texts = [*same, "\n  exact h.symm", "\n  exact h", "\n  constructor <;> simp [h]"]
    corpus = _corpus(tmp_path / "corpus", [(SWAP, text, "stop") for text in texts])
    check(FilterConfig(corpus.root, workers=1))
    summary = collect(FactsConfig(corpus.root, workers=1))
    assert (summary.num_samples, summary.num_proofs) == (4, 3)
    expected = {
        "s00000": (["have", "exact"], ["And.intro", "And.left", "And.right"], 28, 2, 2),
        "s00001": (["have", "exact"], ["And.intro", "And.left", "And.right"], 28, 2, 2),
        "s00002": (["exact"], ["And.symm"], 12, 1, 1),
    }
    found = _facts(corpus)
    assert {key: found[key] for key in expected} == expected
    assert found["s00004"][0] == ["constructor", "simp"]
    assert found.keys() == {*expected, "s00004"}
    assert collect(FactsConfig(corpus.root, workers=1)).num_samples == 0
    assert _facts(corpus) == found


def test_a_number_of_workers_that_makes_no_sense_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--workers"):
        FactsConfig(tmp_path, workers=0)
    with pytest.raises(UsageError, match="compiled files"):
        FactsConfig(tmp_path, lean="kimina:http://host:8000")


def test_a_proof_that_this_lean_does_not_compile_is_left_for_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = _corpus(tmp_path / "corpus", [(SWAP, "\n  exact h.symm", "stop"), (SWAP, "\n  exact ⟨h.2, h.1⟩", "stop")])
    check(FilterConfig(corpus.root, workers=1))
    with monkeypatch.context() as patch:
        patch.setattr(filter.facts, "premises_of", _without_symm)
        summary = collect(FactsConfig(corpus.root, workers=1))
    assert (summary.num_samples, summary.num_uncompiled) == (1, 1)
    assert "--lean" in summary.as_text()
    assert collect(FactsConfig(corpus.root, workers=1)).num_samples == 1
    assert _facts(corpus).keys() == {"s00000", "s00001"}


def _without_symm(toolchain: Toolchain, proofs: list[Proof], limits: Limits) -> list[list[str] | None]:
    """A Lean that has no And.symm."""
    lacking = [replace(each, text=each.text.replace("symm", "symm_is_not_here")) for each in proofs]
    return premises_of(toolchain, lacking, limits)


def _facts(corpus: Corpus) -> dict[str, tuple[object, ...]]:
    query = "SELECT sample_id, tactics, premises, num_chars, num_lines, num_steps FROM proof_facts"
    with corpus.connect() as connection:
        rows = connection.execute(query).fetchall()
    assert len(rows) == len({row[0] for row in rows})
    return {row[0]: row[1:] for row in rows}
