"""Questions from the content types of H5P. Nothing in a package says what an answer is worth: the scripts of the types
do. A multiple choice counts right options less wrong ones, as its public source has it; that a gap, a statement or a
word is a point is what the semantics of the others suggest."""

from html import escape
from typing import Final

from protocol import limits
from protocol.content import (
    Essay,
    GapMatch,
    Hottext,
    Interaction,
    MultipleChoice,
    Option,
    PairOption,
    ShortText,
    SingleChoice,
    TrueFalse,
)
from protocol.content.text import escaped, place, plain_text
from server.importing.carried import Carried
from server.importing.drafts import option_ids
from server.importing.faults import ImportFault
from server.importing.h5p.marked import solution_of, with_gaps, with_words
from server.importing.h5p.params import Params
from server.importing.packages import Package
from server.importing.texts import html_body

_POINT: Final = 1_000
_ANSWER: Final = "answer"
_TIPS: Final = "left out: tips"

Asked = tuple[str, list[Interaction]]
"""A body, and what is done in it."""


def multi_choice(params: Params, losses: list[str]) -> Asked:
    """One or several options, as it says or by how many are right."""
    given = params.items("answers")
    lines = [html_body(one.text("text"), losses, line=True) for one in given]
    if not all(lines):
        raise ImportFault("An answer has no text.")
    if len(lines) < 2:
        raise ImportFault("There is nothing to choose between.")
    for one in given:
        more = one.inside("tipsAndFeedback")
        if more.text("tip").strip():
            losses.append(_TIPS)
        if (more.text("notChosenFeedback") or one.text("notChosenFeedback")).strip():
            losses.append("left out: what is said of options that were not chosen")
    behaviour = params.inside("behaviour")
    shuffle = behaviour.flag("randomAnswers", params.flag("randomAnswers", usual=True))
    # Many write the right one first, and leave it to the shuffle to hide that.
    options = [Option(name, line) for name, line in zip(option_ids(lines), lines, strict=True)]
    told = {
        option.option_id: html_body(said, losses)
        for option, one in zip(options, given, strict=True)
        if (said := one.inside("tipsAndFeedback").text("chosenFeedback") or one.text("chosenFeedback")).strip()
    }
    right = [option.option_id for option, one in zip(options, given, strict=True) if one.flag("correct", usual=False)]
    if not right:
        raise ImportFault("No answer is right.")
    told = {name: body for name, body in told.items() if body}
    body = html_body(params.text("question"), losses)
    if _is_single(behaviour, len(right)):
        worth = dict.fromkeys(right, _POINT) if len(right) > 1 else {}
        return body, [
            SingleChoice(
                points_mpt=_POINT,
                options=options,
                correct=right[0],
                weights_mpt=worth,
                shuffle=shuffle,
                option_feedback=told,
            )
        ]
    is_whole = behaviour.flag("singlePoint", usual=False)
    if is_whole and behaviour.count("passPercentage") not in (None, 100):
        raise ImportFault("A point is given for a share of the right answers.")
    return body, [
        MultipleChoice(
            points_mpt=_POINT if is_whole else _POINT * len(right),
            options=options,
            correct=right,
            partial=not is_whole,
            shuffle=shuffle,
            option_feedback=told,
        )
    ]


def _is_single(behaviour: Params, right: int) -> bool:
    kind = behaviour.text("type")
    if kind in ("single", "multi"):
        return kind == "single"
    return behaviour.flag("singleAnswer", usual=right == 1) if kind != "auto" else right == 1


def one_of_first(question: str, answers: list[str], losses: list[str]) -> Asked:
    """A question of a set, whose first answer is right."""
    lines = [html_body(one, losses, line=True) for one in answers]
    if len(lines) < 2 or not all(lines):
        raise ImportFault("There is nothing to choose between.")
    options = [Option(name, line) for name, line in zip(option_ids(lines), lines, strict=True)]
    chosen = SingleChoice(points_mpt=_POINT, options=options, correct=options[0].option_id, shuffle=True)
    return html_body(question, losses), [chosen]


def true_false(params: Params, losses: list[str]) -> Asked:
    """A statement."""
    right = params.text("correct") or "true"
    if right not in ("true", "false"):
        raise ImportFault("It is not said whether true or false is right.")
    behaviour = params.inside("behaviour")
    said = {
        right: html_body(behaviour.text("feedbackOnCorrect"), losses),
        "false" if right == "true" else "true": html_body(behaviour.text("feedbackOnWrong"), losses),
    }
    body = html_body(params.text("question"), losses)
    return body, [TrueFalse(correct=right == "true", option_feedback={name: one for name, one in said.items() if one})]


def blanks(params: Params, losses: list[str]) -> Asked:
    """Texts with gaps, each of which is a point."""
    behaviour = params.inside("behaviour")
    if behaviour.flag("acceptSpellingErrors", usual=False):
        raise ImportFault("Mistakes of spelling are forgiven, and so it is not said what is right.")
    html = "".join(html_body(one, losses) for one in params.texts("questions"))
    is_one = html.count("*") == 2
    texts: list[Interaction] = []

    def gap(marked: str) -> str:
        solution = solution_of(marked)
        if solution.has_more:
            losses.append(_TIPS)
        longest = max(len(one) for one in solution.texts)
        texts.append(
            ShortText(
                response_id=_ANSWER if is_one else str(len(texts) + 1),
                points_mpt=_POINT,
                accepted=[*solution.texts],
                case_sensitive=behaviour.flag("caseSensitive", usual=True),
                max_chars=min(max(200, longest), 1_000),
            )
        )
        return place(texts[-1].response_id)

    body = with_gaps(html, gap)
    if not texts:
        raise ImportFault("The text has no place for an answer.")
    return html_body(params.text("text"), losses) + body, texts


def drag_text(params: Params, losses: list[str]) -> Asked:
    """Texts are put into gaps, each of which is a point. A text that is right in several can be used as often."""
    written = escaped(_unescaped(params.text("textField")))
    right: list[str] = []

    def taken(marked: str) -> str:
        solution = solution_of(marked.replace("/", r"\/"))
        if solution.has_more:
            losses.append("left out: tips and feedback to gaps")
        return solution.texts[0]

    def gap(marked: str) -> str:
        right.append(taken(marked))
        return f'<pd-gap id="g{len(right)}"></pd-gap>'

    text = with_gaps(written, gap).replace("\n", "<br>")
    if not right:
        raise ImportFault("The text has no gap.")
    others: list[str] = []

    def other(marked: str) -> str:
        others.append(taken(marked))
        return ""

    with_gaps(escaped(_unescaped(params.text("distractors"))), other)
    uses = {said: max(right.count(said), 1) + others.count(said) * (said in right) for said in [*right, *others]}
    names = dict(zip(uses, option_ids(list(uses)), strict=True))
    asked = GapMatch(
        points_mpt=_POINT * len(right),
        text=f"<p>{text}</p>",
        choices=[PairOption(names[said], escaped(said), count) for said, count in uses.items()],
        correct=[(names[said], f"g{number}") for number, said in enumerate(right, 1)],
        partial="gaps",
        shuffle=True,
    )
    return html_body(params.text("taskDescription"), losses) + place(_ANSWER), [asked]


def mark_the_words(params: Params, losses: list[str]) -> Asked:
    """Words of a text are chosen: a point for each right one, and one less for each wrong one."""
    text, right, count = with_words(html_body(params.text("textField"), losses))
    if not right:
        raise ImportFault("No word is right.")
    if count > limits.MAX_ANSWER_OPTIONS:
        raise ImportFault(f"Of {count} words one can choose; {limits.MAX_ANSWER_OPTIONS} at most are possible.")
    asked = Hottext(points_mpt=_POINT * len(right), text=text, correct=right, partial=True)
    return html_body(params.text("taskDescription"), losses) + place(_ANSWER), [asked]


def essay(params: Params, losses: list[str]) -> Asked:
    """A text that a person marks, where H5P looks for words in it."""
    losses.append("a person marks the text, and nobody looks for words in it")
    points, told = 0, []
    for one in params.items("keywords"):
        options = one.inside("options")
        worth = (options.count("points") or 0) * (options.count("occurrences") or 1)
        points += worth
        told.append(f"{', '.join([one.text('keyword'), *one.texts('alternatives')])}: {worth}")
    sample = plain_text(html_body(params.inside("solution").text("sample"), losses))
    guidance = "\n".join([*told, *([sample] if sample else [])])
    most = params.inside("behaviour").count("maximumLength") or limits.MAX_ANSWER_CHARS
    asked = Essay(
        points_mpt=_POINT * (points or 1),
        guidance=guidance or None,
        max_chars=min(most, limits.MAX_ANSWER_CHARS),
    )
    return html_body(params.text("taskDescription"), losses), [asked]


def picture_above(params: Params, package: Package, carried: Carried, losses: list[str]) -> str:
    """What stands above a question: a picture, as markup. A sound or a film is lost, and told."""
    media = params.inside("media")
    shown = media.inside("type") or media
    library = shown.text("library").partition(" ")[0]
    if not library:
        return ""
    inside = shown.inside("params")
    if library != "H5P.Image":
        losses.append(f"left out: `{library[:40]}` above the question")
        return ""
    alt = escape(plain_text(html_body(inside.text("alt"), losses)))
    path = package.find(f"content/{inside.inside('file').text('path')}")
    try:
        if path is None:
            raise ImportFault("the picture above the question is not in the package")
        name, looked = carried.add(package.read(path))
        if looked.element != "img":
            raise ImportFault("what stands above the question is no picture")
    except ImportFault as fault:
        losses.append(f"left out: {fault}")
        return html_body(f"<p>{alt}</p>", losses) if alt else ""
    size = f' width="{looked.width}" height="{looked.height}"' if looked.width and looked.height else ""
    return html_body(f'<p><img src="media:{name}" alt="{alt}"{size}></p>', losses)


def _unescaped(html: str) -> str:
    """A text of H5P that is no HTML, and all the same stored as such."""
    return plain_text(html.replace("\n", "<br>"))
