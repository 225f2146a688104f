"""The files can be read by what they are for, and name only what there is."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from server.metrics.collector import make_registry
from server.settings import PLACEHOLDER, PREFIX, InvalidSettings, Settings, load_settings
from tests.deploy.files import DEPLOY, OPERATIONS, ROOT, changed
from tests.server.conftest import StartServer
from tests.services.patience import PATIENCE_S
from tests.services.server import find_binary

SETTINGS = {PREFIX + name.upper() for name in Settings.model_fields}
FOR_DRILLS = {f"{PREFIX}FAILPOINTS"}


def load(name: str) -> Any:
    return yaml.safe_load((DEPLOY / name).read_text())


@pytest.mark.parametrize("file", [*sorted(DEPLOY.iterdir()), OPERATIONS], ids=lambda file: file.name)
def test_only_settings_that_there_are_are_named(file: Path) -> None:
    assert set(re.findall(rf"\b{PREFIX}[A-Z_]+[A-Z]\b", file.read_text())) <= SETTINGS


def test_the_guide_names_every_setting() -> None:
    text = OPERATIONS.read_text()
    assert {name for name in SETTINGS - FOR_DRILLS if f"`{name}`" not in text} == set()


def test_the_guide_says_what_holds_without_each_setting() -> None:
    defaults = Settings().model_dump(exclude={"ops_port", "max_seats"})
    rows = [line.strip("| ").split(" | ") for line in OPERATIONS.read_text().splitlines() if f"| `{PREFIX}" in line]
    for names, _, without in rows:
        values = [defaults.get(name.lower()) for name in re.findall(rf"{PREFIX}(\w+)", names)]
        for value in values:
            if type(value) is int:
                said = f"`{value}`" if f"`{value}`" in without else f"{value:,}"
                assert said in re.split(r", |; ", without), names
            elif isinstance(value, str) and value:
                assert f"`{value}`" in without, names


def test_the_example_of_settings_is_accepted_once_it_is_made_ones_own() -> None:
    text = (DEPLOY / "env.example").read_text()
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    with pytest.raises(InvalidSettings) as mistakes:
        load_settings(dict(line.split("=", 1) for line in lines))
    named = [line.split()[0] for line in str(mistakes.value).splitlines()]
    assert named == sorted(line.split("=")[0] for line in lines if PLACEHOLDER in line)
    settings = load_settings(dict(line.replace(PLACEHOLDER, "made-by-ourselves").split("=", 1) for line in lines))
    assert settings.on_postgres
    assert settings.redis_url


def test_the_unit_is_one_for_systemd(tmp_path: Path) -> None:
    command = Path(sys.executable).with_name("pencilsdown")
    unit = tmp_path / "pencilsdown@.service"
    unit.write_text(changed("pencilsdown@.service", ("/opt/pencilsdown/bin/pencilsdown", str(command))))
    done = subprocess.run(
        [find_binary("systemd-analyze"), "verify", unit],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    about_ours = [line for line in done.stderr.splitlines() if "pencilsdown" in line]
    assert (done.returncode, about_ours) == (0, []), done.stderr


def test_the_unit_has_a_home_that_it_may_read() -> None:
    unit = (DEPLOY / "pencilsdown@.service").read_text()
    environment = dict(word.split("=", 1) for word in re.findall(r"^Environment=(.*)$", unit, re.MULTILINE)[0].split())
    folder = Path("/var/lib") / re.findall(r"^StateDirectory=(.*)$", unit, re.MULTILINE)[0]
    assert Path(environment["HOME"]) == folder, "ProtectHome hides /home, and asyncpg fails if it can't look there"


def test_the_unit_may_do_little() -> None:
    done = subprocess.run(
        [
            find_binary("systemd-analyze"),
            "security",
            "--offline=true",
            "--threshold=29",
            DEPLOY / "pencilsdown@.service",
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0, done.stdout[-200:] + done.stderr


def test_systemd_is_more_patient_than_the_server() -> None:
    seconds = int(re.findall(r"^TimeoutStopSec=(\d+)$", (DEPLOY / "pencilsdown@.service").read_text(), re.MULTILINE)[0])
    notice_ms = int(re.findall(r"DRAIN_NOTICE_MS=(\d+)", (DEPLOY / "env.example").read_text())[0])
    assert seconds * 1000 > notice_ms + Settings().stop_ms
    assert load("compose.yaml")["services"]["node-1"]["stop_grace_period"] == f"{seconds}s"


def test_the_composition_runs_what_there_is(tmp_path: Path) -> None:
    composition = load("compose.yaml")
    services = composition["services"]
    caddy = services["caddy"]["networks"]["inside"]["ipv4_address"]
    assert all("inside" in service["networks"] for service in services.values())
    for name in ("node-1", "node-2", "migrate"):
        environment = services[name]["environment"].items()
        given = {key: re.sub(r"\$\{\w+:\?\}", "x" * 32, value) for key, value in environment if key.startswith(PREFIX)}
        settings = load_settings(given)
        assert (settings.host, settings.port) == ("0.0.0.0", 8000)
        assert services[name]["environment"]["FORWARDED_ALLOW_IPS"] == caddy, "nobody else is believed"
        user = "migration" if name == "migrate" else "runtime"
        assert f"//pencilsdown_{user}:" in settings.database_url
        assert (DEPLOY.parent / services[name]["build"]["dockerfile"]).is_file()
        for other in services[name]["depends_on"]:
            assert other in services
    assert services["node-1"]["command"] == ["serve"]
    assert services["migrate"]["command"][::2] == ["migrate", "pencilsdown_runtime", "pencilsdown_eraser"]
    mounted = [volume.split(":")[0] for name in ("postgres", "redis") for volume in services[name]["volumes"]]
    assert all((DEPLOY / file).is_file() for file in mounted if file.startswith("./"))
    # What stands in front is what the other file says, for other nodes.
    inside = composition["configs"]["caddyfile"]["content"]
    alone = changed("Caddyfile", ("127.0.0.1:8000 127.0.0.1:8001", "node-1:8000 node-2:8000"))
    assert _without_comments(inside) == _without_comments(alone)


def test_everything_that_the_image_is_built_from_is_locked() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    installs = re.findall(r"pip (?:install|wheel) (.*)", text)
    assert len(installs) == 4
    for install in installs:
        assert "--require-hashes" in install or "--no-deps" in install
        assert "--no-build-isolation" in install or "--no-index" in install or "--require-hashes" in install
    built = (ROOT / "requirements-build.lock").read_text()
    assert re.search("^hatchling==", built, re.MULTILINE)
    for lock in re.findall(r"--requirement (\S+)", text):
        assert "--hash=sha256:" in (ROOT / lock).read_text()


def _without_comments(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]


async def test_alerts_are_about_metrics_that_there_are(start_server: StartServer, redis_url: str) -> None:
    server = await start_server(redis_url=redis_url, jwks_url="http://127.0.0.1:1/keys")
    text = generate_latest(make_registry(server.node, "1")).decode()
    families = list(text_string_to_metric_families(text))
    names = {sample.name for family in families for sample in family.samples}
    names |= {family.name + "_total" for family in families if family.type == "counter"}
    rules = [rule for group in load("alerts.yaml")["groups"] for rule in group["rules"]]
    assert len({rule["alert"] for rule in rules}) == len(rules) > 10
    used = {name for rule in rules for name in re.findall(r"\bpencilsdown_\w+", rule["expr"])}
    assert used <= names


def test_each_alert_says_how_bad_it_is_and_what_to_do() -> None:
    guide = OPERATIONS.read_text()
    sections = {part.split("\n", 1)[0]: part for part in guide.split("\n#### ")[1:]}
    rules = [rule for group in load("alerts.yaml")["groups"] for rule in group["rules"]]
    for rule in rules:
        name, notes = rule["alert"], rule["annotations"]
        assert rule["labels"]["severity"] in ("critical", "warning"), name
        assert notes["summary"].endswith("."), name
        assert notes["runbook_url"] == f"docs/operations.md#{name.lower()}", name
        assert "**Do:**" in sections[name], name
        assert " ".join(notes["description"].split()) in " ".join(sections[name].split()), name
    assert set(sections) == {rule["alert"] for rule in rules}, "no section without its alert"
    if promtool := shutil.which("promtool"):
        subprocess.run([promtool, "check", "rules", DEPLOY / "alerts.yaml"], check=True, timeout=PATIENCE_S)
