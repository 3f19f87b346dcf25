"""A process that opens untrusted bytes. Started by :mod:`redact.sandbox.processes`, never by hand.

On Linux it is a *fork server*: it loads the libraries once, looks at no untrusted byte itself, and forks a child for each
attachment, so that no file can reach another applicant's, a crash costs milliseconds, and the libraries are in memory
once. Elsewhere (macOS: its system libraries do not survive a fork; Windows: has none) it serves attachments one after
another itself.
"""

from __future__ import annotations

import gc
import os
import selectors
import signal
import socket
import threading
import time
from contextlib import suppress

from redact.processes.frames import write_frame
from redact.processes.interpreter import die_with_parent
from redact.sandbox.answers import FORK_SERVER, STATUS, write_json
from redact.sandbox.confine import Memory, confine_loaded, measure_memory
from redact.sandbox.decoder import Decoder
from redact.sandbox.serving import Server, hush, load_late_modules

_IN, _OUT, _ABOVE = 3, 4, 200


def main(mode: str, decoder: Decoder | None = None) -> None:
    """``decoder``: what opens the files; tests bring one that crashes, hangs and eats."""
    if hasattr(signal, "SIGINT"):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C is for the parent
    if decoder is None:
        from redact.sandbox.local import LocalDecoder

        decoder = LocalDecoder()
    load_late_modules()
    taken = measure_memory()
    null = os.open(os.devnull, os.O_RDWR)
    confine_loaded()
    pipes = [os.dup(stream) for stream in (0, 1)]
    hush(null)
    if mode == FORK_SERVER:
        os.close(pipes[1])
        _ForkServer(socket.socket(fileno=pipes[0]), decoder, taken).run()
    else:
        _serve_plainly(pipes[0], pipes[1], decoder, taken)


def _serve_plainly(reading: int, writing: int, decoder: Decoder, taken: Memory) -> None:
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    with open(reading, "rb", buffering=0) as reader, open(writing, "wb", buffering=0) as writer, suppress(OSError):
        write_frame(writer, write_json(ready=True))
        Server(reader, writer, decoder, taken).serve()
    os._exit(0)


def _end_with_parent(parent: int) -> None:
    """Where the system has no means for it. (On Windows the Job object does it, and the number never changes.)"""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(0)


class _ForkServer:
    """Through a socket as its standard input come requests for a child: one byte, and three handles: the pipe that the
    child reads from, the one that it writes to, and a socket, held here. Through it goes the child's exit status;
    when its other end closes, the child is killed. When the parent is gone, so are all."""

    def __init__(self, control: socket.socket, decoder: Decoder, taken: Memory) -> None:
        self._decoder = decoder
        self._taken = taken
        self._control = control
        self._selector = selectors.DefaultSelector()
        self._children: dict[int, socket.socket] = {}

    def run(self) -> None:
        woken, wake = os.pipe()
        os.set_blocking(woken, False)
        os.set_blocking(wake, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        self._selector.register(self._control, selectors.EVENT_READ)
        self._selector.register(woken, selectors.EVENT_READ)
        with socket.SocketIO(self._control, "rw") as stream:
            write_frame(stream, write_json(ready=True))
            # Of what is loaded now nothing is ever freed: children share it as long as nobody touches it.
            gc.collect()
            gc.freeze()
            while True:
                for key, _ in self._selector.select():
                    if key.fileobj is self._control:
                        self._take_request()
                    elif key.fileobj == woken:
                        with suppress(BlockingIOError):
                            os.read(woken, 4096)
                    else:
                        self._kill(key.data)
                self._bury()

    def _take_request(self) -> None:
        try:
            said, handles, _, _ = socket.recv_fds(self._control, 1, 3)
        except OSError:
            said, handles = b"", []
        if not said or len(handles) != 3:
            for pid in self._children:
                os.kill(pid, signal.SIGKILL)
            os._exit(0)
        reading, writing, status = handles
        server = os.getpid()
        pid = os.fork()
        if pid == 0:
            self._be_child(server, reading, writing)
        os.close(reading)
        os.close(writing)
        self._children[pid] = line = socket.socket(fileno=status)
        self._selector.register(line, selectors.EVENT_READ, pid)

    def _be_child(self, server: int, reading: int, writing: int) -> None:
        code = 1
        try:
            die_with_parent()
            if os.getppid() != server:
                os._exit(code)
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _keep_only(reading, writing)
            with open(_IN, "rb", buffering=0) as reader, open(_OUT, "wb", buffering=0) as writer, suppress(OSError):
                Server(reader, writer, self._decoder, self._taken).serve()
                code = 0
        finally:
            os._exit(code)

    def _kill(self, pid: int) -> None:
        self._selector.unregister(self._children[pid])
        os.kill(pid, signal.SIGKILL)

    def _bury(self) -> None:
        while self._children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            line = self._children.pop(pid)
            with suppress(KeyError):  # it was killed from here
                self._selector.unregister(line)
            with line, suppress(OSError):
                line.send(STATUS.pack(os.waitstatus_to_exitcode(status)))


def _keep_only(reading: int, writing: int) -> None:
    """Other children's handles would keep their ends open."""
    import fcntl

    reading, writing = (fcntl.fcntl(handle, fcntl.F_DUPFD, _ABOVE) for handle in (reading, writing))
    os.closerange(3, _ABOVE)
    os.dup2(reading, _IN)
    os.dup2(writing, _OUT)
    os.closerange(_OUT + 1, 1 << 16)
