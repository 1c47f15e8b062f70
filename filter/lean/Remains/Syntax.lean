prelude
import Remains.Kernel

/-! The data types of Lean's own syntax, as far as its interpreter needs to see them, nothing more.

Nothing here is a proposition: no proof can use it without `#print axioms` saying so. -/

set_option linter.all false
set_option genSizeOf false

universe u v

namespace Lean

inductive Name where
  | anonymous : Name
  | str (pre : Name) (str : String)
  | num (pre : Name) (i : Nat)

abbrev SyntaxNodeKind := Name

/-! Native, because names carry a hash that Lean's own functions expect to find. -/

@[extern ""] axiom Name.mkStr (p : Name) (s : String) : Name
@[extern ""] axiom Name.mkSimple (s : String) : Name
@[extern ""] axiom Name.mkStr1 (s₁ : String) : Name
@[extern ""] axiom Name.mkStr2 (s₁ s₂ : String) : Name
@[extern ""] axiom Name.mkStr3 (s₁ s₂ s₃ : String) : Name
@[extern ""] axiom Name.mkStr4 (s₁ s₂ s₃ s₄ : String) : Name
@[extern ""] axiom Name.mkStr5 (s₁ s₂ s₃ s₄ s₅ : String) : Name
@[extern ""] axiom Name.mkStr6 (s₁ s₂ s₃ s₄ s₅ s₆ : String) : Name

inductive ParserDescr where
  | const (name : Name)
  | unary (name : Name) (p : ParserDescr)
  | binary (name : Name) (p₁ p₂ : ParserDescr)
  | node (kind : SyntaxNodeKind) (prec : Nat) (p : ParserDescr)
  | trailingNode (kind : SyntaxNodeKind) (prec lhsPrec : Nat) (p : ParserDescr)
  | symbol (val : String)
  | nonReservedSymbol (val : String) (includeIdent : Bool)
  | cat (catName : Name) (rbp : Nat)
  | parser (declName : Name)
  | nodeWithAntiquot (name : String) (kind : SyntaxNodeKind) (p : ParserDescr)
  | sepBy (p : ParserDescr) (sep : String) (psep : ParserDescr) (allowTrailingSep : Bool)
  | sepBy1 (p : ParserDescr) (sep : String) (psep : ParserDescr) (allowTrailingSep : Bool)
  | unicodeSymbol (val asciiVal : String) (preserveForPP : Bool)

abbrev TrailingParserDescr := ParserDescr

structure Parser.Category where

/-! `Syntax` and `Obj` stand for any native object; the arity of a function must show in its type. -/

axiom Syntax : Type
axiom Obj : Type

inductive MacroException where
  | error (ref : Syntax) (message : String)
  | unsupportedSyntax

/-- What a macro returns: the layout of core's `EStateM.Result`. -/
inductive MacroResult where
  | ok (value : Syntax) (state : Obj)
  | error (exception : MacroException) (state : Obj)

abbrev Macro := Syntax → Obj → Obj → MacroResult
abbrev PrettyPrinter.Unexpander := Syntax → Obj → Obj → Obj

end Lean
