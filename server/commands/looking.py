"""What an operator asks before an exam: are the settings right, and is all there that they name."""

import typer

from server.commands.options import AsJson
from server.commands.terminal import print_json, run, say


def check_config(as_json: AsJson = False) -> None:
    """Say what is wrong with the settings of the environment, and who is let in. Nothing is opened or made."""
    from server.access.in_words import in_words
    from server.settings import InvalidSettings, load_settings

    mistakes: list[str] = []
    access: list[str] = []
    try:
        access = in_words(load_settings())
    except InvalidSettings as error:
        mistakes = str(error).splitlines()
    if as_json:
        print_json({"good": not mistakes, "mistakes": mistakes, "access": access})
    else:
        for sentence in mistakes or ["The settings are fine.", *access]:
            say(sentence)
    if mistakes:
        raise typer.Exit(2)


def doctor(as_json: AsJson = False) -> None:
    """Look at settings, database, clock, Redis, disk and limits, and say what to do. Exit status 1: something is bad;
    2: the settings are wrong."""
    from server.commands.terminal import explaining
    from server.doctor import examine
    from server.settings import load_settings

    with explaining():
        settings = load_settings()
    looks = run(examine(settings))
    if as_json:
        print_json(looks)
    else:
        for look in looks:
            typer.echo(f"{look.state:<5} {look.name}: {look.says}{f' {look.do}' if look.do else ''}")
    if any(look.state == "bad" for look in looks):
        raise typer.Exit(1)
