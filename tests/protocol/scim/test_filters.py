"""Filters: the examples of RFC 7644 (3.4.2.2) are read and fit what they should, and what is no filter is refused."""

from contextlib import suppress
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import limits
from protocol.scim.attributes import GROUP, USER
from protocol.scim.faults import INVALID_FILTER, ScimFault
from protocol.scim.filters import AllOf, AnyOf, Comparison, Not, OfOne, parse_filter
from protocol.scim.matching import check_filter, matches
from protocol.scim.showing import comparisons, must_equal, names

ADA: Final[dict[str, Any]] = {
    "id": "Ada",
    "externalId": "00u1",
    "userName": "ada@example.org",
    "name": {"givenName": "Ada", "familyName": "Lovelace"},
    "displayName": "Ada Lovelace",
    "emails": [
        {"value": "ada@example.org", "type": "work", "primary": True},
        {"value": "ada@home.example", "type": "home"},
    ],
    "active": True,
    "groups": [{"value": "maths", "display": "Maths"}],
    "meta": {"resourceType": "User", "lastModified": "2026-11-27T09:00:00.000Z"},
}


def fits(text: str, resource: dict[str, Any] = ADA) -> bool:
    asked = parse_filter(text)
    check_filter(USER, asked)
    return matches(USER, asked, resource)


@pytest.mark.parametrize(
    "text",
    [
        'userName eq "ADA@example.org"',
        'USERNAME Eq "ada@example.org"',
        'urn:ietf:params:scim:schemas:core:2.0:User:userName sw "ada"',
        'name.familyName co "OVEL"',
        'userName ew ".org" and active eq true',
        'active eq "True"',
        'externalId eq "00u1"',
        'id eq "Ada"',
        'emails eq "ada@home.example"',
        'emails.type eq "home"',
        'emails[type eq "work" and value co "@example.org"]',
        'emails[type eq "work" and primary eq true] or title pr',
        "emails pr and not (title pr)",
        'groups.value eq "maths"',
        'groups[display eq "maths"]',
        'meta.lastModified gt "2026-11-27T08:59:59Z"',
        'meta.lastModified ge "2026-11-27T10:00:00+01:00"',
        'meta.lastModified lt "2026-11-27T09:00:00.001Z"',
        'meta.lastModified eq "2026-11-27T09:00:00Z"',
        'userType ne "Employee" and not (emails co "example.com" or emails.value co "example.net")',
        'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department ne "Sales"',
        "nickName eq null",
        "displayName ne null",
        'displayName gt "Ada"',
        'displayName eq "Bob" or displayName eq "Eve" or displayName eq "Ada Lovelace"',
        'userName eq "nobody" and userName eq "x" or active eq true',
        r'displayName ne "a \"quoted\" \\ \u00e9"',
        "displayName ne -1.5e3",
    ],
)
def test_it_fits(text: str) -> None:
    assert fits(text)


@pytest.mark.parametrize(
    "text",
    [
        'userName eq "ada"',
        'id eq "ada"',
        'externalId eq "00U1"',
        "active eq false",
        'emails[type eq "home" and primary eq true]',
        'emails[type eq "work" and value co "home"]',
        "title pr",
        'title eq "x"',
        "nickName ne null",
        "displayName eq 7",
        "displayName gt 7",
        'userName eq "x" and (active eq true or active eq false)',
        "meta.lastModified gt 7",
    ],
)
def test_it_does_not_fit(text: str) -> None:
    assert not fits(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "ends where an attribute"),
        ("userName", "ends where an operator"),
        ("userName eq", "ends where a value"),
        ("userName is 7", "`is` where an operator"),
        ("userName eq ada", "`ada` where a value"),
        ("userName eq 'ada'", "can't be read from character"),
        ('userName eq "ada', "can't be read from character"),
        ('userName eq "ada" active', "goes on with `active`"),
        ('userName eq "ada" and', "ends where an attribute"),
        ('(userName eq "ada"', "lacks a `)`"),
        ('emails[type eq "work"', "lacks a `]`"),
        ('emails[type eq "work")', "lacks a `]`"),
        ('"ada" eq userName', "where the name of an attribute"),
        ('userName eq "\\x"', "none of JSON"),
        ('userName eq "\\ud800"', "none of JSON"),
        ('userName eq "\\u0000"', "U+0000"),
        ('userNme eq "ada"', "no attribute `userNme`"),
        ('name.nick eq "ada"', "no attribute `name.nick`"),
        ('name eq "ada"', "`name` has parts"),
        ('name[givenName eq "ada"]', "no values to choose from"),
        ('emails.value[type eq "x"]', "no values to choose from"),
        ('emails[nick eq "x"]', "has no part `nick`"),
        ('emails[type eq "x" and emails[type eq "y"]]', "has no part `emails`"),
        ('urn:example:2.0:User:userName eq "x"', "no schema `urn:example:2.0:User`"),
        ("userName gt null", "by `gt`"),
        ("active gt true", "compared by `eq` and `ne`"),
        ('meta.lastModified co "2026"', "has no part for `co`"),
        ('meta.lastModified gt "yesterday"', "no instant"),
        ('meta.lastModified gt "2026-13-01T00:00:00Z"', "no instant"),
        ("(" * 30 + "active eq true" + ")" * 30, "nested more than"),
        ("not (" * 30 + "active eq true" + ")" * 30, "nested more than"),
        ("a" * (limits.MAX_FILTER_CHARS + 1), "more than 2000 characters"),
    ],
)
def test_it_is_no_filter(text: str, said: str) -> None:
    with pytest.raises(ScimFault) as raised:
        fits(text)
    assert raised.value.scim_type == INVALID_FILTER
    assert said in raised.value.refusal.detail


@given(st.text(alphabet='abusrNameactivetypeq or and not()[]"\\.:0 ', max_size=60))
def test_whatever_is_no_filter_is_refused_by_name(text: str) -> None:
    with suppress(ScimFault):
        fits(text)


def test_and_binds_closer_than_or() -> None:
    one, two, three = (Comparison(name, "eq", True) for name in ("a", "b", "c"))
    assert parse_filter("a eq true or b eq true and c eq true") == AnyOf((one, AllOf((two, three))))
    assert parse_filter("(a eq true or b eq true) and c eq true") == AllOf((AnyOf((one, two)), three))
    assert parse_filter("NOT (a eq true)") == Not(one)
    assert parse_filter("x[a eq true]") == OfOne("x", one)


def test_an_index_is_asked_for_what_must_be_equal() -> None:
    asked = parse_filter('USERNAME eq "ada" and active eq true and emails[type eq "work"]')
    assert must_equal(USER, asked) == {"userName": "ada"}
    assert must_equal(USER, parse_filter('userName eq "ada" or id eq "x"')) == {}
    assert must_equal(USER, parse_filter('title eq "x"')) == {}
    assert must_equal(GROUP, parse_filter('members eq "ada"')) == {"members.value": "ada"}
    assert [comparisons(parse_filter(text)) for text in ("a pr", "not (a pr or b pr) and x[c pr and d pr]")] == [1, 4]
    assert names(GROUP, parse_filter('displayName eq "x" or not (members.value pr)'), "members")
    assert not names(GROUP, parse_filter('displayName eq "members"'), "members")
