"""Bodies about people."""

from typing import Annotated

from msgspec import Meta

from protocol import limits
from protocol.messages.base import NO_NUL, Id
from protocol.rest.body import Body

PersonName = Annotated[str, Meta(min_length=1, max_length=limits.MAX_NAME_CHARS, pattern=NO_NUL)]
Email = Annotated[str, Meta(min_length=3, max_length=320, pattern=NO_NUL)]


class PersonBody(Body, frozen=True, kw_only=True):
    """What is to be known of a person, instead of what was known before. `active` false: her account is switched off,
    and she begins no test; nil: it stays on or off."""

    name: PersonName
    email: Email | None = None
    branch_id: Id | None = None
    active: bool | None = None


class PersonSummary(Body, frozen=True, kw_only=True):
    """A person in a list."""

    user_id: str
    name: str
    email: str | None
    branch_id: str | None
    active: bool


class PersonReply(PersonSummary, frozen=True, kw_only=True):
    """A person, and the groups that she is in."""

    groups: list[str]


class PersonList(Body, frozen=True, kw_only=True):
    """People in the order of their ids; `next` continues the list."""

    people: list[PersonSummary]
    next: str | None
