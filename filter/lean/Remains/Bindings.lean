prelude
import Remains.Syntax

/-! Written by `filter/lean/generate.py`: Lean's own parsers, macros and unexpanders, bound to their native code. -/

set_option linter.all false

-- Pieces of syntax
@[extern ""] axiom Lean.Parser.Tactic.optConfig : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.configItem : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.posConfigItem : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.negConfigItem : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.valConfigItem : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.location : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.locationWildcard : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.locationHyp : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.locationType : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.rwRule : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.rwRuleSeq : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.caseArg : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.elimTarget : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.inductionAlt : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.inductionAltLHS : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.inductionAlts : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.simpPre : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.simpPost : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.simpLemma : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.simpErase : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.simpStar : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.simpArg : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.simpArgs : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.dsimpArg : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.dsimpArgs : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.simpaArgsRest : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.discharger : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.generalizeArg : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.rcasesPatMed : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.rcasesPatLo : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.simpTraceArgsRest : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.simpAllTraceArgsRest : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.dsimpTraceArgsRest : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.matchRhs : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.matchAlts : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.config : Lean.ParserDescr
@[extern ""] axiom Lean.cdotTk : Lean.ParserDescr
@[extern ""] axiom Lean.binderIdent : Lean.ParserDescr
@[extern ""] axiom Lean.explicitBinders : Lean.ParserDescr
@[extern ""] axiom Lean.unbracketedExplicitBinders : Lean.ParserDescr
@[extern ""] axiom Lean.bracketedExplicitBinders : Lean.ParserDescr
@[extern ""] axiom Lean.calcFirstStep : Lean.ParserDescr
@[extern ""] axiom Lean.calcStep : Lean.ParserDescr
@[extern ""] axiom Lean.calcSteps : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Attr.extIff : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Attr.extFlat : Lean.ParserDescr
declare_syntax_cat rcasesPat
@[rcasesPat_parser, extern ""] axiom Lean.Parser.Tactic.rcasesPat.one : Lean.ParserDescr
@[rcasesPat_parser, extern ""] axiom Lean.Parser.Tactic.rcasesPat.ignore : Lean.ParserDescr
@[rcasesPat_parser, extern ""] axiom Lean.Parser.Tactic.rcasesPat.clear : Lean.ParserDescr
@[rcasesPat_parser, extern ""] axiom Lean.Parser.Tactic.rcasesPat.explicit : Lean.ParserDescr
@[rcasesPat_parser, extern ""] axiom Lean.Parser.Tactic.rcasesPat.tuple : Lean.ParserDescr
@[rcasesPat_parser, extern ""] axiom Lean.Parser.Tactic.rcasesPat.paren : Lean.ParserDescr
declare_syntax_cat rintroPat
@[rintroPat_parser, extern ""] axiom Lean.Parser.Tactic.rintroPat.one : Lean.ParserDescr
@[rintroPat_parser, extern ""] axiom Lean.Parser.Tactic.rintroPat.binder : Lean.ParserDescr
declare_syntax_cat rawStx
declare_syntax_cat binderPred
declare_syntax_cat conv (behavior := both)
@[binderPred_parser, extern ""] axiom Lean.«binderPred<_» : Lean.ParserDescr
@[binderPred_parser, extern ""] axiom Lean.«binderPred>_» : Lean.ParserDescr
@[binderPred_parser, extern ""] axiom Lean.«binderPred≤_» : Lean.ParserDescr
@[binderPred_parser, extern ""] axiom Lean.«binderPred≥_» : Lean.ParserDescr
@[binderPred_parser, extern ""] axiom Lean.«binderPred≠_» : Lean.ParserDescr
@[binderPred_parser, extern ""] axiom Lean.«binderPred∈_» : Lean.ParserDescr
@[binderPred_parser, extern ""] axiom Lean.«binderPred∉_» : Lean.ParserDescr
@[binderPred_parser, extern ""] axiom Lean.«binderPred⊆_» : Lean.ParserDescr
@[binderPred_parser, extern ""] axiom Lean.«binderPred⊂_» : Lean.ParserDescr
@[binderPred_parser, extern ""] axiom Lean.«binderPred⊇_» : Lean.ParserDescr
@[binderPred_parser, extern ""] axiom Lean.«binderPred⊃_» : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.Conv.convSeq1Indented : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.Conv.convSeqBracketed : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.Conv.convSeq : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.Conv.argArg : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.Conv.enterArg : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.Conv.enterPattern : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.Conv.occs : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.Conv.occsWildcard : Lean.ParserDescr
@[extern ""] axiom Lean.Parser.Tactic.Conv.occsIndexed : Lean.ParserDescr
@[prio_parser, extern ""] axiom prioDefault : Lean.ParserDescr
@[macro prioDefault, extern ""] axiom _aux_Init_Notation___macroRules_prioDefault_1 : Lean.Macro
@[prio_parser, extern ""] axiom prioLow : Lean.ParserDescr
@[macro prioLow, extern ""] axiom _aux_Init_Notation___macroRules_prioLow_1 : Lean.Macro
@[prio_parser, extern ""] axiom prioMid : Lean.ParserDescr
@[macro prioMid, extern ""] axiom _aux_Init_Notation___macroRules_prioMid_1 : Lean.Macro
@[prio_parser, extern ""] axiom prioHigh : Lean.ParserDescr
@[macro prioHigh, extern ""] axiom _aux_Init_Notation___macroRules_prioHigh_1 : Lean.Macro
@[attr_parser, extern ""] axiom Lean.Parser.Attr.simp : Lean.ParserDescr
@[attr_parser, extern ""] axiom Lean.Parser.Attr.simprocAttr : Lean.ParserDescr
@[attr_parser, extern ""] axiom Lean.Parser.Attr.ext : Lean.ParserDescr
@[attr_parser, extern ""] axiom Lean.Parser.Attr.norm_cast : Lean.ParserDescr

-- Tactics
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.intro : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.intros : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.rename : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.revert : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.clear : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.subst : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.substVars : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.assumption : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.contradiction : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.falseOrByContra : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.apply : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.exact : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.refine : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.refine' : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.constructor : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.left : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.right : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.case : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.case' : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.allGoals : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.anyGoals : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.focus : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.skip : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.done : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.fail : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.failIfSuccess : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.traceState : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.traceMessage : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.paren : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.withReducible : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.withReducibleAndInstances : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.withUnfoldingAll : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.first : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.eqRefl : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.applyRfl : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.acRfl : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.change : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.rewriteSeq : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.injection : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.injections : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.simp : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.simpAll : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.dsimp : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.simpa : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.delta : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.unfold : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.show : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.induction : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.cases : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.renameI : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.split : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.specialize : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.decide : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.generalize : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.obtain : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.rcases : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.rintro : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.symm : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.symmSaturate : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.congr : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.rotateLeft : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.rotateRight : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.withAnnotateState : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.exact? : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.apply? : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.applyAssumption : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.solveByElim : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.exposeNames : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.classical : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.letrec : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.replace : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.substEqs : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.clearValue : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.simpTrace : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.simpAllTrace : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.dsimpTrace : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.repeat' : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.repeat1' : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.rwSeq : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.rwa : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.rwaAt : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.rwaAtLegacyLocation : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.tacIfThenElse : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.tacDepIfThenElse : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.tacticTry_ : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.tacticRepeat_ : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.tacticExfalso : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.tacticHave__ : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.tacticHave' : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.tacticHaveI__ : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.tacticLet__ : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.tacticLet'__ : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.tacticLetI__ : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.tacticSuffices_ : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.tacticSorry : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.tacticAdmit : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.tacticRfl : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.tacticRfl' : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.tacticTrivial : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.«tacticExists_,,» : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.«tacticNext_=>_» : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.tacticNofun : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.«tacticNomatch_,,» : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.tacticInfer_instance : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.tacticRefine_lift_ : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.tacticRefine_lift'_ : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.tacticAnd_intros : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.tacticUnhygienic_ : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.tacticIterate____ : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.cdot : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.calcTactic : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.solveTactic : Lean.ParserDescr
@[tactic_parser, extern ""] axiom «tacticBy_cases_:_» : Lean.ParserDescr
@[tactic_parser, extern ""] axiom tacticFunext___ : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Elab.Tactic.Ext.ext : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Elab.Tactic.Ext.applyExtTheorem : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Elab.Tactic.Ext.tacticExt1___ : Lean.ParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.«tactic_<;>_» : Lean.TrailingParserDescr
@[tactic_parser, extern ""] axiom Lean.Parser.Tactic.Conv.conv : Lean.ParserDescr
@[conv_parser, extern ""] axiom Lean.Parser.Tactic.Conv.skip : Lean.ParserDescr
@[conv_parser, extern ""] axiom Lean.Parser.Tactic.Conv.lhs : Lean.ParserDescr
@[conv_parser, extern ""] axiom Lean.Parser.Tactic.Conv.rhs : Lean.ParserDescr
@[conv_parser, extern ""] axiom Lean.Parser.Tactic.Conv.fun : Lean.ParserDescr
@[conv_parser, extern ""] axiom Lean.Parser.Tactic.Conv.arg : Lean.ParserDescr
@[conv_parser, extern ""] axiom Lean.Parser.Tactic.Conv.congr : Lean.ParserDescr
@[conv_parser, extern ""] axiom Lean.Parser.Tactic.Conv.ext : Lean.ParserDescr
@[conv_parser, extern ""] axiom Lean.Parser.Tactic.Conv.enter : Lean.ParserDescr
@[conv_parser, extern ""] axiom Lean.Parser.Tactic.Conv.change : Lean.ParserDescr
@[conv_parser, extern ""] axiom Lean.Parser.Tactic.Conv.delta : Lean.ParserDescr
@[conv_parser, extern ""] axiom Lean.Parser.Tactic.Conv.unfold : Lean.ParserDescr
@[conv_parser, extern ""] axiom Lean.Parser.Tactic.Conv.pattern : Lean.ParserDescr
@[conv_parser, extern ""] axiom Lean.Parser.Tactic.Conv.rewrite : Lean.ParserDescr
@[conv_parser, extern ""] axiom Lean.Parser.Tactic.Conv.simp : Lean.ParserDescr
@[conv_parser, extern ""] axiom Lean.Parser.Tactic.Conv.dsimp : Lean.ParserDescr
@[conv_parser, extern ""] axiom Lean.Parser.Tactic.Conv.simpMatch : Lean.ParserDescr
@[conv_parser, extern ""] axiom Lean.Parser.Tactic.Conv.whnf : Lean.ParserDescr
@[conv_parser, extern ""] axiom Lean.Parser.Tactic.Conv.reduce : Lean.ParserDescr
@[conv_parser, extern ""] axiom Lean.Parser.Tactic.Conv.zeta : Lean.ParserDescr
@[conv_parser, extern ""] axiom Lean.Parser.Tactic.Conv.paren : Lean.ParserDescr
@[conv_parser, extern ""] axiom Lean.Parser.Tactic.Conv.nestedConv : Lean.ParserDescr
@[conv_parser, extern ""] axiom Lean.Parser.Tactic.Conv.nestedTactic : Lean.ParserDescr
@[conv_parser, extern ""] axiom Lean.Parser.Tactic.Conv.first : Lean.ParserDescr
@[conv_parser, extern ""] axiom Lean.Parser.Tactic.Conv.focus : Lean.ParserDescr
@[conv_parser, extern ""] axiom Lean.Parser.Tactic.Conv.case : Lean.ParserDescr
@[conv_parser, extern ""] axiom Lean.Parser.Tactic.Conv.allGoals : Lean.ParserDescr
@[conv_parser, extern ""] axiom Lean.Parser.Tactic.Conv.anyGoals : Lean.ParserDescr
@[conv_parser, extern ""] axiom Lean.Parser.Tactic.Conv.failIfSuccess : Lean.ParserDescr
@[conv_parser, extern ""] axiom Lean.Parser.Tactic.Conv.convRw__ : Lean.ParserDescr
@[conv_parser, extern ""] axiom Lean.Parser.Tactic.Conv.convErw__ : Lean.ParserDescr
@[conv_parser, extern ""] axiom Lean.Parser.Tactic.Conv.convRfl : Lean.ParserDescr
@[conv_parser, extern ""] axiom Lean.Parser.Tactic.Conv.convDone : Lean.ParserDescr
@[conv_parser, extern ""] axiom Lean.Parser.Tactic.Conv.convTry_ : Lean.ParserDescr
@[conv_parser, extern ""] axiom Lean.Parser.Tactic.Conv.convRepeat_ : Lean.ParserDescr
@[conv_parser, extern ""] axiom Lean.Parser.Tactic.Conv.convTactic : Lean.ParserDescr
@[conv_parser, extern ""] axiom Lean.Parser.Tactic.Conv.convApply_ : Lean.ParserDescr
@[conv_parser, extern ""] axiom Lean.Parser.Tactic.Conv.convArgs : Lean.ParserDescr
@[conv_parser, extern ""] axiom Lean.Parser.Tactic.Conv.convLeft : Lean.ParserDescr
@[conv_parser, extern ""] axiom Lean.Parser.Tactic.Conv.convRight : Lean.ParserDescr
@[conv_parser, extern ""] axiom Lean.Parser.Tactic.Conv.convIntro___ : Lean.ParserDescr
@[conv_parser, extern ""] axiom Lean.Parser.Tactic.Conv.«convNext__=>_» : Lean.ParserDescr
@[conv_parser, extern ""] axiom Lean.Parser.Tactic.Conv.«conv·_» : Lean.ParserDescr
@[conv_parser, extern ""] axiom Lean.Parser.Tactic.Conv.convTrace_state : Lean.ParserDescr

-- Notation
@[term_parser, extern ""] axiom «term¬_» : Lean.ParserDescr
@[term_parser, extern ""] axiom «term∃_,_» : Lean.ParserDescr
@[term_parser, extern ""] axiom «termExists_,_» : Lean.ParserDescr
@[term_parser, extern ""] axiom «term[_]» : Lean.ParserDescr
@[term_parser, extern ""] axiom «term‹_›» : Lean.ParserDescr
@[term_parser, extern ""] axiom termIfThenElse : Lean.ParserDescr
@[term_parser, extern ""] axiom termDepIfThenElse : Lean.ParserDescr
@[term_parser, extern ""] axiom termIfLet : Lean.ParserDescr
@[term_parser, extern ""] axiom boolIfThenElse : Lean.ParserDescr
@[term_parser, extern ""] axiom «term-_» : Lean.ParserDescr
@[term_parser, extern ""] axiom term!_ : Lean.ParserDescr
@[term_parser, extern ""] axiom «term∅» : Lean.ParserDescr
@[term_parser, extern ""] axiom «term{}» : Lean.ParserDescr
@[term_parser, extern ""] axiom «term{_}» : Lean.ParserDescr
@[term_parser, extern ""] axiom Lean.calc : Lean.ParserDescr
@[term_parser, extern ""] axiom Lean.«term∃__,_» : Lean.ParserDescr
@[term_parser, extern ""] axiom Lean.«term∀__,_» : Lean.ParserDescr
@[term_parser, extern ""] axiom Lean.«termSatisfies_binder_pred%__» : Lean.ParserDescr
@[term_parser, extern ""] axiom «termΣ_,_» : Lean.ParserDescr
@[term_parser, extern ""] axiom «termΣ'_,_» : Lean.ParserDescr
@[term_parser, extern ""] axiom termWithout_expected_type_ : Lean.ParserDescr
@[term_parser, extern ""] axiom «term{_:_//_}» : Lean.ParserDescr
@[term_parser, extern ""] axiom «term_∧_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_∨_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_↔_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_<->_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_=_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_≠_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_≍_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_==_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_!=_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_+_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_-_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_*_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_/_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_%_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_^_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_∣_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_≤_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_<=_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_<_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_≥_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_>=_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_>_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_++_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_::_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_×_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_×__1» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_×'_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_∘_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_∈_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_∉_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_⊆_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_⊂_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_⊇_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_⊃_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_∪_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_∩_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_\_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_&&_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_||_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_|>_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_<|_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_$__» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_⊕_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_&&&_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_|||_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_^^^_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_<<<_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom «term_>>>_» : Lean.TrailingParserDescr
@[term_parser, extern ""] axiom Lean.«term_Matches_|» : Lean.TrailingParserDescr

-- Macros
@[macro Lean.Parser.Tactic.letrec, extern ""] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_letrec_1 : Lean.Macro
@[macro Lean.Parser.Tactic.rwSeq, extern ""] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_rwSeq_1 : Lean.Macro
@[macro Lean.Parser.Tactic.rwaAtLegacyLocation, extern ""] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_rwaAtLegacyLocation_1 : Lean.Macro
@[macro Lean.Parser.Tactic.tacIfThenElse, extern ""] axiom Lean.Parser.Tactic._aux_Init_TacticsExtra___macroRules_Lean_Parser_Tactic_tacIfThenElse_1 : Lean.Macro
@[macro Lean.Parser.Tactic.tacDepIfThenElse, extern ""] axiom Lean.Parser.Tactic._aux_Init_TacticsExtra___macroRules_Lean_Parser_Tactic_tacDepIfThenElse_1 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticTry_, extern ""] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticTry__1 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticExfalso, extern ""] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticExfalso_1 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticHave__, extern ""] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticHave___1 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticHave', extern ""] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticHave'_1 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticHaveI__, extern ""] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticHaveI___1 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticLet__, extern ""] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticLet___1 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticLet'__, extern ""] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticLet'___1 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticLetI__, extern ""] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticLetI___1 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticSuffices_, extern ""] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticSuffices__1 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticSorry, extern ""] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticSorry_1 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticAdmit, extern ""] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticAdmit_1 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticRfl, extern ""] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticRfl_1 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticRfl, extern ""] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticRfl_2 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticRfl, extern ""] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticRfl_3 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticRfl, extern ""] axiom _aux_Init_Core___macroRules_Lean_Parser_Tactic_tacticRfl_1 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticRfl', extern ""] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticRfl'_1 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticTrivial, extern ""] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticTrivial_1 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticTrivial, extern ""] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticTrivial_2 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticTrivial, extern ""] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticTrivial_3 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticTrivial, extern ""] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticTrivial_4 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticTrivial, extern ""] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticTrivial_5 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticTrivial, extern ""] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticTrivial_6 : Lean.Macro
@[macro Lean.Parser.Tactic.«tacticExists_,,», extern ""] axiom Lean.Parser.Tactic.«_aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticExists_,,_1» : Lean.Macro
@[macro Lean.Parser.Tactic.«tacticNext_=>_», extern ""] axiom Lean.Parser.Tactic.«_aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticNext_=>__1» : Lean.Macro
@[macro Lean.Parser.Tactic.tacticNofun, extern ""] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticNofun_1 : Lean.Macro
@[macro Lean.Parser.Tactic.«tacticNomatch_,,», extern ""] axiom Lean.Parser.Tactic.«_aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticNomatch_,,_1» : Lean.Macro
@[macro Lean.Parser.Tactic.tacticInfer_instance, extern ""] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticInfer_instance_1 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticRefine_lift_, extern ""] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticRefine_lift__1 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticRefine_lift'_, extern ""] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticRefine_lift'__1 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticAnd_intros, extern ""] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticAnd_intros_1 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticUnhygienic_, extern ""] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticUnhygienic__1 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticIterate____, extern ""] axiom Lean.Parser.Tactic._aux_Init_TacticsExtra___macroRules_Lean_Parser_Tactic_tacticIterate_____1 : Lean.Macro
@[macro Lean.solveTactic, extern ""] axiom Lean._aux_Init_NotationExtra___macroRules_Lean_solveTactic_1 : Lean.Macro
@[macro «tacticBy_cases_:_», extern ""] axiom «_aux_Init_ByCases___macroRules_tacticBy_cases_:__1» : Lean.Macro
@[macro «tacticBy_cases_:_», extern ""] axiom «_aux_Init_ByCases___macroRules_tacticBy_cases_:__2» : Lean.Macro
@[macro tacticFunext___, extern ""] axiom _aux_Init_NotationExtra___macroRules_tacticFunext____1 : Lean.Macro
@[macro Lean.Elab.Tactic.Ext.tacticExt1___, extern ""] axiom Lean.Elab.Tactic.Ext._aux_Init_Ext___macroRules_Lean_Elab_Tactic_Ext_tacticExt1____1 : Lean.Macro
@[macro Lean.Parser.Tactic.«tactic_<;>_», extern ""] axiom Lean.Parser.Tactic.«_aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tactic_<;>__1» : Lean.Macro
@[macro Lean.Parser.Tactic.Conv.focus, extern ""] axiom Lean.Parser.Tactic.Conv._aux_Init_Conv___macroRules_Lean_Parser_Tactic_Conv_focus_1 : Lean.Macro
@[macro Lean.Parser.Tactic.Conv.case, extern ""] axiom Lean.Parser.Tactic.Conv._aux_Init_Conv___macroRules_Lean_Parser_Tactic_Conv_case_1 : Lean.Macro
@[macro Lean.Parser.Tactic.Conv.allGoals, extern ""] axiom Lean.Parser.Tactic.Conv._aux_Init_Conv___macroRules_Lean_Parser_Tactic_Conv_allGoals_1 : Lean.Macro
@[macro Lean.Parser.Tactic.Conv.anyGoals, extern ""] axiom Lean.Parser.Tactic.Conv._aux_Init_Conv___macroRules_Lean_Parser_Tactic_Conv_anyGoals_1 : Lean.Macro
@[macro Lean.Parser.Tactic.Conv.failIfSuccess, extern ""] axiom Lean.Parser.Tactic.Conv._aux_Init_Conv___macroRules_Lean_Parser_Tactic_Conv_failIfSuccess_1 : Lean.Macro
@[macro Lean.Parser.Tactic.Conv.convRw__, extern ""] axiom Lean.Parser.Tactic.Conv._aux_Init_Conv___macroRules_Lean_Parser_Tactic_Conv_convRw___1 : Lean.Macro
@[macro Lean.Parser.Tactic.Conv.convErw__, extern ""] axiom Lean.Parser.Tactic.Conv._aux_Init_Conv___macroRules_Lean_Parser_Tactic_Conv_convErw___1 : Lean.Macro
@[macro Lean.Parser.Tactic.Conv.convRfl, extern ""] axiom Lean.Parser.Tactic.Conv._aux_Init_Conv___macroRules_Lean_Parser_Tactic_Conv_convRfl_1 : Lean.Macro
@[macro Lean.Parser.Tactic.Conv.convDone, extern ""] axiom Lean.Parser.Tactic.Conv._aux_Init_Conv___macroRules_Lean_Parser_Tactic_Conv_convDone_1 : Lean.Macro
@[macro Lean.Parser.Tactic.Conv.convTry_, extern ""] axiom Lean.Parser.Tactic.Conv._aux_Init_Conv___macroRules_Lean_Parser_Tactic_Conv_convTry__1 : Lean.Macro
@[macro Lean.Parser.Tactic.Conv.convRepeat_, extern ""] axiom Lean.Parser.Tactic.Conv._aux_Init_Conv___macroRules_Lean_Parser_Tactic_Conv_convRepeat__1 : Lean.Macro
@[macro Lean.Parser.Tactic.Conv.convApply_, extern ""] axiom Lean.Parser.Tactic.Conv._aux_Init_Conv___macroRules_Lean_Parser_Tactic_Conv_convApply__1 : Lean.Macro
@[macro Lean.Parser.Tactic.Conv.convArgs, extern ""] axiom Lean.Parser.Tactic.Conv._aux_Init_Conv___macroRules_Lean_Parser_Tactic_Conv_convArgs_1 : Lean.Macro
@[macro Lean.Parser.Tactic.Conv.convLeft, extern ""] axiom Lean.Parser.Tactic.Conv._aux_Init_Conv___macroRules_Lean_Parser_Tactic_Conv_convLeft_1 : Lean.Macro
@[macro Lean.Parser.Tactic.Conv.convRight, extern ""] axiom Lean.Parser.Tactic.Conv._aux_Init_Conv___macroRules_Lean_Parser_Tactic_Conv_convRight_1 : Lean.Macro
@[macro Lean.Parser.Tactic.Conv.convIntro___, extern ""] axiom Lean.Parser.Tactic.Conv._aux_Init_Conv___macroRules_Lean_Parser_Tactic_Conv_convIntro____1 : Lean.Macro
@[macro Lean.Parser.Tactic.Conv.«convNext__=>_», extern ""] axiom Lean.Parser.Tactic.Conv.«_aux_Init_Conv___macroRules_Lean_Parser_Tactic_Conv_convNext__=>__1» : Lean.Macro
@[macro Lean.Parser.Tactic.Conv.«conv·_», extern ""] axiom Lean.Parser.Tactic.Conv.«_aux_Init_Conv___macroRules_Lean_Parser_Tactic_Conv_conv·__1» : Lean.Macro
@[macro Lean.Parser.Tactic.Conv.convTrace_state, extern ""] axiom Lean.Parser.Tactic.Conv._aux_Init_Conv___macroRules_Lean_Parser_Tactic_Conv_convTrace_state_1 : Lean.Macro
@[macro «term¬_», extern ""] axiom «_aux_Init_Notation___macroRules_term¬__1» : Lean.Macro
@[macro «term∃_,_», extern ""] axiom «_aux_Init_NotationExtra___macroRules_term∃_,__1» : Lean.Macro
@[macro «termExists_,_», extern ""] axiom «_aux_Init_NotationExtra___macroRules_termExists_,__1» : Lean.Macro
@[macro «term[_]», extern ""] axiom Lean.«_aux_Init_Data_List_Notation___macroRules_term[_]_1» : Lean.Macro
@[macro «term‹_›», extern ""] axiom «_aux_Init_Tactics___macroRules_term‹_›_1» : Lean.Macro
@[macro termIfThenElse, extern ""] axiom _aux_Init_Notation___macroRules_termIfThenElse_1 : Lean.Macro
@[macro termDepIfThenElse, extern ""] axiom _aux_Init_Notation___macroRules_termDepIfThenElse_1 : Lean.Macro
@[macro termIfLet, extern ""] axiom _aux_Init_Notation___macroRules_termIfLet_1 : Lean.Macro
@[macro boolIfThenElse, extern ""] axiom _aux_Init_Notation___macroRules_boolIfThenElse_1 : Lean.Macro
@[macro «term-_», extern ""] axiom «_aux_Init_Notation___macroRules_term-__1» : Lean.Macro
@[macro «term-_», extern ""] axiom «_aux_Init_Notation___macroRules_term-__2» : Lean.Macro
@[macro term!_, extern ""] axiom _aux_Init_Notation___macroRules_term!__1 : Lean.Macro
@[macro «term∅», extern ""] axiom «_aux_Init_Core___macroRules_term∅_1» : Lean.Macro
@[macro «term{}», extern ""] axiom «_aux_Init_Core___macroRules_term{}_1» : Lean.Macro
@[macro «term{_}», extern ""] axiom «_aux_Init_NotationExtra___macroRules_term{_}_1» : Lean.Macro
@[macro Lean.«term∃__,_», extern ""] axiom Lean.«_aux_Init_BinderPredicates___macroRules_Lean_term∃__,__1» : Lean.Macro
@[macro Lean.«term∀__,_», extern ""] axiom Lean.«_aux_Init_BinderPredicates___macroRules_Lean_term∀__,__1» : Lean.Macro
@[macro Lean.«termSatisfies_binder_pred%__», extern ""] axiom Lean.«_aux_Init_BinderPredicates___macroRules_Lean_termSatisfies_binder_pred%___1» : Lean.Macro
@[macro Lean.«termSatisfies_binder_pred%__», extern ""] axiom Lean.«_aux_Init_BinderPredicates___macroRules_Lean_termSatisfies_binder_pred%___2» : Lean.Macro
@[macro Lean.«termSatisfies_binder_pred%__», extern ""] axiom Lean.«_aux_Init_BinderPredicates___macroRules_Lean_termSatisfies_binder_pred%___3» : Lean.Macro
@[macro Lean.«termSatisfies_binder_pred%__», extern ""] axiom Lean.«_aux_Init_BinderPredicates___macroRules_Lean_termSatisfies_binder_pred%___4» : Lean.Macro
@[macro Lean.«termSatisfies_binder_pred%__», extern ""] axiom Lean.«_aux_Init_BinderPredicates___macroRules_Lean_termSatisfies_binder_pred%___5» : Lean.Macro
@[macro Lean.«termSatisfies_binder_pred%__», extern ""] axiom Lean.«_aux_Init_BinderPredicates___macroRules_Lean_termSatisfies_binder_pred%___6» : Lean.Macro
@[macro Lean.«termSatisfies_binder_pred%__», extern ""] axiom Lean.«_aux_Init_BinderPredicates___macroRules_Lean_termSatisfies_binder_pred%___7» : Lean.Macro
@[macro Lean.«termSatisfies_binder_pred%__», extern ""] axiom Lean.«_aux_Init_BinderPredicates___macroRules_Lean_termSatisfies_binder_pred%___8» : Lean.Macro
@[macro Lean.«termSatisfies_binder_pred%__», extern ""] axiom Lean.«_aux_Init_BinderPredicates___macroRules_Lean_termSatisfies_binder_pred%___9» : Lean.Macro
@[macro Lean.«termSatisfies_binder_pred%__», extern ""] axiom Lean.«_aux_Init_BinderPredicates___macroRules_Lean_termSatisfies_binder_pred%___10» : Lean.Macro
@[macro Lean.«termSatisfies_binder_pred%__», extern ""] axiom Lean.«_aux_Init_BinderPredicates___macroRules_Lean_termSatisfies_binder_pred%___11» : Lean.Macro
@[macro «termΣ_,_», extern ""] axiom «_aux_Init_NotationExtra___macroRules_termΣ_,__1» : Lean.Macro
@[macro «termΣ'_,_», extern ""] axiom «_aux_Init_NotationExtra___macroRules_termΣ'_,__1» : Lean.Macro
@[macro termWithout_expected_type_, extern ""] axiom _aux_Init_Notation___macroRules_termWithout_expected_type__1 : Lean.Macro
@[macro «term{_:_//_}», extern ""] axiom «_aux_Init_Notation___macroRules_term{_:_//_}_1» : Lean.Macro
@[macro «term_∧_», extern ""] axiom «_aux_Init_Notation___macroRules_term_∧__1» : Lean.Macro
@[macro «term_∨_», extern ""] axiom «_aux_Init_Notation___macroRules_term_∨__1» : Lean.Macro
@[macro «term_↔_», extern ""] axiom «_aux_Init_Core___macroRules_term_↔__1» : Lean.Macro
@[macro «term_<->_», extern ""] axiom «_aux_Init_Core___macroRules_term_<->__1» : Lean.Macro
@[macro «term_=_», extern ""] axiom «_aux_Init_Notation___macroRules_term_=__1» : Lean.Macro
@[macro «term_=_», extern ""] axiom «_aux_Init_Notation___macroRules_term_=__2» : Lean.Macro
@[macro «term_≠_», extern ""] axiom «_aux_Init_Core___macroRules_term_≠__1» : Lean.Macro
@[macro «term_≠_», extern ""] axiom «_aux_Init_Core___macroRules_term_≠__2» : Lean.Macro
@[macro «term_≍_», extern ""] axiom «_aux_Init_Notation___macroRules_term_≍__1» : Lean.Macro
@[macro «term_==_», extern ""] axiom «_aux_Init_Notation___macroRules_term_==__1» : Lean.Macro
@[macro «term_==_», extern ""] axiom «_aux_Init_Notation___macroRules_term_==__2» : Lean.Macro
@[macro «term_!=_», extern ""] axiom «_aux_Init_Core___macroRules_term_!=__1» : Lean.Macro
@[macro «term_!=_», extern ""] axiom «_aux_Init_Core___macroRules_term_!=__2» : Lean.Macro
@[macro «term_+_», extern ""] axiom «_aux_Init_Notation___macroRules_term_+__1» : Lean.Macro
@[macro «term_+_», extern ""] axiom «_aux_Init_Notation___macroRules_term_+__2» : Lean.Macro
@[macro «term_-_», extern ""] axiom «_aux_Init_Notation___macroRules_term_-__1» : Lean.Macro
@[macro «term_-_», extern ""] axiom «_aux_Init_Notation___macroRules_term_-__2» : Lean.Macro
@[macro «term_*_», extern ""] axiom «_aux_Init_Notation___macroRules_term_*__1» : Lean.Macro
@[macro «term_*_», extern ""] axiom «_aux_Init_Notation___macroRules_term_*__2» : Lean.Macro
@[macro «term_/_», extern ""] axiom «_aux_Init_Notation___macroRules_term_/__1» : Lean.Macro
@[macro «term_/_», extern ""] axiom «_aux_Init_Notation___macroRules_term_/__2» : Lean.Macro
@[macro «term_%_», extern ""] axiom «_aux_Init_Notation___macroRules_term_%__1» : Lean.Macro
@[macro «term_%_», extern ""] axiom «_aux_Init_Notation___macroRules_term_%__2» : Lean.Macro
@[macro «term_^_», extern ""] axiom «_aux_Init_Notation___macroRules_term_^__1» : Lean.Macro
@[macro «term_^_», extern ""] axiom «_aux_Init_Notation___macroRules_term_^__2» : Lean.Macro
@[macro «term_∣_», extern ""] axiom «_aux_Init_Notation___macroRules_term_∣__1» : Lean.Macro
@[macro «term_≤_», extern ""] axiom «_aux_Init_Notation___macroRules_term_≤__1» : Lean.Macro
@[macro «term_≤_», extern ""] axiom «_aux_Init_Notation___macroRules_term_≤__2» : Lean.Macro
@[macro «term_<=_», extern ""] axiom «_aux_Init_Notation___macroRules_term_<=__1» : Lean.Macro
@[macro «term_<=_», extern ""] axiom «_aux_Init_Notation___macroRules_term_<=__2» : Lean.Macro
@[macro «term_<_», extern ""] axiom «_aux_Init_Notation___macroRules_term_<__1» : Lean.Macro
@[macro «term_<_», extern ""] axiom «_aux_Init_Notation___macroRules_term_<__2» : Lean.Macro
@[macro «term_≥_», extern ""] axiom «_aux_Init_Notation___macroRules_term_≥__1» : Lean.Macro
@[macro «term_≥_», extern ""] axiom «_aux_Init_Notation___macroRules_term_≥__2» : Lean.Macro
@[macro «term_>=_», extern ""] axiom «_aux_Init_Notation___macroRules_term_>=__1» : Lean.Macro
@[macro «term_>=_», extern ""] axiom «_aux_Init_Notation___macroRules_term_>=__2» : Lean.Macro
@[macro «term_>_», extern ""] axiom «_aux_Init_Notation___macroRules_term_>__1» : Lean.Macro
@[macro «term_>_», extern ""] axiom «_aux_Init_Notation___macroRules_term_>__2» : Lean.Macro
@[macro «term_++_», extern ""] axiom «_aux_Init_Notation___macroRules_term_++__1» : Lean.Macro
@[macro «term_++_», extern ""] axiom «_aux_Init_Notation___macroRules_term_++__2» : Lean.Macro
@[macro «term_::_», extern ""] axiom «_aux_Init_Notation___macroRules_term_::__1» : Lean.Macro
@[macro «term_×_», extern ""] axiom «_aux_Init_Notation___macroRules_term_×__1» : Lean.Macro
@[macro «term_×__1», extern ""] axiom «_aux_Init_NotationExtra___macroRules_term_×__1_1» : Lean.Macro
@[macro «term_×'_», extern ""] axiom «_aux_Init_Notation___macroRules_term_×'__1» : Lean.Macro
@[macro «term_∘_», extern ""] axiom «_aux_Init_Notation___macroRules_term_∘__1» : Lean.Macro
@[macro «term_∈_», extern ""] axiom «_aux_Init_Notation___macroRules_term_∈__1» : Lean.Macro
@[macro «term_∉_», extern ""] axiom «_aux_Init_Notation___macroRules_term_∉__1» : Lean.Macro
@[macro «term_⊆_», extern ""] axiom «_aux_Init_Core___macroRules_term_⊆__1» : Lean.Macro
@[macro «term_⊂_», extern ""] axiom «_aux_Init_Core___macroRules_term_⊂__1» : Lean.Macro
@[macro «term_⊇_», extern ""] axiom «_aux_Init_Core___macroRules_term_⊇__1» : Lean.Macro
@[macro «term_⊃_», extern ""] axiom «_aux_Init_Core___macroRules_term_⊃__1» : Lean.Macro
@[macro «term_∪_», extern ""] axiom «_aux_Init_Core___macroRules_term_∪__1» : Lean.Macro
@[macro «term_∩_», extern ""] axiom «_aux_Init_Core___macroRules_term_∩__1» : Lean.Macro
@[macro «term_\_», extern ""] axiom «_aux_Init_Core___macroRules_term_\__1» : Lean.Macro
@[macro «term_&&_», extern ""] axiom «_aux_Init_Notation___macroRules_term_&&__1» : Lean.Macro
@[macro «term_||_», extern ""] axiom «_aux_Init_Notation___macroRules_term_||__1» : Lean.Macro
@[macro «term_|>_», extern ""] axiom «_aux_Init_Notation___macroRules_term_|>__1» : Lean.Macro
@[macro «term_<|_», extern ""] axiom «_aux_Init_Notation___macroRules_term_<|__1» : Lean.Macro
@[macro «term_$__», extern ""] axiom «_aux_Init_Notation___macroRules_term_$___1» : Lean.Macro
@[macro «term_⊕_», extern ""] axiom «_aux_Init_Core___macroRules_term_⊕__1» : Lean.Macro
@[macro «term_&&&_», extern ""] axiom «_aux_Init_Notation___macroRules_term_&&&__1» : Lean.Macro
@[macro «term_&&&_», extern ""] axiom «_aux_Init_Notation___macroRules_term_&&&__2» : Lean.Macro
@[macro «term_|||_», extern ""] axiom «_aux_Init_Notation___macroRules_term_|||__1» : Lean.Macro
@[macro «term_|||_», extern ""] axiom «_aux_Init_Notation___macroRules_term_|||__2» : Lean.Macro
@[macro «term_^^^_», extern ""] axiom «_aux_Init_Notation___macroRules_term_^^^__1» : Lean.Macro
@[macro «term_^^^_», extern ""] axiom «_aux_Init_Notation___macroRules_term_^^^__2» : Lean.Macro
@[macro «term_<<<_», extern ""] axiom «_aux_Init_Notation___macroRules_term_<<<__1» : Lean.Macro
@[macro «term_>>>_», extern ""] axiom «_aux_Init_Notation___macroRules_term_>>>__1» : Lean.Macro
@[macro Lean.«term_Matches_|», extern ""] axiom Lean.«_aux_Init_NotationExtra___macroRules_Lean_term_Matches_|_1» : Lean.Macro

-- Printing
@[app_unexpander And, extern ""] axiom _aux_Init_Notation___unexpand_And_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander Or, extern ""] axiom _aux_Init_Notation___unexpand_Or_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander Not, extern ""] axiom _aux_Init_Notation___unexpand_Not_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander Iff, extern ""] axiom _aux_Init_Core___unexpand_Iff_2 : Lean.PrettyPrinter.Unexpander
@[app_unexpander Eq, extern ""] axiom _aux_Init_Notation___unexpand_Eq_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander Ne, extern ""] axiom _aux_Init_Core___unexpand_Ne_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander HEq, extern ""] axiom _aux_Init_Notation___unexpand_HEq_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander Prod, extern ""] axiom _aux_Init_Notation___unexpand_Prod_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander PProd, extern ""] axiom _aux_Init_Notation___unexpand_PProd_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander Function.comp, extern ""] axiom _aux_Init_Notation___unexpand_Function_comp_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander Dvd.dvd, extern ""] axiom _aux_Init_Notation___unexpand_Dvd_dvd_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander GE.ge, extern ""] axiom _aux_Init_Notation___unexpand_GE_ge_2 : Lean.PrettyPrinter.Unexpander
@[app_unexpander GT.gt, extern ""] axiom _aux_Init_Notation___unexpand_GT_gt_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander LE.le, extern ""] axiom _aux_Init_Notation___unexpand_LE_le_2 : Lean.PrettyPrinter.Unexpander
@[app_unexpander LT.lt, extern ""] axiom _aux_Init_Notation___unexpand_LT_lt_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander Membership.mem, extern ""] axiom _aux_Init_Notation___unexpand_Membership_mem_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander HAdd.hAdd, extern ""] axiom _aux_Init_Notation___unexpand_HAdd_hAdd_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander HSub.hSub, extern ""] axiom _aux_Init_Notation___unexpand_HSub_hSub_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander HMul.hMul, extern ""] axiom _aux_Init_Notation___unexpand_HMul_hMul_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander HDiv.hDiv, extern ""] axiom _aux_Init_Notation___unexpand_HDiv_hDiv_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander HMod.hMod, extern ""] axiom _aux_Init_Notation___unexpand_HMod_hMod_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander HPow.hPow, extern ""] axiom _aux_Init_Notation___unexpand_HPow_hPow_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander HAppend.hAppend, extern ""] axiom _aux_Init_Notation___unexpand_HAppend_hAppend_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander HAnd.hAnd, extern ""] axiom _aux_Init_Notation___unexpand_HAnd_hAnd_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander HOr.hOr, extern ""] axiom _aux_Init_Notation___unexpand_HOr_hOr_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander HXor.hXor, extern ""] axiom _aux_Init_Notation___unexpand_HXor_hXor_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander HShiftLeft.hShiftLeft, extern ""] axiom _aux_Init_Notation___unexpand_HShiftLeft_hShiftLeft_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander HShiftRight.hShiftRight, extern ""] axiom _aux_Init_Notation___unexpand_HShiftRight_hShiftRight_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander List.cons, extern ""] axiom _aux_Init_Notation___unexpand_List_cons_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander BEq.beq, extern ""] axiom _aux_Init_Notation___unexpand_BEq_beq_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander bne, extern ""] axiom _aux_Init_Core___unexpand_bne_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander Bool.and, extern ""] axiom _aux_Init_Notation___unexpand_Bool_and_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander Bool.or, extern ""] axiom _aux_Init_Notation___unexpand_Bool_or_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander Bool.not, extern ""] axiom _aux_Init_Notation___unexpand_Bool_not_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander Neg.neg, extern ""] axiom _aux_Init_Notation___unexpand_Neg_neg_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander Sum, extern ""] axiom _aux_Init_Core___unexpand_Sum_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander HasSubset.Subset, extern ""] axiom _aux_Init_Core___unexpand_HasSubset_Subset_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander Union.union, extern ""] axiom _aux_Init_Core___unexpand_Union_union_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander Inter.inter, extern ""] axiom _aux_Init_Core___unexpand_Inter_inter_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander SDiff.sdiff, extern ""] axiom _aux_Init_Core___unexpand_SDiff_sdiff_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander EmptyCollection.emptyCollection, extern ""] axiom _aux_Init_Core___unexpand_EmptyCollection_emptyCollection_2 : Lean.PrettyPrinter.Unexpander
@[app_unexpander Exists, extern ""] axiom unexpandExists : Lean.PrettyPrinter.Unexpander
@[app_unexpander List.nil, extern ""] axiom unexpandListNil : Lean.PrettyPrinter.Unexpander
@[app_unexpander List.cons, extern ""] axiom unexpandListCons : Lean.PrettyPrinter.Unexpander
@[app_unexpander Prod.mk, extern ""] axiom unexpandProdMk : Lean.PrettyPrinter.Unexpander
@[app_unexpander Unit.unit, extern ""] axiom unexpandUnit : Lean.PrettyPrinter.Unexpander
@[app_unexpander Sigma, extern ""] axiom unexpandSigma : Lean.PrettyPrinter.Unexpander
@[app_unexpander PSigma, extern ""] axiom unexpandPSigma : Lean.PrettyPrinter.Unexpander
@[app_unexpander Subtype, extern ""] axiom unexpandSubtype : Lean.PrettyPrinter.Unexpander
@[app_unexpander Eq.rec, extern ""] axiom unexpandEqRec : Lean.PrettyPrinter.Unexpander
@[app_unexpander Eq.ndrec, extern ""] axiom unexpandEqNDRec : Lean.PrettyPrinter.Unexpander
@[app_unexpander ite, extern ""] axiom unexpandIte : Lean.PrettyPrinter.Unexpander
