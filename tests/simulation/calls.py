"""What an office asks for over REST, deed by deed."""

from typing import Any, Final

from tests.simulation.chance import EPOCH_MS
from tests.simulation.plan import QUESTIONS, TEST, Deed, Plan
from tests.simulation.recorder import canary

GROUP: Final = "group-1"
ORDERS: Final = {
    "extend_all": "extend",
    "pause_all": "pause",
    "resume_all": "resume",
    "write_to_all": "message",
    "warn_all": "warn",
    "another_attempt_for_all": "grant_attempt",
}
"""Acts on many attempts → their orders."""
_TEST: Final = f"/tests/{TEST}"
_GROUP: Final = f"/groups/{GROUP}"
_SITTING: Final = {"statuses": ["in_progress", "paused"]}
Call = tuple[str, str, Any]
"""Method, path, body."""


def calls_for(deed: Deed, number: int, plan: Plan, attempt_id: str | None) -> list[Call]:
    """What is asked for, in this order. `number` is the deed's, `attempt_id` that of the user whom it is about."""
    made: Call = ("PUT", _GROUP, {"title": f"A room {canary(deed.org)}"})
    match deed.kind:
        case "grant":
            return [_override(f"users/{deed.user}", {"extra_time_ms": deed.ms})]
        case "grant_window":
            return [_override(f"users/{deed.user}", _window(deed, plan))]
        case "grant_group":
            permille = deed.ms // 100
            override = {"extra_time_permille": permille} if deed.ms % 20_000 else {"pause_budget_ms": deed.ms}
            return [made, _override(f"groups/{GROUP}", override)]
        case "join":
            return [made, ("PUT", f"{_GROUP}/members/{deed.user}", {})]
        case "leave":
            return [("DELETE", f"{_GROUP}/members/{deed.user}", None)]
        case "withdraw":
            return [("DELETE", f"{_TEST}/overrides/users/{deed.user}", None)]
        case "withdraw_group":
            return [("DELETE", f"{_TEST}/overrides/groups/{GROUP}", None)]
        case "enrol":
            return [("PUT", "/enrolments", {"test_id": TEST, "user_id": deed.user})]
        case "enrol_group":
            return [made, ("PUT", "/enrolments", {"test_id": TEST, "group_id": GROUP})]
        case "unenrol":
            return [("DELETE", f"/enrolments?test_id={TEST}&user_id={deed.user}", None)]
        case "mark":
            body = {"score_mpt": deed.ms % 1_000, "reason": "seen again", "command_id": f"mark-{number}"}
            path = f"/test-attempts/{attempt_id}/marks/q{QUESTIONS}"
            return [] if attempt_id is None else [("PUT", path, body)]
        case "regrade":
            versions = 1 + sum(mend.org == deed.org and mend.at_ms <= deed.at_ms for mend in plan.mends)
            body = {"key_version": 1 + deed.ms % versions, "reason": f"a wrong key {canary(deed.org)}"}
            return [("POST", f"{_TEST}/regrades", body)]
        case "extend_all" | "write_to_all" | "warn_all" | "pause_all" | "resume_all" | "another_attempt_for_all":
            return [("POST", f"{_TEST}/bulk", _act_on_all(deed, f"all-{number}"))]


def _override(who: str, override: dict[str, Any]) -> Call:
    return "PUT", f"{_TEST}/overrides/{who}", {"override": override}


def _window(deed: Deed, plan: Plan) -> dict[str, Any]:
    """A window of her own, which may be over soon, no limit at all, or further attempts."""
    kinds: list[dict[str, Any]] = [
        {"closes_at_ms": EPOCH_MS + plan.rules.duration_ms + deed.ms},
        {"never_closes": True},
        {"unlimited_time": True, "closes_at_ms": EPOCH_MS + 2 * plan.rules.duration_ms + deed.ms},
        {"extra_attempts": 1},
    ]
    return kinds[deed.at_ms % len(kinds)]


def _act_on_all(deed: Deed, bulk_id: str) -> dict[str, Any]:
    order: dict[str, Any] = {"t": ORDERS[deed.kind]}
    if deed.kind == "write_to_all":
        order["text"] = f"hello all {canary(deed.org)}"
    else:
        # By its reason a grant is found in the audit log.
        order["reason"] = f"for all {canary(deed.org)} {bulk_id}"
    if deed.kind == "extend_all":
        order["add_ms"] = deed.ms
    return {"bulk_id": bulk_id, "order": order, "filter": _SITTING if deed.ms % 20_000 else {}}
