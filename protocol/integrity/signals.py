"""THE list of what can be noticed. Each is a sign, and none is a proof: a person decides what it means."""

from typing import Final, Literal, NamedTuple, get_args

PageSignal = Literal[
    "focus_lost",
    "page_hidden",
    "full_screen_left",
    "no_full_screen",
    "copied",
    "cut",
    "pasted",
    "context_menu",
    "printed",
    "window_small",
    "second_screen",
    "keystrokes",
    "camera_ended",
    "screen_ended",
]
"""What a page may say that it has noticed."""
ServerSignal = Literal[
    "address_changed",
    "device_changed",
    "text_jumped",
    "rapid_answer",
    "camera_withdrawn",
    "screen_withdrawn",
]
"""What the server sees for itself."""
Signal = Literal[PageSignal, ServerSignal]
"""One thing that can be noticed while a test is sat."""
PAGE_SIGNALS: Final[frozenset[str]] = frozenset(get_args(PageSignal))


class Meaning(NamedTuple):
    """`noticed` is what happens, in a sentence. `size` is what its sizes add up to; nil: it has none. `warns` and
    `pauses`: a test may warn, and stop the clock, because of it."""

    noticed: str
    size: str | None = None
    warns: bool = True
    pauses: bool = True
    alerts: bool = True


MEANINGS: Final[dict[Signal, Meaning]] = {
    "focus_lost": Meaning("Another window or program had the keyboard.", "milliseconds"),
    "page_hidden": Meaning(
        "The page could not be seen: another tab, a minimised window, a locked screen.", "milliseconds"
    ),
    "full_screen_left": Meaning("Full screen was left.", "milliseconds"),
    "no_full_screen": Meaning("The browser has no full screen, or refused it.", warns=False, pauses=False),
    "copied": Meaning("Something on the page was copied.", "characters"),
    "cut": Meaning("Something on the page was cut out.", "characters"),
    "pasted": Meaning("Something was pasted into an answer.", "characters"),
    "context_menu": Meaning("The context menu was asked for."),
    "printed": Meaning("Printing was asked for."),
    "window_small": Meaning("The window took less than half of the screen.", "milliseconds"),
    "second_screen": Meaning("The browser said that there is more than one screen."),
    "keystrokes": Meaning(
        "Keys were pressed in answers. Only counted, never which: so many of them faster than a hand types.",
        "fast keystrokes",
        warns=False,
        pauses=False,
        alerts=False,
    ),
    "camera_ended": Meaning("The camera stopped giving pictures: unplugged, blocked, or taken by another program."),
    "screen_ended": Meaning("The screen was no longer shared."),
    "address_changed": Meaning("The candidate came from another network address than before."),
    "device_changed": Meaning("The candidate came from another device, or another browser, than before."),
    "text_jumped": Meaning("An answer grew by more than anybody types in the time.", "characters", pauses=False),
    "rapid_answer": Meaning("A question was answered before anybody could have read it.", pauses=False),
    "camera_withdrawn": Meaning(
        "The candidate no longer agrees to pictures from the camera.", warns=False, pauses=False
    ),
    "screen_withdrawn": Meaning("The candidate no longer agrees to pictures of the screen.", warns=False, pauses=False),
}
"""What each signal is. What stands still for a moment in the network looks like speed to the server: what it works out
from times stops no clock. Who takes an agreement back uses a right: that is told to staff, and costs no time."""
