"""The history of people's corrections."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.storage.tables import CorrectionRow
from service.storage.values import Box, Correction


def row_of(correction: Correction, *, document_id: str, revision: int) -> CorrectionRow:
    return CorrectionRow(
        document_id=document_id, revision=revision, page_index=correction.page_index, who=correction.who, at=correction.at,
        mask_required=correction.mask_required, masks=list(correction.masks), reason=correction.reason,
        found=list(correction.found),
    )  # fmt: skip


def read(session: Session, document_id: str) -> list[Correction]:
    query = select(CorrectionRow).where(CorrectionRow.document_id == document_id).order_by(CorrectionRow.revision)
    return [
        Correction(
            page_index=row.page_index, who=row.who, at=row.at, mask_required=row.mask_required, masks=_boxes(row.masks),
            reason=row.reason, found=_boxes(row.found),
        )
        for row in session.scalars(query)
    ]  # fmt: skip


def _boxes(stored: Iterable[Sequence[int]]) -> tuple[Box, ...]:
    """JSON has lists only."""
    return tuple((x0, y0, x1, y1) for x0, y0, x1, y1 in stored)
