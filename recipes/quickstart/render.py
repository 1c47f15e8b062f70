"""Write a proof as Lean text: as one term, or as a tactic block, each construct in one of several usual ways."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from recipes.quickstart.expr import ARGUMENT, text
from recipes.quickstart.proof import (
    Absurd,
    Apply,
    CaseExists,
    CaseOr,
    Destruct,
    Induct,
    Inject,
    Instance,
    Intro,
    Pair,
    Project,
    Proof,
    Script,
    Spine,
    Use,
    Witness,
)
from recipes.quickstart.search import EXCLUDED_MIDDLE

LONGEST_EXACT = 34
"""Characters; a tactic block closes a goal by a longer term only when it must."""


@dataclass(frozen=True)
class Renderer:
    """Writes proofs; `terse` is the chance to end a tactic block early by a short term."""

    rng: Random
    terse: float = 0.5

    def completion(self, proof: Proof, *, as_term: bool) -> str:
        """The text after `:= by`: a newline, two spaces, the proof."""
        if as_term and has_term(proof):
            return f"\n  exact {self.term(proof)}"
        return "".join(f"\n  {line}" for line in self.tactics(proof))

    # Terms.

    def term(self, proof: Proof, argument: bool = False) -> str:
        """One Lean term; in parentheses where it is an argument and needs them."""
        match proof:
            case Use(spine):
                return self._spine(spine, argument)
            case Script(_, term) if term is not None:
                return _wrap(term, argument and " " in term)
            case Pair(connective, left, right):
                return self._pair_term(connective, left, right, argument)
            case Inject(side, body):
                return _wrap(f"Or.{side} {self.term(body, True)}", argument)
            case Witness(term, body):
                return f"⟨{text(term)}, {self.term(body)}⟩"
            case Intro():
                names, body = _intros(proof)
                return _wrap(f"fun {' '.join(names)} => {self.term(body)}", argument)
        return _wrap(self._elimination_term(proof), argument)

    def _pair_term(self, connective: str, left: Proof, right: Proof, argument: bool) -> str:
        if self.rng.random() < 0.8:
            return f"⟨{self.term(left)}, {self.term(right)}⟩"
        return _wrap(f"{connective}.intro {self.term(left, True)} {self.term(right, True)}", argument)

    def _elimination_term(self, proof: Proof) -> str:
        match proof:
            case CaseOr(spine, name, left, right):
                branches = [f"(fun {name} => {self.term(branch)})" for branch in (left, right)]
                return f"{self._eliminator('Or', spine)} {' '.join(branches)}"
            case CaseExists(spine, variable, name, body):
                return f"{self._eliminator('Exists', spine)} (fun {variable} {name} => {self.term(body)})"
            case Absurd(spine):
                return self._absurd_term(spine)
            case Destruct(_, head, left, right, body):
                return f"match {head} with | ⟨{left}, {right}⟩ => {self.term(body)}"
        raise AssertionError(f"no term for {proof}")

    def _eliminator(self, connective: str, spine: Spine) -> str:
        if self.rng.random() < 0.5:
            return f"{connective}.elim {self._spine(spine, True)}"
        return f"{self._spine(spine, True)}.elim"

    def _absurd_term(self, spine: Spine) -> str:
        if _is_refutation(spine) and self.rng.random() < 0.5:
            refuted = spine.eliminations[-1]
            assert isinstance(refuted, Apply)
            refutation = Spine(spine.head, spine.eliminations[:-1])
            return f"absurd {self.term(refuted.argument, True)} {self._spine(refutation, True)}"
        return self._eliminator("False", spine)

    def _spine(self, spine: Spine, argument: bool, holes: Sequence[Proof] = ()) -> str:
        """The spine as a term, with `?_` for the proofs in `holes`."""
        words, applied = spine.head, spine.head.startswith(EXCLUDED_MIDDLE)
        for elimination in spine.eliminations:
            if isinstance(elimination, Project):
                words, applied = f"{_wrap(words, applied)}.{elimination.field}", False
            else:
                words, applied = f"{words} {self._argument(elimination, holes)}", True
        return _wrap(words, argument and applied)

    def _argument(self, elimination: Apply | Instance, holes: Sequence[Proof]) -> str:
        if isinstance(elimination, Instance):
            return text(elimination.term, ARGUMENT)
        if any(elimination.argument is hole for hole in holes):
            return "?_"
        return self.term(elimination.argument, True)

    # Tactics.

    def tactics(self, proof: Proof) -> list[str]:
        """Lines of a tactic block, indented relative to its first line."""
        short = self._short_term(proof)
        if short is not None and (isinstance(proof, Use) or self.rng.random() < self.terse):
            return ["assumption"] if _is_bare(proof) and self.rng.random() < 0.1 else [f"exact {short}"]
        match proof:
            case Use(spine):
                return self._apply(spine)
            case Script(lines):
                return list(lines)
            case Intro():
                names, body = _intros(proof)
                return [f"intro {' '.join(names)}", *self.tactics(body)]
            case Pair(connective, left, right):
                opening = self.rng.choice(
                    ["constructor", "constructor", "refine ⟨?_, ?_⟩", f"apply {connective}.intro"]
                )
                return [opening, *self._bullets([left, right])]
            case Inject(side, body):
                opening = "left" if side == "inl" else "right"
                return [self.rng.choice([opening, opening, f"apply Or.{side}"]), *self.tactics(body)]
            case Witness(term, body):
                opening = (
                    f"refine ⟨{text(term)}, ?_⟩" if self.rng.random() < 0.6 else _exists_intro(text(term, ARGUMENT))
                )
                return [opening, *self.tactics(body)]
        return self._elimination_tactics(proof)

    def _elimination_tactics(self, proof: Proof) -> list[str]:
        match proof:
            case CaseOr():
                return self._case_or(proof)
            case CaseExists(spine, variable, name, body):
                return self._take_apart(self._spine(spine, False), "intro", variable, name, body)
            case Destruct(_, head, left, right, body):
                return self._take_apart(head, "intro", left, right, body)
            case Absurd(spine):
                return self._absurd(spine)
            case Induct():
                return self._induct(proof)
        raise AssertionError(f"no tactics for {proof}")

    def _apply(self, spine: Spine) -> list[str]:
        """Close the goal by a spine too long to be written as one term: leave its long arguments as new goals."""
        arguments = [step.argument for step in spine.eliminations if isinstance(step, Apply)]
        if all(isinstance(step, Apply) for step in spine.eliminations) and self.rng.random() < 0.6:
            return [f"apply {spine.head}", *self._bullets(arguments)]
        holes = [argument for argument in arguments if self._short_term(argument) is None] or arguments
        return [f"refine {self._spine(spine, False, holes)}", *self._bullets(holes)]

    def _absurd(self, spine: Spine) -> list[str]:
        short = self._short_term(Use(spine))
        if short is None or self.rng.random() < 0.2:
            return ["exfalso", *self.tactics(Use(spine))]
        if _is_plain_contradiction(spine) and self.rng.random() < 0.3:
            return ["contradiction"]
        return [f"cases {short}"] if self.rng.random() < 0.2 else [f"exact {self._absurd_term(spine)}"]

    def _case_or(self, proof: CaseOr) -> list[str]:
        spine, name = proof.spine, proof.name
        branches = [proof.left, proof.right]
        disjunction = self._spine(spine, False)
        way = self.rng.randrange(4)
        if spine.head.startswith(EXCLUDED_MIDDLE) and not spine.eliminations and way < 3:
            return [f"by_cases {name} : {spine.head.removeprefix(EXCLUDED_MIDDLE)}", *self._bullets(branches)]
        if way < 2:
            heads = [f"| inl {name} =>", f"| inr {name} =>"]
            return [f"cases {disjunction} with", *self._alternatives(heads, branches)]
        pattern = f"{name} | {name}"
        opening = f"rcases {disjunction} with {pattern}" if way == 2 else f"obtain {pattern} := {disjunction}"
        return [opening, *self._bullets(branches)]

    def _take_apart(self, whole: str, constructor: str, first: str, second: str, body: Proof) -> list[str]:
        way = self.rng.randrange(4)
        if way == 0:
            return [f"cases {whole} with", *self._alternatives([f"| {constructor} {first} {second} =>"], [body])]
        pattern = f"⟨{first}, {second}⟩"
        opening = f"rcases {whole} with {pattern}" if way == 1 else f"obtain {pattern} := {whole}"
        return [opening, *self.tactics(body)]

    def _induct(self, proof: Induct) -> list[str]:
        base, step = ("zero", "succ") if proof.sort == "Nat" else ("nil", "cons")
        heads = [f"| {base} =>", f"| {step} {' '.join(proof.names)} =>"]
        return [f"induction {proof.variable} with", *self._alternatives(heads, [proof.base, proof.step])]

    def _alternatives(self, heads: Sequence[str], branches: Sequence[Proof]) -> list[str]:
        lines: list[str] = []
        for head, branch in zip(heads, branches, strict=True):
            block = self.tactics(branch)
            lines += [f"{head} {block[0]}"] if len(block) == 1 else [head, *(f"  {line}" for line in block)]
        return lines

    def _bullets(self, proofs: Sequence[Proof]) -> list[str]:
        if len(proofs) == 1:
            return self.tactics(proofs[0])
        lines: list[str] = []
        for proof in proofs:
            first, *rest = self.tactics(proof)
            lines += [f"· {first}", *(f"  {line}" for line in rest)]
        return lines

    def _short_term(self, proof: Proof) -> str | None:
        if not has_term(proof):
            return None
        term = self.term(proof)
        return term if len(term) <= LONGEST_EXACT else None


def has_term(proof: Proof) -> bool:
    """Whether the proof can be written as a term: no induction, and every script in it has a term."""
    match proof:
        case Script(_, term):
            return term is not None
        case Induct():
            return False
        case Use(spine) | Absurd(spine):
            return _spine_has_term(spine)
        case Pair(_, left, right):
            return has_term(left) and has_term(right)
        case CaseOr(spine, _, left, right):
            return _spine_has_term(spine) and has_term(left) and has_term(right)
        case CaseExists(spine, _, _, body):
            return _spine_has_term(spine) and has_term(body)
        case Intro() | Inject() | Witness() | Destruct():
            return has_term(proof.body)


def _spine_has_term(spine: Spine) -> bool:
    return all(has_term(step.argument) for step in spine.eliminations if isinstance(step, Apply))


def _intros(proof: Proof) -> tuple[list[str], Proof]:
    names: list[str] = []
    while isinstance(proof, Intro):
        names.append(proof.name)
        proof = proof.body
    return names, proof


def _is_bare(proof: Proof) -> bool:
    return isinstance(proof, Use) and not proof.spine.eliminations and not proof.spine.head.startswith(EXCLUDED_MIDDLE)


def _is_refutation(spine: Spine) -> bool:
    return bool(spine.eliminations) and isinstance(spine.eliminations[-1], Apply)


def _is_plain_contradiction(spine: Spine) -> bool:
    """Whether False comes from a hypothesis and its negation as they stand, which `contradiction` finds."""
    if len(spine.eliminations) > 1:
        return False
    return all(isinstance(step, Apply) and _is_bare(step.argument) for step in spine.eliminations)


def _exists_intro(term: str) -> str:
    return f"apply Exists.intro {term}"


def _wrap(words: str, needed: bool) -> str:
    return f"({words})" if needed else words
