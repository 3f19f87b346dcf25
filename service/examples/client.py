"""A complete client of the redact service, small enough to copy.

    python client.py URL FILE NAME [--alias A]... [--out FILE] [--link]

uploads FILE, waits until it is done, and saves the masked file. A key is taken from the variable REDACT_API_KEY; a service on
this computer without keys needs none. Exits as ``redact mask`` does: 0 saved, 3 a person must look (it says where), 4 the file
was rejected, 1 the service failed. It needs httpx and nothing else.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx

# Refusals that pass by themselves: the same request may be sent again, later.
RETRIED = ("rate_limited", "queue_full", "overloaded", "shutting_down", "starting")
REJECTED = ("unopenable", "encrypted", "empty", "truncated", "wrong_type", "too_large", "upload_too_large")
WAIT_S = 30.0
LONGEST_PAUSE_S = 60.0
# How often in a row the service may be out of reach, a second apart: a restart takes that long.
MOST_LOST = 30


class ServiceError(Exception):
    """What the service refused, by its stable code; ``str`` of it is for people. ``body``: the whole problem, which for
    ``name_uncovered`` has the boxes."""

    def __init__(self, code: str, message: str = "", body: dict[str, Any] | None = None) -> None:
        super().__init__(message or code)
        self.code = code
        self.body = body or {}


class Client:
    """``timeout_s``: how long a document may take in all, the queue included. What goes wrong is a ServiceError, or an
    httpx.TransportError where the service cannot be reached."""

    def __init__(
        self,
        url: str,
        *,
        key: str | None = None,
        lang: str = "zh",
        timeout_s: float = 1800.0,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        headers = {"Accept-Language": lang} | ({"X-API-Key": key} if key else {})
        # Longer than the service holds an answer back for.
        self._http = httpx.Client(base_url=url, headers=headers, timeout=WAIT_S + 30, transport=transport)
        self._timeout_s = timeout_s
        self._sleep = sleep

    def mask(self, file: Path, name: str, aliases: Sequence[str] = (), *, idempotency_key: str | None = None) -> dict[str, Any]:
        """The report; its "status" is done, review or rejected.

        An upload is repeated under one idempotency key, so that an answer that was lost does not make a second document. Give
        one of your own, such as the attachment's number, where your program may be restarted meanwhile.
        """
        until = time.monotonic() + self._timeout_s
        headers = {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}
        content = file.read_bytes()
        response = self._send(
            until,
            "POST",
            "/v1/documents",
            params={"wait": WAIT_S},
            # The name that a file was uploaded under may hold the applicant's; only the content counts.
            files={"file": (f"upload{file.suffix}", content)},
            data={"name": name, "aliases": list(aliases)},
            headers=headers,
        )
        while response.status_code == 202:
            self._pause(response, until)
            response = self._send(until, "GET", response.headers["Location"])
        report: dict[str, Any] = response.json()
        if report["status"] == "failed":
            raise ServiceError(report["code"], report["message"], report)
        return report

    def fetch(self, document_id: str, *, proposal: bool = False) -> tuple[str, bytes]:
        """The masked file, and a name for it. ``proposal``: also while a person must still look at it."""
        response = self._ask("GET", f"/v1/documents/{document_id}/file", params={"proposal": proposal})
        return response.headers["Content-Disposition"].partition('filename="')[2].rstrip('"'), response.content

    def make_link(self, document_id: str, *, subject: str = "applicant", seconds: int = 3600) -> str:
        """An address at which whoever has it may look at this document and answer its pages for a while. Only with a key."""
        response = self._ask("POST", f"/v1/documents/{document_id}/links", json={"subject": subject, "seconds": seconds})
        return str(response.json()["url"])

    def delete(self, document_id: str) -> None:
        """At once, instead of when it expires."""
        self._ask("DELETE", f"/v1/documents/{document_id}")

    def _ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        return self._send(time.monotonic() + self._timeout_s, method, path, **request)

    def _send(self, until: float, method: str, path: str, **request: Any) -> httpx.Response:
        """Tried again where that may help, until the time is up."""
        lost = 0
        while True:
            try:
                response = self._http.request(method, path, **request)
            except httpx.TransportError:
                # A restart, or the network. All that is asked here may be asked twice.
                lost += 1
                if lost > MOST_LOST or time.monotonic() >= until:
                    raise
                self._sleep(1.0)
                continue
            lost = 0
            if response.is_success:
                return response
            problem = _read_problem(response)
            if problem.code not in RETRIED or time.monotonic() >= until:
                raise problem
            self._pause(response, until)

    def _pause(self, response: httpx.Response, until: float) -> None:
        """As long as the service asks. Raises ServiceError where the time is up."""
        left = until - time.monotonic()
        if left <= 0:
            raise ServiceError("timeout", "it takes longer than was waited for")
        given = response.headers.get("Retry-After", "")
        self._sleep(min(float(given) if given.isdecimal() else 1.0, LONGEST_PAUSE_S, left))


def _read_problem(response: httpx.Response) -> ServiceError:
    if response.headers.get("Content-Type") != "application/problem+json":
        return ServiceError("internal", f"HTTP {response.status_code}, and not from this service")
    body: dict[str, Any] = response.json()
    return ServiceError(body["code"], f"{body['message']} {body['advice']}".strip(), body)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Masks a person's name in a file, by the redact service.")
    parser.add_argument("url", help="where the service is, such as http://127.0.0.1:8000")
    parser.add_argument("file", type=Path)
    parser.add_argument("name", help="the applicant's name")
    parser.add_argument("--alias", action="append", default=[], help="another way that it is written")
    parser.add_argument("--out", type=Path, help="where the masked file goes; never overwritten")
    parser.add_argument("--link", action="store_true", help="print an applicant's link also where nobody has to look")
    given = parser.parse_args(arguments)
    client = Client(given.url, key=os.environ.get("REDACT_API_KEY"))
    try:
        return run(client, given)
    except ServiceError as error:
        print(f"{error.code}: {error}", file=sys.stderr)
        return 4 if error.code in REJECTED else 1
    except httpx.TransportError as error:
        print(f"the service cannot be reached: {type(error).__name__}", file=sys.stderr)
        return 1


def run(client: Client, given: argparse.Namespace) -> int:
    report = client.mask(given.file, given.name, given.alias)
    if report["status"] == "rejected":
        for issue in (*report["issues"], *(issue for page in report["pages"] for issue in page["issues"])):
            print(f"{issue['code']}: {issue['message']} {issue['advice']}", file=sys.stderr)
        return 4
    if given.link or report["status"] == "review":
        print(_find_page(client, given.url, report["id"]))
    if report["status"] == "review":
        return 3
    suggested, content = client.fetch(report["id"])
    out = given.out or Path(suggested)
    with out.open("xb") as file:
        file.write(content)
    print(f"{report['mask_required']}: {out}", file=sys.stderr)
    return 0


def _find_page(client: Client, url: str, document_id: str) -> str:
    try:
        return client.make_link(document_id)
    except ServiceError as error:
        if error.code != "forbidden":
            raise
        # Without keys the page needs no link.
        return f"{url.rstrip('/')}/#/d/{document_id}"


if __name__ == "__main__":
    sys.exit(main())
