"""Lean's own library spoken to from Python, in the few words that a checker needs; nothing but `ctypes` is imported.

A program that has Lean's shared library loaded can import a header once, fork, and elaborate a document in the child:
what costs seconds is paid once, and every document still begins from a state that has seen no candidate. The functions
called are those of Lean's command line driver (`Lean.Elab.Frontend`, `Lean.Parser`, `Lean.Environment`); objects are
laid out as `include/lean/lean.h` says. Another Lean may lay them out differently: then the canaries fail, and the pool
starts a fresh process for every document instead (`filter.process`).
"""

import ctypes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

TRUST = 1025
"""Lean's own trust level on the command line: imported modules are not checked again."""
NUM_TASK_THREADS = 1
ARRAY, STRING = 246, 249
DECLARED_ALIKE = (1, 2)
"""Definitions and theorems: `ConstantInfo` and `Declaration` have the same constructors for them."""
MAX_REC_DEPTH = 10_000
NIL = 1
"""`box 0`: the empty list, the anonymous name, `none`, the unit."""

Address = int
_P = ctypes.c_void_p
_SIGNATURES: "dict[str, tuple[object, tuple[object, ...]]]" = {
    "lean_initialize": (None, ()),
    "lean_init_search_path": (_P, ()),
    "lean_enable_initializer_execution": (_P, ()),
    "lean_io_mark_end_initialization": (None, ()),
    "lean_io_result_show_error": (None, (_P,)),
    "lean_init_task_manager_using": (None, (ctypes.c_uint,)),
    "lean_alloc_object": (_P, (ctypes.c_size_t,)),
    "lean_mk_string_from_bytes": (_P, (ctypes.c_char_p, ctypes.c_size_t)),
    "lean_mk_array": (_P, (_P, _P)),
    "lean_name_mk_string": (_P, (_P, _P)),
    "lean_st_mk_ref": (_P, (_P,)),
    "lean_st_ref_get": (_P, (_P,)),
    "lean_st_ref_swap": (_P, (_P, _P)),
    "lean_dec_ref_cold": (None, (_P,)),
    "lean_shell_options_mk": (_P, (_P,)),
    "lean_shell_options_process": (_P, (_P, ctypes.c_uint32, _P)),
    "lean_elab_environment_to_kernel_env": (_P, (_P,)),
    "lean_environment_add": (_P, (_P, _P)),
    "lean_add_decl": (_P, (_P, ctypes.c_size_t, ctypes.c_size_t, _P, _P)),
    "l_Lean_Parser_mkInputContext___redArg": (_P, (_P, _P, ctypes.c_uint8, _P)),
    "l_Lean_Parser_parseHeader": (_P, (_P,)),
    "l_Lean_Parser_parseCommand": (_P, (_P, _P, _P, _P)),
    "l_Lean_Parser_isTerminalCommand": (ctypes.c_uint8, (_P,)),
    "l_Lean_Elab_processHeader": (_P, (_P, _P, _P, _P, ctypes.c_uint32, _P, ctypes.c_uint8, _P)),
    "l_Lean_Elab_Command_mkState": (_P, (_P, _P, _P)),
    "l_Lean_Elab_Frontend_elabCommandAtFrontend": (_P, (_P, _P, _P)),
    "l_Lean_MessageLog_toArray": (_P, (_P,)),
    "l_Lean_Message_toJson": (_P, (_P,)),
    "l_Lean_Json_compress": (_P, (_P,)),
    "l_Lean_writeModule": (_P, (_P, _P, ctypes.c_uint8)),
    "l_Lean_readModuleData": (_P, (_P,)),
}


class LeanFailure(Exception):
    """Lean answered with an exception of its own, or not as expected."""


class Lean:
    """The library, initialised as `lean` initialises it, with options given as `name=value`. One a process."""

    def __init__(self, library: str, options: "list[str]") -> None:
        self._library = ctypes.CDLL(library, mode=ctypes.RTLD_GLOBAL)
        for name, (result, arguments) in _SIGNATURES.items():
            function = getattr(self._library, name)
            function.restype, function.argtypes = result, list(arguments)
        self.call("lean_initialize")
        self.value_of(self.call("lean_init_search_path"))
        self.call("lean_enable_initializer_execution")
        shell = self.call("lean_shell_options_mk", NIL)
        for option in options:
            shell = self.value_of(
                self.call("lean_shell_options_process", shell, ord("D"), self.construct(1, self.string(option)))
            )
        self.options = field(shell, 0)
        self.call("lean_io_mark_end_initialization")

    def call(self, name: str, *arguments: object) -> Address:
        """Call a function of the library."""
        return getattr(self._library, name)(*arguments) or 0

    def value_of(self, result: Address) -> Address:
        """Return what an `IO` action returned. Raises LeanFailure for its exception, which goes to stderr."""
        if tag(result) != 0:
            self.call("lean_io_result_show_error", result)
            raise LeanFailure("Lean raised an exception")
        return retain(field(result, 0))

    def string(self, text: "str | bytes") -> Address:
        """Return a Lean string."""
        data = text.encode("utf-8") if isinstance(text, str) else text
        return self.call("lean_mk_string_from_bytes", data, len(data))

    def construct(self, constructor: int, *fields: Address) -> Address:
        """Return a constructor's object with these fields, which it takes over."""
        made = self.call("lean_alloc_object", 8 + 8 * len(fields))
        ctypes.c_int32.from_address(made).value = 1  # a reference; the size beside it was set with the memory
        ctypes.c_uint16.from_address(made + 6).value = len(fields) | constructor << 8
        for index, each in enumerate(fields):
            ctypes.c_uint64.from_address(made + 8 + 8 * index).value = each
        return made

    def constant(self, name: str) -> Address:
        """Return the value of one of the library's constants."""
        return ctypes.c_void_p.in_dll(self._library, name).value or 0

    def release(self, address: Address) -> None:
        """Give a reference back."""
        if not address & 1:
            count = ctypes.c_int32.from_address(address)
            if count.value > 1:
                count.value -= 1
            elif count.value:
                self.call("lean_dec_ref_cold", address)

    def empty_array(self) -> Address:
        """Return `#[]`."""
        return self.call("lean_mk_array", NIL, NIL)


class Header:
    """The modules that a text imports, ready for any number of documents that begin with it."""

    def __init__(self, lean: Lean, text: bytes) -> None:
        self._lean, self._text = lean, text
        context = _context(lean, text)
        syntax, state, messages = _parse_header(lean, context)
        self._end = field(state, 0) >> 1
        name = lean.call("lean_name_mk_string", NIL, lean.string("_stdin"))
        own = (syntax, retain(lean.options), messages, context, TRUST, lean.empty_array(), 1, name)
        result = lean.value_of(lean.call("l_Lean_Elab_processHeader", *own))
        self.environment, self._messages = field(result, 0), field(result, 1)

    def begin(self, text: bytes) -> "tuple[Address, Address, Address]":
        """Return (context, parser's state, command state) for a document. Raises LeanFailure for another header."""
        context = _context(self._lean, text)
        _, state, _ = _parse_header(self._lean, context)
        end = field(state, 0) >> 1
        if not text.startswith(self._text) or end < self._end or b"import" in text[self._end : end]:
            raise LeanFailure("the document does not begin with this header")
        given = (retain(self.environment), retain(self._messages), retain(self._lean.options))
        return context, state, self._lean.call("l_Lean_Elab_Command_mkState", *given)


class Elaboration:
    """A document, elaborated command by command; every message is written when it comes, one JSON object a line.

    What Lean's own driver does (`Lean.Elab.Frontend`, `Lean.Language.Lean`), without its snapshots for editors.
    """

    def __init__(self, lean: Lean, header: Header, text: bytes, write: "Callable[[bytes], object]") -> None:
        self._lean, self._write = lean, write
        self.num_errors = 0
        self._context, self._parser, command_state = header.begin(text)
        self._report(field(command_state, 1))
        self._state = lean.call("lean_st_mk_ref", self._frontend_state(command_state))

    def run(self) -> Address:
        """Elaborate to the end; return the environment."""
        while not self._next():
            pass
        return field(self._command_state(), 0)

    def _next(self) -> bool:
        """Elaborate one command; return whether it was the last."""
        lean, command_state = self._lean, self._command_state()
        scope = field(field(command_state, 2), 0)
        module = lean.construct(0, retain(field(command_state, 0)), *(retain(field(scope, i)) for i in (1, 2, 3)))
        given = (retain(self._context), module, self._parser, retain(lean.constant("l_Lean_MessageLog_empty")))
        parsed = lean.call("l_Lean_Parser_parseCommand", *given)
        command, self._parser = field(parsed, 0), retain(field(field(parsed, 1), 0))
        self._report(field(field(parsed, 1), 1))
        lean.release(lean.call("lean_st_ref_swap", self._state, self._frontend_state(command_state)))
        finished = bool(lean.call("l_Lean_Parser_isTerminalCommand", retain(command)))
        done = lean.call("l_Lean_Elab_Frontend_elabCommandAtFrontend", retain(command), self._context, self._state)
        lean.value_of(done)
        lean.release(parsed)
        after = self._command_state()
        self._report(field(after, 1))
        lean.release(after)
        return finished

    def _frontend_state(self, command_state: Address) -> Address:
        position = field(self._parser, 0)
        return self._lean.construct(0, command_state, retain(self._parser), position, self._lean.empty_array())

    def _command_state(self) -> Address:
        state = self._lean.call("lean_st_ref_get", self._state)
        command_state = retain(field(state, 0))
        self._lean.release(state)
        return command_state

    def _report(self, log: Address) -> None:
        lean = self._lean
        messages = lean.call("l_Lean_MessageLog_toArray", log)
        for message in elements(messages):
            line = string(lean.call("l_Lean_Json_compress", lean.call("l_Lean_Message_toJson", retain(message))))
            self.num_errors += b'"severity":"error"' in line  # a quotation mark inside a message is escaped
            self._write(line + b"\n")
        lean.release(messages)


def check_again(lean: Lean, header: Header, given: "tuple[str, list[int]]", checked: "tuple[str, list[int]]") -> None:
    """Let the kernel alone check constants of a compiled module, in the order of their places.

    Raises LeanFailure when it refuses a theorem or definition, or when there is something else. The constants of
    `given` are taken as they are. Neither module is imported, so none of its code can run.
    """
    environment = lean.call("lean_elab_environment_to_kernel_env", retain(header.environment))
    for _, constant in _constants_at(lean, *given):
        environment = lean.call("lean_environment_add", environment, constant)
    for place, constant in _constants_at(lean, *checked):
        if tag(constant) not in DECLARED_ALIKE:
            raise LeanFailure(f"constant {place} is no theorem or definition")
        added = lean.call("lean_add_decl", environment, 0, MAX_REC_DEPTH, constant, NIL)
        if tag(added) != 1:
            raise LeanFailure(f"the kernel refuses constant {place}")
        environment = retain(field(added, 0))


def _constants_at(lean: Lean, olean: str, places: "list[int]") -> "list[tuple[int, Address]]":
    if not places:
        return []
    module = field(lean.value_of(lean.call("l_Lean_readModuleData", lean.string(olean))), 0)
    constants = elements(field(module, 2))
    return [(place, retain(constants[place])) for place in places]


# Objects: an odd address is a small number; others point to a count of references, then (fields, constructor)


def tag(address: Address) -> int:
    """Return which constructor made a value."""
    return address >> 1 if address & 1 else ctypes.c_uint8.from_address(address + 7).value


def field(address: Address, index: int) -> Address:
    """Return a field of a constructor's object; it stays that object's."""
    if address & 1 or index >= ctypes.c_uint8.from_address(address + 6).value:
        raise LeanFailure("an object without the expected field")
    return ctypes.c_uint64.from_address(address + 8 + 8 * index).value


def elements(address: Address) -> "list[Address]":
    """Return the elements of an array; they stay the array's."""
    if tag(address) != ARRAY:
        raise LeanFailure("no array where one was expected")
    size = ctypes.c_uint64.from_address(address + 8).value
    return list((ctypes.c_uint64 * size).from_address(address + 24)) if size else []


def string(address: Address) -> bytes:
    """Return a string's bytes."""
    if tag(address) != STRING:
        raise LeanFailure("no string where one was expected")
    return ctypes.string_at(address + 32, ctypes.c_uint64.from_address(address + 8).value - 1)


def retain(address: Address) -> Address:
    """Count one reference more, for a callee that takes one over."""
    if not address & 1:
        count = ctypes.c_int32.from_address(address)
        if count.value:  # 0: it lives for ever; negative: shared between threads
            count.value += 1 if count.value > 0 else -1
    return address


def _context(lean: Lean, text: bytes) -> Address:
    size = len(text) << 1 | 1
    return lean.call("l_Lean_Parser_mkInputContext___redArg", lean.string(text), lean.string("document"), 1, size)


def _parse_header(lean: Lean, context: Address) -> "tuple[Address, Address, Address]":
    """Return (syntax, state of the parser after it, messages)."""
    parsed = lean.value_of(lean.call("l_Lean_Parser_parseHeader", retain(context)))
    rest = field(parsed, 1)
    return field(parsed, 0), field(rest, 0), field(rest, 1)
