"""A person answers 是 or 否 for a page: masked anew, searched again, kept with who and when."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor

import httpx
import numpy as np
import pytest
from PIL import Image
from served import DOUBTFUL_HEIGHT, HEIGHT, NAME, PLAIN, Served, pages, picture


def put(served: Served, document_id: str, verdict: str, masks: list[list[int]], page: int = 0, **more: object) -> httpx.Response:
    headers = {"If-Match": str(more.pop("if_match"))} if "if_match" in more else {}
    body = {"mask_required": verdict, "masks": masks, **more}
    return served.client.put(f"/v1/documents/{document_id}/pages/{page}", json=body, headers=headers)


def test_the_file_is_masked_as_the_person_decided(served: Served) -> None:
    report = served.upload(picture()).json()
    masks = [*report["pages"][0]["masks"], [10, 300, 200, 340]]
    answered = put(served, report["id"], "是", masks)
    assert answered.status_code == 200 and answered.headers["etag"] == '"1"'
    body = answered.json()
    (page,) = body["pages"]
    assert page["masks"] == masks and page["proposal"]["masks"] == report["pages"][0]["masks"]
    assert (
        page["decided_by"]["who"] == "local"
        and page["decided_by"]["at"].endswith(("Z", "+00:00"))
        and not page["decided_by"]["found"]
    )
    assert body["status"] == "done" and body["revision"] == 1
    after = np.array(Image.open(io.BytesIO(served.client.get(body["output"]).content)).convert("RGB"))
    assert (after[300:340, 10:200] == 0).all()


def test_leaving_the_name_uncovered_is_refused_with_the_place(served: Served) -> None:
    report = served.upload(picture()).json()
    refused = put(served, report["id"], "否", [])
    assert (refused.status_code, refused.json()["code"], refused.json()["page_index"]) == (409, "name_uncovered", 0)
    (box,) = refused.json()["boxes"]
    (mask,) = report["pages"][0]["masks"]
    assert mask[0] <= box[0] + 20 and box[2] - 20 <= mask[2] and box[2] - box[0] > 0.5 * (mask[2] - mask[0])
    assert served.client.get(f"/v1/documents/{report['id']}").json() == report, "nothing changed"


def test_who_overrules_gives_a_reason_and_it_is_kept_with_what_was_found(served: Served) -> None:
    report = served.upload(picture()).json()
    body = put(served, report["id"], "否", [], override="同名的老师，不是本人").json()
    decision = body["pages"][0]["decided_by"]
    assert decision["reason"] == "同名的老师，不是本人" and len(decision["found"]) == 1
    assert body["status"] == "done" and body["mask_required"] == "否"
    assert [leak["overridden"] for leak in body["leaks"]] == [True]
    assert served.client.get(body["output"]).status_code == 200


def test_the_name_in_a_reason_is_not_kept(served: Served) -> None:
    report = served.upload(picture()).json()
    response = put(served, report["id"], "否", [], override=f"这里的{NAME}是另一位老师")
    assert response.json()["pages"][0]["decided_by"]["reason"] == "这里的***是另一位老师"
    (kept,) = served.service.documents.list_corrections(report["id"])
    assert kept.reason == "这里的***是另一位老师"


def test_an_answer_to_the_last_open_page_releases_the_file(served: Served) -> None:
    report = served.upload(picture(height=DOUBTFUL_HEIGHT)).json()
    assert served.client.get(report["output"]).json()["code"] == "needs_review"
    body = put(served, report["id"], "是", report["pages"][0]["masks"]).json()
    assert body["status"] == "done" and body["mask_required"] == "是"
    assert served.client.get(body["output"]).status_code == 200


@pytest.mark.parametrize(
    ("verdict", "masks"),
    [
        ("是", []),
        ("否", [[1, 1, 5, 5]]),
        ("复核", []),
        ("是", [[5, 5, 5, 9]]),
        ("是", [[-1, 0, 5, 9]]),
        ("是", [[PLAIN + 1, 0, PLAIN + 9, 9]]),
        ("是", [[0, 0, 5]]),
        ("是", [["张伟", 0, 5, 5]]),
        ("是", [[0, 0, 1e400, 5]]),
    ],
)
def test_an_answer_that_makes_no_sense_is_refused_and_not_quoted(served: Served, verdict: str, masks: list[list[int]]) -> None:
    document_id = served.upload(picture()).json()["id"]
    import json

    body = json.dumps({"mask_required": verdict, "masks": masks}).replace("Infinity", "1e400")
    response = served.client.put(
        f"/v1/documents/{document_id}/pages/0", content=body, headers={"Content-Type": "application/json"}
    )
    assert (response.status_code, response.json()["code"]) == (422, "invalid_request")
    assert "张伟" not in response.text


def test_masks_are_cut_to_the_page(served: Served) -> None:
    report = served.upload(picture()).json()
    body = put(served, report["id"], "是", [*report["pages"][0]["masks"], [800, 400, 5000, 5000]]).json()
    assert body["pages"][0]["masks"][-1] == [800, 400, PLAIN, HEIGHT]


def test_pages_that_do_not_exist_and_documents_that_are_rejected_have_no_answers(served: Served) -> None:
    report = served.upload(picture()).json()
    assert put(served, report["id"], "否", [], page=1).status_code == 404
    assert put(served, "nosuchdocument", "否", []).status_code == 404


def test_who_saw_an_older_state_is_told_so(served: Served) -> None:
    report = served.upload(picture()).json()
    masks = report["pages"][0]["masks"]
    assert put(served, report["id"], "是", masks, if_match='"0"').status_code == 200
    stale = put(served, report["id"], "是", masks, if_match='"0"')
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_revision")
    assert put(served, report["id"], "是", masks, if_match='"1"').status_code == 200


def test_two_people_who_answer_two_pages_at_once_are_both_heard(served: Served) -> None:
    report = served.upload(pages(PLAIN, PLAIN, PLAIN)).json()
    extra = [10, 300, 200, 340]
    with ThreadPoolExecutor(3) as pool:
        answers = list(
            pool.map(lambda i: put(served, report["id"], "是", [*report["pages"][i]["masks"], extra], page=i), range(3))
        )
    assert [a.status_code for a in answers] == [200] * 3
    body = served.client.get(f"/v1/documents/{report['id']}").json()
    assert all(page["decided_by"] and extra in page["masks"] for page in body["pages"]) and body["revision"] == 3
    frames = Image.open(io.BytesIO(served.client.get(body["output"]).content))
    for index in range(3):
        frames.seek(index)
        assert (np.array(frames.convert("RGB"))[300:340, 10:200] == 0).all(), "the file has all three answers"
    left = [path for path in (served.service.settings.data_dir / "files").rglob(f"*{report['id']}*/*") if "masked" in path.name]
    assert len(left) == 1, "files of answers that lost the race, and of older ones, are gone"
