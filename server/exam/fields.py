"""The fields of an exam file: the author's name → the test's name, and the reader."""

from collections.abc import Callable, Mapping
from typing import Final

from server.exam import captures, feedback, integrity, keys, pictures, rubrics, safe_browser
from server.exam.keys import points
from server.exam.texts import prose, text
from server.exam.values import (
    a_list,
    a_map,
    address_id,
    duration,
    durations,
    forms,
    instant,
    items,
    optional,
    options,
    texts,
    titles,
    tools,
    truth,
    whole,
)

Fields = Mapping[str, tuple[str, Callable[[object], object]]]

TEST: Final[Fields] = {
    "test_id": ("test_id", address_id),
    "title": ("title", text),
    "instructions": ("instructions", prose),
    "rules": ("rules", a_map),
    "passages": ("passages", a_list),
    "questions": ("questions", a_list),
    "forms": ("forms", forms),
    "sections": ("sections", a_list),
    "course_id": ("course_id", address_id),
    "shuffle": ("shuffle", truth),
    "language": ("language", text),
    "exhibits": ("exhibits", texts),
    "skills": ("skills", titles),
}
RULES: Final[Fields] = {
    "duration": ("duration_ms", optional(duration)),
    "opens_at": ("opens_at_ms", optional(instant)),
    "closes_at": ("closes_at_ms", optional(instant)),
    "grace": ("grace_ms", duration),
    "warnings": ("warnings_ms", durations),
    "max_attempts": ("max_attempts", optional(whole)),
    "on_disconnect": ("on_disconnect", text),
    "pause_budget": ("pause_budget_ms", duration),
    "connections": ("connections", text),
    "links": ("links", text),
    "release": ("release", text),
    "shows": ("shows", text),
    "counts": ("counts", text),
    "grades": ("grades", keys.grades),
    "order": ("order", text),
    "gaps": ("gaps", text),
    "active": ("active", truth),
    "form_choice": ("form_choice", text),
    "enrolment": ("enrolment", text),
    "waiting_room": ("waiting_room", truth),
    "access_code": ("access_code", optional(text)),
    "address_ranges": ("address_ranges", texts),
    "delay_first": ("delay_first_ms", duration),
    "delay_later": ("delay_later_ms", duration),
    "blind_marking": ("blind_marking", truth),
    "second_marking": ("second_marking_permille", keys.share),
    "marking_tolerance": ("marking_tolerance_permille", keys.permille),
    "min_time": ("min_time_ms", duration),
    "at_end": ("at_end", text),
    "hand_in": ("hand_in_ms", duration),
    "synchronised": ("synchronised", truth),
    "pause_grace": ("pause_grace_ms", duration),
    "limit": ("limit", text),
    "tools": ("tools", texts),
    "late_answers": ("late_answers", text),
    "late": ("late_ms", duration),
    "integrity": ("integrity", integrity.watches),
    "full_screen": ("full_screen", truth),
    "captures": ("captures", captures.captures),
    "safe_exam_browser": ("safe_exam_browser", safe_browser.rule),
    "leaderboard": ("leaderboard", text),
}
SECTION: Final[Fields] = {
    "id": ("section_id", address_id),
    "title": ("title", text),
    "instructions": ("instructions", prose),
    "limit": ("limit_ms", optional(duration)),
    "limit_kind": ("limit", text),
    "min_time": ("min_ms", duration),
    "items": ("items", items),
    "shuffle": ("shuffle", truth),
    "exhibits": ("exhibits", texts),
    "tools": ("tools", tools),
}
PASSAGE: Final[Fields] = {
    "id": ("passage_id", address_id),
    "title": ("title", text),
    "text": ("body", prose),
}
QUESTION: Final[Fields] = {
    "id": ("question_id", address_id),
    "prompt": ("body", prose),
    "limit": ("limit_ms", optional(duration)),
    "limit_kind": ("limit", text),
    "feedback": ("feedback", prose),
    "score_feedback": ("score_feedback", feedback.score_feedback),
    "required": ("required", truth),
    "tags": ("tags", texts),
    "passage": ("passage_id", address_id),
    "scored": ("scored", truth),
    "unanswered": ("unanswered_mpt", points),
    "tools": ("tools", tools),
    "rubric": ("rubric", rubrics.rubric),
}
SEVERAL: Final[Fields] = {"parts": ("parts", a_map), "scoring": ("scoring", text)}
"""Of a question with several interactions."""
EVERY_INTERACTION: Final[Fields] = {"type": ("type", text), "points": ("points_mpt", points)}
FLAT: Final[Fields] = {
    **{name: {**QUESTION, **EVERY_INTERACTION}[name] for name in ("id", "type", "prompt", "points")},
    **QUESTION,
}
"""Of a question whose only interaction is written beside its prompt."""
_MARKED: Final[Fields] = {
    "wrong": ("wrong_mpt", points),
    "floor": ("min_mpt", points),
}
_OPTIONS: Final[Fields] = {
    **_MARKED,
    "weights": ("weights_mpt", keys.weights),
    "options": ("options", options),
    "shuffle": ("shuffle", truth),
    "pinned": ("pinned", texts),
    "option_feedback": ("option_feedback", feedback.option_feedback),
}
_PAIRS: Final[Fields] = {
    **_MARKED,
    "weights": ("weights", keys.pair_weights),
    "other_pairs": ("default_mpt", points),
    "correct": ("correct", keys.pairs),
    "partial": ("partial", text),
    "min_pairs": ("min_pairs", whole),
    "max_pairs": ("max_pairs", optional(whole)),
}
_CHOICES: Final[Fields] = {
    **_PAIRS,
    "choices": ("choices", options),
    "max_per_choice": ("max_per_choice", keys.uses),
    "shuffle": ("shuffle", truth),
}
_PICTURE: Final[Fields] = {"picture": ("picture", pictures.picture)}
_SPOTS: Final[Fields] = {**_PICTURE, "spots": ("spots", pictures.spots)}
INTERACTIONS: Final[Mapping[str, Fields]] = {
    "single_choice": {**_OPTIONS, "correct": ("correct", text)},
    "inline_choice": {**_OPTIONS, "correct": ("correct", text)},
    "multiple_choice": {
        **_OPTIONS,
        "correct": ("correct", texts),
        "partial": ("partial", truth),
        "max_choices": ("max_choices", optional(whole)),
        "min_choices": ("min_choices", whole),
    },
    "hottext": {
        **_MARKED,
        "text": ("text", prose),
        "correct": ("correct", texts),
        "weights": ("weights_mpt", keys.weights),
        "partial": ("partial", truth),
        "min_choices": ("min_choices", whole),
        "max_choices": ("max_choices", optional(whole)),
    },
    "match": {
        **_PAIRS,
        "rows": ("rows", options),
        "columns": ("columns", options),
        "max_per_row": ("max_per_row", keys.uses),
        "max_per_column": ("max_per_column", keys.uses),
        "shuffle_rows": ("shuffle_rows", truth),
        "shuffle_columns": ("shuffle_columns", truth),
    },
    "gap_match": {**_CHOICES, "text": ("text", prose)},
    "associate": _CHOICES,
    "true_false": {
        **_MARKED,
        "correct": ("correct", truth),
        "option_feedback": ("option_feedback", feedback.truth_feedback),
    },
    "order": {
        **_MARKED,
        "options": ("options", options),
        "correct": ("correct", texts),
        "partial": ("partial", text),
    },
    "numeric": {
        **_MARKED,
        "correct": ("correct", text),
        "tolerance": ("tolerance", keys.tolerance),
        "accepted": ("accepted", keys.numbers),
        "unit": ("unit", optional(text)),
        "decimal_sign": ("decimal_sign", text),
    },
    "slider": {
        **_MARKED,
        "min": ("lower", text),
        "max": ("upper", text),
        "step": ("step", text),
        "correct": ("correct", text),
        "tolerance": ("tolerance", keys.tolerance),
        "accepted": ("accepted", keys.numbers),
        "unit": ("unit", optional(text)),
    },
    "short_text": {
        **_MARKED,
        "accepted": ("accepted", keys.texts),
        "case_sensitive": ("case_sensitive", truth),
        "max_chars": ("max_chars", whole),
    },
    "hotspot": {
        **_MARKED,
        **_SPOTS,
        "correct": ("correct", texts),
        "min_choices": ("min_choices", whole),
        "max_choices": ("max_choices", optional(whole)),
        "partial": ("partial", truth),
        "weights": ("weights_mpt", keys.weights),
    },
    "point": {
        **_MARKED,
        **_PICTURE,
        "areas": ("areas", pictures.areas),
        "min_choices": ("min_choices", whole),
        "max_choices": ("max_choices", optional(whole)),
        "elsewhere": ("elsewhere_mpt", points),
    },
    "graphic_order": {**_MARKED, **_SPOTS, "correct": ("correct", texts), "partial": ("partial", text)},
    "graphic_gap_match": {**_CHOICES, **_SPOTS, "max_per_spot": ("max_per_spot", keys.uses)},
    "graphic_associate": {**_PAIRS, **_SPOTS, "max_per_spot": ("max_per_spot", keys.uses)},
    "upload": {
        "kinds": ("kinds", texts),
        "max_size": ("max_bytes", keys.size),
        "guidance": ("guidance", optional(text)),
    },
    "essay": {
        "max_chars": ("max_chars", whole),
        "min_words": ("min_words", optional(whole)),
        "max_words": ("max_words", optional(whole)),
        "format": ("format", text),
        "guidance": ("guidance", optional(text)),
    },
}
