"""What other programs may import: adding a name is a decision, taking one away breaks them."""

from __future__ import annotations

import inspect
import subprocess
import sys

import redact

PUBLIC = {
    "AttachmentError",
    "Box",
    "Empty",
    "Corrected",
    "Encrypted",
    "Hit",
    "InvalidName",
    "Issue",
    "Leak",
    "MediaType",
    "ModelError",
    "NotAFile",
    "OutputExists",
    "PageMasks",
    "PageReport",
    "PageScreening",
    "Quad",
    "Reason",
    "RedactError",
    "RedactResult",
    "Redactor",
    "Report",
    "SandboxError",
    "ScreeningReport",
    "Severity",
    "Status",
    "TooLarge",
    "Truncated",
    "Unopenable",
    "UsageError",
    "Verdict",
    "VerifyReport",
    "WrongType",
}


def test_the_public_names_are_these_and_no_others() -> None:
    assert set(redact.__all__) == PUBLIC
    assert redact.__all__ == sorted(redact.__all__, key=str)


def test_every_public_name_can_be_imported() -> None:
    for name in redact.__all__:
        assert inspect.isclass(getattr(redact, name)), name


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    assert not hasattr(redact, "Masker")


def test_the_signatures_of_the_redactor_are_the_contract() -> None:
    redactor = redact.Redactor
    assert list(inspect.signature(redactor.redact).parameters)[:2] == ["self", "source"]
    for method in (redactor.redact, redactor.verify):
        parameters = inspect.signature(method).parameters
        assert parameters["name"].kind is inspect.Parameter.KEYWORD_ONLY
        assert parameters["name"].default is inspect.Parameter.empty
        assert parameters["aliases"].kind is inspect.Parameter.KEYWORD_ONLY
        assert list(parameters["aliases"].default) == []
    assert inspect.signature(redactor.redact).parameters["accept_poor"].default is False
    assert list(inspect.signature(redactor.screen).parameters) == ["self", "source", "progress"]


def test_importing_redact_loads_no_model_library() -> None:
    heavy = ("cv2", "pymupdf", "openvino", "onnxruntime", "pypinyin", "opencc", "numpy")
    code = f"import sys, redact, redact.cli; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
