"""A wrong setting is named, and nothing starts."""

import stat
from pathlib import Path

import pytest

from server.settings import InvalidSettings, Settings, load_settings, token_secret

SECRET = "x" * 32


def mistakes(**environment: str) -> str:
    with pytest.raises(InvalidSettings) as error:
        load_settings({f"PENCILSDOWN_{name.upper()}": value for name, value in environment.items()})
    return str(error.value)


def test_nothing_needs_to_be_set() -> None:
    settings = load_settings({"HOME": "/root", "PATH": ""})
    assert settings.database == "sqlite:///data/pencilsdown.sqlite3"
    assert (settings.host, settings.port, settings.redis_url) == ("127.0.0.1", 8000, "")
    assert settings.url == "http://127.0.0.1:8000"
    assert settings.origins == {"http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "http"),
        ("port", "65536"),
        ("port", "-1"),
        ("database_url", "mysql://localhost/x"),
        ("database_url", "sqlite:///"),
        ("database_url", "sqlite:///:memory:"),
        ("database_url", "postgresql://host:port/x"),
        ("redis_url", "http://localhost"),
        ("redis_url", "redis://localhost:port"),
        ("redis_url", "redis://localhost?no_option=1"),
        ("events_redis_url", "http://localhost"),
        ("events_redis_url", "redis+cluster://one:6379"),
        ("webhook_networks", "10.1.0.0/33"),
        ("redis_url", "redis+cluster://"),
        ("redis_url", "redis+cluster://one:6379,"),
        ("redis_url", "redis+cluster://one:6379,two:port"),
        ("redis_url", "redis+cluster://one:6379/1"),
        ("redis_url", "redis+cluster://one:6379?db=1"),
        ("redis_url", "unix+cluster:///run/redis.sock"),
        pytest.param("token_secret", "x" * 31, id="a secret of 31 bytes"),
        ("allowed_origins", "*"),
        ("allowed_origins", "null"),
        ("allowed_origins", "exams.example"),
        ("allowed_origins", "https://exams.example/page"),
        ("allowed_origins", "https://user@exams.example"),
        ("allowed_origins", "https://exams.example:port"),
        ("allowed_origins", "https://ok.example,ftp://exams.example"),
        ("frame_ancestors", "*"),
        ("frame_ancestors", "https://*.example"),
        ("frame_ancestors", "https://exams.example;script-src"),
        ("frame_ancestors", "https://[::1]:8000"),
        ("public_url", "exams.example"),
        ("public_url", "https://exams.example/path"),
        ("jwks_url", "keys.json"),
        ("token_keys", "2027"),
        ("token_keys", "secret:" + "x" * 32),
        ("token_keys", "secret,secret"),
        ("token_keys", "a b:" + "x" * 32),
        ("token_keys", "a:" + "x" * 31),
        ("token_keys", "a:" + "x" * 32 + ","),
        ("token_keys", ",".join(f"{n}:" + "x" * 32 for n in range(17))),
        ("expiry_leeway_ms", "60001"),
        ("expiry_leeway_ms", "-1"),
        ("oidc_issuer", "idp.example"),
        ("oidc_issuer", "http://idp.example"),
        ("oidc_issuer", "https://idp.example?tenant=a"),
        ("oidc_issuer", "https://idp.example/#a"),
        ("oidc_issuer", "https://admin:hunter2@idp.example"),
        ("oidc_issuer", "https://idp.example:port"),
        ("oidc_issuer", "https://"),
        ("oidc_scope", "profile"),
        ("oidc_session_ms", "59999"),
        ("claim_user", ""),
        ("claim_role", "r" * 257),
        ("token_org", " school"),
        ("role_map", ""),
        ("role_map", "teachers=instructor"),
        ("role_map", "[]"),
        ("role_map", "{}"),
        ("role_map", '{"teachers": ["instructor"]}'),
        ("role_map", '{"teachers": "teacher"}'),
        ("role_map", '{"machines": "system"}'),
        ("heartbeat_ms", "0"),
        ("hello_timeout_ms", "0"),
        ("snapshot_ms", "soon"),
        ("sweep_ms", "1.5"),
        ("monitor_flush_ms", "0"),
        ("drain_ms", "-1"),
        ("rate_per_second", "0"),
        ("rate_burst", ""),
        ("log_level", "loud"),
        ("keep_at_most", "audit_days"),
        ("keep_at_most", "audit_days=29"),
        ("keep_at_most", "minutes=3"),
        ("keep_at_most", "captured_days=0"),
        ("keep_at_most", "captured_days=366"),
        ("keep_at_least", "captured_days=30"),
        ("keep_at_least", "audit_days=ten"),
        ("keep_at_least", "audit_days=30,audit_days=60"),
        ("media_bucket", "https://key:secret@files.example"),
        ("media_bucket", "https://files.example/exams"),
        ("media_bucket", "https://key@files.example/exams"),
        ("media_bucket", "https://key:secret@files.example:port/exams"),
        ("media_bucket", "https://key:secret@files.example/exams/folder"),
        ("media_bucket", "https://key:secret@files.example/exams?regin=x"),
        ("media_bucket", "s3://exams"),
        ("archive_form", "csv"),
        ("otlp_endpoint", "collector:4318"),
        ("otlp_endpoint", "grpc://collector:4317"),
        ("otlp_endpoint", "http://"),
        ("otlp_endpoint", "http://collector:port"),
        ("otlp_endpoint", "http://collector:4318?key=x"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str) -> None:
    (line,) = mistakes(**{name: value, "token_secret": SECRET} | {name: value}).splitlines()
    assert line.startswith(f"PENCILSDOWN_{name.upper()}: ")
    assert len(line) > len(name) + 20, "and what is wrong with it"


def test_a_wrong_value_is_not_repeated() -> None:
    for name, value in [
        ("token_secret", "hunter2"),
        ("database_url", "mysql://admin:hunter2@db/x"),
        ("redis_url", "http://:hunter2@redis"),
        ("redis_url", "redis://:hunter2@redis:hunter2"),
        ("redis_url", "redis+cluster://admin:hunter2@one:6379,two:hunter2"),
        ("public_url", "https://admin:hunter2@exams.example"),
        ("jwks_url", "admin:hunter2"),
        ("token_keys", "a:hunter2"),
        ("token_keys", "hunter2!"),
        ("media_bucket", "https://hunter2:hunter2@files.example:hunter2/exams"),
        ("media_bucket", "https://key:hunter2@files.example/exams?region=a&hunter2"),
    ]:
        assert "hunter2" not in mistakes(**{name: value})


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"claim_role": "roles"}, "PENCILSDOWN_CLAIM_ROLE goes with a provider: PENCILSDOWN_JWKS_URL"),
        (
            {"jwks_file": "k.json", "jwks_url": "https://idp.example/keys"},
            "_JWKS_URL and PENCILSDOWN_JWKS_FILE are set",
        ),
        ({"oidc_issuer": "https://idp.example"}, "OIDC_ISSUER and PENCILSDOWN_OIDC_CLIENT_ID go together"),
        ({"oidc_client_id": "exams"}, "OIDC_ISSUER and PENCILSDOWN_OIDC_CLIENT_ID go together"),
        ({"oidc_client_secret": "x"}, "PENCILSDOWN_OIDC_CLIENT_SECRET goes with PENCILSDOWN_OIDC_ISSUER"),
        ({"token_org": "school"}, "PENCILSDOWN_TOKEN_ORG goes with"),
        (
            {"token_org": "school", "claim_org": "tenant", "jwks_url": "https://idp.example/keys"},
            "PENCILSDOWN_TOKEN_ORG and PENCILSDOWN_CLAIM_ORG are set",
        ),
        (
            {"keep_at_most": "audit_days=60,delivery_days=9", "keep_at_least": "delivery_days=9,audit_days=61"},
            "PENCILSDOWN_KEEP_AT_LEAST is more than PENCILSDOWN_KEEP_AT_MOST: audit_days=61 and audit_days=60",
        ),
    ],
)
def test_what_does_not_fit_together_is_named(given: dict[str, str], says: str) -> None:
    assert says in mistakes(**given)


def test_roles_are_mapped_in_the_order_in_which_they_stand() -> None:
    given = {
        "PENCILSDOWN_JWKS_URL": "https://idp.example/keys",
        "PENCILSDOWN_ROLE_MAP": '{"b": "marker", "a": "instructor"}',
    }
    assert list(load_settings(given).role_map.items()) == [("b", "marker"), ("a", "instructor")]


def test_an_unknown_name_is_named() -> None:
    assert mistakes(databse_url="x") == "PENCILSDOWN_DATABSE_URL is not a setting of Pencils Down"


def test_another_spelling_is_unknown_too() -> None:
    with pytest.raises(InvalidSettings, match="pencilsdown_port is not a setting"):
        load_settings({"pencilsdown_port": "9000"})


def test_all_mistakes_are_named_at_once() -> None:
    assert [
        line.split(":")[0].split(" ")[0] for line in mistakes(port="x", log_level="y", colour="z").splitlines()
    ] == [
        "PENCILSDOWN_COLOUR",
        "PENCILSDOWN_PORT",
        "PENCILSDOWN_LOG_LEVEL",
    ]


def test_the_environment_counts_only_where_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENCILSDOWN_PORT", "9000")
    assert load_settings({}).port == 8000
    assert Settings().port == 8000
    assert load_settings().port == 9000


def test_postgresql_needs_a_secret() -> None:
    assert mistakes(database_url="postgresql://localhost/x").startswith("PENCILSDOWN_TOKEN_SECRET must be set")
    assert mistakes(heads_folder="/mnt/heads").startswith("PENCILSDOWN_HEADS_KEY must have at least 32 bytes")
    url = "postgresql://localhost/x"
    assert load_settings({"PENCILSDOWN_DATABASE_URL": url, "PENCILSDOWN_TOKEN_SECRET": SECRET}).on_postgres


@pytest.mark.parametrize(
    "url", ["", "http://127.0.0.1:4318", "https://collector.example.org", "http://[::1]:4318/otlp/"]
)
def test_a_collector_is_an_address_or_none(url: str) -> None:
    assert load_settings({"PENCILSDOWN_OTLP_ENDPOINT": url}).otlp_endpoint == url


def test_parquet_needs_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings({"PENCILSDOWN_ARCHIVE_FORM": "parquet"}).archive_form == "parquet"
    monkeypatch.setattr("storage.archives.names.find_spec", lambda _: None)
    line = mistakes(archive_form="parquet")
    assert line.startswith("PENCILSDOWN_ARCHIVE_FORM: ")
    assert "requirements-parquet.lock" in line


def test_origins_are_compared_as_browsers_send_them() -> None:
    given = "https://Exams.Example:443, http://b.example:8080/ ,"
    settings = load_settings(
        {
            "PENCILSDOWN_ALLOWED_ORIGINS": given,
            "PENCILSDOWN_PUBLIC_URL": "https://exams.school/",
            "PENCILSDOWN_HOST": "h",
        }
    )
    assert settings.origins == {"https://exams.example", "http://b.example:8080", "https://exams.school"}


def test_a_secret_is_generated_once_and_kept(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "new" / "data")
    secret = token_secret(settings)
    file = settings.data / "token-secret"
    assert len(secret) >= 32
    assert token_secret(settings) == secret == file.read_text().strip()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(settings.data.iterdir()) == [file], "and leaves no draft behind"
    assert token_secret(Settings(data=tmp_path / "other")) != secret


def test_two_that_start_at_once_read_the_same_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(data=tmp_path)
    exists = Path.exists
    monkeypatch.setattr(Path, "exists", lambda self: self.name != "token-secret" and exists(self))
    assert token_secret(settings) == token_secret(settings)


def test_a_secret_that_is_set_is_used(tmp_path: Path) -> None:
    assert token_secret(Settings(data=tmp_path, token_secret=SECRET)) == SECRET
    assert list(tmp_path.iterdir()) == []


def test_a_broken_secret_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "token-secret").write_text("short\n")
    with pytest.raises(InvalidSettings, match="holds no secret"):
        token_secret(Settings(data=tmp_path))
    assert (tmp_path / "token-secret").read_text() == "short\n"


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidSettings, match="token-secret cannot be read or made"):
        token_secret(Settings(data=tmp_path / "file" / "data"))


def test_files_lie_in_a_folder_or_in_a_bucket(tmp_path: Path) -> None:
    said = mistakes(media_folder=str(tmp_path), media_bucket="https://key:secret@files.example/exams")
    assert "MEDIA_FOLDER and PENCILSDOWN_MEDIA_BUCKET are set" in said
