"""Odd but true proofs: each must be verified, in a crowd as alone. A row is (statement, text after it)."""

from __future__ import annotations

AND = "theorem t (p q : Prop) (h : p ∧ q) : q ∧ p := by"
OR = "theorem t (p q : Prop) (h : p ∨ q) : q ∨ p := by"
SELF = "theorem t (p : Prop) (h : p) : p := by"
TERM = "theorem t (p q : Prop) (h : p ∧ q) : q ∧ p :="
EM = "theorem t (p : Prop) : p ∨ ¬p := by"
EQ = "theorem t (α : Type) (a b c : α) (h : a = b) (k : b = c) : a = c := by"
ALL = "theorem t (α : Type) (P Q : α → Prop) (h : ∀ x, P x → Q x) (k : ∃ x, P x) : ∃ x, Q x := by"
NAT = "theorem t (n : Nat) : 0 + n = n := by"
LONG = "theorem t\n    (p q : Prop)\n    (h : p ∧ q) :\n    q ∧ p := by"
IFF = "theorem t (p q : Prop) (h : p ↔ q) : q ↔ p := by"
UNIVERSE = "theorem t.{u} {α : Sort u} (a : α) : a = a := by"
IMPLICIT = "theorem t {p q : Prop} : p → q → p := by"
DOTTED = "theorem Logic.swap (p q : Prop) (h : p ∧ q) : q ∧ p := by"
LENGTH = "theorem t (α : Type) (x : α) (xs : List α) : List.length (x :: xs) = List.length xs + 1 := by"
MATCH = "theorem t (n : Nat) (h : (match n with | 0 => 1 | k + 1 => k + 1) = 0) : False := by"
PREDECESSOR = "theorem t : ∃ f : Nat → Nat, ∀ n, f (n + 1) = n := by"
SIZE = "theorem t (a b : Tree) : s_size (.node a b) = s_size a + s_size b := by"
LEAF = "theorem t (x : Tree) : x = .leaf ∨ ∃ a b, x = .node a b := by"
HUGE = "1" + 5000 * "0"
PRIMED = "theorem t' (p : Prop) (h : p) : p := by"

ROWS = [
    (AND, "\n  exact ⟨h.2, h.1⟩"),
    (AND, " exact ⟨h.2, h.1⟩"),
    (AND, "\n  exact And.intro h.right h.left"),
    (AND, "\n  constructor\n  · exact h.2\n  · exact h.1"),
    (AND, "\n  constructor\n  exact h.2\n  exact h.1"),
    (AND, "\n  cases h with\n  | intro a b => exact ⟨b, a⟩"),
    (AND, "\n  obtain ⟨a, b⟩ := h\n  exact ⟨b, a⟩"),
    (AND, "\n  rcases h with ⟨a, b⟩\n  exact ⟨b, a⟩"),
    (AND, "\n  match h with\n  | ⟨a, b⟩ => exact ⟨b, a⟩"),
    (AND, "\n  exact match h with\n  | ⟨a, b⟩ => ⟨b, a⟩"),
    (AND, "\n  have ⟨a, b⟩ := h\n  exact ⟨b, a⟩"),
    (AND, "\n  let k := h\n  exact ⟨k.2, k.1⟩"),
    (AND, "\n  exact (fun ⟨a, b⟩ => ⟨b, a⟩ : p ∧ q → q ∧ p) h"),
    (AND, "\n  refine ⟨?_, ?_⟩\n  · exact h.2\n  · exact h.1"),
    (AND, "\n  refine ⟨?second, ?first⟩\n  case first => exact h.1\n  case second => exact h.2"),
    (AND, "\n  apply And.intro <;> first | exact h.1 | exact h.2"),
    (AND, "\n  exact k where\n  k : q ∧ p := ⟨h.2, h.1⟩"),
    (AND, "\n  exact ⟨second, first⟩\nwhere\n  first : p := h.1\n  second : q := h.2"),
    (AND, "\n  suffices k : q by exact ⟨k, h.1⟩\n  exact h.2"),
    (AND, "\n  have a : p := h.1\n  have b : q := by\n    exact h.2\n  exact ⟨b, a⟩"),
    (AND, "\n  -- no sorry here\n  exact ⟨h.2, h.1⟩"),
    (AND, "\n  exact ⟨h.2, h.1⟩ -- axiom, #exit and theorem"),
    (AND, "\n  /- sorry\n  #exit -/\n  exact ⟨h.2, h.1⟩"),
    (AND, "\n  exact ⟨/- the second -/ h.2, /- /- the -/ first -/ h.1⟩"),
    (AND, "\n  exact ⟨h.2, h.1⟩\n\n\n"),
    (AND, "\n  exact ⟨h.2, h.1⟩   \n  "),
    (AND, "\n\n\n  exact ⟨h.2, h.1⟩"),
    (AND, "\r\n  exact ⟨h.2,\r\n    h.1⟩\r\n"),
    (AND, "\n  exact ⟨h.2, h.1⟩\n```\nThat is the proof."),
    (AND, "\n  simp_all"),
    (AND, "\n  exact And.symm h"),
    (AND, "\n  exact h.symm"),
    (AND, "\n  have axiom_1 := h.1\n  have sorry' := h.2\n  exact ⟨sorry', axiom_1⟩"),
    (AND, "\n  have «a name» := h.1\n  exact ⟨h.2, «a name»⟩"),
    (AND, "\n  have h₁ := h.1; have h₂ := h.2; exact ⟨h₂, h₁⟩"),
    (AND, "\n  (exact ⟨h.2, h.1⟩)"),
    (AND, "\n  · exact ⟨h.2, h.1⟩"),
    (AND, "\n  show q ∧ p\n  exact ⟨h.2, h.1⟩"),
    (AND, "\n  exact show q ∧ p from ⟨h.2, h.1⟩"),
    (AND, "\n  all_goals exact ⟨h.2, h.1⟩"),
    (AND, "\n  try skip\n  exact ⟨h.2, h.1⟩"),
    (AND, "\n  trace_state\n  exact ⟨h.2, h.1⟩"),
    (AND, "\n  exact h |> fun k => ⟨k.2, k.1⟩"),
    (AND, "\n  exact ⟨(h.2 : q), (by exact h.1)⟩"),
    (AND, "\n  revert h\n  intro ⟨a, b⟩\n  exact ⟨b, a⟩"),
    (OR, "\n  cases h with\n  | inl a => exact Or.inr a\n  | inr b => exact Or.inl b"),
    (OR, "\n  cases h\n  · right; assumption\n  · left; assumption"),
    (OR, "\n  rcases h with a | b\n  · exact .inr a\n  · exact .inl b"),
    (OR, "\n  exact h.elim Or.inr Or.inl"),
    (OR, "\n  exact Or.elim h (fun a => Or.inr a) (fun b => Or.inl b)"),
    (OR, "\n  match h with\n  | .inl a => exact .inr a\n  | .inr b => exact .inl b"),
    (SELF, "\n  exact h"),
    (SELF, "\n  assumption"),
    (SELF, "\n  exact ‹p›"),
    (SELF, "\n  exact id (id (id h))"),
    (SELF, "\n  apply id\n  exact h"),
    (SELF, "\n  exact (((((((((h)))))))))"),
    (SELF, "\n  repeat exact h"),
    (SELF, "\n  exact by exact by exact h"),
    (TERM, " ⟨h.2, h.1⟩"),
    (TERM, "\n  ⟨h.2, h.1⟩"),
    (TERM, " by\n  exact ⟨h.2, h.1⟩"),
    (TERM, " match h with\n  | ⟨a, b⟩ => ⟨b, a⟩"),
    (TERM, " let ⟨a, b⟩ := h; ⟨b, a⟩"),
    (TERM, " have a := h.1\n  ⟨h.2, a⟩"),
    (TERM, " k where k : q ∧ p := ⟨h.2, h.1⟩"),
    (EM, "\n  exact Classical.em p"),
    (EM, "\n  by_cases k : p\n  · exact Or.inl k\n  · exact Or.inr k"),
    (EQ, "\n  exact h.trans k"),
    (EQ, "\n  rw [h, k]"),
    (EQ, "\n  rw [h]\n  exact k"),
    (EQ, "\n  subst h\n  exact k"),
    (EQ, "\n  subst h k\n  rfl"),
    (EQ, "\n  exact h ▸ k"),
    (EQ, "\n  calc a = b := h\n    _ = c := k"),
    (EQ, "\n  calc\n    a = b := h\n    _ = c := k"),
    (ALL, "\n  obtain ⟨x, hx⟩ := k\n  exact ⟨x, h x hx⟩"),
    (ALL, "\n  cases k with\n  | intro x hx => exact ⟨x, h x hx⟩"),
    (ALL, "\n  exact k.elim fun x hx => ⟨x, h x hx⟩"),
    (NAT, "\n  induction n with\n  | zero => rfl\n  | succ n ih => rw [← Nat.add_assoc, ih]"),
    (NAT, "\n  exact Nat.zero_add n"),
    (NAT, "\n  simp"),
    (LONG, "\n  exact ⟨h.2, h.1⟩"),
    (IFF, "\n  exact h.symm"),
    (IFF, "\n  exact ⟨h.2, h.1⟩"),
    (IFF, "\n  constructor\n  · intro b\n    exact h.mpr b\n  · intro a\n    exact h.mp a"),
    (UNIVERSE, "\n  rfl"),
    (UNIVERSE, "\n  exact Eq.refl a"),
    (IMPLICIT, "\n  intro a b\n  exact a"),
    (IMPLICIT, "\n  exact fun a _ => a"),
    (IMPLICIT, "\n  intros\n  assumption"),
    (DOTTED, "\n  exact ⟨h.2, h.1⟩"),
    (PRIMED, "\n  exact h"),
    *((LENGTH, text) for text in ("\n  simp [List.length]", "\n  rw [List.length]", "\n  exact List.length.eq_2 x xs")),
    (LENGTH, "\n  rw [List.length.eq_def]"),
    (LENGTH, "\n  delta List.length\n  rfl"),
    ("theorem t (α : Type) (x : List α) : [] ++ x = x := by", "\n  simp [List.reverse]"),
    ("theorem t (α : Type) (x : List α) : [] ++ x = x := by", "\n  induction x using List.length.induct <;> rfl"),
    ("theorem t (α : Type) (f : α → α) (x : α) : (f ∘ f) x = f (f x) := by", "\n  rw [Function.comp]"),
    ("theorem t (a b : Bool) : (a && b) = (b && a) := by", "\n  cases a <;> cases b <;> simp [and]"),
    ("theorem t (n : Nat) : (match n + 1 with | 0 => 1 | k + 1 => k) = n := by", "\n  simp"),
    (MATCH, "\n  split at h <;> contradiction"),
    (MATCH, "\n  cases n with\n  | zero => cases h\n  | succ k => cases h"),
    (MATCH, "\n  match n, h with\n  | 0, h => cases h\n  | k + 1, h => cases h"),
    ("theorem t (p : Nat × Nat) : (match p with | (a, b) => a + b) = p.1 + p.2 := by", "\n  cases p\n  rfl"),
    (PREDECESSOR, "\n  refine ⟨fun | 0 => 0 | n + 1 => n, ?_⟩\n  intro n\n  rfl"),
    (PREDECESSOR, "\n  exact ⟨fun n => match n with | 0 => 0 | k + 1 => k, fun _ => rfl⟩"),
    (
        NAT,
        "\n  exact go n where\n  go : (n : Nat) → 0 + n = n\n    | 0 => rfl\n    | k + 1 => by rw [← Nat.add_assoc, go k]",
    ),
    (f"theorem t (n : Nat) (h : n = {HUGE}) : n = {HUGE} := by", "\n  exact h"),
    (NAT, "\n  let rec f : Nat → Nat\n    | 0 => 0\n    | n + 1 => f n\n  exact Nat.zero_add n"),
]

HEADER = """structure Small (n : Nat) where
  val : Nat
  isLt : val < n
inductive Tree where
  | leaf : Tree
  | node : Tree → Tree → Tree
def s_size : Tree → Nat
  | .leaf => 1
  | .node a b => s_size a + s_size b
class Op (α : Type) where
  op : α → α → α
  comm : ∀ a b, op a b = op b a
instance : Op Nat := ⟨fun a b => a + b, Nat.add_comm⟩
mutual
def even : Nat → Bool
  | 0 => true
  | n + 1 => odd n
def odd : Nat → Bool
  | 0 => false
  | n + 1 => even n
end
"""
"""Declarations of a problem's author; Lean makes helpers of its own for each."""
UNDER_HEADER = [
    ("theorem t (n : Nat) : (⟨n, Nat.lt_succ_self n⟩ : Small (n + 1)).val = n := by", "\n  rfl"),
    ("theorem t (n : Nat) : (⟨0, by decide⟩ : Small 1).val = 0 := by", "\n  rfl"),
    ("theorem t (x : Small 3) : x.val < 3 := by", "\n  exact x.isLt"),
    (SIZE, "\n  simp [s_size]"),
    (SIZE, "\n  rfl"),
    (LEAF, "\n  match x with\n  | .leaf => exact .inl rfl\n  | .node a b => exact .inr ⟨a, b, rfl⟩"),
    (LEAF, "\n  rcases x with _ | ⟨a, b⟩\n  · exact .inl rfl\n  · exact .inr ⟨a, b, rfl⟩"),
    ("theorem t (x y : Tree) (h : Tree.node x y = Tree.leaf) : False := by", "\n  nomatch h"),
    (
        "theorem t (x : Tree) : s_size x = s_size x := by",
        "\n  exact go x where\n  go : (x : Tree) → s_size x = s_size x\n    | .leaf => rfl\n"
        "    | .node a b => by rw [s_size, go a, go b]",
    ),
    ("theorem t (a b : Nat) : Op.op a b = Op.op b a := by", "\n  exact Op.comm a b"),
    ("theorem t (n : Nat) : even (n + 1) = odd n := by", "\n  simp [even]"),
    ("theorem t : even 4 = true := by", "\n  decide"),
]
