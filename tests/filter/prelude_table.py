"""What the prelude must offer, construct by construct: each row is an honest proof and a wrong twin of it."""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """`honest` and `wrong` are what follows `theorem NAME`."""

    construct: str
    honest: str
    wrong: str


LOGIC = [
    Row("exact", "(p : Prop) (h : p) : p := by\n  exact h", "(p q : Prop) (h : p) : q := by\n  exact h"),
    Row("intro", "(p q : Prop) : p → q → p := by\n  intro hp _\n  exact hp", "(p q : Prop) : p → q := by\n  intro hp"),
    Row(
        "intros",
        "(p q : Prop) : p → q → p := by\n  intros\n  assumption",
        "(p q r : Prop) : p → q → r := by\n  intros\n  assumption",
    ),
    Row(
        "intro pattern",
        "(p q : Prop) : p ∧ q → q := by\n  intro ⟨_, hq⟩\n  exact hq",
        "(p q : Prop) : p ∧ q → q := by\n  intro ⟨hq, _⟩\n  exact hq",
    ),
    Row(
        "apply",
        "(p q : Prop) (f : p → q) (h : p) : q := by\n  apply f\n  exact h",
        "(p q : Prop) (f : p → q) : q := by\n  apply f",
    ),
    Row(
        "refine",
        "(p q : Prop) (a : p) (b : q) : p ∧ q := by\n  refine ⟨?_, ?_⟩\n  · exact a\n  · exact b",
        "(p q : Prop) (a : p) : p ∧ q := by\n  refine ⟨a, ?_⟩",
    ),
    Row(
        "refine'",
        "(p q : Prop) (a : p) (b : q) : p ∧ q := by\n  refine' ⟨_, b⟩\n  exact a",
        "(p q : Prop) (a : p) : p ∧ q := by\n  refine' ⟨a, _⟩",
    ),
    Row(
        "constructor",
        "(p q : Prop) (a : p) (b : q) : p ∧ q := by\n  constructor\n  · exact a\n  · exact b",
        "(p q : Prop) (a : p) : p ∧ q := by\n  constructor\n  · exact a\n  · exact a",
    ),
    Row(
        "left",
        "(p q : Prop) (a : p) : p ∨ q := by\n  left\n  exact a",
        "(p q : Prop) (a : q) : p ∨ q := by\n  left\n  exact a",
    ),
    Row(
        "right",
        "(p q : Prop) (a : q) : p ∨ q := by\n  right\n  exact a",
        "(p q : Prop) (a : p) : p ∨ q := by\n  right\n  exact a",
    ),
    Row(
        "cases with",
        "(p q : Prop) (h : p ∨ q) : q ∨ p := by\n  cases h with\n  | inl a => exact .inr a\n  | inr b => exact .inl b",
        "(p q : Prop) (h : p ∨ q) : q ∨ p := by\n  cases h with\n  | inl a => exact .inl a\n  | inr b => exact .inl b",
    ),
    Row(
        "cases",
        "(p q : Prop) (h : p ∧ q) : q := by\n  cases h\n  assumption",
        "(p q : Prop) (h : p ∨ q) : q := by\n  cases h\n  assumption",
    ),
    Row(
        "rcases",
        "(p q r : Prop) (h : p ∧ (q ∨ r)) : (q ∨ r) ∧ p := by\n  rcases h with ⟨a, b | c⟩\n  · exact ⟨.inl b, a⟩\n  · exact ⟨.inr c, a⟩",
        "(p q r : Prop) (h : p ∧ (q ∨ r)) : q := by\n  rcases h with ⟨a, b | c⟩\n  · exact b\n  · exact c",
    ),
    Row(
        "obtain",
        "(α : Type) (P : α → Prop) (h : ∃ x, P x ∧ True) : ∃ x, P x := by\n  obtain ⟨x, hx, -⟩ := h\n  exact ⟨x, hx⟩",
        "(α : Type) (P : α → Prop) (h : ∃ x, P x) : ∀ x, P x := by\n  obtain ⟨x, hx⟩ := h\n  exact fun _ => hx",
    ),
    Row(
        "obtain rfl",
        "(a b : Nat) (h : a = b ∧ True) : b = a := by\n  obtain ⟨rfl, _⟩ := h\n  rfl",
        "(a b c : Nat) (h : a = b ∧ True) : b = c := by\n  obtain ⟨rfl, _⟩ := h\n  rfl",
    ),
    Row(
        "rintro",
        "(p q : Prop) : p ∨ q → q ∨ p := by\n  rintro (a | b)\n  · exact .inr a\n  · exact .inl b",
        "(p q : Prop) : p ∨ q → p := by\n  rintro (a | b)\n  · exact a\n  · exact b",
    ),
    Row(
        "have",
        "(p q : Prop) (f : p → q) (h : p) : q ∧ q := by\n  have k : q := f h\n  exact ⟨k, k⟩",
        "(p q : Prop) (f : p → q) : q := by\n  have k : q := f\n  exact k",
    ),
    Row(
        "have by",
        "(p q : Prop) (h : p ∧ q) : p := by\n  have ⟨a, _⟩ := h\n  exact a",
        "(p q : Prop) (h : p ∧ q) : p := by\n  have ⟨_, a⟩ := h\n  exact a",
    ),
    Row(
        "let",
        "(n : Nat) : n + 1 = 1 + n := by\n  let m := n\n  show m + 1 = 1 + m\n  exact Nat.add_comm m 1",
        "(n : Nat) : n + 1 = n := by\n  let m := n\n  show m + 1 = m\n  rfl",
    ),
    Row(
        "show",
        "(p : Prop) (h : p) : id p := by\n  show p\n  exact h",
        "(p q : Prop) (h : q) : id p := by\n  show q\n  exact h",
    ),
    Row(
        "suffices",
        "(p q : Prop) (f : p → q) (h : p) : q := by\n  suffices k : p from f k\n  exact h",
        "(p q : Prop) (f : p → q) : q := by\n  suffices k : p from f k\n  exact k",
    ),
    Row("exists", "(n : Nat) : ∃ m, m = n + 1 := by\n  exists n + 1", "(n : Nat) : ∃ m, m = n + 1 := by\n  exists n"),
    Row(
        "exfalso",
        "(p q : Prop) (h : p) (k : ¬p) : q := by\n  exfalso\n  exact k h",
        "(p q : Prop) (h : p) : q := by\n  exfalso\n  exact h",
    ),
    Row(
        "contradiction",
        "(p q : Prop) (h : p) (k : ¬p) : q := by\n  contradiction",
        "(p q : Prop) (h : p) (k : ¬q) : q := by\n  contradiction",
    ),
    Row(
        "absurd",
        "(p q : Prop) (h : p) (k : ¬p) : q := by\n  exact absurd h k",
        "(p q : Prop) (h : p) (k : ¬q) : p ∧ q := by\n  exact absurd h k",
    ),
    Row(
        "by_cases",
        "(p : Prop) : p ∨ ¬p := by\n  by_cases h : p\n  · exact .inl h\n  · exact .inr h",
        "(p : Prop) : p := by\n  by_cases h : p\n  · exact h\n  · exact h",
    ),
    Row(
        "Classical.byContradiction",
        "(p : Prop) (h : ¬¬p) : p := by\n  apply Classical.byContradiction\n  intro k\n  exact h k",
        "(p : Prop) (h : ¬p) : p := by\n  apply Classical.byContradiction\n  intro k\n  exact h k",
    ),
    Row(
        "false_or_by_contra",
        "(p : Prop) (h : ¬¬p) : p := by\n  false_or_by_contra\n  rename_i k\n  exact h k",
        "(p : Prop) (h : ¬p) : p := by\n  false_or_by_contra\n  rename_i k\n  exact h k",
    ),
    Row(
        "subst",
        "(a b : Nat) (h : a = b) : b = a := by\n  subst h\n  rfl",
        "(a b c : Nat) (h : a = b) : b = c := by\n  subst h\n  rfl",
    ),
    Row(
        "symm",
        "(a b : Nat) (h : a = b) : b = a := by\n  symm\n  exact h",
        "(a b : Nat) (h : a ≤ b) : b ≤ a := by\n  symm\n  exact h",
    ),
    Row(
        "calc",
        "(a b c : Nat) (h : a = b) (k : b = c) : a = c := by\n  calc\n    a = b := h\n    _ = c := k",
        "(a b c : Nat) (h : a = b) (k : b = c) : a = c := by\n  calc\n    a = b := h\n    _ = c := h",
    ),
    Row(
        "calc ↔",
        "(p q r : Prop) (h : p ↔ q) (k : q ↔ r) : p ↔ r := calc\n  p ↔ q := h\n  _ ↔ r := k",
        "(p q r : Prop) (h : p ↔ q) (k : q ↔ r) : r ↔ p := calc\n  p ↔ q := h\n  _ ↔ r := k",
    ),
    Row(
        "calc ≤ <",
        "(a b c : Nat) (h : a ≤ b) (k : b < c) : a < c := calc\n  a ≤ b := h\n  _ < c := k",
        "(a b c : Nat) (h : a ≤ b) (k : b ≤ c) : a < c := calc\n  a ≤ b := h\n  _ ≤ c := k",
    ),
    Row(
        "term calc after fun",
        "(f : Nat → Nat) (h : ∀ x, f x = x) : f (f 1) = 1 :=\n  calc f (f 1) = f 1 := h (f 1)\n    _ = 1 := h 1",
        "(f : Nat → Nat) (h : ∀ x, f x = x) : f (f 1) = 2 :=\n  calc f (f 1) = f 1 := h (f 1)\n    _ = 1 := h 1",
    ),
    Row(
        "funext",
        "(f g : Nat → Nat) (h : ∀ x, f x = g x) : f = g := by\n  funext x\n  exact h x",
        "(f g : Nat → Nat) (h : f 0 = g 0) : f = g := by\n  funext x\n  exact h",
    ),
    Row(
        "ext",
        "(x y : Nat × Nat) (h : x.1 = y.1) (k : x.2 = y.2) : x = y := by\n  ext\n  · exact h\n  · exact k",
        "(x y : Nat × Nat) (h : x.1 = y.1) : x = y := by\n  ext\n  · exact h\n  · exact h",
    ),
    Row(
        "congr",
        "(f : Nat → Nat → Nat) (a b : Nat) (h : a = b) : f a 1 = f b 1 := by\n  congr",
        "(f : Nat → Nat → Nat) (a b c : Nat) (h : a = b) : f a 1 = f c 1 := by\n  congr",
    ),
    Row(
        "rw",
        "(a b c : Nat) (h : a = b) (k : b = c) : a = c := by\n  rw [h, k]",
        "(a b c : Nat) (h : a = b) (k : b = c) : a = c := by\n  rw [h, h]",
    ),
    Row(
        "rw ←",
        "(a b : Nat) (f : Nat → Nat) (h : a = b) : f b = f a := by\n  rw [← h]",
        "(a b c : Nat) (f : Nat → Nat) (h : a = b) : f b = f c := by\n  rw [← h]",
    ),
    Row(
        "rw at",
        "(a b : Nat) (P : Nat → Prop) (h : a = b) (k : P a) : P b := by\n  rw [h] at k\n  exact k",
        "(a b : Nat) (P : Nat → Prop) (h : a = b) (k : P b) : P 0 := by\n  rw [← h] at k\n  exact k",
    ),
    Row(
        "rw ↔",
        "(p q : Prop) (h : p ↔ q) (k : q) : p := by\n  rw [h]\n  exact k",
        "(p q : Prop) (h : p ↔ q) (k : p) : q ∧ p := by\n  rw [h]\n  exact k",
    ),
    Row(
        "rwa",
        "(a b c : Nat) (h : a = b) (k : b = c) : a = c := by\n  rwa [h]",
        "(a b c : Nat) (h : a = b) : a = c := by\n  rwa [h]",
    ),
    Row(
        "rewrite",
        "(a b : Nat) (h : a = b) : a = b := by\n  rewrite [h]\n  rfl",
        "(a b : Nat) (h : a = b) : a = b := by\n  rewrite [h]",
    ),
    Row(
        "▸",
        "(a b : Nat) (P : Nat → Prop) (h : a = b) (k : P a) : P b := h ▸ k",
        "(a b c : Nat) (P : Nat → Prop) (h : a = b) (k : P a) : P c := h ▸ k",
    ),
    Row(
        "match tactic",
        "(p q : Prop) (h : p ∨ q) : q ∨ p := by\n  match h with\n  | .inl a => exact .inr a\n  | .inr b => exact .inl b",
        "(p q : Prop) (h : p ∨ q) : q ∨ p := by\n  match h with\n  | .inl a => exact .inr a",
    ),
    Row(
        "match term",
        "(p q : Prop) (h : p ∧ q) : q ∧ p := match h with\n  | ⟨a, b⟩ => ⟨b, a⟩",
        "(p q : Prop) (h : p ∧ q) : q ∧ p := match h with\n  | ⟨a, b⟩ => ⟨a, b⟩",
    ),
    Row(
        "fun pattern",
        "(p q : Prop) : p ∧ q → q ∧ p := fun ⟨a, b⟩ => ⟨b, a⟩",
        "(p q : Prop) : p ∧ q → q ∧ p := fun ⟨a, b⟩ => ⟨a, b⟩",
    ),
    Row(
        "fun cases",
        "(p q : Prop) : p ∨ q → q ∨ p := fun\n  | .inl a => .inr a\n  | .inr b => .inl b",
        "(p q : Prop) : p ∨ q → q ∨ p := fun\n  | .inl a => .inr a",
    ),
    Row(
        "bullets",
        "(p q : Prop) (a : p) (b : q) : p ∧ q := by\n  constructor\n  · exact a\n  . exact b",
        "(p q : Prop) (a : p) (b : q) : p ∧ q := by\n  constructor\n  · exact a",
    ),
    Row(
        "<;>",
        "(p : Prop) (a : p) : p ∧ p := by\n  constructor <;> exact a",
        "(p q : Prop) (a : p) : p ∧ q := by\n  constructor <;> exact a",
    ),
    Row(
        "first",
        "(p q : Prop) (a : q) : p ∨ q := by\n  first\n  | left; exact a\n  | right; exact a",
        "(p q : Prop) (a : q) : p := by\n  first\n  | exact a\n  | assumption",
    ),
    Row(
        "try",
        "(p : Prop) (a : p) : p := by\n  try contradiction\n  exact a",
        "(p : Prop) : p := by\n  try contradiction",
    ),
    Row(
        "repeat",
        "(p q : Prop) : p → q → p := by\n  repeat intro _\n  assumption",
        "(p q r : Prop) : p → q → r := by\n  repeat intro _\n  assumption",
    ),
    Row(
        "repeat'",
        "(p : Prop) (a : p) : p ∧ p ∧ p := by\n  repeat' constructor\n  all_goals exact a",
        "(p q : Prop) (a : p) : p ∧ p ∧ q := by\n  repeat' constructor\n  all_goals exact a",
    ),
    Row(
        "all_goals",
        "(p : Prop) (a : p) : p ∧ p := by\n  constructor\n  all_goals exact a",
        "(p q : Prop) (a : p) : p ∧ q := by\n  constructor\n  all_goals exact a",
    ),
    Row(
        "any_goals",
        "(p q : Prop) (a : p) (b : q) : p ∧ q := by\n  constructor\n  any_goals exact a\n  exact b",
        "(p q : Prop) (a : p) : p ∧ q := by\n  constructor\n  any_goals exact a",
    ),
    Row(
        "case",
        "(p q : Prop) (a : p) (b : q) : p ∧ q := by\n  constructor\n  case right => exact b\n  case left => exact a",
        "(p q : Prop) (a : p) (b : q) : p ∧ q := by\n  constructor\n  case right => exact a\n  case left => exact a",
    ),
    Row(
        "next",
        "(p q : Prop) (h : p ∨ q) : q ∨ p := by\n  cases h\n  next a => exact .inr a\n  next b => exact .inl b",
        "(p q : Prop) (h : p ∨ q) : q ∨ p := by\n  cases h\n  next a => exact .inl a\n  next b => exact .inl b",
    ),
    Row(
        "rename_i",
        "(p q : Prop) : p → q → p := by\n  intros\n  rename_i a b\n  exact a",
        "(p q : Prop) : p → q → p := by\n  intros\n  rename_i a b\n  exact b",
    ),
    Row(
        "revert",
        "(p q : Prop) (h : p) (f : p → q) : q := by\n  revert h\n  exact f",
        "(p q : Prop) (h : p) (f : q → p) : q := by\n  revert h\n  exact f",
    ),
    Row(
        "clear",
        "(p q : Prop) (h : p) (k : q) : p := by\n  clear k\n  exact h",
        "(p q : Prop) (h : p) (k : q) : p := by\n  clear h\n  exact h",
    ),
    Row(
        "specialize",
        "(P : Nat → Prop) (h : ∀ n, P n) : P 3 := by\n  specialize h 3\n  exact h",
        "(P : Nat → Prop) (h : ∀ n, P n) : P 3 := by\n  specialize h 4\n  exact h",
    ),
    Row(
        "generalize",
        "(a : Nat) : a + 1 = a + 1 := by\n  generalize a + 1 = b\n  rfl",
        "(a : Nat) : a + 1 = 1 + a := by\n  generalize a + 1 = b\n  rfl",
    ),
    Row(
        "replace",
        "(p q : Prop) (f : p → q) (h : p) : q := by\n  replace h := f h\n  exact h",
        "(p q : Prop) (f : p → q) (h : p) : p := by\n  replace h := f h\n  exact h",
    ),
    Row(
        "change",
        "(p : Prop) (h : p) : id p := by\n  change p\n  exact h",
        "(p q : Prop) (h : p) : id q := by\n  change p\n  exact h",
    ),
    Row("nofun", "(n : Nat) : n + 1 ≠ 0 := by\n  nofun", "(n : Nat) : n + 1 ≠ 1 := by\n  nofun"),
    Row("nomatch", "(p : Prop) (h : False) : p := nomatch h", "(p : Prop) (h : True) : p := nomatch h"),
    Row(
        "and_intros",
        "(p q r : Prop) (a : p) (b : q) (c : r) : p ∧ q ∧ r := by\n  and_intros\n  · exact a\n  · exact b\n  · exact c",
        "(p q r : Prop) (a : p) (b : q) : p ∧ q ∧ r := by\n  and_intros\n  · exact a\n  · exact b",
    ),
    Row(
        "infer_instance",
        ": Nonempty (Nat × Bool) := by\n  infer_instance",
        "(α : Type) : Nonempty (Nat × α) := by\n  infer_instance",
    ),
    Row("trivial", "(a : Nat) : a = a ∧ True := by\n  trivial", "(a b : Nat) : a = b ∧ True := by\n  trivial"),
    Row(
        "assumption",
        "(p q : Prop) (h : p) (_ : q) : p := by\n  assumption",
        "(p q : Prop) (h : p) : q := by\n  assumption",
    ),
    Row("exact?", "(a b : Nat) (h : a = b) : b = a := by\n  exact?", "(a b : Nat) : b = a := by\n  exact?"),
    Row("‹›", "(p q : Prop) (_ : p) (_ : q) : p ∧ q := ⟨‹p›, ‹q›⟩", "(p q : Prop) (_ : p) : p ∧ q := ⟨‹p›, ‹q›⟩"),
    Row(
        "anonymous fun",
        "(p q r : Prop) (f : p → q) (g : q → r) : p → r := (g <| f ·)",
        "(p q r : Prop) (f : p → q) (g : q → r) : p → r := (f <| g ·)",
    ),
    Row(
        "pipe",
        "(p q r : Prop) (f : p → q) (g : q → r) (h : p) : r := h |> f |> g",
        "(p q r : Prop) (f : p → q) (g : q → r) (h : p) : r := h |> g |> f",
    ),
    Row(
        "iff",
        "(p q : Prop) : p ∧ q ↔ q ∧ p := ⟨fun h => ⟨h.2, h.1⟩, fun h => ⟨h.2, h.1⟩⟩",
        "(p q : Prop) : p ∧ q ↔ q ∨ p := ⟨fun h => .inl h.2, fun h => ⟨h.2, h.1⟩⟩",
    ),
    Row("∃ two", ": ∃ x y : Nat, x + y = 3 := ⟨1, 2, rfl⟩", ": ∃ x y : Nat, x + y = 3 := ⟨1, 1, rfl⟩"),
    Row("∃ bounded", ": ∃ x > 3, x = 5 := ⟨5, by decide, rfl⟩", ": ∃ x > 3, x = 2 := ⟨2, by decide, rfl⟩"),
    Row(
        "∀ bounded",
        "(P : Nat → Prop) (h : ∀ x < 3, P x) : P 1 := h 1 (by decide)",
        "(P : Nat → Prop) (h : ∀ x < 3, P x) : P 4 := h 4 (by decide)",
    ),
    Row(
        "if then else",
        "(n : Nat) : (if n = n then 1 else 2) = 1 := by\n  simp",
        "(n : Nat) : (if n = n then 1 else 2) = 2 := by\n  simp",
    ),
    Row(
        "split",
        "(p : Prop) [Decidable p] (n : Nat) : (if p then n else n) = n := by\n  split <;> rfl",
        "(p : Prop) [Decidable p] (n : Nat) : (if p then n else 0) = n := by\n  split <;> rfl",
    ),
    Row(
        "split match",
        "(n : Nat) : (match n with | 0 => 1 | m + 1 => m + 2) = n + 1 := by\n  split <;> rfl",
        "(n : Nat) : (match n with | 0 => 1 | m + 1 => m + 1) = n + 1 := by\n  split <;> rfl",
    ),
    Row(
        "Classical.choose",
        "(P : Nat → Prop) (h : ∃ x, P x) : P (Classical.choose h) := Classical.choose_spec h",
        "(P : Nat → Prop) (h : ∃ x, P x) : P 0 := Classical.choose_spec h",
    ),
    Row(
        "let rec",
        "(n : Nat) : n = n := by\n  let rec f : ∀ m : Nat, m = m := fun m => rfl\n  exact f n",
        "(n : Nat) : n = 0 := by\n  let rec f : ∀ m : Nat, m = m := fun m => rfl\n  exact f n",
    ),
    Row(
        "where",
        "(p q : Prop) (h : p ∧ q) : q := f h\nwhere f : p ∧ q → q := fun h => h.2",
        "(p q : Prop) (h : p ∧ q) : q := f h\nwhere f : p ∧ q → p := fun h => h.1",
    ),
    Row(
        "unfold",
        "(a : Prop) (h : ¬a) : a → False := by\n  unfold Not at h\n  exact h",
        "(a : Prop) (h : ¬a) : a := by\n  unfold Not at h\n  exact h",
    ),
    Row(
        "injection",
        "(a b : Nat) (h : Nat.succ a = Nat.succ b) : a = b := by\n  injection h",
        "(a b c : Nat) (h : Nat.succ a = Nat.succ b) : a = c := by\n  injection h",
    ),
    Row(
        "open in",
        "(p : Prop) : p ∨ ¬p := by\n  open Classical in\n  exact em p",
        "(p : Prop) : p ∧ ¬p := by\n  open Classical in\n  exact em p",
    ),
    Row(
        "set_option in",
        "(p : Prop) (h : p) : p := by\n  set_option maxRecDepth 500 in\n  exact h",
        "(p q : Prop) (h : p) : q := by\n  set_option maxRecDepth 500 in\n  exact h",
    ),
    Row(
        "conv",
        "(a b : Nat) : a + b = b + a := by\n  conv => lhs; rw [Nat.add_comm]",
        "(a b : Nat) : a + b = a := by\n  conv => lhs; rw [Nat.add_comm]",
    ),
    Row(
        "words of tactics as names",
        "(left right lhs rhs ext arg skip first cases symm simp split next rw apply done conv iterate : Nat) : left = left := rfl",
        "(left right lhs rhs ext arg skip first cases symm simp split next rw apply done conv iterate : Nat) : left = right := rfl",
    ),
]

NUMBERS = [
    Row(
        "induction",
        "(n : Nat) : 0 + n = n := by\n  induction n with\n  | zero => rfl\n  | succ n ih => rw [← Nat.add_assoc, ih]",
        "(n : Nat) : 0 + n = n := by\n  induction n with\n  | zero => rfl\n  | succ n ih => exact ih",
    ),
    Row(
        "induction goals",
        "(n : Nat) : 0 + n = n := by\n  induction n with\n  | zero => exact (rfl : 0 + 0 = 0)\n  | succ n ih => exact congrArg (· + 1) ih",
        "(n : Nat) : n + n = n := by\n  induction n with\n  | zero => rfl\n  | succ n ih => exact congrArg (· + 1) ih",
    ),
    Row(
        "induction generalizing",
        "(a b : Nat) : a + b = b + a := by\n  induction a generalizing b with\n  | zero => simp\n  | succ a ih => rw [Nat.add_right_comm, ih b, Nat.add_assoc]",
        "(a b : Nat) : a + b = b := by\n  induction a generalizing b with\n  | zero => simp\n  | succ a ih => rw [Nat.add_right_comm, ih b]",
    ),
    Row(
        "induction using",
        "(n : Nat) : 0 ≤ n := by\n  induction n using Nat.strongRecOn with\n  | ind n _ => exact Nat.zero_le n",
        "(n : Nat) : n ≤ 0 := by\n  induction n using Nat.strongRecOn with\n  | ind n ih => exact Nat.zero_le n",
    ),
    Row(
        "cases on numbers",
        "(n : Nat) (h : n ≠ 0) : ∃ m, n = m + 1 := by\n  cases n with\n  | zero => exact absurd rfl h\n  | succ m => exact ⟨m, rfl⟩",
        "(n : Nat) : ∃ m, n = m + 1 := by\n  cases n with\n  | zero => exact ⟨0, rfl⟩\n  | succ m => exact ⟨m, rfl⟩",
    ),
    Row(
        "recursion",
        ": ∀ n : Nat, 0 * n = 0\n  | 0 => rfl\n  | n + 1 => Nat.zero_mul (n + 1)",
        ": ∀ n : Nat, 0 * n = 0\n  | 0 => rfl",
    ),
    Row("decide", ": 17 % 5 = 2 ∧ 17 / 5 = 3 ∧ ¬ 3 ∣ 13 := by\n  decide", ": 17 % 5 = 3 := by\n  decide"),
    Row("decide ∀", ": ∀ n < 20, n * n < 400 := by\n  decide", ": ∀ n < 20, n * n < 361 := by\n  decide"),
    Row(
        "decide +kernel",
        ": 12345 * 6789 = 83810205 := by\n  decide +kernel",
        ": 12345 * 6789 = 83810206 := by\n  decide +kernel",
    ),
    Row(
        "large numbers",
        ": 123456789123456789 * 987654321987654321 = 121932631356500531347203169112635269 := rfl",
        ": 123456789123456789 * 987654321987654321 = 121932631356500531347203169112635268 := rfl",
    ),
    Row("simp on literals", ": 10 * 10 + 1 = 101 := by\n  simp", ": 10 * 10 + 1 = 100 := by\n  simp"),
    Row(
        "simp linear",
        "(n : Nat) (h : n + 3 = 5) : n = 2 := by\n  simp at h\n  exact h",
        "(n : Nat) (h : n + 3 = 5) : n = 3 := by\n  simp at h\n  exact h",
    ),
    Row(
        "simp ac",
        "(a b c : Nat) : a + (b + c) = c + b + a := by\n  simp [Nat.add_comm, Nat.add_left_comm]",
        "(a b c : Nat) : a + (b + c) = c + b := by\n  simp [Nat.add_comm, Nat.add_left_comm]",
    ),
    Row(
        "simp only",
        "(a b : Nat) : a + 0 = b + 0 ↔ a = b := by\n  simp only [Nat.add_zero]",
        "(a b : Nat) : a + 0 = b + 1 ↔ a = b := by\n  simp only [Nat.add_zero]",
    ),
    Row(
        "simp [*]",
        "(a b : Nat) (h : a = b) : a + 1 = b + 1 := by\n  simp [*]",
        "(a b : Nat) (h : a = b) : a + 1 = b + 2 := by\n  simp [*]",
    ),
    Row(
        "simp at",
        "(p q : Prop) (h : p ∧ True) : p := by\n  simp at h\n  exact h",
        "(p q : Prop) (h : p ∨ True) : p := by\n  simp at h\n  exact h",
    ),
    Row(
        "simp_all",
        "(p q : Prop) (h : p) (k : p → q) : q := by\n  simp_all",
        "(p q : Prop) (h : q) (k : p → q) : p := by\n  simp_all",
    ),
    Row(
        "simpa",
        "(a b : Nat) (h : a = b) : a + 0 = b := by\n  simpa using h",
        "(a b c : Nat) (h : a = b) : a + 0 = c := by\n  simpa using h",
    ),
    Row(
        "dsimp",
        "(a : Nat) : (fun x => x + 0) a = a := by\n  dsimp",
        "(a : Nat) : (fun x => x + 1) a = a := by\n  dsimp",
    ),
    Row(
        "omega is absent, lemmas are not",
        "(a b c : Nat) (h : a ≤ b) : a ≤ b + c := Nat.le_add_right_of_le h",
        "(a b c : Nat) (h : a ≤ b + c) : a ≤ b := Nat.le_add_right_of_le h",
    ),
    Row(
        "order",
        "(a b : Nat) (h : ¬ a ≤ b) : b < a := Nat.not_le.mp h",
        "(a b : Nat) (h : ¬ a ≤ b) : a < b := Nat.not_le.mp h",
    ),
    Row(
        "antisymmetry",
        "(a b : Nat) (h : a ≤ b) (k : b ≤ a) : a = b := Nat.le_antisymm h k",
        "(a b : Nat) (h : a ≤ b) (k : a ≤ b) : a = b := Nat.le_antisymm h k",
    ),
    Row(
        "distributivity",
        "(a b c : Nat) : (a + b) * c = a * c + b * c := by\n  rw [Nat.add_mul]",
        "(a b c : Nat) : (a + b) * c = a * c + b := by\n  rw [Nat.add_mul]",
    ),
    Row("powers", "(a : Nat) : a ^ 2 = a * a := Nat.pow_two a", "(a : Nat) : a ^ 2 = a + a := Nat.pow_two a"),
    Row(
        "subtraction",
        "(a b : Nat) (h : b ≤ a) : a - b + b = a := Nat.sub_add_cancel h",
        "(a b : Nat) : a - b + b = a := Nat.sub_add_cancel (Nat.le_refl a)",
    ),
    Row(
        "division",
        "(m k : Nat) : k * (m / k) + m % k = m := Nat.div_add_mod m k",
        "(m k : Nat) : k * (m / k) = m := Nat.div_add_mod m k",
    ),
    Row(
        "divisibility",
        "(a b c : Nat) (h : a ∣ b) (k : b ∣ c) : a ∣ c := Nat.dvd_trans h k",
        "(a b c : Nat) (h : a ∣ b) (k : a ∣ c) : b ∣ c := Nat.dvd_trans h k",
    ),
    Row(
        "maximum",
        "(a b : Nat) : a ≤ max a b := Nat.le_max_left a b",
        "(a b : Nat) : max a b ≤ a := Nat.le_max_left a b",
    ),
]

LISTS = [
    Row(
        "list induction",
        "(xs : List Nat) : xs ++ [] = xs := by\n  induction xs with\n  | nil => rfl\n  | cons x xs ih => rw [List.cons_append, ih]",
        "(xs : List Nat) : xs ++ [1] = xs := by\n  induction xs with\n  | nil => rfl\n  | cons x xs ih => rw [List.cons_append, ih]",
    ),
    Row(
        "list simp",
        "(xs ys : List Nat) : (xs ++ ys).length = ys.length + xs.length := by\n  simp [Nat.add_comm]",
        "(xs ys : List Nat) : (xs ++ ys).length = ys.length := by\n  simp [Nat.add_comm]",
    ),
    Row(
        "reverse",
        "{α : Type} (xs ys : List α) : (xs ++ ys).reverse = ys.reverse ++ xs.reverse := by\n  simp",
        "{α : Type} (xs ys : List α) : (xs ++ ys).reverse = xs.reverse ++ ys.reverse := by\n  simp",
    ),
    Row(
        "reverse twice",
        "{α : Type} (xs : List α) : xs.reverse.reverse = xs := List.reverse_reverse xs",
        "{α : Type} (xs : List α) : xs.reverse = xs := List.reverse_reverse xs",
    ),
    Row(
        "map",
        "{α β γ : Type} (f : α → β) (g : β → γ) (xs : List α) : (xs.map f).map g = xs.map (g ∘ f) := by\n  rw [List.map_map]",
        "{α : Type} (f g : α → α) (xs : List α) : (xs.map f).map g = xs.map (f ∘ g) := by\n  rw [List.map_map]",
    ),
    Row(
        "length of map",
        "{α β : Type} (f : α → β) (xs : List α) : (xs.map f).length = xs.length := by\n  simp",
        "{α β : Type} (f : α → β) (xs : List α) : (xs.map f).length = xs.length + 1 := by\n  simp",
    ),
    Row("list literal", ": [1, 2, 3] ++ [4] = 1 :: 2 :: [3, 4] := rfl", ": [1, 2, 3] ++ [4] = 1 :: 2 :: [4, 3] := rfl"),
    Row(
        "list decide",
        ": [1, 2] ≠ [2, 1] ∧ [1, 2].reverse = [2, 1] := by\n  decide",
        ": [1, 2] = [2, 1] := by\n  decide",
    ),
    Row("membership", ": 2 ∈ [1, 2, 3] := by\n  simp", ": 4 ∈ [1, 2, 3] := by\n  simp"),
    Row(
        "fold",
        "(xs : List Nat) : xs.foldr List.cons [] = xs := List.foldr_cons_nil",
        "(xs : List Nat) : xs.foldr List.cons [1] = xs := List.foldr_cons_nil",
    ),
    Row(
        "filter",
        "(xs : List Nat) (p : Nat → Bool) : (xs.filter p).length ≤ xs.length := List.length_filter_le p xs",
        "(xs : List Nat) (p : Nat → Bool) : xs.length ≤ (xs.filter p).length := List.length_filter_le p xs",
    ),
    Row(
        "list pattern",
        "(xs : List Nat) (h : xs ≠ []) : ∃ y ys, xs = y :: ys := by\n  match xs with\n  | [] => exact absurd rfl h\n  | y :: ys => exact ⟨y, ys, rfl⟩",
        "(xs : List Nat) : ∃ y ys, xs = y :: ys := by\n  match xs with\n  | y :: ys => exact ⟨y, ys, rfl⟩",
    ),
    Row(
        "cons.inj",
        "(a b : Nat) (xs ys : List Nat) (h : a :: xs = b :: ys) : a = b := by\n  injection h",
        "(a b : Nat) (xs ys : List Nat) (h : a :: xs = b :: ys) : xs = [] := by\n  injection h",
    ),
    Row(
        "options",
        "(a b : Nat) (h : some a = some b) : a = b := by\n  simp at h\n  exact h",
        "(a b : Nat) (h : some a = some b) : a = b + 1 := by\n  simp at h\n  exact h",
    ),
    Row(
        "pairs",
        "(a b c d : Nat) (h : (a, b) = (c, d)) : b = d := by\n  simp at h\n  exact h.2",
        "(a b c d : Nat) (h : (a, b) = (c, d)) : b = c := by\n  simp at h\n  exact h.2",
    ),
    Row(
        "truth values",
        "(x y : Bool) : (x && y) = (y && x) := by\n  cases x <;> cases y <;> rfl",
        "(x y : Bool) : (x && y) = (x || y) := by\n  cases x <;> cases y <;> rfl",
    ),
    Row(
        "functions",
        "(f : Nat → Nat) (h : Function.Injective f) : Function.Injective (f ∘ f) := h.comp h",
        "(f : Nat → Nat) (h : Function.Surjective f) : Function.Injective (f ∘ f) := h.comp h",
    ),
]

ROWS = LOGIC + NUMBERS + LISTS

FORBIDDEN = {
    "kernel off, tactic": "(h : (2 : Nat) + 2 = 5 → False) : False := by\n  exact h (by set_option debug.skipKernelTC true in decide +kernel)",
    "kernel off, term": "(h : (2 : Nat) + 2 = 5 → False) : False := h (set_option debug.skipKernelTC true in (by decide +kernel))",
    "sorry by option, tactic": ": False := by\n  set_option debug.byAsSorry true in simp",
    "sorry by option, term": ": False := set_option debug.byAsSorry true in by simp",
    "native code in let rec": ': True := by\n  let rec @[extern "lean_nat_add"] f : Nat := 3\n  trivial',
    "an elaborator in let rec": ": True := by\n  let rec @[command_elab Lean.Parser.Command.print] f : Nat := 3\n  trivial",
    "an elaborator in where": ": True := trivial\nwhere @[command_elab Lean.Parser.Command.print] f : Nat := 3",
    "a macro in where": ": True := trivial\nwhere @[macro Lean.Parser.Command.print] f : Nat := 3",
    "implemented_by": ": True := trivial\nwhere @[implemented_by id] f : Nat := 3",
    "native_decide": ": 1 = 1 := by\n  native_decide",
    "run_tac": ": True := by\n  run_tac 3",
    "by_elab": ": True := by_elab 3",
    "sorry": ": False := sorry",
    "sorryAx": ": False := sorryAx False false",
    "admit": ": False := by\n  admit",
    "lcProof": ": False := lcProof",
    "an unchecked cast": ": False := lcCast trivial",
    "a compiler's reduction": ": Lean.reduceBool false = true := rfl",
}
"""Proofs that no check may accept, on the library's own account: before any scan of the text."""
