prelude
import Remains.Lists

/-! What a document that imports this library may not do: switch the kernel or the elaborator off with options, or bind native
code with attributes. Each rule is a macro on the syntax itself, so it holds wherever the syntax appears. -/

set_option linter.all false
set_option genSizeOf false

@[extern ""] axiom Array.mkEmpty (α : Type) (capacity : Nat) : Lean.Obj
@[extern ""] axiom Array.push (α : Type) (array : Lean.Obj) (value : Lean.Syntax) : Lean.Obj

namespace Lean

@[extern ""] axiom Syntax.getArg (stx : Syntax) (i : Nat) : Syntax
@[extern ""] axiom Syntax.getId (stx : Syntax) : Name
@[extern ""] axiom Name.beq (a b : Name) : Bool
@[extern ""] axiom Name.getRoot (name : Name) : Name
@[extern ""] axiom mkAtom (val : String) : Syntax
@[extern ""] axiom mkNode (kind : SyntaxNodeKind) (arguments : Obj) : Syntax

namespace Guard

def either (a b : Bool) : Bool := match a with
  | true => true
  | false => b
def negate (a : Bool) : Bool := match a with
  | true => false
  | false => true

/-- Left to Lean when allowed, an error otherwise. -/
def decide (allowed : Bool) (message : String) (stx : Syntax) (state : Obj) : MacroResult := match allowed with
  | true => .error .unsupportedSyntax state
  | false => .error (.error stx message) state

/-! ### Options -/

/-- The options that a proof may set: bounds on the work, which the kernel never sees. -/
def option (name : Name) : Bool := either (name.beq `maxHeartbeats) (name.beq `maxRecDepth)

@[macro Lean.Parser.Term.set_option] def termOption : Macro := fun stx _ state =>
  decide (option (stx.getArg 1).getId) "this option cannot be set inside a proof" stx state
@[macro Lean.Parser.Command.set_option] def commandOption : Macro := fun stx _ state =>
  decide (negate ((stx.getArg 1).getId.getRoot.beq `debug)) "options named debug cannot be set" stx state

/-- A macro that fails would leave the tactic to Lean, so the tactic becomes `skip`, and the goal stays open. -/
@[macro Lean.Parser.Tactic.set_option] def tacticOption : Macro := fun stx _ state =>
  match option (stx.getArg 1).getId with
  | true => .error .unsupportedSyntax state
  | false => .ok (mkNode `Lean.Parser.Tactic.skip (Array.push Syntax (Array.mkEmpty Syntax 1) (mkAtom "skip"))) state

/-! ### Attributes -/

/-- The attributes that change neither what runs nor how syntax is read. -/
def attribute_ (name : Name) : Bool :=
  either (name.beq `reducible) <| either (name.beq `irreducible) <| either (name.beq `semireducible) <|
  either (name.beq `inline) <| either (name.beq `refl) <| either (name.beq `symm) <| either (name.beq `elab_as_elim) <|
  either (name.beq `induction_eliminator) <| either (name.beq `cases_eliminator) <| either (name.beq `match_pattern) <|
  either (name.beq `congr) (name.beq `coe)
def refusal : String := "this attribute is not available"

@[macro Lean.Parser.Attr.simple] def simpleAttribute : Macro := fun stx _ state =>
  decide (attribute_ (stx.getArg 0).getId) refusal stx state
@[macro Lean.Parser.Attr.extern] def externAttribute : Macro := fun stx _ state => decide false refusal stx state
@[macro Lean.Parser.Attr.export] def exportAttribute : Macro := fun stx _ state => decide false refusal stx state
@[macro Lean.Parser.Attr.macro] def macroAttribute : Macro := fun stx _ state => decide false refusal stx state

end Guard
end Lean
