"""The OpenAPI document: true to what the service does (schemathesis asks it much), with examples that fit its schemas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import ignored_auth, negative_data_rejection, positive_data_acceptance
from served import NAME, Served, picture

from service.app import create_app
from service.settings import Settings

_EXAMPLES = 25


@pytest.fixture(scope="module")
def document(served: Served) -> str:
    """One that every request is about, so that more than 404 is answered."""
    return str(served.upload(picture()).json()["id"])


def _operations() -> dict[str, Any]:
    """By method and path, of an app that need not run to be described."""
    schema = schemathesis.openapi.from_dict(create_app(Settings(data_dir=Path("unused"))).openapi())
    return {f"{o.method.upper()} {o.path}": o for o in (result.ok() for result in schema.get_all_operations())}


_OPERATIONS = _operations()
# A body may be as the document says and still be no picture, or no mask on the page.
_MEANING = ("PUT /v1/documents/{document_id}/pages/{page_index}", "POST /v1/documents", "POST /v1/screen")
# Elsewhere what the parser of multipart takes, and a query that nobody reads, is not refused.
_STRICT = ("PUT /v1/documents/{document_id}/pages/{page_index}", "POST /v1/documents/{document_id}/links")
_ASKED = [
    (name, mode)
    for name, operation in _OPERATIONS.items()
    for mode in GenerationMode
    if mode is GenerationMode.POSITIVE or operation.body or list(operation.iter_parameters())
]


@pytest.mark.parametrize(("operation", "mode"), _ASKED)
def test_every_answer_is_one_that_the_document_promises(
    served: Served, document: str, operation: str, mode: GenerationMode
) -> None:
    """With requests as the document asks for them, and with ones that break it."""
    # Without a key this computer may ask all the same.
    left_out = [ignored_auth]
    left_out += [positive_data_acceptance] if operation in _MEANING else []
    left_out += [] if operation in _STRICT else [negative_data_rejection]

    @given(case=_OPERATIONS[operation].as_strategy(generation_mode=mode))
    @settings(max_examples=_EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    def ask(case: Any) -> None:
        if case.method != "DELETE" and isinstance(case.path_parameters, dict) and "document_id" in case.path_parameters:
            case.path_parameters["document_id"] = document
        if isinstance(case.query, dict) and "wait" in case.query:
            # It would wait as long as it says.
            case.query["wait"] = 0
        case.call_and_validate(base_url=served.url, excluded_checks=left_out, timeout=60)

    ask()


def test_each_operation_has_an_example_for_what_it_answers_and_for_each_error(served: Served) -> None:
    document = served.client.get("/openapi.json").json()
    missing = []
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for status, response in operation["responses"].items():
                content = response.get("content", {})
                for media_type, body in content.items():
                    if media_type in ("application/json", "application/problem+json") and not (
                        {"example", "examples"} & set(body)
                    ):
                        missing.append(f"{method} {path} {status}")
    assert not missing


def test_examples_fit_their_schemas(served: Served) -> None:
    document = served.client.get("/openapi.json").json()
    checked = 0
    for operations in document["paths"].values():
        for operation in operations.values():
            for response in operation["responses"].values():
                for body in response.get("content", {}).values():
                    examples = [body["example"]] if "example" in body else [e["value"] for e in body.get("examples", {}).values()]
                    for example in examples if "schema" in body else []:
                        jsonschema.validate(example, {**body["schema"], "components": document["components"]})
                        checked += 1
    assert checked > 50


@pytest.mark.parametrize("boundary", [b"x", b"-" * 70])
def test_broken_multipart_bodies_are_refused_and_never_a_fault(served: Served, boundary: bytes) -> None:
    """Bytes taken out, doubled and changed, with a fixed seed."""
    from random import Random

    chance = Random(5)
    start, part = b"--" + boundary + b"\r\n", b"Content-Disposition: form-data; name="
    end = b"--" + boundary + b"--\r\n"
    name = start + part + b'"name"\r\n\r\n' + NAME.encode() + b"\r\n"
    file = start + part + b'"file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\nnot a picture\r\n'
    good = name + file + end
    odd = [b"\r\n", b"\x00", b"\xff\xfe", b"--" + boundary, b"filename*=UTF-8''%E5%BC%A0", b";"]
    statuses = set()
    with httpx.Client(base_url=served.url, timeout=60) as client:
        for _ in range(60):
            body = bytearray(good)
            for _ in range(chance.randint(1, 4)):
                at = chance.randrange(len(body))
                kind = chance.randrange(4)
                if kind == 0:
                    del body[at : at + chance.randint(1, 40)]
                elif kind == 1:
                    body[at:at] = body[at : at + chance.randint(1, 40)]
                elif kind == 2 and body:
                    body[at] = chance.randrange(256)
                else:
                    body[at:at] = chance.choice(odd)
            headers = {"Content-Type": f"multipart/form-data; boundary={boundary.decode()}"}
            response = client.post("/v1/documents?wait=20", content=bytes(body), headers=headers)
            statuses.add(response.status_code)
            assert response.status_code < 500, (response.status_code, bytes(body))
            assert NAME not in response.text
    assert statuses == {422}, "a file that is no picture, or no upload at all"
