"""How a candidate's page looks and what it speaks, where staff have set that beforehand."""

import msgspec

from protocol.messages.base import Id, Int


class PageSettings(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Settings of a candidate's page, nil: as she or her browser has them. `size` of the text is in percent; `spaced`:
    room between letters, words and lines; `still`: nothing moves; `time_hidden`: until the last five minutes."""

    language: Id | None = None
    theme: Id | None = None
    size: Int | None = None
    spaced: bool | None = None
    still: bool | None = None
    time_hidden: bool | None = None
