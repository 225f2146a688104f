"""Reports as documents: in all languages, without anything that a name could bring in."""

from typing import get_args

import pytest

from protocol.rest.analytics import CandidateCourse, NotSat, RoomPoint, ScoreBin, TestAnalytics
from protocol.rest.statistics import QuestionFigures
from server.exporting import plots
from server.exporting.report import Language, report_of_test, words_in

NOW = 1_795_878_000_000


def analytics(candidates: int = 1, name: str = "Ada") -> TestAnalytics:
    one = CandidateCourse(
        attempt_id="a",
        user_id="ada",
        name=name,
        attempt_number=1,
        status="completed",
        started_ms=NOW,
        ended_ms=NOW + 60_000,
        ran_ms=60_000,
        questions=2,
        answered=2,
        changes=0,
        idle_ms=0,
        losses=0,
        away_ms=0,
        rapid=0,
        effort_ppm=None,
        pace_ppm=None,
        left_ms=None,
        score_mpt=-500,
        max_mpt=2_000,
        idle_spans=0,
        stuck=[],
    )
    return TestAnalytics(
        test_id="exam",
        form_id=None,
        test_version=None,
        at_ms=NOW,
        attempts=candidates,
        open=0,
        left_out=NotSat(not_begun=0, cancelled=0, absent=0, erased=0, newer=0),
        lower_ms=None,
        median_ms=None,
        upper_ms=None,
        losses=0,
        away_ms=0,
        scores=[ScoreBin(from_permille=0, attempts=1)],
        room=[RoomPoint(at_ms=NOW, sitting=1, away=1, answers=0, ended=0)],
        questions=[],
        candidates=[one] * candidates,
    )


@pytest.mark.parametrize("language", get_args(Language))
def test_it_speaks_every_language_of_the_pages(language: Language) -> None:
    page = report_of_test("Exam", analytics(), [], language)
    words = words_in(language)
    assert words["scores"]["title"] in page
    assert f'lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}"' in page
    assert "{" not in page.partition("</style>")[2].replace(plots._STYLE, "")
    assert "−25 %" in page


def test_a_name_is_text_and_keeps_its_direction_to_itself() -> None:
    page = report_of_test('<script src="x">', analytics(name="<img src=x>\u202e"), [], "en")
    assert "<script" not in page
    assert "<img" not in page
    assert "\u2068&lt;img src=x&gt;\u202e\u2069" in page


def test_a_long_list_of_candidates_says_how_many_are_shown() -> None:
    page = report_of_test("Exam", analytics(candidates=501), [], "en")
    assert "500 of 501 are shown." in page
    assert page.count("2 / 2") == 500


@pytest.mark.parametrize(
    ("scale", "ticks"),
    [
        (plots.nice_scale(0, 1), (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)),
        (plots.nice_scale(3, 3), (3.0, 3.2, 3.4, 3.6, 3.8, 4.0)),
        (plots.count_scale(0), (0.0, 1.0)),
        (plots.count_scale(7), (0.0, 2.0, 4.0, 6.0, 8.0)),
        (plots.row_scale(2), (0.5, 1.5)),
        (plots.time_scale(NOW, NOW), (float(NOW), float(NOW + 60_000))),
    ],
)
def test_scales_have_round_ticks(scale: plots.Scale, ticks: tuple[float, ...]) -> None:
    assert scale.ticks == pytest.approx(ticks)
    assert scale.least <= ticks[0]
    assert scale.most >= ticks[-1]


def test_what_rounds_to_nothing_has_no_sign() -> None:
    def question(ppm: int) -> QuestionFigures:
        return QuestionFigures(
            question_id=str(ppm),
            type="choice",
            text="",
            scored=True,
            attempts=2,
            blank=0,
            difficulty_ppm=500_000,
            point_biserial_ppm=None,
            corrected_point_biserial_ppm=ppm,
            standard_error_ppm=None,
            upper_lower_ppm=None,
            options=[],
            typed=[],
            undefined=[],
        )

    page = report_of_test("Exam", analytics(), [question(-400), question(-12_345)], "en")
    assert "−0.01" in page
    assert "0.00" in page
    assert "−0.00" not in page
