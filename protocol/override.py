"""What is granted to one person or one group. `rules.overrides` says what several overrides come to."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from protocol import limits
from protocol.messages.base import Id, Instant
from protocol.messages.page_settings import PageSettings

_Time = Annotated[int, Meta(ge=0, le=limits.MAX_EXTENSION_MS)]


class SetPage(PageSettings, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """Settings of a page as staff make them."""


class Override(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """What one person or one group is granted, for one test or for every test. Nil inherits.

    `extra_time_ms` and `extra_time_permille` (250 is a quarter of the duration) exclude one another, and so do
    `closes_at_ms` and a true `never_closes`. `unlimited_time` false beats what a later layer says, like any value.
    `exempt` are the signals for which nobody watches them; an empty list beats what a later layer says. `page` is how
    their page looks to begin with.
    """

    extra_time_ms: _Time | None = None
    extra_time_permille: Annotated[int, Meta(ge=0, le=limits.MAX_EXTRA_PERMILLE)] | None = None
    unlimited_time: bool | None = None
    extra_attempts: Annotated[int, Meta(ge=0, le=limits.MAX_EXTRA_ATTEMPTS)] | None = None
    opens_at_ms: Instant | None = None
    closes_at_ms: Instant | None = None
    never_closes: bool | None = None
    pause_budget_ms: _Time | None = None
    exempt: Annotated[list[Id], Meta(max_length=limits.MAX_WATCHES)] | None = None
    page: SetPage | None = None


NOTHING: Final = Override()
