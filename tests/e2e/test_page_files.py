"""A file is handed in on the candidate's page, and saved by the person who marks it."""

from typing import Final

from playwright.async_api import Browser, FilePayload, expect

from protocol.content import Question, TestContent, Upload
from tests.e2e.axe import violations
from tests.e2e.deployment import Tenant
from tests.e2e.exams import seat
from tests.e2e.pages import PHONE, Sit, Watch, monitor_link, sit_link
from tests.server.media.files import OTHERS, png


def picked(name: str, data: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


MICROPHONE: Final = """navigator.mediaDevices.getUserMedia = async () => {
    const context = new AudioContext()
    const [source, out] = [context.createOscillator(), context.createMediaStreamDestination()]
    source.connect(out)
    source.start()
    return out.stream
}"""
"""A tone in the place of a microphone, which the machine lacks."""


async def test_an_answer_is_spoken(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        question = Question(question_id="say", body="<p>Say it.</p>", interactions=[Upload(kinds=["audio"])])
        await service.put_test("exam", TestContent(title="Spoken", questions=[question]))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(node.url, one), PHONE)
        await sit.start()
        await sit.page.evaluate(MICROPHONE)
        await sit.part("record").click()
        await expect(sit.part("record-stop")).to_have_text("Stop (0:01)")
        await sit.part("record-stop").click()
        await expect(sit.page.get_by_text("Recorded, and not handed in yet.")).to_be_visible()
        await sit.save_state("none")
        await sit.part("record-listen").click()
        assert await violations(sit.page) == []
        await sit.part("record-send").click()
        await expect(sit.part("upload-state")).to_contain_text("Handed in: WEBM")
        await sit.save_state("saved")
        (file,) = (await service.files(one.attempt_id)).files
        assert (file.type, file.size > 500) == ("video/webm", True)
        assert sit.errors == []


async def test_a_file_is_handed_in_replaced_and_saved_by_who_marks_it(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        asked = Upload(kinds=["picture", "pdf"], max_bytes=2_000)
        question = Question(question_id="sketch", body="<p>Draw it.</p>", interactions=[asked])
        await service.put_test("exam", TestContent(title="Sketch", questions=[question]))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(node.url, one), PHONE)
        await sit.start()
        field = sit.page.get_by_label("The file")
        await expect(sit.page.get_by_text("Hand in one file: a picture or a PDF, of 2 kB at most.")).to_be_visible()

        await field.set_input_files(picked("large.png", png() + bytes(3_000)))
        await expect(sit.part("upload-trouble")).to_contain_text("2 kB are the most")
        await field.set_input_files(picked("notes.pdf", b"Only a text"))
        await expect(sit.part("upload-trouble")).to_contain_text("This file is not what is asked for here")
        await sit.save_state("none")

        await field.set_input_files(picked("notes.pdf", OTHERS["application/pdf"]))
        await expect(sit.part("upload-state")).to_contain_text("Handed in: PDF, 1 kB")

        # What can't be sent is not lost.
        await sit.page.context.set_offline(True)
        await field.set_input_files(picked("sketch.png", png()))
        await expect(sit.part("upload-trouble")).to_contain_text("The server can't be reached")
        await sit.page.context.set_offline(False)
        await sit.part("upload-again").click()
        await expect(sit.part("upload-state")).to_contain_text("Handed in: PNG, 1 kB")
        await sit.save_state("saved")
        await sit.page.reload()
        await expect(sit.part("upload-state")).to_contain_text("Handed in: PNG, 1 kB")
        await sit.hand_in()
        assert sit.errors == []

        watch = await Watch.open(chromium, monitor_link(tenant, node, "exam"))
        await watch.act(one.attempt_id, "mark")
        async with watch.page.expect_download() as download:
            await watch.part("save-file").click()
        saved = await download.value
        assert saved.suggested_filename.startswith("answer-")
        assert saved.suggested_filename.endswith(".png")
        assert (await saved.path()).read_bytes() == png()
        assert watch.errors == []
