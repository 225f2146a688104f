"""Where we stand with each chapter of ASVS 5.0.0. `python -m tests.server.asvs` writes it into docs/security.md, and
`test_security_table.py` says where the two differ, or where a chapter that is met names a test that is not there."""

from pathlib import Path
from typing import Final, Literal, NamedTuple

DOCUMENT: Final = Path(__file__).parent.parent.parent / "docs" / "security.md"
BEGIN: Final = "<!-- generated: asvs -->\n"
END: Final = "<!-- end -->"


class Chapter(NamedTuple):
    """`why`: what is done, why nothing is to be done, or what is missing. A test shows what is met, or met in part."""

    number: int
    title: str
    standing: Literal["met", "in part", "not applicable", "not met"]
    why: str
    test: str | None = None


CHAPTERS: Final = (
    Chapter(
        1,
        "Encoding and sanitization",
        "met",
        "what authors write is cleaned to a list of elements and attributes, and pages make elements of that list; "
        "they make no HTML of texts, and a policy keeps them from it; statements are composed by SQLAlchemy with "
        "parameters; no text becomes a command or a path",
        "tests/e2e/test_page_bodies.py::test_nothing_of_a_hostile_text_is_done",
    ),
    Chapter(
        2,
        "Validation and business logic",
        "met",
        "every message and body has a type with limits; what may follow what is one table; one budget for each person",
        "tests/fuzz/test_targets.py::test_mutants",
    ),
    Chapter(
        3,
        "Web frontend security",
        "in part",
        "content security policy, Trusted Types, COOP, CORP, no cookies; HSTS is the operator's, who knows the domain",
        "tests/server/test_pages.py::test_a_page_is_strict_and_asked_for_again",
    ),
    Chapter(
        4,
        "API and web service",
        "met",
        "the OpenAPI document is tried against the server; lengths, methods and frames are checked; no GraphQL",
        "tests/server/api/test_conformance.py::test_calls",
    ),
    Chapter(
        5,
        "File handling",
        "in part",
        "files of tests, from whoever may store tests: their type is what their content says, their size is limited, "
        "an SVG is written anew from what is known, and each is served with its type, `nosniff` and a policy under "
        "which it does nothing; nothing looks for viruses",
        "tests/server/api/test_media.py::test_what_can_not_be_used_is_refused_by_name",
    ),
    Chapter(
        6,
        "Authentication",
        "not applicable",
        "nobody has a password here: the platform or an identity provider knows who somebody is",
    ),
    Chapter(
        7,
        "Session management",
        "in part",
        "tokens end by time and by withdrawal, on every node; a link is bound to the first device that uses it "
        "where the test says `links: once`; elsewhere it is seen when another one uses it",
        "tests/server/access/test_revocations.py::test_all_tokens_of_a_user_up_to_now",
    ),
    Chapter(
        8,
        "Authorization",
        "met",
        "by role, organisation, test, attempt and connection, at every endpoint and in every message",
        "tests/server/test_security_organisations.py::test_another_organisations_ids_on_every_endpoint",
    ),
    Chapter(
        9,
        "Self-contained tokens",
        "met",
        "each requirement has a row below",
        "tests/server/access/test_tokens.py::test_a_foreign_token[no signature]",
    ),
    Chapter(
        10,
        "OAuth and OIDC",
        "in part",
        "as a resource server: audience, issuer and type are checked, keys are fetched apart from logins; as a client: "
        "the code flow with PKCE, state, nonce and issuer, one address to come back to; tokens are not bound to their "
        "sender (DPoP, mTLS)",
        "tests/server/access/oidc/test_sign_in.py::test_no_lie_is_believed",
    ),
    Chapter(
        11,
        "Cryptography",
        "met",
        "SHA-256 and keyed BLAKE2b for the log, HMAC and asymmetric signatures of a list for tokens, keyed BLAKE2b "
        "between nodes with a "
        "derived key, and the random numbers of the system",
        "tests/server/relay/test_seal.py::test_every_bit_counts",
    ),
    Chapter(
        12,
        "Secure communication",
        "in part",
        "TLS to the database is verified where asked for; towards browsers it is the proxy's, for which there are "
        "files; between proxy and node it is the operator's",
        "tests/deploy/test_proxies.py::test_without_tls_nothing_is_answered",
    ),
    Chapter(
        13,
        "Configuration",
        "met",
        "settings are checked at the start, placeholders are refused, the database role of nodes cannot change the log",
        "tests/server/process/test_starting.py::test_a_placeholder_is_no_secret",
    ),
    Chapter(
        14,
        "Data protection",
        "in part",
        "no token in an address, nothing personal in logs, replies are not kept by browsers; a person can be erased "
        "whole (docs/privacy.md); answers and names are not encrypted in the database, and nothing is erased by itself "
        "but by an organisation's own rule",
        "tests/server/people/test_erasing.py::test_she_is_exported_and_erased_and_her_numbers_stay",
    ),
    Chapter(
        15,
        "Secure coding and architecture",
        "in part",
        "locked dependencies with hashes, an inventory of all components (`make sbom`, CycloneDX), layers checked by a "
        "tool, limits on everything; no time is promised in which a component with a known weakness is replaced",
        "tests/deploy/test_files.py::test_everything_that_the_image_is_built_from_is_locked",
    ),
    Chapter(
        16,
        "Logging and error handling",
        "met",
        "every decision is a record in a chain that anybody can verify; a bug says no more than that it is ours",
        "tests/server/api/test_problems.py::test_a_bug_says_no_more_than_that_it_is_ours",
    ),
    Chapter(17, "WebRTC", "not applicable", "there is none"),
)


def table() -> str:
    """In Markdown, as it stands in the document."""
    lines = ["| chapter | standing | why | shown by |", "| --- | --- | --- | --- |"]
    for one in CHAPTERS:
        shown = f"`{one.test}`" if one.test is not None else "nothing"
        lines.append(f"| V{one.number}: {one.title} | {one.standing} | {one.why} | {shown} |")
    return "\n".join(lines) + "\n"


def with_table(text: str) -> str:
    """The document with the table as it is now."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + table() + END + after


if __name__ == "__main__":
    DOCUMENT.write_text(with_table(DOCUMENT.read_text("utf-8")), "utf-8")
