"""Files that texts of tests name: they must be there, and a paper says where they are served."""

import msgspec

from protocol.codes import Code
from protocol.content import Hotspot, Option, Picture, Question, SingleChoice, Spot, TestContent
from protocol.media import hash_of
from tests.server.harness.exam import TEST
from tests.server.harness.running import RunningServer
from tests.server.media.files import SVG, png


def exam_with(body: str, option: str) -> TestContent:
    choice = SingleChoice(options=[Option("a", option), Option("b", "None")], correct="a")
    return TestContent(title="Pictures", questions=[Question(question_id="q", body=body, interactions=[choice])])


async def test_the_picture_of_an_interaction_is_a_file_of_the_test(server: RunningServer) -> None:
    picture = Picture(src=f"media:{hash_of(png())}", width=30, height=20, alt="A square")
    spot = Spot(spot_id="a", shape="rect", coords=[0, 0, 9, 9])
    asked = Hotspot(picture=picture, spots=[spot], correct=["a"])
    content = TestContent(title="T", questions=[Question(question_id="q", body="?", interactions=[asked])])
    refused = await server.call("PUT", f"/tests/{TEST}", server.service, msgspec.to_builtins(content))
    assert hash_of(png()) in refused.body["detail"]
    address = (await server.call("POST", "/media", server.service, raw=png())).ok()["address"]
    (await server.call("PUT", f"/tests/{TEST}", server.service, msgspec.to_builtins(content))).ok()
    attempt_id = await server.started()
    paper = (await server.call("GET", f"/test-attempts/{attempt_id}/paper", server.token())).ok()
    assert paper["media"] == [{"hash": hash_of(png()), "address": address}]
    (shown,) = paper["questions"][0]["interactions"]
    assert shown["picture"] == msgspec.to_builtins(picture)
    assert "correct" not in shown


async def test_a_test_may_name_what_is_stored_and_its_paper_says_where(server: RunningServer) -> None:
    content = msgspec.to_builtins(exam_with(f'<p><img src="media:{hash_of(png())}" alt="A square"></p>', "Yes"))
    refused = await server.call("PUT", f"/tests/{TEST}", server.service, content)
    assert refused.code == Code.INVALID_TEST
    assert hash_of(png()) in refused.body["detail"]
    address = (await server.call("POST", "/media", server.service, raw=png())).ok()["address"]
    (await server.call("POST", "/media", server.service, raw=SVG)).ok()
    (await server.call("PUT", f"/tests/{TEST}", server.service, content)).ok()
    attempt_id = await server.started()
    paper = (await server.call("GET", f"/test-attempts/{attempt_id}/paper", server.token())).ok()
    assert paper["media"] == [{"hash": hash_of(png()), "address": address}]
    assert (await server.call("GET", address)).raw == png()
