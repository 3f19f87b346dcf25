"""A PostgreSQL of the tests' own: in a folder that goes with it, reached by a socket in that folder.

    apt-get install postgresql; pytest tests/service
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from viewers import required

# Nothing here must outlive a power cut.
_SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=", "max_connections=200")
_START_S = 60


@contextmanager
def run_postgres() -> Iterator[str]:
    """Gives the URL's end, ``?host=FOLDER``, for ``postgresql://postgres@/DATABASE``. Skips where it is not installed; fails
    instead with ``REDACT_REQUIRE_TOOLS=1``."""
    initdb, postgres = _find("initdb"), _find("postgres")
    folder = Path(tempfile.mkdtemp(prefix="redact-pg."))
    try:
        user = _pick_user(folder)
        data = folder / "data"
        make = [initdb, "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        subprocess.run([*user, *make], check=True, capture_output=True, cwd=folder)
        options = [word for setting in _SETTINGS for word in ("-c", setting)]
        with (folder / "log").open("wb") as log:
            start = [postgres, "-D", data, "-k", folder, *options]
            server = subprocess.Popen([*user, *start], stdout=log, stderr=log, cwd=folder)
        try:
            _wait(server, f"postgresql://postgres@/postgres?host={folder}", folder / "log")
            yield f"?host={folder}"
        finally:
            server.send_signal(signal.SIGQUIT)  # at once: nothing of it is needed any more
            server.wait(60)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _find(program: str) -> str:
    """Debian keeps them away from PATH, in a folder for each version."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda f: int(f.parent.name), reverse=True)
    search = os.pathsep.join([os.environ.get("PATH", ""), *map(str, folders)])
    return required(shutil.which(program, path=search), f"{program} of PostgreSQL is not installed")


def _pick_user(folder: Path) -> list[str]:
    """The start of a command that runs as somebody else where we are root, which PostgreSQL refuses to be."""
    import pwd  # not on Windows

    if os.geteuid() != 0:
        return []
    names = {entry.pw_name for entry in pwd.getpwall()}
    somebody = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    os.chown(folder, somebody.pw_uid, somebody.pw_gid)
    setpriv = required(shutil.which("setpriv"), "setpriv is not installed")
    return [setpriv, f"--reuid={somebody.pw_uid}", f"--regid={somebody.pw_gid}", "--clear-groups", "--pdeathsig=QUIT"]


def _wait(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + _START_S
    while True:
        try:
            psycopg.connect(url).close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(log.read_text(errors="replace")) from None
            time.sleep(0.05)
