"""docs/KINDS.md keeps its word: the kind that it makes, in a folder of its own, works without a build."""

import re
import subprocess

import pytest

from conftest import SOURCE, while_running

PAGE = SOURCE / "docs" / "KINDS.md"
A_FILE = re.compile(r"^\*\*kinds/(\S+)\*\*\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def kinds(tmp_path_factory):
    """The files of the page, written down as it says."""
    folder = tmp_path_factory.mktemp("kinds")
    for name, text in A_FILE.findall(PAGE.read_text()):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


@pytest.fixture(scope="module")
def comporta_with_it(make_stack, kinds):
    yield from while_running(make_stack(settings={"COMPORTA_KINDS": str(kinds)}))


def test_it_answers_as_the_page_says(comporta_with_it):
    comporta, connection = comporta_with_it, comporta_with_it.connect()
    kind, = comporta.get("/api/v1/kinds").json()["kinds"]
    assert kind["name"] == "review"
    assert kind["page"]["path"] == "reviews" and [panel["as"] for panel in kind["page"]["panels"]] == ["table", "bars", "form"]
    assert comporta.get("/reviews/").status == 200
    reviews = [{"id": "r1", "product": "pao", "stars": 5}, {"id": "r2", "product": "pao", "stars": 2}]
    answers = [connection.upload(reviews, kind="review"), connection.delete("review", "r2")]
    assert [answer.status for answer in answers] == [202, 202]
    comporta.wait_settled({batch for answer in answers for batch in answer.json()["batches"]})
    assert connection.view("review/stars", product="pao") == {"product": "pao", "reviews": 1, "mean": 5}
    assert connection.view("review/best") == {"products": [{"product": "pao", "mean": 5}]}
    assert comporta.get("/api/v1/views/review/stars?product=none").status == 404
    assert comporta.get("/api/v1/views/review/stars").status == 400
    assert connection.upload([{**reviews[0], "stars": 6}], kind="review").status == 422
