"""Run a shared library that holds Lean as if it were `lean`: `python -I -S launcher.py LIBRARY [arguments]`.

Nothing but `ctypes` is imported: the start of this interpreter is part of every start of Lean.
"""

import ctypes
import sys

SIGINT, SIGPIPE, SIG_DFL = 2, 13, None
LINE_BUFFERED = 1
"""So that a message is read when Lean prints it: a process that goes silent can be told from one that works."""


def main(library: str, *arguments: str) -> int:
    """Lean's own exit status; the signals mean again what they mean to a C program."""
    libc = ctypes.CDLL(None)
    libc.signal.argtypes, libc.signal.restype = [ctypes.c_int, ctypes.c_void_p], ctypes.c_void_p
    libc.signal(SIGINT, SIG_DFL)
    libc.signal(SIGPIPE, SIG_DFL)
    words = [b"lean", *(word.encode("utf-8", "surrogateescape") for word in arguments)]
    libc.setvbuf.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_size_t]
    libc.setvbuf(ctypes.c_void_p.in_dll(libc, "stdout"), None, LINE_BUFFERED, 0)
    lean = ctypes.CDLL(library, mode=ctypes.RTLD_GLOBAL)
    return int(lean.lean_main(len(words), (ctypes.c_char_p * (len(words) + 1))(*words, None)))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
