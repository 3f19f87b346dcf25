"""The parts that reports share in their JSON form, and the wording of an issue."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from redact.geometry import Box
from redact.texts import Lang, advice, message
from redact.values import Issue


def write_json(report: Mapping[str, Any]) -> str:
    """One line of JSON, encodable as UTF-8."""
    return json.dumps(report, ensure_ascii=False, allow_nan=False)


def issue_words(issue: Issue, lang: Lang) -> tuple[str, str]:
    """What is the case, and what to do about it, as grave as it is."""
    return message(issue.code, lang, issue.severity), advice(issue.code, lang, issue.severity)


def write_issue(issue: Issue, lang: Lang) -> dict[str, Any]:
    told, advised = issue_words(issue, lang)
    return {
        "code": issue.code,
        "severity": str(issue.severity),
        "page_index": issue.page_index,
        "box": write_box(issue.box),
        "value": write_number(issue.value),
        "threshold": write_number(issue.threshold),
        "message": told,
        "advice": advised,
    }


def write_number(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, 4)


def write_box(box: Box | None) -> list[int] | None:
    return None if box is None else list(box.pixels())


def write_seconds(timings_s: Mapping[str, float]) -> dict[str, float]:
    return {stage: round(seconds, 3) for stage, seconds in timings_s.items()}


def write_path(path: str) -> str:
    """File names that are no valid Unicode reach Python as lone surrogates, which UTF-8 cannot carry."""
    return path.encode("utf-8", "replace").decode("utf-8")
