"""A family of problems for the embedded Lean, small enough that a model trained on the spot can prove some of them.

A seed goes in; out come theorem statements with a difficulty (`problems`), several different correct proofs of each
(`teacher`), and (prompt, completion) pairs, some with one wrong token, to train a base policy on (`pretraining`).
Lean needs nothing but its core names for any of it.
"""
