"""A Lean that imports a header once and forks a child for every document: `python -I -S fork_server.py …`.

    fork_server.py LIBRARY HEADER [name=value …]     standard input: a socket of whole messages (SOCK_SEQPACKET)

It says `ready` when the header is imported. A message is a JSON object with two descriptors, one that the child writes
Lean's messages to, and one that belongs to this program alone: it says there which process it is and how it ended, and
kills the child when the other end is closed. This program itself never sees a word of a candidate, and is left with a
single thread, which is what makes a fork safe: Lean's own threads are started in the child.
"""

import contextlib
import ctypes
import json
import os
import resource
import select
import signal
import socket
import sys

sys.path.append(os.path.dirname(os.path.abspath(__file__)))

from landlock import restrict
from lean_abi import NUM_TASK_THREADS, Elaboration, Header, Lean, LeanFailure, check_again

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NOT_DONE = 70
"""Exit status of a child that could not do what it was asked; 0 and 1 are Lean's: without and with errors."""
STACK_BYTES = 2**30
"""As Lean gives its main thread."""
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 4, 38
CAPABILITY_VERSION_3 = 0x20080522


def main(library: str, header_file: str, *options: str) -> int:
    """Serve until the other end of standard input is closed."""
    if resource.getrlimit(resource.RLIMIT_STACK)[0] not in (STACK_BYTES, resource.RLIM_INFINITY):
        _, highest = resource.getrlimit(resource.RLIMIT_STACK)
        resource.setrlimit(resource.RLIMIT_STACK, (STACK_BYTES, highest))  # it holds for programs started from now on
        os.execv(sys.executable, [sys.executable, "-I", "-S", *sys.argv])
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    requests = socket.socket(fileno=os.dup(0))
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)  # a child cannot trace this process
    lean = Lean(library, list(options))
    with open(header_file, "rb") as file:
        header = Header(lean, file.read())
    requests.send(b"ready")
    Server(lean, header, requests).serve()
    return 0


class Server:
    """The children at work, by the descriptor that tells of their end."""

    def __init__(self, lean: Lean, header: Header, requests: socket.socket) -> None:
        self._lean, self._header, self._requests = lean, header, requests
        self._children: dict[int, tuple[int, socket.socket]] = {}
        self._poll = select.poll()
        self._poll.register(requests, select.POLLIN)

    def serve(self) -> None:
        """Begin what is asked, end what is no longer wanted, tell how each ended."""
        while True:
            for descriptor, _ in self._poll.poll():
                if descriptor == self._requests.fileno():
                    if not self._accept():
                        return
                elif descriptor in self._children:
                    self._tell(descriptor)
                else:
                    self._kill(descriptor)

    def _accept(self) -> bool:
        message, descriptors, _, _ = socket.recv_fds(self._requests, 2**20, 2)
        if not message or len(descriptors) != 2:
            return False  # the other end is closed: the children die with this process
        output, life = descriptors[0], socket.socket(fileno=descriptors[1])
        child = os.fork()
        if not child:
            self._be_child(json.loads(message), output)
        os.close(output)
        ended = os.pidfd_open(child)
        life.send(f"{child}".encode())
        self._children[ended] = (child, life)
        self._poll.register(ended, select.POLLIN)
        self._poll.register(life, select.POLLIN)
        return True

    def _tell(self, ended: int) -> None:
        child, life = self._children.pop(ended)
        _, status = os.waitpid(child, 0)
        self._poll.unregister(ended)
        self._poll.unregister(life)
        os.close(ended)
        with contextlib.suppress(OSError):  # nobody may wait for it any more
            life.send(f"{os.waitstatus_to_exitcode(status)}".encode())
        life.close()

    def _kill(self, descriptor: int) -> None:
        for child, life in self._children.values():
            if life.fileno() == descriptor:
                self._poll.unregister(life)
                self._poll.register(life, 0)
                os.kill(child, signal.SIGKILL)

    def _be_child(self, request: "dict[str, Any]", output: int) -> None:
        """Do what is asked and end; nothing returns from here."""
        status = NOT_DONE
        try:
            _confine(output, {os.path.dirname(str(request[each])) for each in ("source", "olean") if request.get(each)})
            status = _do(self._lean, self._header, request)
        except LeanFailure as failure:
            os.write(1, json.dumps({"failure": str(failure)}).encode() + b"\n")
        finally:
            os._exit(status)


def _confine(output: int, folders: "set[str]") -> None:
    """Leave the child its output and these folders to write to; it dies with the server and can gain no rights."""
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.capset((ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0), (ctypes.c_uint32 * 6)())
    null = os.open(os.devnull, os.O_RDWR)
    for source, target in ((null, 0), (output, 1), (null, 2)):
        os.dup2(source, target)
    os.closerange(3, 4096)
    restrict(*folders)


def _do(lean: Lean, header: Header, request: "dict[str, Any]") -> int:
    lean.call("lean_init_task_manager_using", NUM_TASK_THREADS)
    if "checked" in request:
        check_again(lean, header, request["given"], request["checked"])
        return 0
    os.chdir(os.path.dirname(str(request["source"])))
    with open(str(request["source"]), "rb") as file:
        text = file.read()
    document = Elaboration(lean, header, text, lambda line: os.write(1, line))
    environment = document.run()
    if document.num_errors:
        return 1
    if request["olean"]:
        lean.value_of(lean.call("l_Lean_writeModule", environment, lean.string(str(request["olean"])), 1))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
