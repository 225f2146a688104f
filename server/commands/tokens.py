"""Tokens."""

from typing import Annotated

import typer

from protocol.attempt.model import Role
from server import demo as demo_exam
from server.commands.options import AsJson, an_attempt, an_id, ids
from server.commands.printing import tell
from server.commands.terminal import explaining, say, settings_of_environment


def token(
    role: Annotated[Role, typer.Option(help="What it may do: see docs/rules.md.")],
    user: Annotated[str, typer.Option(help="The user's id", callback=an_id)],
    org: Annotated[str, typer.Option(help="The organisation's id", callback=an_id)] = demo_exam.ORG,
    name: Annotated[str | None, typer.Option(help="The name that staff see")] = None,
    branch: Annotated[
        list[str] | None, typer.Option(help="Staff: only this branch. A candidate: her branch.", callback=ids)
    ] = None,
    test: Annotated[list[str] | None, typer.Option(help="Only this test", callback=ids)] = None,
    group: Annotated[list[str] | None, typer.Option(help="Staff: only this group", callback=ids)] = None,
    attempt: Annotated[str | None, typer.Option(help="Only this attempt", callback=an_attempt)] = None,
    only: Annotated[
        str | None, typer.Option(help="`result`: it shows the result of --attempt to its candidate, and nothing else")
    ] = None,
    hours: Annotated[float, typer.Option(help="How long it is good for", min=0.01, max=24 * 366)] = 12.0,
    as_json: AsJson = False,
) -> None:
    """Print a token signed with this deployment's secret. --branch, --test and --group may be given several times."""
    from server.access.claims import ONLY_RESULT
    from server.access.tokens import Tokens
    from server.clock import Clock

    if role is Role.SYSTEM:
        say("The role `system` belongs to the server itself; no token has it.")
        raise typer.Exit(2)
    if only is not None and (only != ONLY_RESULT or role is not Role.CANDIDATE or attempt is None):
        raise typer.BadParameter(f"--only is `{ONLY_RESULT}`, and goes with --role candidate and --attempt")
    if role is Role.CANDIDATE and (group is not None or len(branch or ()) > 1):
        raise typer.BadParameter("A candidate has one branch, and --group is for staff: put her into groups instead.")
    tokens = Tokens(settings_of_environment(), Clock())
    with explaining():
        text = tokens.mint(
            role,
            user,
            org,
            lifetime_ms=int(hours * 3_600_000),
            name=name,
            attempt_id=attempt,
            branches=branch,
            tests=test,
            groups=group,
            only_result=only is not None,
        )
    tell({"token": text}, text, as_json=as_json, is_result=True)
