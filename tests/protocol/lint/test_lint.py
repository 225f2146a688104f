from typing import get_args

from protocol.content import Rules, SingleChoice
from protocol.lint import RULES, lint
from protocol.rest.lint import FindingCode
from tests.protocol.lint.made import FACT, OPTIONS, content, q

PICTURE = f'<p><img src="media:{"0a" * 32}" alt=""></p>'


def test_each_rule_has_a_code_of_its_name() -> None:
    assert {rule.__name__ for rule in RULES} | {"missing_file"} == set(get_args(FindingCode))


def test_findings_stand_in_the_order_of_the_test() -> None:
    twins = [OPTIONS[0], OPTIONS[0].__class__("b", "A")]
    test = content(
        q(FACT, name="z", body=PICTURE),
        q(SingleChoice(options=twins, correct="a"), name="a"),
        rules=Rules(counts="latest"),
    )
    assert [(one.code, one.question_id) for one in lint(test, set())] == [
        ("rule_without_effect", None),
        ("missing_alt", "z"),
        ("missing_file", "z"),
        ("equal_options", "a"),
    ]
    assert "missing_file" not in {one.code for one in lint(test)}


def test_a_test_as_it_should_be_has_no_finding() -> None:
    assert lint(content()) == []
