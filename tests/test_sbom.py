"""The bill of materials is valid, and lacks nothing of either lock file."""

import json
import re

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.sbom import PYTHON_LOCK, ROOT, WEB_LOCK, written


def test_it_is_valid_by_the_schema() -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(written()) is None


def test_every_package_of_both_lock_files_is_in_it() -> None:
    purls = {part["purl"] for part in json.loads(written())["components"]}
    python = re.findall(r"^(\S+)==(\S+)", PYTHON_LOCK.read_text(), re.MULTILINE)
    web = json.loads(WEB_LOCK.read_text())["packages"]
    assert purls == {f"pkg:pypi/{name}@{version}" for name, version in python} | {
        f"pkg:npm/{path.rpartition('node_modules/')[2].replace('@', '%40')}@{about['version']}"
        for path, about in web.items()
        if path
    }


def test_no_lock_file_names_a_registry() -> None:
    """Whoever installs says where from."""
    for file in (*ROOT.glob("requirements*.lock"), WEB_LOCK, ROOT / "docs" / "workflow" / "package-lock.json"):
        assert not re.search(r"https?://[^\s\"]*(pypi|npmjs|/simple|\.tgz|\.whl)", file.read_text()), file.name
