"""Where people find the page of a kind: at its path stands the HTML of all pages, with the headers of the desk."""

import pytest

from conftest import SOURCE

HTML = (SOURCE / "static" / "index.html").read_bytes()
SAID = ("content-type", "cache-control", "content-security-policy", "x-content-type-options", "referrer-policy",
        "cross-origin-opener-policy")


@pytest.mark.parametrize("path", ["/customers/", "/customers/?gender=female", "/a/", "/snack-bar-2/", f"/{'x' * 63}/"])
def test_a_page_is_the_html_of_the_desk(comporta, path):
    desk, page = comporta.get("/"), comporta.get(path)
    assert (page.status, page.body) == (200, HTML)
    assert {name: page.headers[name] for name in SAID} == {name: desk.headers[name] for name in SAID}
    assert comporta.request("POST", path).status == 405


@pytest.mark.parametrize("path", ["/customers", "/Customers/", "/2/", "/-a/", "/a_b/", "/customers/list/", f"/{'x' * 64}/",
                                  "/js/", "/style/", "/vendor/", "/check-fraud/", "/revenue/", "/model/", "/api/v1/", "/.well-known/"])
def test_nothing_else_is(comporta, path):
    answer = comporta.get(path)
    assert answer.status in (403, 404) and answer.body != HTML


@pytest.mark.parametrize("path", ["/api/v1/kinds", "/products/", "/seller/", "/purchase/", "/revenue/3"])
def test_what_was_there_stays(comporta, path):
    assert comporta.get(path).headers["content-type"].split(";")[0] in ("application/json", "application/problem+json")
    assert comporta.request("POST", "/login/").status == 422
