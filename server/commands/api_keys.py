"""Keys by which services call. A server that runs learns of a change within seconds."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from protocol.attempt.model import Role
from server import demo as demo_exam
from server.commands.database import with_database
from server.commands.options import AsJson, an_id, ids
from server.commands.printing import print_rows, tell
from server.commands.terminal import say, settings_of_environment

if TYPE_CHECKING:
    from storage.api_keys import ApiKey, ApiKeys
    from storage.database import Database

T = TypeVar("T")

api_keys = typer.Typer(no_args_is_help=True, help="Keys by which services call.")
Org = Annotated[str, typer.Option(help="The organisation's id", callback=an_id)]
KeyId = Annotated[str, typer.Argument(help="The key's id, which is its second part", callback=an_id)]
Days = Annotated[float, typer.Option(help="How long the secret is good for", min=0.01, max=366)]


def _with_keys(work: "Callable[[ApiKeys, int], Awaitable[T]]") -> T:
    """Calls `work` with the instant too, by the database's clock: nodes follow that."""
    from storage.api_keys import ApiKeys

    async def with_instant(database: "Database") -> T:
        return await work(ApiKeys(database), await database.now_ms())

    return with_database(settings_of_environment(), with_instant)


@api_keys.command()
def make(
    role: Annotated[Role, typer.Option(help="What it may do: see docs/rules.md.")],
    user: Annotated[str, typer.Option(help="Who acts with it, as the logs say", callback=an_id)],
    org: Org = demo_exam.ORG,
    name: Annotated[str, typer.Option(help="The name that staff see")] = "",
    branch: Annotated[list[str] | None, typer.Option(help="Only this branch", callback=ids)] = None,
    test: Annotated[list[str] | None, typer.Option(help="Only this test", callback=ids)] = None,
    group: Annotated[list[str] | None, typer.Option(help="Only this group", callback=ids)] = None,
    days: Days = 90,
    as_json: AsJson = False,
) -> None:
    """Make a key, and print it. It is shown this once."""
    from server.access.service_keys import make_secret
    from server.ids import new_id
    from storage.api_keys import MOST, ApiKey, ApiKeys, Full, Reach
    from storage.audit import BY_OPERATOR

    if role in (Role.SYSTEM, Role.CANDIDATE):
        raise typer.BadParameter(f"No key has the role `{role}`.")

    async def work(keys: ApiKeys, now_ms: int) -> str:
        key_id = new_id()
        text, secret = make_secret(key_id, now_ms, int(days * 86_400_000))
        key = ApiKey(
            org_id=org,
            key_id=key_id,
            role=role.value,
            user_id=user,
            name=name or user,
            reach=Reach(branch, test, group),
            secrets=[secret],
            made_at_ms=now_ms,
            made_by=BY_OPERATOR.id,
            changed_at_ms=now_ms,
        )
        await keys.add(key, BY_OPERATOR)
        return text

    try:
        text = _with_keys(work)
    except Full:
        say(f"The organisation has {MOST} keys, and may have no more. Withdraw one first.")
        raise typer.Exit(1) from None
    tell({"key": text}, text, as_json=as_json, is_result=True)


@api_keys.command("list")
def list_keys(org: Org = demo_exam.ORG, as_json: AsJson = False) -> None:
    """List the keys, without their secrets."""
    found = _with_keys(lambda keys, _: keys.of(org))
    columns = ("key_id", "role", "user_id", "expires_at_ms", "revoked_at_ms", "used_at_ms", "name")
    rows = [_shown(key) for key in found]
    if not as_json:
        rows = [row | {"used_at_ms": row["last_used_ms"]} for row in rows]
    print_rows(rows, as_json=as_json, columns=columns)


@api_keys.command()
def renew(
    key_id: KeyId,
    org: Org = demo_exam.ORG,
    days: Days = 90,
    overlap_hours: Annotated[float, typer.Option(help="How long the old secret stays good", min=0, max=168)] = 24,
    as_json: AsJson = False,
) -> None:
    """Give a key a new secret, and print it. It is shown this once."""
    from server.access.service_keys import make_secret
    from storage.api_keys import ApiKey, ApiKeys
    from storage.audit import BY_OPERATOR

    async def work(keys: ApiKeys, now_ms: int) -> tuple[str, ApiKey | None]:
        text, secret = make_secret(key_id, now_ms, int(days * 86_400_000))
        old_ends_ms = now_ms + int(overlap_hours * 3_600_000)
        return text, await keys.renew(org, key_id, secret, old_ends_ms, BY_OPERATOR, now_ms)

    text, renewed = _with_keys(work)
    _found(renewed, key_id)
    tell({"key": text}, text, as_json=as_json, is_result=True)


@api_keys.command()
def revoke(key_id: KeyId, org: Org = demo_exam.ORG, as_json: AsJson = False) -> None:
    """Withdraw a key for good."""
    from storage.audit import BY_OPERATOR

    _found(_with_keys(lambda keys, now_ms: keys.revoke(org, key_id, BY_OPERATOR, now_ms)), key_id)
    tell({"key_id": key_id}, f"The key {key_id} is withdrawn.", as_json=as_json)


def _found(key: "ApiKey | None", key_id: str) -> None:
    if key is None:
        say(f"There is no key {key_id}, or it is withdrawn.")
        raise typer.Exit(1)


def _shown(key: "ApiKey") -> dict[str, Any]:
    import msgspec

    shown: dict[str, Any] = msgspec.to_builtins(key)
    ends = [secret.pop("ends_at_ms") for secret in shown.pop("secrets")]
    return shown | {"expires_at_ms": ends[0]}
