"""A test as a file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from server.commands.options import AsJson, an_id
from server.commands.printing import tell
from server.commands.terminal import run, say, settings_of_environment

if TYPE_CHECKING:
    from protocol.content import TestContent
    from server.exporting.packages import Files


def export_test(
    test: Annotated[str, typer.Argument(help="The test's id", callback=an_id)],
    target: Annotated[Path, typer.Argument(help="A file that does not exist yet: .yaml, or .zip with its pictures")],
    org: Annotated[str, typer.Option(help="The organisation's id", callback=an_id)],
    qti: Annotated[bool, typer.Option("--qti", help="A package of QTI 3, as .zip, and not our own YAML.")] = False,
    leave_out: Annotated[bool, typer.Option("--leave-out", help="QTI: write what it can say.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write the newest version of a test, with its keys, to a file that `import` reads."""
    import msgspec

    from protocol.media import Medium, media_in
    from protocol.rules.audit import KeysRead
    from server.exam.writing import ExportFault, write_exam
    from server.importing.packing import pack_exam
    from server.media.stores import open_media
    from storage.audit import BY_OPERATOR, Audit
    from storage.database import Database
    from storage.revision import check_schema
    from storage.tests import StoredTest, Tests

    settings = settings_of_environment()
    is_zip = target.suffix.lower() == ".zip"
    if qti and not is_zip:
        raise typer.BadParameter("A package of QTI is a .zip file.")
    if not is_zip and target.suffix.lower() not in (".yaml", ".yml"):
        raise typer.BadParameter("The file's name must end in .yaml, or in .zip.")

    async def work() -> tuple[StoredTest, dict[str, tuple[Medium, bytes]]] | None:
        database = await Database.open(settings.database)
        try:
            await check_schema(database)
            stored = await Tests(database).get(org, test)
            if stored is None:
                return None
            files: dict[str, tuple[Medium, bytes]] = {}
            media = open_media(settings, database)
            try:
                for name in media_in(msgspec.json.encode(stored.content)) if is_zip else ():
                    found = await media.find(org, name)
                    if found is not None:
                        files[name] = found, await media.read(org, name, 0, found.size)
            finally:
                await media.close()
            now_ms = await database.now_ms()
            await Audit(database).add(org, BY_OPERATOR, KeysRead(stored.test_id, stored.version), now_ms)
            return stored, files
        finally:
            await database.close()

    def content() -> bytes:
        found = run(work())
        if found is None:
            say(f"There is no test {test}.")
            raise typer.Exit(1)
        stored, files = found
        if qti:
            return _packed(stored.content, files, leave_out=leave_out)
        text = write_exam(stored.test_id, stored.content)
        return pack_exam(text, list(files.values())) if is_zip else text.encode()

    try:
        # Before any key is read: that leaves an entry in the audit log.
        with new_file(target) as out:
            out.write(content())
    except ExportFault as fault:
        say(str(fault))
        raise typer.Exit(1) from None
    except OSError as error:
        say(f"{target}: {error.strerror}")
        raise typer.Exit(1) from None
    tell({"file": str(target)}, f"Test {test} is in {target}.", as_json=as_json)


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """A file that did not exist; what could not be written whole goes again. Raises `OSError`."""
    with path.open("xb") as out:
        try:
            yield out
        except BaseException:
            path.unlink(missing_ok=True)
            raise


def _packed(content: "TestContent", files: "Files", *, leave_out: bool) -> bytes:
    """The package of QTI; says what is not in it. Ends the command where that is a question, unless they are to be left
    out."""
    from server.exporting.faults import CannotSay
    from server.exporting.packages import pack_qti

    try:
        packed = pack_qti(content, files)
    except CannotSay as fault:
        say(f"The test {fault}.")
        raise typer.Exit(1) from None
    for one in packed.refused:
        say(one)
    if packed.refused and not leave_out:
        say(f"{len(packed.refused)} of {len(content.questions)} can't be said: nothing is written.")
        raise typer.Exit(1)
    if packed.left_out:
        say(f"QTI does not say: {', '.join(packed.left_out)}.")
    return packed.data
