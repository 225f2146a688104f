"""A person as SCIM shows her, and what is kept of her."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from protocol import limits
from protocol.codes import Code
from protocol.emails import is_email
from protocol.ids import is_seen, read_id
from protocol.names import tidy_name
from protocol.scim.faults import INVALID_VALUE, ScimFault

_WORK: Final = "work"


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """What an identity provider says of a person. `active`: she may begin tests."""

    user_name: str
    name: str
    email: str | None = None
    external_id: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    active: bool = True


def resource_of(account: Account) -> dict[str, Any]:
    """The attributes that can be written, as far as there are values."""
    parts = {"givenName": account.given_name, "familyName": account.family_name}
    named = {name: value for name, value in parts.items() if value is not None}
    resource: dict[str, Any] = {
        "userName": account.user_name,
        "externalId": account.external_id,
        "name": named or None,
        "displayName": account.name,
        "emails": None if account.email is None else [{"value": account.email, "type": _WORK, "primary": True}],
        "active": account.active,
    }
    return {name: value for name, value in resource.items() if value is not None}


def account_of(resource: Mapping[str, Any], before: Account | None = None) -> Account:
    """What is kept of a resource that was read. `before`: what it was patched from; a display name that followed from
    the parts of the name goes on following from them. Raises `ScimFault(invalidValue)`."""
    named: Mapping[str, str] = resource.get("name", {})
    user_name = _user_name(resource.get("userName"))
    shown = resource.get("displayName")
    if before is not None and shown == before.name == _from_parts(
        resource_of(before).get("name", {}), before.user_name
    ):
        shown = None
    active = resource.get("active", True)
    return Account(
        user_name=user_name,
        name=tidy_name(shown or "") or _from_parts(named, user_name),
        email=_email(resource.get("emails", [])),
        external_id=external_id_of(resource),
        given_name=tidy_name(named.get("givenName", "")),
        family_name=tidy_name(named.get("familyName", "")),
        active=active,
    )


def external_id_of(resource: Mapping[str, Any]) -> str | None:
    """The id at the identity provider. Raises `ScimFault(invalidValue)`."""
    text: str = resource.get("externalId", "")
    if len(text) > limits.MAX_EXTERNAL_ID_CHARS or not all(map(is_seen, text)):
        raise ScimFault(
            INVALID_VALUE,
            f"`externalId` must have at most {limits.MAX_EXTERNAL_ID_CHARS} characters, and no invisible one.",
        )
    return text or None


def folded(user_name: str) -> str:
    """By which two names of users are the same: letter case does not count."""
    return user_name.casefold()


def _user_name(text: str | None) -> str:
    if text is None:
        raise ScimFault(INVALID_VALUE, "`userName` is missing.", Code.MISSING_FIELD)
    try:
        return read_id(text)
    except ValueError as error:
        raise ScimFault(INVALID_VALUE, f"`userName` {error}.", Code.INVALID_ID) from None


def _from_parts(named: Mapping[str, str], user_name: str) -> str:
    parts = " ".join(filter(None, (named.get("givenName"), named.get("familyName"))))
    return tidy_name(parts) or tidy_name(named.get("formatted", "")) or user_name


def _email(emails: list[dict[str, Any]]) -> str | None:
    with_address = [one for one in emails if one.get("value")]
    if not with_address:
        return None
    best = max(with_address, key=lambda one: (one.get("primary", False), one.get("type", "").casefold() == _WORK))
    address: str = best["value"].strip()
    if not is_email(address):
        raise ScimFault(INVALID_VALUE, "`emails` names an address that no mail can be sent to.")
    return address
