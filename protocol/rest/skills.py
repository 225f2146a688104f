"""Bodies about what candidates can do, skill by skill."""

from typing import Literal

from protocol.messages.base import Int
from protocol.rest.body import Body

Standing = Literal["reached", "below", "open"]


class Skill(Body, frozen=True, kw_only=True):
    """What was earned by answers to `questions` with the tag of one skill, and the share of their points. By chance the
    share of more such questions could have been anything from `low_permille` to `high_permille` (95 %). `standing`:
    all of that reaches the goal, all of it lies `below`, or so few questions leave it `open`."""

    tag: str
    title: str
    questions: Int
    score_mpt: Int
    max_mpt: Int
    share_permille: Int
    low_permille: Int
    high_permille: Int
    standing: Standing


class SkillsOfAttempt(Body, frozen=True, kw_only=True):
    """One attempt of a person: what it says of her skills. `marked_at_ms` is when its newest marks were kept."""

    attempt_id: str
    test_id: str
    attempt_number: Int
    marked_at_ms: Int
    skills: list[Skill]


class SkillsOfPerson(Body, frozen=True, kw_only=True):
    """What a person can do, from the attempts whose marks are complete: the newest `attempts`, and all of them
    together. A skill is the same in every test that names its tag; its title is that of the newest."""

    goal_permille: Int
    skills: list[Skill]
    attempts: list[SkillsOfAttempt]
