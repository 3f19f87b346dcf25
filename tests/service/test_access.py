"""Who may see what: keys see their own documents, links one document for a while, and without keys only this computer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from served import NAME, Served, picture, serve

from service.access import Link, Links


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A service with two keys."""
    with serve(tmp_path_factory.mktemp("locked"), failures_per_minute=100_000) as served:
        served.service.keys.add("nobody's")
        yield served


@pytest.fixture
def key(locked: Served) -> dict[str, str]:
    return {"X-API-Key": locked.service.keys.add("platform")[1]}


@pytest.fixture
def document(locked: Served, key: dict[str, str]) -> str:
    return str(locked.upload(picture(), headers=key).json()["id"])


def make_link(locked: Served, document: str, key: dict[str, str], **body: object) -> dict[str, str]:
    response = locked.client.post(f"/v1/documents/{document}/links", json=body, headers=key)
    assert response.status_code == 201, response.text
    return {"Authorization": f"Bearer {response.json()['token']}"}


ADDRESSES = [
    ("GET", "/v1/documents/{id}"),
    ("GET", "/v1/documents/{id}/file"),
    ("GET", "/v1/documents/{id}/pages/0.png"),
    ("PUT", "/v1/documents/{id}/pages/0"),
    ("DELETE", "/v1/documents/{id}"),
    ("POST", "/v1/documents/{id}/links"),
]


def ask(locked: Served, method: str, address: str, document: str, headers: dict[str, str]) -> httpx.Response:
    body = {"PUT": {"mask_required": "否", "masks": []}, "POST": {}}.get(method)
    return locked.client.request(method, address.format(id=document), json=body, headers=headers)


@pytest.mark.parametrize(
    ("method", "address"), [*ADDRESSES, ("POST", "/v1/documents"), ("POST", "/v1/screen"), ("GET", "/metrics")]
)
@pytest.mark.parametrize("headers", [{}, {"X-API-Key": "rk_wrong"}, {"Authorization": "Bearer rk_wrong"}])
def test_without_a_key_that_works_nothing_is_answered(
    locked: Served, document: str, method: str, address: str, headers: dict[str, str]
) -> None:
    response = ask(locked, method, address, document, headers)
    assert (response.status_code, response.json()["code"]) == (401, "unauthorized")
    assert response.headers["www-authenticate"]


@pytest.mark.parametrize(("method", "address"), ADDRESSES)
def test_the_document_of_another_key_looks_like_one_that_does_not_exist(
    locked: Served, document: str, method: str, address: str
) -> None:
    other = {"X-API-Key": locked.service.keys.add("other")[1]}
    theirs, none = ask(locked, method, address, document, other), ask(locked, method, address, "nosuchdocument00000000", other)
    assert theirs.status_code == none.status_code == 404
    drop = ("request_id",)
    assert {k: v for k, v in theirs.json().items() if k not in drop} == {k: v for k, v in none.json().items() if k not in drop}


def test_a_revoked_key_is_refused_and_so_are_its_links(locked: Served) -> None:
    made, secret = locked.service.keys.add("short-lived")
    headers = {"Authorization": f"Bearer {secret}"}
    document = locked.upload(picture(), headers=headers).json()["id"]
    link = make_link(locked, document, headers)
    assert locked.client.get(f"/v1/documents/{document}", headers=link).status_code == 200
    assert locked.service.keys.revoke(made.id)
    assert locked.client.get(f"/v1/documents/{document}", headers=headers).status_code == 401
    assert locked.client.get(f"/v1/documents/{document}", headers=link).json()["code"] == "link_expired"


def test_a_link_shows_and_answers_one_document_and_nothing_else(locked: Served, document: str, key: dict[str, str]) -> None:
    link = make_link(locked, document, key, subject="applicant-17")
    session = locked.client.get("/v1/session", headers=link).json()
    assert (session["access"], session["document"]) == ("link", document)
    report = locked.client.get(f"/v1/documents/{document}", headers=link).json()
    put = {"mask_required": "是", "masks": report["pages"][0]["masks"]}
    answered = locked.client.put(f"/v1/documents/{document}/pages/0", json=put, headers=link)
    assert answered.json()["pages"][0]["decided_by"]["who"] == "applicant-17"
    for address in ("/file", "/pages/0.png"):
        assert locked.client.get(f"/v1/documents/{document}{address}", headers=link).status_code == 200
    another = locked.upload(picture(), headers=key).json()["id"]
    assert locked.client.get(f"/v1/documents/{another}", headers=link).status_code == 404
    assert locked.client.delete(f"/v1/documents/{document}", headers=link).status_code == 403
    assert locked.upload(picture(), headers=link).status_code == 403
    assert locked.client.post("/v1/screen", files={"file": ("a.png", picture())}, headers=link).status_code == 403
    assert locked.client.post(f"/v1/documents/{document}/links", json={}, headers=link).status_code == 403
    assert locked.client.get("/metrics", headers=link).status_code == 403


def test_a_link_that_has_expired_or_was_changed_opens_nothing(locked: Served, document: str, key: dict[str, str]) -> None:
    owner = locked.service.documents.find(document)
    assert owner is not None
    old = locked.service.links.sign(Link(document, owner.owner, "applicant", datetime.now(UTC) - timedelta(seconds=1)))
    foreign = Links(b"another secret").sign(Link(document, owner.owner, "applicant", datetime.now(UTC) + timedelta(hours=1)))
    good = make_link(locked, document, key)["Authorization"].removeprefix("Bearer ")
    for token in (old, foreign, good[:-2], good.swapcase(), "x" * 5000, "。"):
        response = locked.client.get(f"/v1/documents/{document}", headers={b"Authorization": f"Bearer {token}".encode()})
        assert (response.status_code, response.json()["code"]) == (401, "link_expired")


def test_a_link_lives_no_longer_than_its_document(locked: Served, document: str, key: dict[str, str]) -> None:
    body = locked.client.post(f"/v1/documents/{document}/links", json={"seconds": 86_400}, headers=key).json()
    assert body["url"].startswith(f"{locked.url}/#/d/{document}?token=")
    expires = locked.client.get(f"/v1/documents/{document}", headers=key).json()["expires_at"]
    assert datetime.fromisoformat(body["expires_at"]) <= datetime.fromisoformat(expires)


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example:80"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"X-Forwarded-For": "203.0.113.9"},
        {"Forwarded": "for=203.0.113.9"},
    ],
)
def test_without_keys_pages_of_other_sites_and_proxies_are_refused(served: Served, headers: dict[str, str]) -> None:
    """A browser lets any site post to this computer, and a name can be made to point here (DNS rebinding)."""
    response = served.client.post("/v1/documents", files={"file": ("a.png", picture())}, data={"name": NAME}, headers=headers)
    assert (response.status_code, response.json()["code"]) == (403, "loopback_only")
    assert served.client.get("/v1/session", headers=headers).json()["access"] == "none"


def test_without_keys_other_computers_are_refused(tmp_path: Path) -> None:
    import asyncio

    with serve(tmp_path) as served:
        app = served.server.config.app

        async def ask_from_afar() -> httpx.Response:
            transport = httpx.ASGITransport(app=app, client=("203.0.113.9", 4711))
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                return await client.get("/v1/documents/x")

        response = asyncio.run(ask_from_afar())
    assert (response.status_code, response.json()["code"]) == (403, "loopback_only")


def test_who_asks_too_often_has_to_wait(tmp_path: Path) -> None:
    with serve(tmp_path, requests_per_minute=8, failures_per_minute=1000) as served:
        responses = [served.client.get("/v1/documents/x") for _ in range(12)]
        assert served.client.get("/healthz").status_code == 200
    refused = [r for r in responses if r.status_code == 429]
    assert 3 <= len(refused) <= 5 and all(
        r.json()["code"] == "rate_limited" and int(r.headers["retry-after"]) >= 1 for r in refused
    )


def test_who_tries_keys_is_stopped(tmp_path: Path) -> None:
    with serve(tmp_path, failures_per_minute=5) as served:
        secret = served.service.keys.add("platform")[1]
        codes = [served.client.get("/v1/documents/x", headers={"X-API-Key": f"rk_{i}"}).status_code for i in range(8)]
        assert codes == [401] * 5 + [429] * 3
        assert served.client.get("/v1/documents/x", headers={"X-API-Key": secret}).status_code == 429, "from that address no more"


@pytest.mark.parametrize(
    "path",
    ["/../pyproject.toml", "/%2e%2e/pyproject.toml", "/..%2fapp.py", "/%5c..%5capp.py", "/v1/documents/..%2f..%2fetc%2fpasswd",
     "/v1/documents/%2e%2e/file", "/v1/documents/x/pages/..%2f0.png", "//etc/passwd", "/app.py", "/__init__.py"],
)  # fmt: skip
def test_no_path_leads_out_of_the_page_and_the_documents(served: Served, path: str) -> None:
    import socket

    host, port = served.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.split()[1] in (b"404", b"422"), answer[:200]
    assert b"redact-titles" not in answer and b"root:" not in answer and b"create_app" not in answer
