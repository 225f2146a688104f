"""The bill of materials of what is delivered: every package of both lock files, as CycloneDX in JSON.

`python -m tests.sbom FILE` writes it; `make sbom` does so into `build/`. The packages that only build the pages
are in it too.
"""

import json
import re
import sys
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL

ROOT: Final = Path(__file__).parents[1]
PYTHON_LOCK: Final = ROOT / "requirements.lock"
WEB_LOCK: Final = ROOT / "clients" / "web" / "package-lock.json"
_PINNED: Final = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)


def python_packages(text: str) -> Iterator[tuple[str, str]]:
    """Name and version of everything in a requirements file."""
    return ((name, version) for name, version in _PINNED.findall(text))


def web_packages(text: str) -> Iterator[tuple[str, str, str | None]]:
    """Name, version and integrity of everything in a `package-lock.json`."""
    for path, about in json.loads(text)["packages"].items():
        if path:
            yield path.rpartition("node_modules/")[2], about["version"], about.get("integrity")


def bill() -> Bom:
    """Of the two lock files as they are."""
    bom = Bom()
    bom.metadata.component = Component(name="pencilsdown", type=ComponentType.APPLICATION, bom_ref="pencilsdown")
    found: dict[str, Component] = {}
    for name, version in python_packages(PYTHON_LOCK.read_text()):
        _add(found, PackageURL("pypi", None, name, version), [])
    for whole, version, integrity in web_packages(WEB_LOCK.read_text()):
        namespace, _, name = whole.rpartition("/")
        _add(found, PackageURL("npm", namespace or None, name, version), _hashes(integrity))
    for component in found.values():
        bom.components.add(component)
    bom.register_dependency(bom.metadata.component, found.values())
    return bom


def _add(found: dict[str, Component], purl: PackageURL, hashes: list[HashType]) -> None:
    key = purl.to_string()
    found[key] = Component(
        name=purl.name, group=purl.namespace, version=purl.version, purl=purl, bom_ref=key, hashes=hashes
    )


_ALGORITHMS: Final = {"sha512": HashAlgorithm.SHA_512, "sha1": HashAlgorithm.SHA_1}


def _hashes(integrity: str | None) -> list[HashType]:
    """npm's form (`sha512-BASE64`) as CycloneDX has it."""
    if integrity is None:
        return []
    algorithm, _, value = integrity.partition("-")
    return [HashType(alg=_ALGORITHMS[algorithm], content=b64decode(value).hex())]


def written() -> str:
    """The document."""
    return make_outputter(bill(), OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=2)


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(written() + "\n")
