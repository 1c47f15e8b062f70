"""What provers write: a transcript is (template, how the model answers, the proof in it or why there is none, verdict).

Written for these tests in the manner of each model; the statement asked is always SWAP.
"""

from __future__ import annotations

from filter.scan import Refused
from filter.verdict import Verdict

SWAP = "theorem and_swap_example (p q : Prop) (h : p ∧ q) :\n    q ∧ p := by"
NO_BLOCK = Refused(Verdict.EMPTY, "no complete ```lean4 block")
NOT_OURS = Refused(Verdict.MISMATCH, "no ```lean4 block holds the statement")
HEADER = (
    "import Mathlib\nimport Aesop\n\nset_option maxHeartbeats 400000\n\nopen BigOperators Real Nat Topology Rat\n\n"
)

DEEPSEEK_COT = """\
  /-
  To prove `q ∧ p` from `p ∧ q`, we take the two parts of the conjunction and put them together again in the other order.
  Here is a step-by-step explanation:
  1. We use the `obtain` tactic to destructure `h`.
  2. We use the anonymous constructor ⟨_, _⟩.
  -/
  -- Destructure the hypothesis `h` into `hp : p` and `hq : q`.
  obtain ⟨hp, hq⟩ := h
  -- Put them together: this is not a `sorry`.
  exact ⟨hq, hp⟩
```"""

DEEPSEEK_PROSE = """\
  constructor
  · exact h.right
  · exact h.left
```

This Lean 4 code proves that the conjunction is symmetric. The `constructor` tactic splits the goal:
```lean4
theorem and_swap_example (p q : Prop) (h : p ∧ q) : q ∧ p := by sorry
```"""

GOEDEL_RESTATES = f"""\
```lean4
{HEADER}/-- The parts of a conjunction may be swapped.-/
theorem and_swap_example (p q : Prop) (h : p ∧ q) : q ∧ p := by
  /-
  We need to show `q ∧ p`.
  -/
  have h_main : q ∧ p := by
    exact And.symm h
  exact h_main
```"""

GOEDEL_V2 = f"""\
### Detailed Proof and Analysis

First, let's understand the problem: given `h : p ∧ q` we must produce `q ∧ p`.

**Abstract Plan**
1. extract both components,
2. recombine.

### Step 2: Lean 4 `have` Statements

```lean4
{HEADER}{SWAP}
  have h₁ : p := by
    sorry
  have h₂ : q := by
    sorry
  sorry
```

### Complete Lean 4 Proof

```lean4
{HEADER}{SWAP}
  have h₁ : p := by
    cases h with
    | intro hp hq => exact hp
  have h₂ : q := by
    cases h with
    | intro hp hq => exact hq
  exact ⟨h₂, h₁⟩
```

This proof is complete, and the original statement was:
```lean4
{SWAP}
  sorry
```
"""

KIMINA = f"""\
<think>
# Informal proof:
We have p and q, so q and p.

Let me think about how to write this. I could try
```tactics
exact ⟨h.1, h.2⟩
```
but the order is wrong. What about the whole thing:
```lean4
import Mathlib

{SWAP}
  exact ⟨h.1, h.2⟩
```
No: `h.1 : p`. An unfinished thought: ```lean4
{SWAP}
  exact ⟨h.2
</think>

```lean4
import Mathlib

{SWAP}
  have h1 : p := h.1
  have h2 : q := h.2
  exact ⟨h2, h1⟩
```"""

KIMINA_CHANGED = """\
<think>
The order does not matter much.
</think>

```lean4
import Mathlib

theorem and_swap_example (p q : Prop) (h : p ∧ q) :
    p ∧ q := by
  exact h
```"""

KIMINA_CUT = f"""\
<think>
A draft first:
```lean4
{SWAP}
  exact ⟨h.2, h.1⟩
```
That should work. Let me double-check, because the anonymous constructor may not elaborate when the expected type"""

CHAT_LIST = f"""\
Sure! Here are the steps:

1. Destructure the hypothesis.
2. Rebuild the pair:

   ```Lean4
   {SWAP.replace(chr(10), chr(10) + "   ")}
     rcases h with ⟨a, b⟩
     exact ⟨b, a⟩
   ```

Hope this helps! You can run it with `lake env lean file.lean`:
```bash
lake env lean file.lean
```"""

CHAT_LEMMA = f"""\
```lean4
lemma helper {{a b : Prop}} (h : a ∧ b) : b := h.2

{SWAP.replace("theorem", "lemma")}
  exact ⟨helper h, h.1⟩
```"""

CHAT_CHEATS = f"""\
```lean4
axiom magic (a : Prop) : a

{SWAP}
  exact magic _

#print axioms and_swap_example
```"""

CHAT_CRLF = "```lean4\r\n" + SWAP.replace("\n", "\r\n") + "\r\n  exact ⟨h.2, h.1⟩\r\n```\r\n"

TRANSCRIPTS: dict[str, tuple[str, str, str | Refused, Verdict]] = {
    "DeepSeek-Prover-V1.5, comments before each line": (
        "deepseek-prover-v1.5-cot", DEEPSEEK_COT, "\n" + DEEPSEEK_COT.removesuffix("\n```"), Verdict.VERIFIED),
    "DeepSeek-Prover-V1.5, prose and another block after the proof": (
        "deepseek-prover-v1.5", DEEPSEEK_PROSE, "\n  constructor\n  · exact h.right\n  · exact h.left", Verdict.VERIFIED),
    "DeepSeek-Prover-V1.5, which says the statement once more": (
        "deepseek-prover-v1.5", f"{SWAP}\n  exact h.symm\n```", "\n  exact h.symm", Verdict.VERIFIED),
    "DeepSeek-Prover-V1.5, which begins with the imports again": (
        "deepseek-prover-v1.5-cot", f"{HEADER}{SWAP}\n  exact h.symm\n```", "\n  exact h.symm", Verdict.VERIFIED),
    "Goedel-Prover, in a block of its own": (
        "goedel-prover", GOEDEL_RESTATES,
        "\n  /-\n  We need to show `q ∧ p`.\n  -/\n  have h_main : q ∧ p := by\n    exact And.symm h\n  exact h_main",
        Verdict.VERIFIED),
    "Goedel-Prover, a proof and then a lemma": (
        "goedel-prover", "  exact h.symm\n\nlemma more : True := trivial\n```",
        "\n  exact h.symm\n\nlemma more : True := trivial", Verdict.ERROR),
    "Goedel-Prover-V2, plan, skeleton, proof, statement": (
        "goedel-prover-v2", GOEDEL_V2, GOEDEL_V2.split(SWAP)[2].split("\n```")[0], Verdict.VERIFIED),
    "Kimina-Prover, drafts in its thoughts": (
        "kimina-prover", KIMINA, "\n  have h1 : p := h.1\n  have h2 : q := h.2\n  exact ⟨h2, h1⟩", Verdict.VERIFIED),
    "Kimina-Prover, thoughts opened by the prompt": (
        "kimina-prover", KIMINA.removeprefix("<think>\n"),
        "\n  have h1 : p := h.1\n  have h2 : q := h.2\n  exact ⟨h2, h1⟩", Verdict.VERIFIED),
    "Kimina-Prover, another statement under the same name": ("kimina-prover", KIMINA_CHANGED, NOT_OURS, Verdict.MISMATCH),
    "Kimina-Prover, thoughts without an end": ("kimina-prover", KIMINA_CUT, NO_BLOCK, Verdict.EMPTY),
    "chat, a block within a list": ("chat", CHAT_LIST, "\n     rcases h with ⟨a, b⟩\n     exact ⟨b, a⟩", Verdict.VERIFIED),
    "chat, a lemma of its own before the theorem": ("chat", CHAT_LEMMA, "\n  exact ⟨helper h, h.1⟩", Verdict.ERROR),
    "chat, an axiom before the theorem": (
        "chat", CHAT_CHEATS, "\n  exact magic _\n\n#print axioms and_swap_example", Verdict.POLICY),
    "chat, with the line ends of Windows": ("chat", CHAT_CRLF, "\n  exact ⟨h.2, h.1⟩", Verdict.VERIFIED),
    "plain, a proof and nothing else": ("plain", "\n  exact h.symm", "\n  exact h.symm", Verdict.VERIFIED),
    "plain, prose after the proof": ("plain", "\n  exact h.symm\n\nQED.", "\n  exact h.symm\n\nQED.", Verdict.ERROR),
}  # fmt: skip
