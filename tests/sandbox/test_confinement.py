"""What a worker may not do, tried inside one; and what the outside can see of it."""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from sandboxed import FORKS, hostile_sandbox, open_script

from redact.errors import SandboxError
from redact.options import IntakeLimits, RasterOptions
from redact.sandbox import Sandbox, seccomp, windows_job

needs_seccomp = pytest.mark.skipif(not seccomp.has_seccomp(), reason="Linux on x86_64 or aarch64")
needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


@pytest.fixture(scope="module", params=FORKS, ids=lambda fork: "forked" if fork else "plain")
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    sandbox = hostile_sandbox(fork=request.param)
    yield sandbox
    sandbox.close()


def attempt(sandbox: Sandbox, what: str) -> int:
    """The error number that the attempt met inside, 0 where it succeeded."""
    with open_script(sandbox, f"page0={what}") as attachment:
        return int(attachment.page(0).dpi)


FORBIDDEN = [
    "socket",
    "socketpair",
    "fork",
    "spawn",
    "exec",
    "create",
    "append",
    "unlink",
    "mkdir",
    "signal another",
    "open a process",
    "io_uring",
]


@needs_seccomp
@pytest.mark.parametrize("what", FORBIDDEN)
def test_network_processes_and_files_are_closed(what: str, sandbox: Sandbox) -> None:
    assert attempt(sandbox, what) == errno.EPERM


@needs_seccomp
@pytest.mark.parametrize("what", ["clone3", "unknown call"])
def test_calls_that_cannot_be_looked_into_are_not_there(what: str, sandbox: Sandbox) -> None:
    assert attempt(sandbox, what) == errno.ENOSYS


@needs_seccomp
@pytest.mark.parametrize("what", ["start a thread", "read a module", "signal itself"])
def test_what_decoders_need_is_open(what: str, sandbox: Sandbox) -> None:
    assert attempt(sandbox, what) == 0


def has_landlock() -> bool:
    call = ctypes.CDLL(None).syscall
    return sys.platform == "linux" and call(444, None, ctypes.c_size_t(0), ctypes.c_uint32(1)) > 0


@pytest.mark.skipif(sys.platform != "linux" or not has_landlock(), reason="needs Landlock")
def test_files_other_than_pythons_cannot_be_read(sandbox: Sandbox) -> None:
    assert attempt(sandbox, "read a file") == errno.EACCES


@needs_proc
def test_limits_hold_also_where_the_program_is_roots(sandbox: Sandbox) -> None:
    with open_script(sandbox, "page0=pid") as attachment:
        pid = int(attachment.page(0).dpi)
        status = Path(f"/proc/{pid}/status").read_text()
        assert "CapEff:\t0000000000000000" in status and "CapPrm:\t0000000000000000" in status
        # Standard streams that lead nowhere, and the two pipes: no other attachment's, and not the server's own.
        assert len(os.listdir(f"/proc/{pid}/fd")) == 5
        limits = {line[:25].strip(): line[26:].split()[0] for line in Path(f"/proc/{pid}/limits").read_text().splitlines()}
        assert (limits["Max core file size"], limits["Max file size"], limits["Max open files"]) == ("0", "0", "32")
        assert limits["Max data size"].isdigit() and limits["Max address space"].isdigit() and limits["Max cpu time"].isdigit()


@needs_seccomp
def test_a_system_that_refuses_the_filter_is_told_and_nothing_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    answered: list[bytes] = []
    from redact.sandbox import confine, serving

    def refuse() -> None:
        raise OSError(errno.EINVAL, "张伟")

    monkeypatch.setattr(serving, "confine_serving", refuse)
    monkeypatch.setattr(serving, "write_frame", lambda _, head, *__: answered.append(head))
    serving.Server(None, None, None, confine.Memory(0, 0)).serve()  # type: ignore[arg-type]
    assert answered == [b'{"refused": "errno 22 while confining itself"}']
    sandbox = hostile_sandbox(fork=False)
    monkeypatch.setattr("redact.sandbox.attachment.read_json", lambda _: {"refused": "errno 22"})
    with pytest.raises(SandboxError, match="cannot confine itself"):
        open_script(sandbox, "")
    sandbox.close()


# --- seen from outside --------------------------------------------------------------------------------------------------

# A program without a guard of its main module, which holds a name in its arguments, environment and folder.
PROGRAM = """
import os, sys, time
from sandboxed import hostile_sandbox, open_script
sandbox = hostile_sandbox(fork=sys.argv[1] == "True")
opened = [open_script(sandbox, "pages=2;page0=pid;page1=hang") for _ in range(2)]
print(*(int(attachment.page(0).dpi) for attachment in opened), flush=True)
if sys.argv[2] == "busy":
    opened[0].page(1)
time.sleep(100)
"""


def start_program(folder: Path, fork: bool, *arguments: str) -> tuple[subprocess.Popen[str], set[int]]:
    """The program, and the processes that it started."""
    home = folder / "张伟"
    home.mkdir()
    (home / "program.py").write_text(PROGRAM)
    tests = str(Path(__file__).parents[1])
    package = str(Path(seccomp.__file__).parents[2])
    environment = os.environ | {"APPLICANT": "张伟", "PYTHONPATH": os.pathsep.join((tests, package))}
    program = subprocess.Popen(
        [sys.executable, str(home / "program.py"), str(fork), *arguments, "张伟"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=home,
        env=environment,
    )
    assert program.stdout is not None
    said = program.stdout.readline().split()
    started = {child.pid for child in psutil.Process(program.pid).children(recursive=True)}
    assert {int(pid) for pid in said} <= started
    return program, started


@pytest.mark.parametrize("fork", FORKS)
def test_the_name_is_in_no_workers_arguments_environment_or_folder(fork: bool, tmp_path: Path) -> None:
    program, started = start_program(tmp_path, fork, "idle")
    try:
        for pid in started:
            worker = psutil.Process(pid)
            seen = " ".join([*worker.cmdline(), *worker.environ().values(), worker.cwd()])
            assert "张伟" not in seen and "APPLICANT" not in worker.environ()
            assert str(tmp_path) not in seen
    finally:
        program.kill()
        program.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="groups of POSIX")
@pytest.mark.parametrize("fork", FORKS)
def test_ctrl_c_in_a_terminal_is_the_programs_alone(fork: bool, tmp_path: Path) -> None:
    program, started = start_program(tmp_path, fork, "idle")
    try:
        assert all(os.getpgid(pid) != os.getpgid(program.pid) for pid in started)
        for pid in started:
            os.kill(pid, signal.SIGINT)
        time.sleep(0.2)
        assert all(psutil.pid_exists(pid) for pid in started)
    finally:
        program.kill()
        program.communicate()


@pytest.mark.parametrize("doing", ["idle", "busy"])
@pytest.mark.parametrize("fork", FORKS)
def test_a_program_killed_at_once_leaves_no_worker_and_no_shared_memory(fork: bool, doing: str, tmp_path: Path) -> None:
    shared = Path("/dev/shm")
    before = set(shared.iterdir()) if shared.exists() else set()
    program, started = start_program(tmp_path, fork, doing)
    assert started
    time.sleep(0.2)
    program.kill()
    program.communicate()
    patience = time.monotonic() + 20
    while time.monotonic() < patience and any(is_running(pid) for pid in started):
        time.sleep(0.05)
    assert not [pid for pid in started if is_running(pid)]
    ours = {path for path in (set(shared.iterdir()) if shared.exists() else set()) - before if path.name.startswith("psm_")}
    assert not ours


def is_running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("fork", FORKS)
def test_a_worker_outlives_the_thread_that_started_it(fork: bool) -> None:
    import threading

    sandbox = hostile_sandbox(fork=fork)
    opened = []
    thread = threading.Thread(target=lambda: opened.append(open_script(sandbox, "pages=2")))
    thread.start()
    thread.join()
    time.sleep(0.1)
    assert (opened[0].page(1).pixels == 1).all()
    opened[0].close()
    sandbox.close()


@needs_proc
@pytest.mark.parametrize("fork", FORKS)
def test_closing_ends_every_process_and_leaves_no_handle(fork: bool) -> None:
    sandbox = hostile_sandbox(fork=fork)
    me = psutil.Process()
    children, handles = len(me.children(recursive=True)), me.num_fds()
    for _ in range(20):
        with open_script(sandbox, "page0=pid") as attachment:
            attachment.page(0)
    with pytest.raises(Exception, match="ended with 7"):
        open_script(sandbox, "open=exit")
    sandbox.close()
    assert len(me.children(recursive=True)) == children
    assert me.num_fds() == handles


@needs_proc
@pytest.mark.parametrize("fork", FORKS)
def test_the_programs_memory_stays_flat(fork: bool) -> None:
    from drawn_uploads import photo

    sandbox, content, me = Sandbox(fork=fork), photo(), psutil.Process()

    def read(times: int) -> int:
        for _ in range(times):
            with sandbox.open(content, limits=IntakeLimits(), raster=RasterOptions()) as attachment:
                attachment.page(0)
        return int(me.memory_info().rss)

    before = read(8)
    after = read(20)
    sandbox.close()
    # Each page has 6 MB.
    assert after - before < 12 * 2**20


# --- Windows, as far as it can be told from elsewhere --------------------------------------------------------------------


@pytest.mark.skipif(ctypes.sizeof(ctypes.c_void_p) != 8, reason="sizes of 64-bit Windows")
def test_the_jobs_structures_have_the_layout_of_winnt_h() -> None:
    limits = windows_job.ExtendedLimits
    assert ctypes.sizeof(limits) == 144
    assert (limits.basic.size, limits.io.offset, limits.process_memory.offset) == (64, 64, 112)
    made = windows_job.make_limits(1 << 30)
    assert (made.basic.active_processes, made.process_memory) == (1, 1 << 30)
    # JOB_OBJECT_LIMIT_ACTIVE_PROCESS, _PROCESS_MEMORY, _DIE_ON_UNHANDLED_EXCEPTION, _KILL_ON_JOB_CLOSE
    assert made.basic.flags == 0x8 | 0x100 | 0x400 | 0x2000
