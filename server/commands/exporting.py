"""A test as a file."""

from pathlib import Path
from typing import Annotated

import typer

from server.commands.options import an_id
from server.commands.terminal import run, say, settings_of_environment


def export_test(
    test: Annotated[str, typer.Argument(help="The test's id", callback=an_id)],
    target: Annotated[Path, typer.Argument(help="A file that does not exist yet: .yaml, or .zip with its pictures")],
    org: Annotated[str, typer.Option(help="The organisation's id", callback=an_id)],
) -> None:
    """Write the newest version of a test, with its keys, to a file that `import` reads."""
    import msgspec

    from protocol.rules.audit import KeysRead
    from server.clock import Clock
    from server.exam_writing import ExportFault, write_exam
    from server.importing.packing import pack_exam
    from server.media.named import media_in
    from storage.audit import BY_OPERATOR, Audit
    from storage.database import Database
    from storage.media import InFolder, Media, Medium
    from storage.revision import check_schema
    from storage.tests import Tests

    settings = settings_of_environment()
    is_zip = target.suffix.lower() == ".zip"

    async def work() -> tuple[str, list[tuple[Medium, bytes]]] | None:
        database = await Database.open(settings.database)
        try:
            await check_schema(database)
            stored = await Tests(database).get(org, test)
            if stored is None:
                return None
            media = Media(database, InFolder(settings.media_folder) if settings.media_folder else None)
            files: list[tuple[Medium, bytes]] = []
            for name in media_in(msgspec.json.encode(stored.content)) if is_zip else ():
                found = await media.find(org, name)
                if found is not None:
                    files.append((found, await media.read(org, name, 0, found.size)))
            text = write_exam(stored.test_id, stored.content)
            await Audit(database).add(org, BY_OPERATOR, KeysRead(stored.test_id, stored.version), Clock().now_ms())
            return text, files
        finally:
            await database.close()

    try:
        found = run(work())
        if found is None:
            say(f"There is no test {test}.")
            raise typer.Exit(1)
        text, files = found
        with target.open("xb") as out:
            out.write(pack_exam(text, files) if is_zip else text.encode())
    except ExportFault as fault:
        say(str(fault))
        raise typer.Exit(1) from None
    except OSError as error:
        say(f"{target}: {error.strerror}")
        raise typer.Exit(1) from None
    say(f"Test {test} is in {target}.")
