prelude
import Remains.Logic

/-! Natural numbers: the lemmas of core's `Init.Prelude`, `Init.Data.Nat` with core's names and statements, and the equations that
pin down what the kernel computes. -/

set_option linter.all false
set_option genSizeOf false

universe u v w


gen_injective_theorems% Nat
gen_injective_theorems% Option
gen_injective_theorems% List
gen_injective_theorems% Prod
gen_injective_theorems% PProd
gen_injective_theorems% Sum
gen_injective_theorems% Subtype
gen_injective_theorems% Sigma
gen_injective_theorems% PSigma
gen_injective_theorems% Fin
gen_injective_theorems% Char

/-! ### Induction -/

@[elab_as_elim, induction_eliminator] protected noncomputable def Nat.recAux {motive : Nat → Sort u} (zero : motive 0)
    (succ : ∀ n, motive n → motive (n + 1)) (t : Nat) : motive t := Nat.rec zero succ t
@[elab_as_elim, cases_eliminator] protected abbrev Nat.casesAuxOn {motive : Nat → Sort u} (t : Nat) (zero : motive 0)
    (succ : ∀ n, motive (n + 1)) : motive t := Nat.casesOn t zero succ

instance instInhabitedNat : Inhabited Nat := ⟨Nat.zero⟩
instance instNonemptyNat : Nonempty Nat := ⟨0⟩
instance instNonemptyOfInhabited {α : Sort u} [Inhabited α] : Nonempty α := ⟨default⟩
instance instInhabitedProp : Inhabited Prop := ⟨True⟩
instance instInhabitedBool : Inhabited Bool := ⟨false⟩

namespace Nat

/-! ### Addition -/

@[simp] theorem add_zero (n : Nat) : n + 0 = n := rfl
theorem add_succ (n m : Nat) : n + succ m = succ (n + m) := rfl
theorem add_one (n : Nat) : n + 1 = succ n := rfl
@[simp] theorem succ_eq_add_one (n : Nat) : succ n = n + 1 := rfl
@[simp] theorem zero_eq : Nat.zero = 0 := rfl
@[simp] theorem add_eq {x y : Nat} : Nat.add x y = x + y := rfl
@[simp] theorem mul_eq {x y : Nat} : Nat.mul x y = x * y := rfl
@[simp] theorem sub_eq {x y : Nat} : Nat.sub x y = x - y := rfl
@[simp] theorem lt_eq (x y : Nat) : Nat.lt x y = (x < y) := rfl
@[simp] theorem le_eq (x y : Nat) : Nat.le x y = (x ≤ y) := rfl
@[simp] theorem zero_add : ∀ (n : Nat), 0 + n = n
  | 0 => rfl
  | n + 1 => congrArg succ (Nat.zero_add n)
theorem succ_add : ∀ (n m : Nat), succ n + m = succ (n + m)
  | _, 0 => rfl
  | n, m + 1 => congrArg succ (succ_add n m)
theorem one_add (n : Nat) : 1 + n = succ n := by rw [show (1 : Nat) = succ 0 from rfl, succ_add, Nat.zero_add]
theorem succ_add_eq_add_succ (a b : Nat) : succ a + b = a + succ b := succ_add a b
protected theorem add_comm : ∀ (n m : Nat), n + m = m + n
  | n, 0 => (Nat.zero_add n).symm
  | n, m + 1 => (congrArg succ (Nat.add_comm n m)).trans (succ_add m n).symm
protected theorem add_assoc : ∀ (n m k : Nat), (n + m) + k = n + (m + k)
  | _, _, 0 => rfl
  | n, m, k + 1 => congrArg succ (Nat.add_assoc n m k)
protected theorem add_left_comm (n m k : Nat) : n + (m + k) = m + (n + k) := by
  rw [← Nat.add_assoc, Nat.add_comm n m, Nat.add_assoc]
protected theorem add_right_comm (n m k : Nat) : (n + m) + k = (n + k) + m := by
  rw [Nat.add_assoc, Nat.add_comm m k, ← Nat.add_assoc]
protected theorem add_add_add_comm (a b c d : Nat) : (a + b) + (c + d) = (a + c) + (b + d) := by
  rw [Nat.add_assoc, Nat.add_assoc, Nat.add_left_comm b]
theorem succ.inj' {m n : Nat} (h : succ m = succ n) : m = n := by injection h
theorem succ_inj {a b : Nat} : a.succ = b.succ ↔ a = b := ⟨succ.inj', congrArg succ⟩
theorem succ_injective_eq {a b : Nat} : (a.succ = b.succ) = (a = b) := propext succ_inj
@[simp] theorem succ_ne_zero (n : Nat) : succ n ≠ 0 := fun h => by injection h
theorem zero_ne_add_one (n : Nat) : 0 ≠ n + 1 := fun h => succ_ne_zero n h.symm
@[simp] theorem add_one_ne_zero (n : Nat) : n + 1 ≠ 0 := succ_ne_zero n
theorem zero_ne_one : 0 ≠ (1 : Nat) := fun h => by injection h
@[simp] theorem one_ne_zero : 1 ≠ (0 : Nat) := succ_ne_zero 0
theorem succ_ne_self : ∀ (n : Nat), succ n ≠ n
  | 0, h => succ_ne_zero 0 h
  | n + 1, h => succ_ne_self n (succ.inj' h)
theorem add_one_ne_self (n : Nat) : n + 1 ≠ n := succ_ne_self n
theorem add_one_inj {a b : Nat} : a + 1 = b + 1 ↔ a = b := succ_inj
protected theorem add_left_cancel {n m k : Nat} : n + m = n + k → m = k := by
  induction n with
  | zero => rw [Nat.zero_add, Nat.zero_add]; exact id
  | succ n ih => intro h; rw [Nat.add_right_comm, Nat.add_right_comm n 1 k] at h; exact ih (succ.inj' h)
protected theorem add_right_cancel {n m k : Nat} (h : n + m = k + m) : n = k := by
  rw [Nat.add_comm n m, Nat.add_comm k m] at h; exact Nat.add_left_cancel h
@[simp] protected theorem add_left_cancel_iff {m k n : Nat} : n + m = n + k ↔ m = k := ⟨Nat.add_left_cancel, fun h => h ▸ rfl⟩
@[simp] protected theorem add_right_cancel_iff {m k n : Nat} : m + n = k + n ↔ m = k := ⟨Nat.add_right_cancel, fun h => h ▸ rfl⟩
protected theorem add_left_inj {m k n : Nat} : m + n = k + n ↔ m = k := Nat.add_right_cancel_iff
protected theorem add_right_inj {m k n : Nat} : n + m = n + k ↔ m = k := Nat.add_left_cancel_iff
theorem eq_zero_of_add_eq_zero : ∀ {n m : Nat}, n + m = 0 → n = 0 ∧ m = 0
  | 0, 0, _ => ⟨rfl, rfl⟩
  | n + 1, 0, h => absurd h (succ_ne_zero n)
  | n, m + 1, h => absurd h (succ_ne_zero (n + m))
theorem eq_zero_of_add_eq_zero_left {n m : Nat} (h : n + m = 0) : m = 0 := (eq_zero_of_add_eq_zero h).2
theorem eq_zero_of_add_eq_zero_right {n m : Nat} (h : n + m = 0) : n = 0 := (eq_zero_of_add_eq_zero h).1
@[simp] theorem add_eq_zero_iff {m n : Nat} : m + n = 0 ↔ m = 0 ∧ n = 0 := ⟨eq_zero_of_add_eq_zero, fun ⟨h₁, h₂⟩ => by rw [h₁, h₂]⟩
@[simp] protected theorem add_left_eq_self {a b : Nat} : a + b = b ↔ a = 0 :=
  ⟨fun h => Nat.add_right_cancel (h.trans (Nat.zero_add b).symm), fun h => by rw [h, Nat.zero_add]⟩
@[simp] protected theorem add_right_eq_self {a b : Nat} : a + b = a ↔ b = 0 :=
  ⟨fun h => Nat.add_left_cancel (h.trans (Nat.add_zero a).symm), fun h => by rw [h, Nat.add_zero]⟩
protected theorem add_eq_left {a b : Nat} : a + b = a ↔ b = 0 := Nat.add_right_eq_self
protected theorem add_eq_right {a b : Nat} : a + b = b ↔ a = 0 := Nat.add_left_eq_self
@[simp] protected theorem self_eq_add_right {a b : Nat} : a = a + b ↔ b = 0 := eq_comm.trans Nat.add_right_eq_self
@[simp] protected theorem self_eq_add_left {a b : Nat} : a = b + a ↔ b = 0 := eq_comm.trans Nat.add_left_eq_self

/-! ### Predecessor -/

@[simp] theorem pred_zero : pred 0 = 0 := rfl
@[simp] theorem pred_succ (n : Nat) : pred n.succ = n := rfl
@[simp] theorem pred_eq_sub_one {n : Nat} : pred n = n - 1 := rfl
theorem succ_pred {a : Nat} (h : a ≠ 0) : a.pred.succ = a := by
  cases a with
  | zero => exact absurd rfl h
  | succ a => rfl
theorem exists_eq_succ_of_ne_zero : ∀ {n : Nat}, n ≠ 0 → ∃ k, n = succ k
  | 0, h => absurd rfl h
  | n + 1, _ => ⟨n, rfl⟩
theorem exists_eq_add_one_of_ne_zero {n : Nat} (h : n ≠ 0) : ∃ k, n = k + 1 := exists_eq_succ_of_ne_zero h
theorem eq_zero_or_eq_succ_pred : ∀ (n : Nat), n = 0 ∨ n = succ (pred n)
  | 0 => .inl rfl
  | _ + 1 => .inr rfl

/-! ### Multiplication -/

@[simp] protected theorem mul_zero (n : Nat) : n * 0 = 0 := rfl
theorem mul_succ (n m : Nat) : n * succ m = n * m + n := rfl
theorem mul_add_one (n m : Nat) : n * (m + 1) = n * m + n := rfl
@[simp] protected theorem zero_mul : ∀ (n : Nat), 0 * n = 0
  | 0 => rfl
  | n + 1 => Nat.zero_mul n
theorem succ_mul (n m : Nat) : (succ n) * m = (n * m) + m := by
  induction m with
  | zero => rfl
  | succ m ih => rw [mul_add_one, ih, mul_add_one, Nat.add_assoc, Nat.add_assoc, add_succ, Nat.add_comm m n]; rfl
theorem add_one_mul (n m : Nat) : (n + 1) * m = n * m + m := succ_mul n m
@[simp] protected theorem mul_one (n : Nat) : n * 1 = n := Nat.zero_add n
@[simp] protected theorem one_mul (n : Nat) : 1 * n = n := by rw [show (1 : Nat) = succ 0 from rfl, succ_mul, Nat.zero_mul, Nat.zero_add]
protected theorem mul_comm : ∀ (n m : Nat), n * m = m * n
  | n, 0 => (Nat.zero_mul n).symm
  | n, m + 1 => by rw [mul_add_one, add_one_mul, Nat.mul_comm n m]
protected theorem left_distrib (n m k : Nat) : n * (m + k) = n * m + n * k := by
  induction k with
  | zero => rfl
  | succ k ih => rw [← Nat.add_assoc, mul_add_one, ih, mul_add_one, Nat.add_assoc]
protected theorem mul_add (k m n : Nat) : k * (m + n) = k * m + k * n := Nat.left_distrib k m n
protected theorem right_distrib (n m k : Nat) : (n + m) * k = n * k + m * k := by
  rw [Nat.mul_comm, Nat.mul_add, Nat.mul_comm k n, Nat.mul_comm k m]
protected theorem add_mul (n m k : Nat) : (n + m) * k = n * k + m * k := Nat.right_distrib n m k
protected theorem mul_assoc (n m k : Nat) : (n * m) * k = n * (m * k) := by
  induction k with
  | zero => rfl
  | succ k ih => rw [mul_add_one, ih, mul_add_one, Nat.mul_add]
protected theorem mul_left_comm (n m k : Nat) : n * (m * k) = m * (n * k) := by
  rw [← Nat.mul_assoc, Nat.mul_comm n m, Nat.mul_assoc]
protected theorem mul_right_comm (n m k : Nat) : n * m * k = n * k * m := by
  rw [Nat.mul_assoc, Nat.mul_comm m, ← Nat.mul_assoc]
protected theorem mul_mul_mul_comm (a b c d : Nat) : (a * b) * (c * d) = (a * c) * (b * d) := by
  rw [Nat.mul_assoc, Nat.mul_assoc, Nat.mul_left_comm b]
protected theorem mul_two (n : Nat) : n * 2 = n + n := by rw [show (2 : Nat) = 1 + 1 from rfl, Nat.mul_add, Nat.mul_one]
protected theorem two_mul (n : Nat) : 2 * n = n + n := by rw [Nat.mul_comm, Nat.mul_two]
@[simp] theorem mul_eq_zero : ∀ {m n : Nat}, n * m = 0 ↔ n = 0 ∨ m = 0
  | 0, _ => ⟨fun _ => .inr rfl, fun _ => rfl⟩
  | _ + 1, 0 => ⟨fun _ => .inl rfl, fun _ => Nat.zero_mul _⟩
  | _ + 1, _ + 1 => ⟨fun h => absurd h (succ_ne_zero _), fun h => h.elim (fun h => absurd h (succ_ne_zero _)) (fun h => absurd h (succ_ne_zero _))⟩
protected theorem eq_zero_of_mul_eq_zero {m n : Nat} (h : n * m = 0) : n = 0 ∨ m = 0 := mul_eq_zero.mp h

/-! ### Powers -/

@[simp] theorem pow_eq {m n : Nat} : Nat.pow m n = m ^ n := rfl
protected theorem pow_succ (n m : Nat) : m ^ (n + 1) = m ^ n * m := rfl
@[simp] protected theorem pow_zero (n : Nat) : n ^ 0 = 1 := rfl
@[simp] protected theorem pow_one (a : Nat) : a ^ 1 = a := Nat.one_mul a
protected theorem pow_two (a : Nat) : a ^ 2 = a * a := by rw [show (2 : Nat) = 1 + 1 from rfl, Nat.pow_succ, Nat.pow_one]
@[simp] protected theorem one_pow (n : Nat) : 1 ^ n = 1 := by
  induction n with
  | zero => rfl
  | succ n ih => rw [Nat.pow_succ, ih]
protected theorem zero_pow {n : Nat} (h : n ≠ 0) : 0 ^ n = 0 := by
  cases n with
  | zero => exact absurd rfl h
  | succ n => rfl
protected theorem pow_add (a m n : Nat) : a ^ (m + n) = a ^ m * a ^ n := by
  induction n with
  | zero => rw [Nat.add_zero, Nat.pow_zero, Nat.mul_one]
  | succ n ih => rw [← Nat.add_assoc, Nat.pow_succ, ih, Nat.pow_succ, Nat.mul_assoc]
protected theorem pow_mul (a m n : Nat) : a ^ (m * n) = (a ^ m) ^ n := by
  induction n with
  | zero => rfl
  | succ n ih => rw [mul_add_one, Nat.pow_add, ih, Nat.pow_succ]
protected theorem mul_pow (a b n : Nat) : (a * b) ^ n = a ^ n * b ^ n := by
  induction n with
  | zero => rfl
  | succ n ih => rw [Nat.pow_succ, ih, Nat.pow_succ, Nat.pow_succ, Nat.mul_mul_mul_comm]

/-! ### Order -/

attribute [simp] zero_le
@[simp] protected theorem le_refl (n : Nat) : n ≤ n := Nat.le.refl
protected theorem le_rfl {n : Nat} : n ≤ n := Nat.le_refl n
attribute [refl] Nat.le_refl
theorem le_succ (n : Nat) : n ≤ succ n := Nat.le.step Nat.le.refl
theorem le_add_one (n : Nat) : n ≤ n + 1 := le_succ n
theorem le_of_eq {n m : Nat} (h : n = m) : n ≤ m := h ▸ Nat.le_refl n
theorem le_succ_of_le {n m : Nat} (h : n ≤ m) : n ≤ succ m := Nat.le.step h
theorem le_add_one_of_le {n m : Nat} (h : n ≤ m) : n ≤ m + 1 := Nat.le.step h
@[simp] theorem not_succ_le_zero : ∀ (n : Nat), succ n ≤ 0 → False := fun _ h => nomatch h
@[simp] theorem not_lt_zero (n : Nat) : ¬ n < 0 := not_succ_le_zero n
theorem pred_le_pred : ∀ {n m : Nat}, n ≤ m → pred n ≤ pred m
  | _, _, .refl => Nat.le_refl _
  | 0, _ + 1, .step h => h
  | n + 1, _ + 1, .step h => Nat.le_trans (le_succ n) h
theorem le_of_succ_le_succ {n m : Nat} : succ n ≤ succ m → n ≤ m := pred_le_pred
theorem le_of_lt_succ {m n : Nat} : m < succ n → m ≤ n := le_of_succ_le_succ
theorem lt_succ_of_le {n m : Nat} : n ≤ m → n < succ m := succ_le_succ
theorem succ_le_succ_iff {a b : Nat} : succ a ≤ succ b ↔ a ≤ b := ⟨le_of_succ_le_succ, succ_le_succ⟩
@[simp] theorem add_le_add_iff_right {m k n : Nat} : m + n ≤ k + n ↔ m ≤ k := by
  induction n with
  | zero => exact .rfl
  | succ n ih => exact succ_le_succ_iff.trans ih
@[simp] theorem add_le_add_iff_left {m k n : Nat} : n + m ≤ n + k ↔ m ≤ k := by
  rw [Nat.add_comm n m, Nat.add_comm n k, add_le_add_iff_right]
theorem not_succ_le_self : ∀ (n : Nat), ¬ succ n ≤ n
  | 0, h => not_succ_le_zero 0 h
  | n + 1, h => not_succ_le_self n (le_of_succ_le_succ h)
theorem not_add_one_le_self (n : Nat) : ¬ n + 1 ≤ n := not_succ_le_self n
@[simp] protected theorem lt_irrefl (n : Nat) : ¬ n < n := not_succ_le_self n
protected theorem ne_of_lt {a b : Nat} (h : a < b) : a ≠ b := fun e => Nat.lt_irrefl b (e ▸ h)
protected theorem ne_of_gt {a b : Nat} (h : b < a) : a ≠ b := fun e => Nat.lt_irrefl b (e ▸ h)
protected theorem ne_of_lt' {a b : Nat} (h : b < a) : a ≠ b := Nat.ne_of_gt h
protected theorem le_of_lt {n m : Nat} (h : n < m) : n ≤ m := Nat.le_trans (le_succ n) h
theorem lt_succ_self (n : Nat) : n < succ n := Nat.le_refl _
@[simp] theorem lt_add_one (n : Nat) : n < n + 1 := Nat.le_refl _
theorem lt_succ_of_lt {n m : Nat} (h : n < m) : n < succ m := le_succ_of_le h
theorem lt_succ {m n : Nat} : m < succ n ↔ m ≤ n := ⟨le_of_lt_succ, lt_succ_of_le⟩
theorem lt_succ_iff {m n : Nat} : m < succ n ↔ m ≤ n := lt_succ
theorem lt_add_one_iff {m n : Nat} : m < n + 1 ↔ m ≤ n := lt_succ
theorem succ_le_of_lt {n m : Nat} (h : n < m) : succ n ≤ m := h
theorem lt_of_succ_le {n m : Nat} (h : succ n ≤ m) : n < m := h
theorem succ_le_iff {m n : Nat} : succ m ≤ n ↔ m < n := .rfl
theorem succ_le {n m : Nat} : succ n ≤ m ↔ n < m := .rfl
theorem add_one_le_iff {m n : Nat} : m + 1 ≤ n ↔ m < n := .rfl
theorem lt_iff_add_one_le {m n : Nat} : m < n ↔ m + 1 ≤ n := .rfl
theorem succ_lt_succ {n m : Nat} : n < m → succ n < succ m := succ_le_succ
theorem lt_of_succ_lt_succ {n m : Nat} : succ n < succ m → n < m := le_of_succ_le_succ
theorem succ_lt_succ_iff {a b : Nat} : succ a < succ b ↔ a < b := succ_le_succ_iff
theorem lt_of_succ_lt {n m : Nat} (h : succ n < m) : n < m := Nat.le_of_lt h
protected theorem lt_of_lt_of_le {n m k : Nat} (h₁ : n < m) (h₂ : m ≤ k) : n < k := Nat.le_trans h₁ h₂
protected theorem lt_of_le_of_lt {n m k : Nat} (h₁ : n ≤ m) (h₂ : m < k) : n < k := Nat.le_trans (succ_le_succ h₁) h₂
protected theorem lt_of_lt_of_eq {n m k : Nat} (h₁ : n < m) (h₂ : m = k) : n < k := h₂ ▸ h₁
protected theorem lt_asymm {a b : Nat} (h : a < b) : ¬ b < a := fun h' => Nat.lt_irrefl a (Nat.lt_trans h h')
protected theorem not_le_of_gt {n m : Nat} (h : n > m) : ¬ n ≤ m := fun h' => Nat.lt_irrefl m (Nat.lt_of_lt_of_le h h')
protected theorem not_le_of_lt {a b : Nat} (h : a < b) : ¬ b ≤ a := Nat.not_le_of_gt h
protected theorem not_lt_of_ge {a b : Nat} (h : b ≥ a) : ¬ b < a := fun h' => Nat.lt_irrefl b (Nat.lt_of_lt_of_le h' h)
protected theorem not_lt_of_le {a b : Nat} (h : a ≤ b) : ¬ b < a := Nat.not_lt_of_ge h
protected theorem eq_or_lt_of_le : ∀ {n m : Nat}, n ≤ m → n = m ∨ n < m
  | _, _, .refl => .inl rfl
  | _, _, .step h => .inr (succ_le_succ h)
protected theorem lt_or_eq_of_le {n m : Nat} (h : n ≤ m) : n < m ∨ n = m := (Nat.eq_or_lt_of_le h).symm
protected theorem le_iff_lt_or_eq {n m : Nat} : n ≤ m ↔ n < m ∨ n = m :=
  ⟨Nat.lt_or_eq_of_le, fun h => h.elim Nat.le_of_lt le_of_eq⟩
protected theorem lt_or_ge : ∀ (n m : Nat), n < m ∨ n ≥ m
  | n, 0 => .inr (zero_le n)
  | n, m + 1 => (Nat.lt_or_ge n m).elim (fun h => .inl (le_succ_of_le h)) fun h =>
    (Nat.eq_or_lt_of_le h).elim (fun e => .inl (e ▸ Nat.le_refl _)) .inr
protected theorem lt_or_le (a b : Nat) : a < b ∨ b ≤ a := Nat.lt_or_ge a b
protected theorem le_or_lt (a b : Nat) : a ≤ b ∨ b < a := (Nat.lt_or_ge b a).symm
protected theorem le_total (m n : Nat) : m ≤ n ∨ n ≤ m := (Nat.lt_or_ge m n).imp Nat.le_of_lt id
protected theorem le_antisymm {n m : Nat} (h₁ : n ≤ m) (h₂ : m ≤ n) : n = m :=
  (Nat.eq_or_lt_of_le h₁).elim id fun h => absurd h₂ (Nat.not_le_of_gt h)
protected theorem le_antisymm_iff {a b : Nat} : a = b ↔ a ≤ b ∧ b ≤ a := ⟨fun h => ⟨le_of_eq h, le_of_eq h.symm⟩, fun h => Nat.le_antisymm h.1 h.2⟩
protected theorem lt_of_le_of_ne {n m : Nat} (h₁ : n ≤ m) (h₂ : n ≠ m) : n < m := (Nat.eq_or_lt_of_le h₁).elim (fun e => absurd e h₂) id
protected theorem lt_iff_le_and_ne {m n : Nat} : m < n ↔ m ≤ n ∧ m ≠ n := ⟨fun h => ⟨Nat.le_of_lt h, Nat.ne_of_lt h⟩, fun h => Nat.lt_of_le_of_ne h.1 h.2⟩
protected theorem lt_iff_le_not_le {m n : Nat} : m < n ↔ m ≤ n ∧ ¬ n ≤ m :=
  ⟨fun h => ⟨Nat.le_of_lt h, Nat.not_le_of_gt h⟩, fun h => (Nat.lt_or_ge m n).elim id fun h' => absurd h' h.2⟩
@[simp] protected theorem not_le {n m : Nat} : ¬ n ≤ m ↔ m < n := ⟨fun h => (Nat.lt_or_ge m n).elim id fun h' => absurd h' h, Nat.not_le_of_gt⟩
@[simp] protected theorem not_lt {n m : Nat} : ¬ n < m ↔ m ≤ n := ⟨fun h => (Nat.lt_or_ge n m).elim (absurd · h) id, Nat.not_lt_of_ge⟩
protected theorem ge_of_not_lt {a b : Nat} (h : ¬ b < a) : b ≥ a := Nat.not_lt.mp h
protected theorem gt_of_not_le {n m : Nat} (h : ¬ n ≤ m) : n > m := Nat.not_le.mp h
protected theorem lt_of_not_ge {a b : Nat} (h : ¬ b ≥ a) : b < a := Nat.not_le.mp h
protected theorem lt_of_not_le {a b : Nat} (h : ¬ b ≤ a) : a < b := Nat.not_le.mp h
protected theorem le_of_not_lt {a b : Nat} (h : ¬ b < a) : a ≤ b := Nat.not_lt.mp h
protected theorem le_of_not_ge {a b : Nat} (h : ¬ b ≥ a) : b ≤ a := (Nat.le_total b a).elim id fun h' => absurd h' h
protected theorem le_of_not_le {a b : Nat} (h : ¬ b ≤ a) : a ≤ b := Nat.le_of_lt (Nat.not_le.mp h)
protected theorem lt_trichotomy (a b : Nat) : a < b ∨ a = b ∨ b < a := (Nat.lt_or_ge a b).imp_right fun h => (Nat.eq_or_lt_of_le h).imp Eq.symm id
protected theorem ne_iff_lt_or_gt {a b : Nat} : a ≠ b ↔ a < b ∨ b < a :=
  ⟨fun h => (Nat.lt_trichotomy a b).imp_right fun h' => h'.resolve_left h, fun h => h.elim Nat.ne_of_lt Nat.ne_of_gt⟩
protected theorem lt_or_gt_of_ne {a b : Nat} (h : a ≠ b) : a < b ∨ a > b := Nat.ne_iff_lt_or_gt.mp h
theorem eq_zero_of_le_zero {n : Nat} (h : n ≤ 0) : n = 0 := Nat.le_antisymm h (zero_le n)
@[simp] protected theorem le_zero_eq (a : Nat) : (a ≤ 0) = (a = 0) := propext ⟨eq_zero_of_le_zero, le_of_eq⟩
theorem le_zero {i : Nat} : i ≤ 0 ↔ i = 0 := iff_of_eq (Nat.le_zero_eq i)
@[simp] theorem zero_lt_succ (n : Nat) : 0 < succ n := succ_le_succ (zero_le n)
@[simp] theorem zero_lt_add_one (n : Nat) : 0 < n + 1 := zero_lt_succ n
theorem zero_lt_one : 0 < (1 : Nat) := zero_lt_succ 0
theorem one_pos : 0 < 1 := zero_lt_one
theorem two_pos : 0 < 2 := zero_lt_succ 1
theorem zero_lt_of_ne_zero : ∀ {a : Nat}, a ≠ 0 → 0 < a
  | 0, h => absurd rfl h
  | _ + 1, _ => zero_lt_succ _
protected theorem pos_of_ne_zero {n : Nat} : n ≠ 0 → 0 < n := zero_lt_of_ne_zero
theorem zero_lt_of_lt {a b : Nat} (h : a < b) : 0 < b := Nat.lt_of_le_of_lt (zero_le a) h
theorem ne_zero_of_lt {b a : Nat} (h : b < a) : a ≠ 0 := Nat.ne_of_gt (zero_lt_of_lt h)
protected theorem pos_iff_ne_zero {n : Nat} : 0 < n ↔ n ≠ 0 := ⟨ne_zero_of_lt, Nat.pos_of_ne_zero⟩
theorem ne_zero_iff_zero_lt {n : Nat} : n ≠ 0 ↔ 0 < n := Nat.pos_iff_ne_zero.symm
protected theorem eq_zero_or_pos : ∀ (n : Nat), n = 0 ∨ n > 0
  | 0 => .inl rfl
  | _ + 1 => .inr (zero_lt_succ _)
theorem lt_one_iff {n : Nat} : n < 1 ↔ n = 0 := lt_succ.trans le_zero
theorem one_le_iff_ne_zero {n : Nat} : 1 ≤ n ↔ n ≠ 0 := Nat.pos_iff_ne_zero
theorem exists_eq_succ_of_pos {n : Nat} (h : 0 < n) : ∃ k, n = succ k := exists_eq_succ_of_ne_zero (ne_zero_of_lt h)
theorem pos_pow_of_pos {b : Nat} (n : Nat) (h : 0 < b) : 0 < b ^ n := by
  induction n with
  | zero => exact zero_lt_one
  | succ n ih => exact Nat.pos_of_ne_zero fun e => (mul_eq_zero.mp e).elim (ne_zero_of_lt ih) (ne_zero_of_lt h)

theorem le_add_right : ∀ (n k : Nat), n ≤ n + k
  | n, 0 => Nat.le_refl n
  | n, k + 1 => le_succ_of_le (le_add_right n k)
theorem le_add_left (n m : Nat) : n ≤ m + n := Nat.add_comm n m ▸ le_add_right n m
attribute [simp] le_add_right le_add_left
theorem le_add_right_of_le {n m k : Nat} (h : n ≤ m) : n ≤ m + k := Nat.le_trans h (le_add_right m k)
theorem le_add_left_of_le {n m k : Nat} (h : n ≤ m) : n ≤ k + m := Nat.le_trans h (le_add_left m k)
theorem lt_add_right {a b : Nat} (c : Nat) (h : a < b) : a < b + c := Nat.lt_of_lt_of_le h (le_add_right _ _)
theorem lt_add_left {a b : Nat} (c : Nat) (h : a < b) : a < c + b := Nat.lt_of_lt_of_le h (le_add_left _ _)
theorem le.dest : ∀ {n m : Nat}, n ≤ m → ∃ k, n + k = m
  | n, _, .refl => ⟨0, rfl⟩
  | _, _, .step h => let ⟨k, hk⟩ := le.dest h; ⟨k + 1, congrArg succ hk⟩
theorem le.intro {n m k : Nat} (h : n + k = m) : n ≤ m := h ▸ le_add_right n k
protected theorem exists_eq_add_of_le {m n : Nat} (h : m ≤ n) : ∃ k : Nat, n = m + k := let ⟨k, hk⟩ := le.dest h; ⟨k, hk.symm⟩
protected theorem exists_eq_add_of_le' {m n : Nat} (h : m ≤ n) : ∃ k : Nat, n = k + m := let ⟨k, hk⟩ := le.dest h; ⟨k, hk.symm.trans (Nat.add_comm m k)⟩
protected theorem le_iff_exists_add {m n : Nat} : m ≤ n ↔ ∃ k, n = m + k := ⟨Nat.exists_eq_add_of_le, fun ⟨_, h⟩ => le.intro h.symm⟩
theorem exists_eq_add_of_lt {m n : Nat} (h : m < n) : ∃ k : Nat, n = m + k + 1 :=
  let ⟨k, hk⟩ := le.dest h; ⟨k, by rw [← hk]; exact Nat.add_right_comm m 1 k⟩
protected theorem add_le_add_left {n m : Nat} (h : n ≤ m) (k : Nat) : k + n ≤ k + m := add_le_add_iff_left.mpr h
protected theorem add_le_add_right {n m : Nat} (h : n ≤ m) (k : Nat) : n + k ≤ m + k := add_le_add_iff_right.mpr h
protected theorem add_le_add {a b c d : Nat} (h₁ : a ≤ b) (h₂ : c ≤ d) : a + c ≤ b + d :=
  Nat.le_trans (Nat.add_le_add_right h₁ c) (Nat.add_le_add_left h₂ b)
protected theorem le_of_add_le_add_left {a b c : Nat} (h : a + b ≤ a + c) : b ≤ c := add_le_add_iff_left.mp h
protected theorem le_of_add_le_add_right {a b c : Nat} (h : a + b ≤ c + b) : a ≤ c := add_le_add_iff_right.mp h
@[simp] protected theorem add_lt_add_iff_right {m k n : Nat} : m + n < k + n ↔ m < k := by
  rw [← add_one_le_iff, ← add_one_le_iff, Nat.add_right_comm, add_le_add_iff_right]
@[simp] protected theorem add_lt_add_iff_left {m k n : Nat} : n + m < n + k ↔ m < k := by
  rw [Nat.add_comm n m, Nat.add_comm n k, Nat.add_lt_add_iff_right]
protected theorem add_lt_add_left {n m : Nat} (h : n < m) (k : Nat) : k + n < k + m := Nat.add_lt_add_iff_left.mpr h
protected theorem add_lt_add_right {n m : Nat} (h : n < m) (k : Nat) : n + k < m + k := Nat.add_lt_add_iff_right.mpr h
protected theorem add_lt_add {a b c d : Nat} (h₁ : a < b) (h₂ : c < d) : a + c < b + d :=
  Nat.lt_trans (Nat.add_lt_add_right h₁ c) (Nat.add_lt_add_left h₂ b)
protected theorem add_lt_add_of_le_of_lt {a b c d : Nat} (h₁ : a ≤ b) (h₂ : c < d) : a + c < b + d :=
  Nat.lt_of_le_of_lt (Nat.add_le_add_right h₁ c) (Nat.add_lt_add_left h₂ b)
protected theorem add_lt_add_of_lt_of_le {a b c d : Nat} (h₁ : a < b) (h₂ : c ≤ d) : a + c < b + d :=
  Nat.lt_of_lt_of_le (Nat.add_lt_add_right h₁ c) (Nat.add_le_add_left h₂ b)
protected theorem lt_of_add_lt_add_left {a b c : Nat} (h : a + b < a + c) : b < c := Nat.add_lt_add_iff_left.mp h
protected theorem lt_of_add_lt_add_right {a b c : Nat} (h : a + b < c + b) : a < c := Nat.add_lt_add_iff_right.mp h
protected theorem add_pos_left {m : Nat} (h : 0 < m) (n : Nat) : 0 < m + n := Nat.lt_of_lt_of_le h (le_add_right _ _)
protected theorem add_pos_right {n : Nat} (m : Nat) (h : 0 < n) : 0 < m + n := Nat.lt_of_lt_of_le h (le_add_left _ _)
protected theorem lt_add_of_pos_right {k n : Nat} (h : 0 < k) : n < n + k := Nat.add_lt_add_left h n
protected theorem lt_add_of_pos_left {k n : Nat} (h : 0 < k) : n < k + n := by rw [Nat.add_comm]; exact Nat.lt_add_of_pos_right h
@[simp] protected theorem lt_add_right_iff_pos {a b : Nat} : a < a + b ↔ 0 < b := ⟨fun h => Nat.lt_of_add_lt_add_left (a := a) h, Nat.lt_add_of_pos_right⟩
theorem mul_le_mul_left {m n : Nat} (k : Nat) (h : m ≤ n) : k * m ≤ k * n := let ⟨l, hl⟩ := le.dest h; le.intro (k := k * l) (by rw [← Nat.mul_add, hl])
theorem mul_le_mul_right {m n : Nat} (k : Nat) (h : m ≤ n) : m * k ≤ n * k := by rw [Nat.mul_comm m, Nat.mul_comm n]; exact mul_le_mul_left k h
protected theorem mul_le_mul {p q m n : Nat} (h₁ : p ≤ m) (h₂ : q ≤ n) : p * q ≤ m * n := Nat.le_trans (mul_le_mul_right q h₁) (mul_le_mul_left m h₂)
protected theorem mul_pos : ∀ {n m : Nat}, n > 0 → m > 0 → n * m > 0 := fun hn hm =>
  Nat.pos_of_ne_zero fun e => (mul_eq_zero.mp e).elim (ne_zero_of_lt hn) (ne_zero_of_lt hm)
protected theorem pos_of_mul_pos_left {a b : Nat} (h : 0 < a * b) : 0 < b := Nat.pos_of_ne_zero fun e => Nat.lt_irrefl 0 (by rw [e, Nat.mul_zero] at h; exact h)
protected theorem mul_lt_mul_of_pos_left {m n k : Nat} (h : m < n) (hk : k > 0) : k * m < k * n :=
  Nat.lt_of_lt_of_le (Nat.lt_add_of_pos_right hk) (by rw [← mul_succ]; exact mul_le_mul_left k h)
protected theorem mul_lt_mul_of_pos_right {n m k : Nat} (h : n < m) (hk : k > 0) : n * k < m * k := by
  rw [Nat.mul_comm n, Nat.mul_comm m]; exact Nat.mul_lt_mul_of_pos_left h hk
protected theorem eq_of_mul_eq_mul_left {m k n : Nat} (hn : 0 < n) (h : n * m = n * k) : m = k :=
  (Nat.lt_trichotomy m k).elim (fun hlt => absurd h (Nat.ne_of_lt (Nat.mul_lt_mul_of_pos_left hlt hn)))
    fun h' => h'.elim id fun hgt => absurd h (Nat.ne_of_gt (Nat.mul_lt_mul_of_pos_left hgt hn))
protected theorem mul_left_cancel {n m k : Nat} (np : 0 < n) (h : n * m = n * k) : m = k := Nat.eq_of_mul_eq_mul_left np h
protected theorem eq_of_mul_eq_mul_right {n m k : Nat} (hm : 0 < m) (h : n * m = k * m) : n = k := by
  rw [Nat.mul_comm n, Nat.mul_comm k] at h; exact Nat.eq_of_mul_eq_mul_left hm h
protected theorem mul_right_cancel {n m k : Nat} (mp : 0 < m) (h : n * m = k * m) : n = k := Nat.eq_of_mul_eq_mul_right mp h
theorem le_mul_self : ∀ (n : Nat), n ≤ n * n
  | 0 => Nat.le_refl 0
  | n + 1 => by rw [mul_add_one]; exact le_add_left _ _
theorem pow_le_pow_left {m n : Nat} (h : m ≤ n) : ∀ (i : Nat), m ^ i ≤ n ^ i
  | 0 => Nat.le_refl _
  | i + 1 => Nat.mul_le_mul (pow_le_pow_left h i) h
theorem lt_two_pow_self : ∀ {n : Nat}, n < 2 ^ n
  | 0 => zero_lt_one
  | n + 1 => by
    rw [Nat.pow_succ, Nat.mul_two]
    exact Nat.add_lt_add_of_lt_of_le lt_two_pow_self (Nat.lt_of_le_of_lt (zero_le n) lt_two_pow_self)

/-- Induction in which the hypothesis holds for every smaller number. -/
@[elab_as_elim] protected theorem strongRecOn' {motive : Nat → Prop} (n : Nat) (ind : ∀ n, (∀ m, m < n → motive m) → motive n) : motive n :=
  have all : ∀ n m, m < n → motive m := fun n => by
    induction n with
    | zero => intro m h; exact absurd h (not_lt_zero m)
    | succ n ih => intro m h; exact ind m fun k hk => ih k (Nat.lt_of_lt_of_le hk (le_of_lt_succ h))
  all (n + 1) n (lt_succ_self n)
/-- The same for data. -/
@[elab_as_elim] protected noncomputable def strongRecOn {motive : Nat → Sort u} (n : Nat) (ind : ∀ n, (∀ m, m < n → motive m) → motive n) : motive n :=
  (Nat.rec (motive := fun n => ∀ m, m < n → motive m) (fun m h => absurd h (not_lt_zero m))
    (fun _ ih m h => ind m fun k hk => ih k (Nat.lt_of_lt_of_le hk (le_of_lt_succ h))) (n + 1) : ∀ m, m < n + 1 → motive m) n (lt_succ_self n)
@[elab_as_elim] protected theorem strong_induction_on {p : Nat → Prop} (n : Nat) (h : ∀ n, (∀ m, m < n → p m) → p n) : p n := Nat.strongRecOn' n h
@[elab_as_elim] protected theorem case_strong_induction_on {p : Nat → Prop} (a : Nat) (hz : p 0) (hi : ∀ n, (∀ m, m ≤ n → p m) → p (succ n)) : p a :=
  Nat.strongRecOn' a fun
    | 0, _ => hz
    | n + 1, ih => hi n fun m hm => ih m (lt_succ_of_le hm)

/-! ### Subtraction -/

@[simp] protected theorem sub_zero (n : Nat) : n - 0 = n := rfl
theorem sub_succ (n m : Nat) : n - succ m = pred (n - m) := rfl
theorem sub_add_eq (a b c : Nat) : a - (b + c) = a - b - c := by
  induction c with
  | zero => rfl
  | succ c ih => rw [← Nat.add_assoc, show ∀ x y : Nat, x - (y + 1) = pred (x - y) from fun _ _ => rfl, ih]; rfl
protected theorem sub_sub (n m k : Nat) : n - m - k = n - (m + k) := (sub_add_eq n m k).symm
@[simp] theorem succ_sub_succ_eq_sub (n m : Nat) : succ n - succ m = n - m := by
  induction m with
  | zero => rfl
  | succ m ih => rw [sub_succ, ih]; rfl
theorem succ_sub_succ (n m : Nat) : succ n - succ m = n - m := succ_sub_succ_eq_sub n m
@[simp] theorem add_one_sub_add_one (n m : Nat) : (n + 1) - (m + 1) = n - m := succ_sub_succ_eq_sub n m
@[simp] protected theorem sub_self : ∀ (n : Nat), n - n = 0
  | 0 => rfl
  | n + 1 => (succ_sub_succ n n).trans (Nat.sub_self n)
@[simp] protected theorem zero_sub : ∀ (n : Nat), 0 - n = 0
  | 0 => rfl
  | n + 1 => by rw [sub_succ, Nat.zero_sub]; rfl
theorem succ_sub_one (n : Nat) : succ n - 1 = n := rfl
@[simp] theorem add_one_sub_one (n : Nat) : n + 1 - 1 = n := rfl
theorem sub_le : ∀ (n m : Nat), n - m ≤ n
  | n, 0 => Nat.le_refl n
  | n, m + 1 => Nat.le_trans (pred_le _) (sub_le n m)
where pred_le : ∀ n, pred n ≤ n
  | 0 => Nat.le_refl 0
  | n + 1 => le_succ n
theorem pred_le : ∀ (n : Nat), pred n ≤ n := sub_le.pred_le
theorem pred_lt : ∀ {n : Nat}, n ≠ 0 → pred n < n
  | 0, h => absurd rfl h
  | _ + 1, _ => lt_succ_self _
theorem sub_one_lt {n : Nat} (h : n ≠ 0) : n - 1 < n := pred_lt h
theorem sub_lt : ∀ {n m : Nat}, 0 < n → 0 < m → n - m < n
  | 0, _, h, _ => absurd h (Nat.lt_irrefl 0)
  | _ + 1, 0, _, h => absurd h (Nat.lt_irrefl 0)
  | n + 1, m + 1, _, _ => by rw [add_one_sub_add_one]; exact lt_succ_of_le (sub_le n m)
@[simp] protected theorem add_sub_cancel (n m : Nat) : n + m - m = n := by
  induction m with
  | zero => rfl
  | succ m ih => rw [← Nat.add_assoc, add_one_sub_add_one, ih]
@[simp] protected theorem add_sub_cancel_left (n m : Nat) : n + m - n = m := by rw [Nat.add_comm, Nat.add_sub_cancel]
@[simp] protected theorem add_sub_add_right (n k m : Nat) : (n + k) - (m + k) = n - m := by
  induction k with
  | zero => rfl
  | succ k ih => rw [← Nat.add_assoc, ← Nat.add_assoc, add_one_sub_add_one, ih]
@[simp] protected theorem add_sub_add_left (k n m : Nat) : (k + n) - (k + m) = n - m := by rw [Nat.add_comm k n, Nat.add_comm k m, Nat.add_sub_add_right]
theorem sub_self_add (n m : Nat) : n - (n + m) = 0 := by rw [sub_add_eq, Nat.sub_self, Nat.zero_sub]
protected theorem sub_eq_zero_of_le {n m : Nat} (h : n ≤ m) : n - m = 0 := let ⟨k, hk⟩ := le.dest h; hk ▸ sub_self_add n k
protected theorem le_of_sub_eq_zero : ∀ {n m : Nat}, n - m = 0 → n ≤ m
  | 0, m, _ => zero_le m
  | n + 1, 0, h => absurd h (succ_ne_zero n)
  | n + 1, m + 1, h => succ_le_succ (Nat.le_of_sub_eq_zero (by rw [add_one_sub_add_one] at h; exact h))
protected theorem sub_eq_zero_iff_le {n m : Nat} : n - m = 0 ↔ n ≤ m := ⟨Nat.le_of_sub_eq_zero, Nat.sub_eq_zero_of_le⟩
protected theorem sub_add_cancel {n m : Nat} (h : m ≤ n) : n - m + m = n := by
  obtain ⟨k, rfl⟩ := le.dest h; rw [Nat.add_sub_cancel_left, Nat.add_comm]
theorem sub_one_add_one {n : Nat} (h : n ≠ 0) : n - 1 + 1 = n := succ_pred h
theorem sub_one_add_one_eq_of_pos {n : Nat} (h : 0 < n) : n - 1 + 1 = n := sub_one_add_one (ne_zero_of_lt h)
protected theorem add_sub_of_le {a b : Nat} (h : a ≤ b) : a + (b - a) = b := by rw [Nat.add_comm, Nat.sub_add_cancel h]
protected theorem add_sub_cancel' {n m : Nat} (h : m ≤ n) : m + (n - m) = n := Nat.add_sub_of_le h
protected theorem add_sub_assoc {m k : Nat} (h : k ≤ m) (n : Nat) : n + m - k = n + (m - k) := by
  obtain ⟨l, rfl⟩ := le.dest h; rw [Nat.add_sub_cancel_left, Nat.add_left_comm, Nat.add_sub_cancel_left]
protected theorem sub_add_comm {n m k : Nat} (h : k ≤ n) : n + m - k = n - k + m := by
  rw [Nat.add_comm n, Nat.add_sub_assoc h, Nat.add_comm]
protected theorem eq_add_of_sub_eq {a b c : Nat} (hle : b ≤ a) (h : a - b = c) : a = c + b := by rw [← h, Nat.sub_add_cancel hle]
protected theorem sub_eq_of_eq_add {a b c : Nat} (h : a = c + b) : a - b = c := by rw [h, Nat.add_sub_cancel]
protected theorem sub_eq_iff_eq_add {a b c : Nat} (h : b ≤ a) : a - b = c ↔ a = c + b := ⟨Nat.eq_add_of_sub_eq h, Nat.sub_eq_of_eq_add⟩
protected theorem sub_pos_of_lt {m n : Nat} (h : m < n) : 0 < n - m := Nat.pos_of_ne_zero fun e => Nat.not_le_of_gt h (Nat.le_of_sub_eq_zero e)
protected theorem lt_of_sub_pos {m n : Nat} (h : 0 < n - m) : m < n := Nat.not_le.mp fun h' => by rw [Nat.sub_eq_zero_of_le h'] at h; exact Nat.lt_irrefl 0 h
protected theorem sub_pos_iff_lt {n m : Nat} : 0 < n - m ↔ m < n := ⟨Nat.lt_of_sub_pos, Nat.sub_pos_of_lt⟩
protected theorem sub_le_sub_right {n m : Nat} (h : n ≤ m) (k : Nat) : n - k ≤ m - k := by
  induction k with
  | zero => exact h
  | succ k ih => exact pred_le_pred ih
protected theorem sub_le_sub_left {n m : Nat} (h : n ≤ m) (k : Nat) : k - m ≤ k - n := by
  obtain ⟨l, rfl⟩ := le.dest h; rw [sub_add_eq]; exact sub_le _ _
protected theorem sub_le_iff_le_add {a b c : Nat} : a - b ≤ c ↔ a ≤ c + b := by
  constructor
  · intro h
    cases Nat.le_total b a with
    | inl hb => rw [← Nat.sub_add_cancel hb]; exact Nat.add_le_add_right h b
    | inr hb => exact Nat.le_trans hb (le_add_left b c)
  · intro h
    have := Nat.sub_le_sub_right h b
    rwa [Nat.add_sub_cancel] at this
protected theorem le_sub_of_add_le {a b c : Nat} (h : a + b ≤ c) : a ≤ c - b := by
  have := Nat.sub_le_sub_right h b
  rwa [Nat.add_sub_cancel] at this
protected theorem add_le_of_le_sub {a b c : Nat} (hle : b ≤ c) (h : a ≤ c - b) : a + b ≤ c := by
  rw [← Nat.sub_add_cancel hle]; exact Nat.add_le_add_right h b
protected theorem le_sub_iff_add_le {x y k : Nat} (h : k ≤ y) : x ≤ y - k ↔ x + k ≤ y := ⟨Nat.add_le_of_le_sub h, Nat.le_sub_of_add_le⟩
protected theorem sub_sub_self {n m : Nat} (h : m ≤ n) : n - (n - m) = m := by
  obtain ⟨k, rfl⟩ := le.dest h; rw [Nat.add_sub_cancel_left, Nat.add_sub_cancel]
protected theorem sub_right_comm (m n k : Nat) : m - n - k = m - k - n := by rw [Nat.sub_sub, Nat.sub_sub, Nat.add_comm]
protected theorem mul_sub_one (n m : Nat) : n * (m - 1) = n * m - n := by
  cases m with
  | zero => rw [Nat.mul_zero, Nat.zero_sub]
  | succ m => rw [add_one_sub_one, mul_add_one, Nat.add_sub_cancel]
protected theorem mul_sub (k m n : Nat) : k * (m - n) = k * m - k * n := by
  induction n with
  | zero => rw [Nat.mul_zero]; rfl
  | succ n ih => rw [← Nat.sub_sub, Nat.mul_sub_one, ih, mul_add_one, Nat.sub_sub]
protected theorem sub_mul (n m k : Nat) : (n - m) * k = n * k - m * k := by
  rw [Nat.mul_comm, Nat.mul_sub, Nat.mul_comm k, Nat.mul_comm k]

/-! ### Minimum and maximum -/

protected theorem max_def {n m : Nat} : max n m = if n ≤ m then m else n := rfl
protected theorem min_def {n m : Nat} : min n m = if n ≤ m then n else m := rfl
protected theorem max_eq_right {a b : Nat} (h : a ≤ b) : max a b = b := if_pos h
protected theorem max_eq_left {a b : Nat} (h : b ≤ a) : max a b = a := by
  rw [Nat.max_def]; by_cases hab : a ≤ b
  · rw [if_pos hab]; exact Nat.le_antisymm h hab
  · rw [if_neg hab]
protected theorem min_eq_left {a b : Nat} (h : a ≤ b) : min a b = a := if_pos h
protected theorem min_eq_right {a b : Nat} (h : b ≤ a) : min a b = b := by
  rw [Nat.min_def]; by_cases hab : a ≤ b
  · rw [if_pos hab]; exact Nat.le_antisymm hab h
  · rw [if_neg hab]
protected theorem max_comm (a b : Nat) : max a b = max b a := by
  cases Nat.le_total a b with
  | inl h => rw [Nat.max_eq_right h, Nat.max_eq_left h]
  | inr h => rw [Nat.max_eq_left h, Nat.max_eq_right h]
protected theorem min_comm (a b : Nat) : min a b = min b a := by
  cases Nat.le_total a b with
  | inl h => rw [Nat.min_eq_left h, Nat.min_eq_right h]
  | inr h => rw [Nat.min_eq_right h, Nat.min_eq_left h]
protected theorem le_max_right (a b : Nat) : b ≤ max a b := by
  cases Nat.le_total a b with
  | inl h => rw [Nat.max_eq_right h]
  | inr h => rw [Nat.max_eq_left h]; exact h
protected theorem le_max_left (a b : Nat) : a ≤ max a b := by rw [Nat.max_comm]; exact Nat.le_max_right b a
protected theorem min_le_left (a b : Nat) : min a b ≤ a := by
  cases Nat.le_total a b with
  | inl h => rw [Nat.min_eq_left h]
  | inr h => rw [Nat.min_eq_right h]; exact h
protected theorem min_le_right (a b : Nat) : min a b ≤ b := by rw [Nat.min_comm]; exact Nat.min_le_left b a
@[simp] protected theorem max_self (a : Nat) : max a a = a := Nat.max_eq_right (Nat.le_refl a)
@[simp] protected theorem min_self (a : Nat) : min a a = a := Nat.min_eq_left (Nat.le_refl a)
protected theorem max_le {a b c : Nat} : max a b ≤ c ↔ a ≤ c ∧ b ≤ c := by
  constructor
  · intro h; exact ⟨Nat.le_trans (Nat.le_max_left a b) h, Nat.le_trans (Nat.le_max_right a b) h⟩
  · intro ⟨ha, hb⟩
    cases Nat.le_total a b with
    | inl h => rw [Nat.max_eq_right h]; exact hb
    | inr h => rw [Nat.max_eq_left h]; exact ha
protected theorem le_min {a b c : Nat} : a ≤ min b c ↔ a ≤ b ∧ a ≤ c := by
  constructor
  · intro h; exact ⟨Nat.le_trans h (Nat.min_le_left b c), Nat.le_trans h (Nat.min_le_right b c)⟩
  · intro ⟨hb, hc⟩
    cases Nat.le_total b c with
    | inl h => rw [Nat.min_eq_left h]; exact hb
    | inr h => rw [Nat.min_eq_right h]; exact hc

/-! ### Division -/

theorem div.go_fuel (y : Nat) (hy : 0 < y) : ∀ (f g x : Nat), x < f → x < g → div.go y f x = div.go y g x
  | 0, _, x, h, _ => absurd h (not_lt_zero x)
  | _, 0, x, _, h => absurd h (not_lt_zero x)
  | f + 1, g + 1, x, hf, hg => by
    show ite (y ≤ x) (succ (div.go y f (x - y))) 0 = ite (y ≤ x) (succ (div.go y g (x - y))) 0
    by_cases h : y ≤ x
    · have smaller : x - y < x := sub_lt (Nat.lt_of_lt_of_le hy h) hy
      rw [if_pos h, if_pos h, div.go_fuel y hy f g (x - y) (Nat.lt_of_lt_of_le smaller (le_of_lt_succ hf))
        (Nat.lt_of_lt_of_le smaller (le_of_lt_succ hg))]
    · rw [if_neg h, if_neg h]
theorem div_eq (x y : Nat) : x / y = if 0 < y ∧ y ≤ x then (x - y) / y + 1 else 0 := by
  show ite (0 < y) (ite (y ≤ x) (succ (div.go y x (x - y))) 0) 0 = _
  by_cases hy : 0 < y
  · by_cases h : y ≤ x
    · have smaller : x - y < x := sub_lt (Nat.lt_of_lt_of_le hy h) hy
      rw [if_pos hy, if_pos h, if_pos ⟨hy, h⟩, div.go_fuel y hy x (x - y + 1) (x - y) smaller (lt_succ_self _)]
      show _ = succ (ite (0 < y) (div.go y (succ (x - y)) (x - y)) 0)
      rw [if_pos hy]
    · rw [if_pos hy, if_neg h, if_neg fun h' => h h'.2]
  · rw [if_neg hy, if_neg fun h' => hy h'.1]
theorem modCore.go_fuel (y : Nat) (hy : 0 < y) : ∀ (f g x : Nat), x < f → x < g → modCore.go y f x = modCore.go y g x
  | 0, _, x, h, _ => absurd h (not_lt_zero x)
  | _, 0, x, _, h => absurd h (not_lt_zero x)
  | f + 1, g + 1, x, hf, hg => by
    show ite (y ≤ x) (modCore.go y f (x - y)) x = ite (y ≤ x) (modCore.go y g (x - y)) x
    by_cases h : y ≤ x
    · have smaller : x - y < x := sub_lt (Nat.lt_of_lt_of_le hy h) hy
      rw [if_pos h, if_pos h, modCore.go_fuel y hy f g (x - y) (Nat.lt_of_lt_of_le smaller (le_of_lt_succ hf))
        (Nat.lt_of_lt_of_le smaller (le_of_lt_succ hg))]
    · rw [if_neg h, if_neg h]
theorem modCore_eq_mod (n m : Nat) : modCore n m = n % m := by
  cases n with
  | zero =>
    show ite (0 < m) (ite (m ≤ 0) (modCore.go m 0 (0 - m)) 0) 0 = 0
    by_cases hm : 0 < m
    · rw [if_pos hm, if_neg (Nat.not_le_of_gt hm)]
    · rw [if_neg hm]
  | succ n =>
    show modCore (succ n) m = ite (m ≤ succ n) (modCore (succ n) m) (succ n)
    by_cases h : m ≤ succ n
    · rw [if_pos h]
    · rw [if_neg h]
      show ite (0 < m) (ite (m ≤ succ n) (modCore.go m (succ n) (succ n - m)) (succ n)) (succ n) = _
      rw [if_neg h, ite_self]
theorem mod_eq (x y : Nat) : x % y = if 0 < y ∧ y ≤ x then (x - y) % y else x := by
  rw [← modCore_eq_mod, ← modCore_eq_mod]
  show ite (0 < y) (ite (y ≤ x) (modCore.go y x (x - y)) x) x = _
  by_cases hy : 0 < y
  · by_cases h : y ≤ x
    · have smaller : x - y < x := sub_lt (Nat.lt_of_lt_of_le hy h) hy
      rw [if_pos hy, if_pos h, if_pos ⟨hy, h⟩, modCore.go_fuel y hy x (x - y + 1) (x - y) smaller (lt_succ_self _)]
      show _ = ite (0 < y) (modCore.go y (succ (x - y)) (x - y)) (x - y)
      rw [if_pos hy]
    · rw [if_pos hy, if_neg h, if_neg fun h' => h h'.2]
  · rw [if_neg hy, if_neg fun h' => hy h'.1]
@[simp] theorem div_zero (n : Nat) : n / 0 = 0 := by rw [div_eq, if_neg fun h => Nat.lt_irrefl 0 h.1]
@[simp] theorem mod_zero (a : Nat) : a % 0 = a := by rw [mod_eq, if_neg fun h => Nat.lt_irrefl 0 h.1]
theorem div_eq_of_lt {a b : Nat} (h : a < b) : a / b = 0 := by rw [div_eq, if_neg fun h' => Nat.not_le_of_gt h h'.2]
theorem mod_eq_of_lt {a b : Nat} (h : a < b) : a % b = a := by rw [mod_eq, if_neg fun h' => Nat.not_le_of_gt h h'.2]
@[simp] theorem zero_mod (b : Nat) : 0 % b = 0 := rfl
@[simp] theorem zero_div (b : Nat) : 0 / b = 0 := by
  cases b with
  | zero => exact div_zero 0
  | succ b => exact div_eq_of_lt (zero_lt_succ b)
theorem div_eq_sub_div {b a : Nat} (h₁ : 0 < b) (h₂ : b ≤ a) : a / b = (a - b) / b + 1 := by rw [div_eq a, if_pos ⟨h₁, h₂⟩]
theorem mod_eq_sub_mod {a b : Nat} (h : a ≥ b) : a % b = (a - b) % b := by
  cases Nat.eq_zero_or_pos b with
  | inl e => rw [e, mod_zero, mod_zero, Nat.sub_zero]
  | inr hb => rw [mod_eq a, if_pos ⟨hb, h⟩]
theorem mod_lt (x : Nat) {y : Nat} (hy : y > 0) : x % y < y := by
  induction x using Nat.strongRecOn' with
  | ind x ih =>
    by_cases h : y ≤ x
    · rw [mod_eq_sub_mod h]; exact ih _ (sub_lt (Nat.lt_of_lt_of_le hy h) hy)
    · rw [mod_eq_of_lt (Nat.not_le.mp h)]; exact Nat.not_le.mp h
theorem div_add_mod (m k : Nat) : k * (m / k) + m % k = m := by
  cases Nat.eq_zero_or_pos k with
  | inl e => rw [e, Nat.zero_mul, mod_zero, Nat.zero_add]
  | inr hk =>
    induction m using Nat.strongRecOn' with
    | ind m ih =>
      by_cases h : k ≤ m
      · rw [div_eq_sub_div hk h, mod_eq_sub_mod h, mul_add_one, Nat.add_right_comm, ih _ (sub_lt (Nat.lt_of_lt_of_le hk h) hk),
          Nat.sub_add_cancel h]
      · rw [div_eq_of_lt (Nat.not_le.mp h), mod_eq_of_lt (Nat.not_le.mp h), Nat.mul_zero, Nat.zero_add]
theorem mod_add_div (m k : Nat) : m % k + k * (m / k) = m := by rw [Nat.add_comm, div_add_mod]
@[simp] theorem mod_self (n : Nat) : n % n = 0 := by rw [mod_eq_sub_mod (Nat.le_refl n), Nat.sub_self, zero_mod]
theorem mod_one (x : Nat) : x % 1 = 0 := lt_one_iff.mp (mod_lt x zero_lt_one)
@[simp] theorem add_mod_right (x z : Nat) : (x + z) % z = x % z := by rw [mod_eq_sub_mod (le_add_left z x), Nat.add_sub_cancel]
@[simp] theorem add_mod_left (x z : Nat) : (x + z) % x = z % x := by rw [Nat.add_comm, add_mod_right]
@[simp] theorem add_mul_mod_self_left (x y z : Nat) : (x + y * z) % y = x % y := by
  induction z with
  | zero => rfl
  | succ z ih => rw [mul_add_one, ← Nat.add_assoc, add_mod_right, ih]
@[simp] theorem mul_mod_right (m n : Nat) : (m * n) % m = 0 := by
  have := add_mul_mod_self_left 0 m n
  rwa [Nat.zero_add, zero_mod] at this
@[simp] theorem mul_mod_left (m n : Nat) : (m * n) % n = 0 := by rw [Nat.mul_comm, mul_mod_right]
theorem mod_two_eq_zero_or_one (n : Nat) : n % 2 = 0 ∨ n % 2 = 1 := by
  have h := mod_lt n two_pos
  cases Nat.eq_zero_or_pos (n % 2) with
  | inl e => exact .inl e
  | inr p => exact .inr (Nat.le_antisymm (le_of_lt_succ h) p)
theorem div_self {n : Nat} (h : 0 < n) : n / n = 1 := by rw [div_eq_sub_div h (Nat.le_refl n), Nat.sub_self, zero_div]
@[simp] theorem div_one (n : Nat) : n / 1 = n := by
  have := div_add_mod n 1
  rwa [mod_one, Nat.add_zero, Nat.one_mul] at this
theorem div_le_self (n k : Nat) : n / k ≤ n := by
  cases Nat.eq_zero_or_pos k with
  | inl e => rw [e, div_zero]; exact zero_le n
  | inr hk =>
    have h : k * (n / k) ≤ n := le.intro (div_add_mod n k)
    exact Nat.le_trans (by have := mul_le_mul_right (n / k) hk; rwa [Nat.one_mul] at this) h
theorem div_lt_self {n k : Nat} (hLtN : 0 < n) (hLtK : 1 < k) : n / k < n := by
  by_cases h : k ≤ n
  · rw [div_eq_sub_div (Nat.lt_trans zero_lt_one hLtK) h]
    exact Nat.lt_of_le_of_lt (Nat.add_le_add_right (div_le_self _ _) 1)
      (Nat.lt_of_lt_of_le (Nat.add_lt_add_left hLtK _) (by rw [Nat.sub_add_cancel h]))
  · rw [div_eq_of_lt (Nat.not_le.mp h)]; exact hLtN
@[simp] theorem mul_div_cancel (m : Nat) {n : Nat} (H : 0 < n) : m * n / n = m := by
  have := div_add_mod (m * n) n
  rw [mul_mod_left, Nat.add_zero, Nat.mul_comm m n] at this
  rw [Nat.mul_comm m n]; exact Nat.eq_of_mul_eq_mul_left H this
@[simp] theorem mul_div_right (n : Nat) {m : Nat} (H : 0 < m) : m * n / m = n := by rw [Nat.mul_comm, mul_div_cancel n H]
protected theorem mul_div_cancel_left (m : Nat) {n : Nat} (H : 0 < n) : n * m / n = m := mul_div_right m H

/-! ### Divisibility -/

protected theorem dvd_refl (a : Nat) : a ∣ a := ⟨1, (Nat.mul_one a).symm⟩
protected theorem dvd_zero (a : Nat) : a ∣ 0 := ⟨0, rfl⟩
protected theorem one_dvd (n : Nat) : 1 ∣ n := ⟨n, (Nat.one_mul n).symm⟩
protected theorem dvd_mul_left (a b : Nat) : a ∣ b * a := ⟨b, Nat.mul_comm b a⟩
protected theorem dvd_mul_right (a b : Nat) : a ∣ a * b := ⟨b, rfl⟩
protected theorem dvd_mul_right_of_dvd {m n : Nat} (h : m ∣ n) (k : Nat) : m ∣ n * k := let ⟨c, hc⟩ := h; ⟨c * k, by rw [hc, Nat.mul_assoc]⟩
protected theorem dvd_mul_left_of_dvd {m n : Nat} (h : m ∣ n) (k : Nat) : m ∣ k * n := by rw [Nat.mul_comm]; exact Nat.dvd_mul_right_of_dvd h k
protected theorem dvd_trans {a b c : Nat} (h₁ : a ∣ b) (h₂ : b ∣ c) : a ∣ c :=
  let ⟨d, hd⟩ := h₁; let ⟨e, he⟩ := h₂; ⟨d * e, by rw [he, hd, Nat.mul_assoc]⟩
protected theorem dvd_add {m n k : Nat} (h₁ : k ∣ m) (h₂ : k ∣ n) : k ∣ m + n :=
  let ⟨d, hd⟩ := h₁; let ⟨e, he⟩ := h₂; ⟨d + e, by rw [hd, he, Nat.mul_add]⟩
protected theorem eq_zero_of_zero_dvd {a : Nat} (h : 0 ∣ a) : a = 0 := let ⟨c, hc⟩ := h; hc.trans (Nat.zero_mul c)
protected theorem dvd_add_right {m k : Nat} (h : k ∣ m) {n : Nat} : k ∣ m + n ↔ k ∣ n :=
  ⟨fun h' => let ⟨d, hd⟩ := h; let ⟨e, he⟩ := h'; ⟨e - d, by rw [Nat.mul_sub, ← he, ← hd, Nat.add_sub_cancel_left]⟩, Nat.dvd_add h⟩
theorem dvd_sub {k m n : Nat} (h₁ : k ∣ m) (h₂ : k ∣ n) : k ∣ m - n := let ⟨d, hd⟩ := h₁; let ⟨e, he⟩ := h₂; ⟨d - e, by rw [Nat.mul_sub, hd, he]⟩
theorem le_of_dvd {m n : Nat} (h : 0 < n) : m ∣ n → m ≤ n
  | ⟨0, e⟩ => absurd e (ne_zero_of_lt h)
  | ⟨k + 1, e⟩ => by rw [e, mul_add_one]; exact le_add_left _ _
protected theorem dvd_antisymm : ∀ {m n : Nat}, m ∣ n → n ∣ m → m = n
  | _, 0, _, h => Nat.eq_zero_of_zero_dvd h
  | 0, _, h, _ => (Nat.eq_zero_of_zero_dvd h).symm
  | m + 1, n + 1, h₁, h₂ => Nat.le_antisymm (le_of_dvd (zero_lt_succ n) h₁) (le_of_dvd (zero_lt_succ m) h₂)
theorem mod_eq_zero_of_dvd {k n : Nat} (h : k ∣ n) : n % k = 0 := let ⟨c, hc⟩ := h; hc ▸ mul_mod_right k c
theorem dvd_of_mod_eq_zero {k n : Nat} (h : n % k = 0) : k ∣ n := ⟨n / k, by have := div_add_mod n k; rw [h] at this; exact this.symm⟩
theorem dvd_iff_mod_eq_zero {k n : Nat} : k ∣ n ↔ n % k = 0 := ⟨mod_eq_zero_of_dvd, dvd_of_mod_eq_zero⟩
instance decidable_dvd (m n : Nat) : Decidable (m ∣ n) := match Nat.decEq (n % m) 0 with
  | isTrue h => isTrue (dvd_of_mod_eq_zero h)
  | isFalse h => isFalse fun h' => h (mod_eq_zero_of_dvd h')
protected theorem mul_div_cancel' {n m : Nat} (h : n ∣ m) : n * (m / n) = m := by
  have := div_add_mod m n; rwa [mod_eq_zero_of_dvd h, Nat.add_zero] at this
protected theorem div_mul_cancel {n m : Nat} (h : n ∣ m) : m / n * n = m := by rw [Nat.mul_comm, Nat.mul_div_cancel' h]

/-! ### Greatest common divisor -/

theorem gcd.go_fuel : ∀ (f g m n : Nat), m < f → m < g → gcd.go f m n = gcd.go g m n
  | 0, _, m, _, h, _ => absurd h (not_lt_zero m)
  | _, 0, m, _, _, h => absurd h (not_lt_zero m)
  | f + 1, g + 1, m, n, hf, hg => by
    show ite (m = 0) n (gcd.go f (n % m) m) = ite (m = 0) n (gcd.go g (n % m) m)
    by_cases h : m = 0
    · rw [if_pos h, if_pos h]
    · have smaller : n % m < m := mod_lt n (Nat.pos_of_ne_zero h)
      rw [if_neg h, if_neg h, gcd.go_fuel f g (n % m) m (Nat.lt_of_lt_of_le smaller (le_of_lt_succ hf))
        (Nat.lt_of_lt_of_le smaller (le_of_lt_succ hg))]
@[simp] theorem gcd_zero_left (y : Nat) : gcd 0 y = y := rfl
theorem gcd_succ (x y : Nat) : gcd (succ x) y = gcd (y % succ x) (succ x) :=
  gcd.go_fuel (succ x) (succ (y % succ x)) (y % succ x) (succ x) (mod_lt y (zero_lt_succ x)) (lt_succ_self _)
theorem gcd_rec (m n : Nat) : gcd m n = gcd (n % m) m := by
  cases m with
  | zero => rw [mod_zero, gcd_zero_left]; cases n with
    | zero => rfl
    | succ n => rw [gcd_succ, zero_mod, gcd_zero_left]
  | succ m => exact gcd_succ m n
@[simp] theorem gcd_zero_right (n : Nat) : gcd n 0 = n := by
  cases n with
  | zero => rfl
  | succ n => rw [gcd_succ, zero_mod, gcd_zero_left]
@[simp] theorem gcd_self (n : Nat) : gcd n n = n := by
  cases n with
  | zero => rfl
  | succ n => rw [gcd_succ, mod_self, gcd_zero_left]

/-! ### Bits -/

theorem log2.go_fuel : ∀ (f g n : Nat), n ≤ f → n ≤ g → log2.go f n = log2.go g n
  | 0, 0, _, _, _ => rfl
  | 0, g + 1, n, h, _ => by rw [eq_zero_of_le_zero h]; rfl
  | f + 1, 0, n, _, h => by rw [eq_zero_of_le_zero h]; rfl
  | f + 1, g + 1, n, hf, hg => by
    show ite (2 ≤ n) (succ (log2.go f (n / 2))) 0 = ite (2 ≤ n) (succ (log2.go g (n / 2))) 0
    by_cases h : 2 ≤ n
    · have smaller : n / 2 < n := div_lt_self (Nat.lt_of_lt_of_le two_pos h) (lt_succ_self 1)
      rw [if_pos h, if_pos h, log2.go_fuel f g (n / 2) (le_of_lt_succ (Nat.lt_of_lt_of_le smaller hf))
        (le_of_lt_succ (Nat.lt_of_lt_of_le smaller hg))]
    · rw [if_neg h, if_neg h]
theorem log2_def (n : Nat) : log2 n = if 2 ≤ n then log2 (n / 2) + 1 else 0 := by
  cases n with
  | zero => rfl
  | succ n =>
    show ite (2 ≤ n + 1) (succ (log2.go n ((n + 1) / 2))) 0 = _
    by_cases h : 2 ≤ n + 1
    · rw [if_pos h, if_pos h]
      show succ (log2.go n ((n + 1) / 2)) = succ (log2.go ((n + 1) / 2) ((n + 1) / 2))
      rw [log2.go_fuel n ((n + 1) / 2) ((n + 1) / 2) (le_of_lt_succ (div_lt_self (zero_lt_succ n) (lt_succ_self 1))) (Nat.le_refl _)]
    · rw [if_neg h, if_neg h]
theorem bitwise.go_fuel (f : Bool → Bool → Bool) : ∀ (p q n m : Nat), n < p → n < q → bitwise.go f p n m = bitwise.go f q n m
  | 0, _, n, _, h, _ => absurd h (not_lt_zero n)
  | _, 0, n, _, _, h => absurd h (not_lt_zero n)
  | p + 1, q + 1, n, m, hp, hq => by
    unfold bitwise.go
    by_cases h : n = 0
    · rw [if_pos h, if_pos h]
    · have smaller : n / 2 < n := div_lt_self (Nat.pos_of_ne_zero h) (lt_succ_self 1)
      rw [if_neg h, if_neg h, bitwise.go_fuel f p q (n / 2) (m / 2) (Nat.lt_of_lt_of_le smaller (le_of_lt_succ hp))
        (Nat.lt_of_lt_of_le smaller (le_of_lt_succ hq))]
theorem bitwise_zero_left (f : Bool → Bool → Bool) (m : Nat) : bitwise f 0 m = cond (f false true) m 0 := rfl
theorem bitwise_zero_right (f : Bool → Bool → Bool) (n : Nat) : bitwise f n 0 = cond (f true false) n 0 := by
  unfold bitwise bitwise.go
  by_cases h : n = 0
  · rw [if_pos h, h]; cases f false true <;> cases f true false <;> rfl
  · rw [if_neg h, if_pos rfl]
theorem bitwise_of_ne_zero {f : Bool → Bool → Bool} {n m : Nat} (hn : n ≠ 0) (hm : m ≠ 0) : bitwise f n m =
    cond (f (decide (n % 2 = 1)) (decide (m % 2 = 1))) (2 * bitwise f (n / 2) (m / 2) + 1) (2 * bitwise f (n / 2) (m / 2)) := by
  have step : bitwise.go f n (n / 2) (m / 2) = bitwise f (n / 2) (m / 2) :=
    bitwise.go_fuel f n (n / 2 + 1) (n / 2) (m / 2) (div_lt_self (Nat.pos_of_ne_zero hn) (lt_succ_self 1)) (lt_succ_self _)
  rw [← step]
  show ite (n = 0) _ (ite (m = 0) _ _) = _
  rw [if_neg hn, if_neg hm]
@[simp] theorem shiftLeft_zero {n : Nat} : n <<< 0 = n := rfl
theorem shiftLeft_succ_inside (m n : Nat) : m <<< (n + 1) = (2 * m) <<< n := rfl
theorem shiftLeft_eq (a b : Nat) : a <<< b = a * 2 ^ b := by
  induction b generalizing a with
  | zero => exact (Nat.mul_one a).symm
  | succ b ih => rw [shiftLeft_succ_inside, ih, Nat.pow_succ, Nat.mul_comm 2 a, Nat.mul_assoc, Nat.mul_comm 2]
@[simp] theorem shiftRight_zero {n : Nat} : n >>> 0 = n := rfl
theorem shiftRight_succ (m n : Nat) : m >>> (n + 1) = (m >>> n) / 2 := rfl

/-! ### Bounded quantifiers -/

instance decidableBallLT : ∀ (n : Nat) (P : ∀ k, k < n → Prop) [∀ n h, Decidable (P n h)], Decidable (∀ n h, P n h)
  | 0, _, _ => isTrue fun _ h => absurd h (not_lt_zero _)
  | n + 1, P, H =>
    match decidableBallLT n fun k h => P k (lt_succ_of_lt h) with
    | isFalse h => isFalse fun h' => h fun k hk => h' k (lt_succ_of_lt hk)
    | isTrue h =>
      match H n (lt_succ_self n) with
      | isFalse hn => isFalse fun h' => hn (h' n (lt_succ_self n))
      | isTrue hn => isTrue fun k hk => (Nat.lt_or_eq_of_le (le_of_lt_succ hk)).elim (h k) fun e => by subst e; exact hn
instance decidableBallLE (n : Nat) (P : ∀ k, k ≤ n → Prop) [∀ n h, Decidable (P n h)] : Decidable (∀ n h, P n h) :=
  decidable_of_iff (∀ (k) (h : k < n + 1), P k (le_of_lt_succ h))
    ⟨fun H k hk => H k (lt_succ_of_le hk), fun H k hk => H k (le_of_lt_succ hk)⟩

/-! ### Comparisons -/

@[simp] theorem beq_eq {m n : Nat} : (Nat.beq m n = true) = (m = n) := propext ⟨eq_of_beq_eq_true m n, fun h => h ▸ beq_refl m⟩
@[simp] theorem ble_eq {x y : Nat} : (Nat.ble x y = true) = (x ≤ y) := propext ⟨le_of_ble_eq_true, ble_eq_true_of_le⟩
end Nat

instance instTransNatLt : Trans (α := Nat) (· < ·) (· < ·) (· < ·) := ⟨Nat.lt_trans⟩
instance instTransNatLe : Trans (α := Nat) (· ≤ ·) (· ≤ ·) (· ≤ ·) := ⟨Nat.le_trans⟩
instance instTransNatLtLe : Trans (α := Nat) (· < ·) (· ≤ ·) (· < ·) := ⟨Nat.lt_of_lt_of_le⟩
instance instTransNatLeLt : Trans (α := Nat) (· ≤ ·) (· < ·) (· < ·) := ⟨Nat.lt_of_le_of_lt⟩
