prelude
import Remains.Types

/-! The functions and types that Lean's kernel computes by name. The kernel never looks at these definitions when its arguments
are literals, so each must mean exactly what the kernel computes; `Remains.Numbers` proves the equations that pin them down. -/

set_option linter.all false
set_option genSizeOf false
set_option genCtorIdx false

universe u v


/-! ### Natural numbers -/

@[extern "lean_nat_add"] protected def Nat.add : Nat → Nat → Nat
  | n, .zero => n
  | n, .succ m => .succ (Nat.add n m)
@[extern "lean_nat_mul"] protected def Nat.mul : Nat → Nat → Nat
  | _, .zero => .zero
  | n, .succ m => Nat.add (Nat.mul n m) n
@[extern "lean_nat_pow"] protected def Nat.pow (m : Nat) : Nat → Nat
  | .zero => .succ .zero
  | .succ n => Nat.mul (Nat.pow m n) m
@[extern "lean_nat_pred"] def Nat.pred : Nat → Nat
  | .zero => .zero
  | .succ a => a
@[extern "lean_nat_sub"] protected def Nat.sub : Nat → Nat → Nat
  | n, .zero => n
  | n, .succ m => Nat.pred (Nat.sub n m)
@[extern "lean_nat_dec_eq"] def Nat.beq : Nat → Nat → Bool
  | .zero, .zero => true
  | .zero, .succ _ => false
  | .succ _, .zero => false
  | .succ n, .succ m => Nat.beq n m
@[extern "lean_nat_dec_le"] def Nat.ble : Nat → Nat → Bool
  | .zero, .zero => true
  | .zero, .succ _ => true
  | .succ _, .zero => false
  | .succ n, .succ m => Nat.ble n m

attribute [match_pattern] Nat.add
instance instAddNat : Add Nat := ⟨Nat.add⟩
instance instMulNat : Mul Nat := ⟨Nat.mul⟩
instance instSubNat : Sub Nat := ⟨Nat.sub⟩
instance instNatPowNat : NatPow Nat := ⟨fun m n => Nat.pow m n⟩

inductive Nat.le (n : Nat) : Nat → Prop where
  | refl : Nat.le n n
  | step {m} : Nat.le n m → Nat.le n (.succ m)
instance instLENat : LE Nat := ⟨Nat.le⟩
protected def Nat.lt (n m : Nat) : Prop := Nat.le (Nat.add n 1) m
instance instLTNat : LT Nat := ⟨Nat.lt⟩

theorem Nat.eq_of_beq_eq_true : (n m : Nat) → Eq (Nat.beq n m) true → Eq n m
  | .zero, .zero, _ => rfl
  | .zero, .succ _, h => (Bool.false_ne_true h).elim
  | .succ _, .zero, h => (Bool.false_ne_true h).elim
  | .succ n, .succ m, h => congrArg Nat.succ (Nat.eq_of_beq_eq_true n m h)
theorem Nat.beq_refl : (n : Nat) → Eq (Nat.beq n n) true
  | .zero => rfl
  | .succ n => Nat.beq_refl n
theorem Nat.ne_of_beq_eq_false {n m : Nat} (h : Eq (Nat.beq n m) false) : Not (Eq n m) := fun e =>
  Bool.false_ne_true (h.symm.trans (e.rec (motive := fun k _ => Eq (Nat.beq n k) true) (Nat.beq_refl n)))
@[extern "lean_nat_dec_eq"] def Nat.decEq (n m : Nat) : Decidable (Eq n m) :=
  (Bool.rec (motive := fun b => Eq (Nat.beq n m) b → Decidable (Eq n m))
    (fun h => isFalse (Nat.ne_of_beq_eq_false h)) (fun h => isTrue (Nat.eq_of_beq_eq_true n m h)) (Nat.beq n m)) rfl
instance instDecidableEqNat : DecidableEq Nat := Nat.decEq

theorem Nat.zero_le : (n : Nat) → LE.le 0 n
  | .zero => Nat.le.refl
  | .succ n => Nat.le.step (Nat.zero_le n)
theorem Nat.succ_le_succ {n m : Nat} (h : LE.le n m) : LE.le (Nat.succ n) (Nat.succ m) :=
  Nat.le.rec (motive := fun m _ => Nat.le (Nat.succ n) (Nat.succ m)) Nat.le.refl (fun _ ih => Nat.le.step ih) h
theorem Nat.le_of_ble_eq_true : {n m : Nat} → Eq (Nat.ble n m) true → LE.le n m
  | .zero, m, _ => Nat.zero_le m
  | .succ _, .zero, h => (Bool.false_ne_true h).elim
  | .succ _, .succ _, h => Nat.succ_le_succ (Nat.le_of_ble_eq_true h)
theorem Nat.ble_self_eq_true : (n : Nat) → Eq (Nat.ble n n) true
  | .zero => rfl
  | .succ n => Nat.ble_self_eq_true n
theorem Nat.ble_succ_eq_true : {n m : Nat} → Eq (Nat.ble n m) true → Eq (Nat.ble n (Nat.succ m)) true
  | .zero, _, _ => rfl
  | .succ _, .zero, h => (Bool.false_ne_true h).elim
  | .succ n, .succ m, h => @Nat.ble_succ_eq_true n m h
theorem Nat.ble_eq_true_of_le {n m : Nat} (h : LE.le n m) : Eq (Nat.ble n m) true :=
  Nat.le.rec (motive := fun m _ => Eq (Nat.ble n m) true) (Nat.ble_self_eq_true n) (fun _ ih => Nat.ble_succ_eq_true ih) h
theorem Nat.not_le_of_not_ble_eq_true {n m : Nat} (h : Not (Eq (Nat.ble n m) true)) : Not (LE.le n m) :=
  fun h' => h (Nat.ble_eq_true_of_le h')
@[extern "lean_nat_dec_le"] instance Nat.decLe (n m : Nat) : Decidable (LE.le n m) :=
  match Bool.decEq (Nat.ble n m) true with
  | isTrue h => isTrue (Nat.le_of_ble_eq_true h)
  | isFalse h => isFalse (Nat.not_le_of_not_ble_eq_true h)
@[extern "lean_nat_dec_lt"] instance Nat.decLt (n m : Nat) : Decidable (LT.lt n m) := Nat.decLe (Nat.succ n) m

/-! Recursion on a number of steps that is always enough: the argument itself, which every step makes smaller. -/

def Nat.div.go (y : Nat) : Nat → Nat → Nat
  | .zero, _ => 0
  | .succ fuel, x => ite (LE.le y x) (Nat.succ (Nat.div.go y fuel (HSub.hSub x y))) 0
@[extern "lean_nat_div"] protected def Nat.div (x y : Nat) : Nat := ite (LT.lt 0 y) (Nat.div.go y (Nat.succ x) x) 0
def Nat.modCore.go (y : Nat) : Nat → Nat → Nat
  | .zero, x => x
  | .succ fuel, x => ite (LE.le y x) (Nat.modCore.go y fuel (HSub.hSub x y)) x
def Nat.modCore (x y : Nat) : Nat := ite (LT.lt 0 y) (Nat.modCore.go y (Nat.succ x) x) x
@[extern "lean_nat_mod"] protected def Nat.mod : Nat → Nat → Nat
  | .zero, _ => 0
  | .succ n, m => ite (LE.le m (Nat.succ n)) (Nat.modCore (Nat.succ n) m) (Nat.succ n)
instance Nat.instDiv : Div Nat := ⟨Nat.div⟩
instance Nat.instMod : Mod Nat := ⟨Nat.mod⟩
instance Nat.instDvd : Dvd Nat := ⟨fun a b => Exists (fun c => Eq b (HMul.hMul a c))⟩

def Nat.gcd.go : Nat → Nat → Nat → Nat
  | .zero, _, n => n
  | .succ fuel, m, n => ite (Eq m 0) n (Nat.gcd.go fuel (HMod.hMod n m) m)
@[extern "lean_nat_gcd"] def Nat.gcd (m n : Nat) : Nat := Nat.gcd.go (Nat.succ m) m n
def Nat.log2.go : Nat → Nat → Nat
  | .zero, _ => 0
  | .succ fuel, n => ite (LE.le 2 n) (Nat.succ (Nat.log2.go fuel (HDiv.hDiv n 2))) 0
@[extern "lean_nat_log2"] def Nat.log2 (n : Nat) : Nat := Nat.log2.go n n

def Nat.bitwise.go (f : Bool → Bool → Bool) : Nat → Nat → Nat → Nat
  | .zero, _, m => cond (f false true) m 0
  | .succ fuel, n, m =>
    ite (Eq n 0) (cond (f false true) m 0) (ite (Eq m 0) (cond (f true false) n 0) (cond (f (decide (Eq (HMod.hMod n 2) 1)) (decide (Eq (HMod.hMod m 2) 1)))
      (Nat.succ (HMul.hMul 2 (Nat.bitwise.go f fuel (HDiv.hDiv n 2) (HDiv.hDiv m 2))))
      (HMul.hMul 2 (Nat.bitwise.go f fuel (HDiv.hDiv n 2) (HDiv.hDiv m 2)))))
def Nat.bitwise (f : Bool → Bool → Bool) (n m : Nat) : Nat := Nat.bitwise.go f (Nat.succ n) n m
@[extern "lean_nat_land"] def Nat.land : Nat → Nat → Nat := Nat.bitwise and
@[extern "lean_nat_lor"] def Nat.lor : Nat → Nat → Nat := Nat.bitwise or
@[extern "lean_nat_lxor"] def Nat.xor : Nat → Nat → Nat := Nat.bitwise Bool.xor
@[extern "lean_nat_shiftl"] def Nat.shiftLeft : Nat → Nat → Nat
  | n, .zero => n
  | n, .succ m => Nat.shiftLeft (HMul.hMul 2 n) m
@[extern "lean_nat_shiftr"] def Nat.shiftRight : Nat → Nat → Nat
  | n, .zero => n
  | n, .succ m => HDiv.hDiv (Nat.shiftRight n m) 2
instance Nat.instAndOp : AndOp Nat := ⟨Nat.land⟩
instance Nat.instOrOp : OrOp Nat := ⟨Nat.lor⟩
instance Nat.instXorOp : XorOp Nat := ⟨Nat.xor⟩
instance Nat.instShiftLeft : ShiftLeft Nat := ⟨Nat.shiftLeft⟩
instance Nat.instShiftRight : ShiftRight Nat := ⟨Nat.shiftRight⟩
instance Nat.instMax : Max Nat := ⟨fun n m => ite (LE.le n m) m n⟩
instance Nat.instMin : Min Nat := ⟨fun n m => ite (LE.le n m) n m⟩

/-! ### Characters and strings -/

noncomputable section

structure Fin (n : Nat) where
  mk ::
  val : Nat
  isLt : LT.lt val n
structure BitVec (w : Nat) where
  ofFin ::
  toFin : Fin (HPow.hPow 2 w)
structure UInt32 where
  ofBitVec ::
  toBitVec : BitVec 32
abbrev Nat.isValidChar (n : Nat) : Prop := Or (LT.lt n 0xd800) (And (LT.lt 0xdfff n) (LT.lt n 0x110000))
abbrev UInt32.toNat (n : UInt32) : Nat := n.toBitVec.toFin.val
abbrev UInt32.isValidChar (n : UInt32) : Prop := n.toNat.isValidChar
structure Char where
  val : UInt32
  valid : val.isValidChar
theorem Nat.le_trans {n m k : Nat} (h₁ : LE.le n m) (h₂ : LE.le m k) : LE.le n k :=
  Nat.le.rec (motive := fun k _ => Nat.le n k) h₁ (fun _ ih => Nat.le.step ih) h₂
theorem Nat.lt_trans {n m k : Nat} (h₁ : LT.lt n m) (h₂ : LT.lt m k) : LT.lt n k :=
  Nat.le_trans (Nat.le.step h₁) h₂
theorem Nat.isValidChar.lt_size {n : Nat} (h : n.isValidChar) : LT.lt n (HPow.hPow 2 32) :=
  h.elim (fun h => Nat.lt_trans h (of_decide_eq_true rfl)) (fun h => Nat.lt_trans h.right (of_decide_eq_true rfl))
def Char.ofNatAux (n : Nat) (h : n.isValidChar) : Char := ⟨⟨⟨⟨n, h.lt_size⟩⟩⟩, h⟩
def Char.ofNat (n : Nat) : Char :=
  dite n.isValidChar (fun h => Char.ofNatAux n h) (fun _ => Char.ofNatAux 0 (Or.inl (of_decide_eq_true rfl)))
def Char.toNat (c : Char) : Nat := c.val.toNat

/-- A text, as the list of its characters: `String.ofList` is what the kernel makes of a literal. -/
structure String where
  ofList ::
  toList : List Char

/-- Asks the kernel to compute its argument at once. -/
def eagerReduce {α : Sort u} (a : α) : α := a

/-! Names whose meaning the kernel once knew. They are taken, and `#print axioms` shows any use. -/

axiom Lean.reduceBool : Bool → Bool
axiom Lean.reduceNat : Nat → Nat

end

/-! ### What derived constructions ask for -/

abbrev noConfusionEnum.{w} {α : Sort u} (f : α → Nat) {P : Sort w} (x y : α) : Sort w :=
  (instDecidableEqNat (f x) (f y)).casesOn (fun _ => P) (fun _ => P → P)
theorem noConfusion_of_Nat {α : Sort u} (f : α → Nat) {a b : α} (h : Eq a b) : (Nat.beq (f a) (f b)).rec False True :=
  congrArg f h ▸ (Nat.beq_refl (f a)).symm ▸ trivial
