"""What an identity provider writes into its tokens, as Keycloak, Entra and LTI do, and what it means here."""

import contextlib
import logging
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.attempt.model import Role
from protocol.codes import Code
from protocol.errors import Refused
from protocol.rules.scope import TokenScope
from server.access.claim_map import ClaimMap, find
from server.access.claims import read_claims
from server.access.principal import Principal
from server.access.tokens import Tokens
from server.settings import Settings
from tests.server.conftest import SECRET, StartServer
from tests.server.harness.clock import MovableClock
from tests.server.harness.provider import RSA_KEY, Provider, signed

LTI = "https://purl.imsglobal.org/spec/lti/claim/roles"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
NOW_MS = 1_800_000_000_000
KEYCLOAK = ClaimMap(
    user="preferred_username",
    org="organization",
    role="realm_access.roles",
    groups="",
    roles={"exam-office": Role.ADMINISTRATOR, "teacher": Role.INSTRUCTOR, "student": Role.CANDIDATE},
)
ADA: dict[str, Any] = {
    "sub": "0b7e0c5a-3c0f-4b1d-a8f5-0e6f8f6a7c11",
    "preferred_username": "ada",
    "organization": ["school"],
    "realm_access": {"roles": ["offline_access", "teacher", "default-roles-school"]},
    "groups": ["/staff/mathematics"],
    "name": "Ada Lovelace",
    "exp": NOW_MS // 1000 + 60,
}


def read(claim_map: ClaimMap, **claims: Any) -> Principal:
    told = {name: value for name, value in (ADA | claims).items() if value is not None}
    return read_claims(claim_map.translated(told), NOW_MS)


def refused(claim_map: ClaimMap, **claims: Any) -> str:
    with pytest.raises(Refused) as error:
        read(claim_map, **claims)
    assert error.value.refusal.code is Code.TOKEN_INVALID
    return error.value.refusal.detail


def test_a_token_of_keycloak() -> None:
    ada = read(KEYCLOAK)
    assert (ada.role, ada.actor.id, ada.org_id, ada.name) == (Role.INSTRUCTOR, "ada", "school", "Ada Lovelace")
    assert ada.scope == TokenScope(), "the provider's groups are none of ours"


def test_a_token_of_a_course_system() -> None:
    lti = ClaimMap(
        role=LTI,
        only_org="school",
        roles={f"{MEMBERSHIP}Instructor": Role.INSTRUCTOR, f"{MEMBERSHIP}Learner": Role.CANDIDATE},
    )
    instructor = read(lti, groups=None, **{LTI: [f"{MEMBERSHIP}Mentor", f"{MEMBERSHIP}Instructor"]})
    assert (instructor.role, instructor.actor.id, instructor.org_id) == (Role.INSTRUCTOR, ADA["sub"], "school")
    assert read(lti, org="elsewhere", **{LTI: f"{MEMBERSHIP}Learner"}).org_id == "school", "whatever a token says"


def test_of_several_roles_the_first_one_of_the_map_counts() -> None:
    assert read(KEYCLOAK, realm_access={"roles": ["student", "teacher", "exam-office"]}).role is Role.ADMINISTRATOR


@pytest.mark.parametrize(
    ("claims", "says"),
    [
        ({"realm_access": None}, "`realm_access.roles` is missing"),
        ({"realm_access": ["teacher"]}, "`realm_access.roles` is missing"),
        ({"realm_access": {"roles": []}}, "`realm_access.roles` has none of the values"),
        ({"realm_access": {"roles": ["Teacher", "instructor"]}}, "`realm_access.roles` has none of the values"),
        ({"realm_access": {"roles": {"teacher": True}}}, "`realm_access.roles` must be a text, or a list of texts"),
        ({"realm_access": {"roles": ["teacher", 7]}}, "`realm_access.roles` must be a text, or a list of texts"),
        ({"organization": None}, "`organization` is missing"),
        ({"organization": ["school", "college"]}, "`organization` must be a text"),
        ({"organization": {"school": {}}}, "`organization` must be a text"),
        ({"preferred_username": None}, "`preferred_username` is missing"),
        ({"preferred_username": ""}, "`preferred_username` must not be empty"),
        ({"preferred_username": 7}, "`preferred_username` must be a text"),
    ],
)
def test_what_is_missing_is_named_as_the_provider_calls_it(claims: dict[str, Any], says: str) -> None:
    detail = refused(KEYCLOAK, **claims)
    assert detail.startswith(f"The token's claim {says}")
    assert "ada" not in detail


def test_a_list_of_roles_needs_a_map() -> None:
    listed = ClaimMap(role="roles", only_org="school")
    assert "PENCILSDOWN_ROLE_MAP" in refused(listed, groups=None, roles=["instructor"])
    assert read(listed, groups=None, roles="instructor").role is Role.INSTRUCTOR
    assert "must be one of" in refused(listed, groups=None, roles="system")


def test_limits_come_from_the_claims_that_are_named() -> None:
    mapped = ClaimMap(only_org="school", branches="ou.campus", groups="exam_groups")
    claims: dict[str, Any] = {"role": "invigilator", "groups": ["/staff"], "branch": "west"}
    assert read(mapped, **claims).scope == TokenScope()
    limited = read(mapped, **claims, ou={"campus": "north"}, exam_groups=["a", "b"])
    assert limited.scope == TokenScope(frozenset({"north"}), None, frozenset({"a", "b"}))
    assert "`exam_groups` must be a list of ids" in refused(mapped, **claims, exam_groups=[])
    candidate = read(mapped, **claims | {"role": "candidate"}, ou={"campus": "north"}, exam_groups=[])
    assert (candidate.branch_id, candidate.scope) == ("north", TokenScope())


def test_without_settings_claims_are_what_they_are() -> None:
    claims: dict[str, Any] = {"role": "invigilator", "org": "school", "groups": ["g"]}
    assert ClaimMap().translated(claims) is claims


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("a", {"b": {"c": 1}, "b.c": 2}),
        ("a.b.c", 2),
        ("https://x.example/a", 3),
        ("https://x.example/a.b", None),
        ("a.b.d", None),
        ("a.b.c.d", None),
        ("d.e", None),
        ("f.g.h", 4),
        (".", None),
        ("a.", None),
    ],
)
def test_a_path(path: str, found: object) -> None:
    claims = {"a": {"b": {"c": 1}, "b.c": 2}, "https://x.example/a": 3, "d": "e", "f.g": {"h": 4}}
    assert find(claims, path) == found


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.sampled_from(["", " ", "teacher", "a.b", "candidate", "x" * 129]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["roles", "a", "a.b", ""]), inner),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([*ADA, "role", "branch", "branches", "groups", "a", "a.b"]), JSON))
def test_whatever_a_provider_writes_is_read_or_refused_by_name(claims: dict[str, Any]) -> None:
    for claim_map in (KEYCLOAK, ClaimMap(role="a.b.roles", branches="a.b", groups="a.a", org="organization")):
        with contextlib.suppress(Refused):
            principal = read_claims(claim_map.translated(ADA | claims), NOW_MS)
            assert principal.role is not Role.SYSTEM
            assert principal.actor.id.strip()
            assert principal.org_id.strip()


async def test_our_own_tokens_are_not_mapped(start_server: StartServer, caplog: pytest.LogCaptureFixture) -> None:
    with Provider().running() as provider:
        server = await start_server(
            jwks_url=provider.url, claim_role="roles", role_map={"teacher": "instructor"}, token_org="school"
        )
        await server.make_test()
        now_s = server.clock.now_ms() // 1000
        theirs = signed(now_s, RSA_KEY, "RS256", "r", roles=["teacher"], org="elsewhere")
        assert [test["test_id"] for test in (await server.call("GET", "/tests", theirs)).ok()["tests"]] == ["algebra-1"]
        assert (await server.call("GET", "/tests", server.instructor)).status == 200
        with caplog.at_level(logging.INFO):
            reply = await server.call("GET", "/tests", signed(now_s, RSA_KEY, "RS256", "r", role="instructor"))
        assert reply.code == Code.TOKEN_INVALID
        assert "`roles` is missing" in reply.body["detail"]
        assert "A token was refused: The token's claim `roles` is missing." in caplog.text


async def test_a_provider_that_names_nobody_lets_nobody_in(tmp_path: Path) -> None:
    clock = MovableClock()
    with Provider().running() as provider:
        settings = Settings(data=tmp_path, token_secret=SECRET, jwks_url=provider.url, claim_user="email")
        tokens = Tokens(settings, clock)
        token = signed(clock.now_ms() // 1000, RSA_KEY, "RS256", "r")
        with pytest.raises(Refused, match="`email` is missing"):
            await tokens.verify(token)
