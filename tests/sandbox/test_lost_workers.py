"""A decoder that crashes, hangs or eats is a typed error of what was asked of it; the program, and the file's other pages, go on.

The "files" say what the decoder is to do (see ``hostile_worker``).
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from sandboxed import FORKS, hostile_sandbox, open_script

from redact.errors import AttachmentError, Encrypted, RedactError, SandboxError, TooLarge, Unopenable, UsageError
from redact.options import WorkerLimits
from redact.processes.frames import read_frame, write_frame
from redact.sandbox import Sandbox
from redact.sandbox.answers import read_json
from redact.values import Issue, Severity

needs_rlimits = pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="limits that Linux alone enforces")


@pytest.fixture(scope="module", params=FORKS, ids=lambda fork: "forked" if fork else "plain")
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    sandbox = hostile_sandbox(fork=request.param)
    yield sandbox
    sandbox.close()


# --- what a loss becomes ------------------------------------------------------------------------------------------------

CRASHES = [("segv", "SIGSEGV"), ("abort", "SIGABRT"), ("exit", "ended with 7")]


@needs_rlimits
@pytest.mark.parametrize(("action", "said"), CRASHES)
def test_a_crash_on_opening_is_a_file_that_cannot_be_opened(action: str, said: str, sandbox: Sandbox) -> None:
    with pytest.raises(Unopenable, match=said) as caught:
        open_script(sandbox, f"open={action}")
    assert caught.value.page_index is None
    with open_script(sandbox, "") as fine:
        assert fine.page(0).pixels.shape == (4, 5, 3)


@pytest.mark.parametrize(("action", "said"), CRASHES if sys.platform != "win32" else [("exit", "ended with 7")])
def test_a_crash_on_a_page_is_that_pages_and_the_others_are_read(action: str, said: str, sandbox: Sandbox) -> None:
    with open_script(sandbox, f"pages=3;page1={action}") as attachment:
        assert attachment.page(0).pixels.max() == 0
        with pytest.raises(Unopenable, match=said) as caught:
            attachment.page(1)
        assert caught.value.page_index == 1
        assert (attachment.page(2).pixels == 2).all()
        assert (attachment.page(0).pixels == 0).all()


@pytest.mark.parametrize("what", ["mask", "straighten", "find"])
def test_a_crash_in_the_rest_is_the_files(what: str, sandbox: Sandbox) -> None:
    with open_script(sandbox, f"{what}=exit") as attachment:
        asked = {"mask": attachment.mask, "straighten": attachment.straighten, "find": attachment.find_in_bytes}
        with pytest.raises(Unopenable, match="ended with 7"):
            asked[what](())
        assert attachment.page(0).width == 5
        others = {kind: ask(()) for kind, ask in asked.items() if kind != what}
        assert len(others) == 2 and all(others.values())


def test_a_worker_that_hangs_is_ended_by_the_clock(sandbox: Sandbox) -> None:
    with open_script(sandbox, "pages=2;page0=hang") as attachment:
        with pytest.raises(TooLarge, match="clock") as caught:
            attachment.page(0)
        assert caught.value.page_index == 0
        assert (attachment.page(1).pixels == 1).all()


@needs_rlimits
@pytest.mark.parametrize("fork", FORKS)
def test_a_worker_that_computes_for_ever_is_ended_by_its_processor_time(fork: bool) -> None:
    sandbox = hostile_sandbox(fork=fork, limits=WorkerLimits(request_cpu_s=0.2, patience=500))
    with open_script(sandbox, "pages=2;page0=spin") as attachment:
        with pytest.raises(TooLarge, match="processor time") as caught:
            attachment.page(0)
        assert caught.value.page_index == 0
        assert (attachment.page(1).pixels == 1).all()
    sandbox.close()


@needs_linux
@pytest.mark.parametrize("action", ["memory", "creeping memory"])
def test_a_worker_that_takes_memory_does_not_get_it(action: str, sandbox: Sandbox) -> None:
    with open_script(sandbox, f"pages=2;page0={action}") as attachment:
        with pytest.raises(TooLarge, match="memory"):
            attachment.page(0)
        assert (attachment.page(1).pixels == 1).all()


def test_what_a_lost_worker_had_warned_of_is_not_forgotten(sandbox: Sandbox) -> None:
    with open_script(sandbox, "pages=3;page1=exit") as attachment:
        attachment.page(2)
        with pytest.raises(Unopenable):
            attachment.page(1)
        attachment.page(0)
        assert attachment.warnings == tuple(Issue("unopenable", Severity.WARN, index) for index in (0, 2))


def test_a_file_that_costs_one_worker_after_another_gets_no_more_of_them(sandbox: Sandbox) -> None:
    with open_script(sandbox, "pages=9;" + ";".join(f"page{i}=exit" for i in range(8))) as attachment:
        for index in range(3):
            with pytest.raises(Unopenable):
                attachment.page(index)
        with pytest.raises(Unopenable, match="ended with 7"):
            attachment.page(8)  # which would be fine
    with open_script(sandbox, "") as fine:
        assert fine.page(0).width == 5


def test_typed_errors_come_back_as_they_were(sandbox: Sandbox) -> None:
    with open_script(sandbox, "pages=2;page1=encrypted") as attachment:
        with pytest.raises(Encrypted) as caught:
            attachment.page(1)
        assert (caught.value.page_index, caught.value.detail) == (1, "for a test")
    with pytest.raises(Encrypted):
        open_script(sandbox, "open=encrypted")


def test_a_fault_of_ours_is_told_as_one_without_the_text_of_its_message(sandbox: Sandbox) -> None:
    with open_script(sandbox, "page0=bug") as attachment, pytest.raises(RedactError) as caught:
        attachment.page(0)
    assert not isinstance(caught.value, AttachmentError)
    assert caught.value.detail.startswith("KeyError in hostile_worker.py:")


def test_what_a_decoder_prints_does_not_come_between(sandbox: Sandbox) -> None:
    with open_script(sandbox, "pages=2;page0=shout") as attachment:
        assert [page.index for page in attachment.pages()] == [0, 1]


def test_a_closed_attachment_says_so(sandbox: Sandbox) -> None:
    attachment = open_script(sandbox, "")
    attachment.close()
    attachment.close()
    with pytest.raises(UsageError):
        attachment.page(0)
    with pytest.raises(UsageError):
        attachment.mask(())


# --- side by side -------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
@pytest.mark.parametrize("fork", FORKS)
def test_a_worker_killed_in_mid_work_leaves_the_other_threads_alone(fork: bool) -> None:
    sandbox = hostile_sandbox(fork=fork, limits=WorkerLimits())
    outcomes: dict[int, Any] = {}

    def work(number: int) -> None:
        with open_script(sandbox, "pages=60;page0=pid" + (";page1=hang" if number == 0 else "")) as attachment:
            pid = int(attachment.page(0).dpi)
            try:
                if number == 0:
                    threading.Timer(0.3, os.kill, (pid, signal.SIGKILL)).start()
                outcomes[number] = [int(attachment.page(index).pixels[0, 0, 0]) for index in range(1, 60)]
            except AttachmentError as error:
                outcomes[number] = error

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sandbox.close()
    assert isinstance(outcomes[0], TooLarge) and outcomes[0].page_index == 1
    assert "killed" in outcomes[0].detail
    assert all(outcomes[number] == list(range(1, 60)) for number in (1, 2, 3))


@pytest.mark.skipif(not FORKS[0], reason="needs a fork server")
def test_each_attachment_has_a_process_of_its_own() -> None:
    sandbox = hostile_sandbox(fork=True)
    pids = set()
    for _ in range(3):
        with open_script(sandbox, "page0=pid") as attachment:
            pids.add(int(attachment.page(0).dpi))
    sandbox.close()
    assert len(pids) == 3


def test_a_plain_worker_serves_many_attachments_and_then_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("redact.sandbox.processes._ATTACHMENTS_EACH", 3)
    sandbox = hostile_sandbox(fork=False)
    pids = []
    for _ in range(7):
        with open_script(sandbox, "page0=pid") as attachment:
            pids.append(int(attachment.page(0).dpi))
    sandbox.close()
    assert [pids.count(pid) for pid in dict.fromkeys(pids)] == [3, 3, 1]


def test_a_plain_worker_keeps_nothing_of_a_closed_attachment() -> None:
    sandbox = hostile_sandbox(fork=False)
    launcher: Any = sandbox._launcher
    with open_script(sandbox, "pages=2") as attachment:
        attachment.page(0)
    (idle,) = launcher._idle
    write_frame(idle.writer, pickle.dumps(("page", 1.0, (1,))))
    answer = read_json(read_frame(idle.reader, most_body=1 << 20)[0])
    assert answer.get("fault") and answer["detail"].startswith("RuntimeError in serving.py")
    sandbox.close()


def test_an_interrupted_request_does_not_answer_the_next(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_script(sandbox, "pages=2") as attachment:
        with monkeypatch.context() as patch:
            patch.setattr("redact.sandbox.attachment.read_frame", interrupt)
            with pytest.raises(KeyboardInterrupt):
                attachment.page(0)
        assert (attachment.page(1).pixels == 1).all()


def interrupt(*_: Any, **__: Any) -> None:
    raise KeyboardInterrupt


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_fork_of_the_program_has_workers_of_its_own(sandbox: Sandbox) -> None:
    with open_script(sandbox, "") as attachment:
        assert attachment.page(0).width == 5
    child = os.fork()
    if child == 0:
        ok = False
        try:
            with open_script(sandbox, "pages=2") as attachment:
                ok = bool((attachment.page(1).pixels == 1).all())
            sandbox.close()
        finally:
            os._exit(0 if ok else 1)
    assert os.waitpid(child, 0)[1] == 0
    with open_script(sandbox, "pages=2") as attachment:
        assert (attachment.page(1).pixels == 1).all()


# --- no worker at all ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fork", FORKS)
@pytest.mark.parametrize("worker", ["no_such_module", "json"])
def test_a_worker_that_does_not_start_is_told_and_nothing_is_opened_without_it(worker: str, fork: bool) -> None:
    sandbox = Sandbox(worker=worker, fork=fork)
    sandbox.prepare()
    with pytest.raises(SandboxError, match=r"does not start: (ModuleNotFoundError|AttributeError)") as caught:
        open_script(sandbox, "")
    assert caught.value.exit_code == 1
    sandbox.close()


@pytest.mark.parametrize("fork", FORKS)
def test_without_an_interpreter_it_says_so(fork: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    with pytest.raises(SandboxError, match="no Python interpreter"):
        Sandbox(fork=fork).prepare()


def test_processes_that_may_not_be_started_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(1, "张伟")

    monkeypatch.setattr("subprocess.Popen", refuse)
    with pytest.raises(SandboxError) as caught:
        Sandbox().prepare()
    assert caught.value.detail == "starting a process: PermissionError"
