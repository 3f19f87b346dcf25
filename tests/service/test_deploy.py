"""What the image, the set of containers and the unit promise. No engine runs here: they are read."""

from __future__ import annotations

import itertools
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import s3fs
import yaml
from botocore.exceptions import EndpointConnectionError
from moto.server import ThreadedMotoServer
from served import Served

from service.deploy.bucket import RULE, prepare_bucket
from service.settings import Settings

DEPLOY = Path(__file__).parents[2] / "service" / "deploy"
ROOT = DEPLOY.parents[1]
FIELDS = {f"REDACT_{name.upper()}" for name in Settings.model_fields}
_numbers = itertools.count()
TEXTS = sorted(p for p in DEPLOY.iterdir() if p.is_file() and p.suffix != ".pyc")


def dockerfile() -> list[tuple[str, str]]:
    """Instruction and rest of each logical line."""
    text = re.sub(r"^#.*\n", "", (DEPLOY / "Dockerfile").read_text("utf-8"), flags=re.MULTILINE)
    lines = re.sub(r"\\\n", " ", text).splitlines()
    return [(word.upper(), rest.strip()) for word, _, rest in (line.strip().partition(" ") for line in lines) if word]


def last_stage() -> list[tuple[str, str]]:
    lines = dockerfile()
    return lines[max(i for i, (word, _) in enumerate(lines) if word == "FROM") :]


def compose() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    return content


def one(word: str) -> str:
    (found,) = (rest for name, rest in last_stage() if name == word)
    return found


def test_the_image_is_made_in_two_stages_of_one_pinned_python() -> None:
    stages = [rest for word, rest in dockerfile() if word == "FROM"]
    assert stages == ["python:3.12-slim AS build", "python:3.12-slim"]
    assert [rest for word, rest in last_stage() if word == "COPY"] == ["--from=build /opt/redact /opt/redact"]


def test_the_image_runs_the_service_as_a_user_with_a_number_that_owns_its_data() -> None:
    uid, gid = one("USER").split(":")
    assert int(uid) >= 1000 and int(gid) >= 1000
    words = [word for word, _ in last_stage()]
    assert words.index("USER") > max(i for i, word in enumerate(words) if word in ("RUN", "COPY"))
    made = " ".join(rest for word, rest in last_stage() if word == "RUN")
    assert f"--uid {uid}" in made and f"-o redact -g redact -m 0700 {one('VOLUME')}" in made
    assert json.loads(one("ENTRYPOINT")) == ["redact", "serve", "--host", "0.0.0.0"]
    assert int(one("EXPOSE")) == Settings.model_fields["port"].default
    assert f"REDACT_DATA_DIR={one('VOLUME')}" in shlex.split(one("ENV"))


def test_the_check_of_health_asks_the_service(served: Served) -> None:
    program, flag, code = json.loads(one("HEALTHCHECK").partition("CMD ")[2])
    assert (program, flag) == ("python", "-c")
    port = served.url.rpartition(":")[2]

    def ask(port: str) -> int:
        environment = {"REDACT_PORT": port, "http_proxy": "http://127.0.0.1:1"}
        return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, timeout=30).returncode

    assert ask(port) == 0
    assert ask("1") != 0


def test_the_image_is_made_of_what_the_wheel_needs_and_of_nothing_else() -> None:
    lines = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").split("\n")
    kept = {line[1:] for line in lines if line.startswith("!")}
    assert next(line for line in lines if line and not line.startswith("#")) == "*"
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    needed = {"pyproject.toml", *re.findall(r'"?(README\.md|LICENSE|models)"?', project)}
    needed |= set(json.loads(re.search(r"^packages = (\[.*\])$", project, re.MULTILINE)[1]))  # type: ignore[index]
    assert kept == needed
    assert all((ROOT / name).exists() for name in kept)


def test_all_that_is_set_is_a_setting() -> None:
    mentioned = {name for path in TEXTS for name in re.findall(r"\bREDACT_[A-Z0-9_]+(?!\.\.\.)\b", path.read_text("utf-8"))}
    assert len(mentioned) > 5 and mentioned <= FIELDS


def test_no_secret_and_no_host_of_packages_is_in_a_file() -> None:
    for path in TEXTS:
        text = path.read_text("utf-8")
        assert not re.search(r"pypi|pythonhosted|rk_|index-url", text, re.IGNORECASE), path
    example = (DEPLOY / "example.env").read_text("utf-8")
    given = dict(re.findall(r"^([A-Z_]+)=(.*)$", example, re.MULTILINE))
    assert set(given.values()) == {""}
    environments = [service.get("environment", {}) for service in compose()["services"].values()]
    secret = re.compile(r"PASSWORD|SECRET|ACCESS_KEY|ROOT_USER|DATABASE_URL")
    values = [value for environment in environments for name, value in environment.items() if secret.search(name)]
    assert len(values) >= 5
    for value in values:
        (variable,) = re.findall(r"\$\{([A-Z_]+):\?", value)
        assert variable in given
    assert ".env" in (ROOT / ".gitignore").read_text("utf-8").split("\n")


@pytest.mark.parametrize("name", ["redact", "bucket", "database", "objects"])
def test_each_container_has_a_read_only_root_and_no_privilege(name: str) -> None:
    service = compose()["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"] and "cap_add" not in service and "privileged" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert any(re.match(r"/tmp:", mount) for mount in service["tmpfs"])
    # A major version at least, and never what happens to be the latest.
    assert service["image"] == "redact-titles" or re.search(r":(\d+|RELEASE\.\d{4}-\d\d-\d\dT[\d-]+Z)$", service["image"])


def test_the_service_starts_after_what_it_needs_and_is_reached_from_this_machine_alone() -> None:
    services = compose()["services"]
    assert services["redact"]["depends_on"] == {
        "database": {"condition": "service_healthy"},
        "bucket": {"condition": "service_completed_successfully"},
    }
    assert services["bucket"]["depends_on"] == {"objects": {"condition": "service_healthy"}}
    assert all("healthcheck" in services[name] for name in ("database", "objects"))
    assert [s["ports"] for s in services.values() if "ports" in s] == [["127.0.0.1:8000:8000"]]
    assert all(services[name]["networks"] == ["back"] for name in ("bucket", "database", "objects"))
    assert compose()["networks"]["back"] == {"internal": True}
    assert services["redact"]["environment"] == services["bucket"]["environment"]


def test_a_stop_leaves_time_for_what_runs() -> None:
    settings = Settings.model_fields
    longest = settings["stop_s"].default + 30
    assert int(compose()["services"]["redact"]["stop_grace_period"].removesuffix("s")) >= longest
    assert int(re.search(r"^TimeoutStopSec=(\d+)$", (DEPLOY / "redact.service").read_text("utf-8"), re.MULTILINE)[1]) >= longest  # type: ignore[index]


def test_the_settings_of_the_containers_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in compose()["services"]["redact"]["environment"].items():
        filled = re.sub(r"\$\{[A-Z_]+:\?[^}]*\}", "0123abcd", re.sub(r"\$\{[A-Z_]+:-([^}]*)\}", r"\1", value))
        monkeypatch.setenv(name, filled)
    settings = Settings()
    assert settings.database == "postgresql://redact:0123abcd@database/redact"
    assert settings.files.startswith("s3://") and settings.files_options == {"endpoint_url": "http://objects:9000"}


def test_the_unit_is_closed_in_and_leaves_what_the_sandbox_needs() -> None:
    unit = dict(re.findall(r"^(\w+)=(.*)$", (DEPLOY / "redact.service").read_text("utf-8"), re.MULTILINE))
    promised = {"DynamicUser": "yes", "ProtectSystem": "strict", "NoNewPrivileges": "yes", "StateDirectory": "redact"}
    assert promised.items() <= unit.items()
    assert "MemoryDenyWriteExecute" not in unit and "ProcSubset" not in unit
    assert {"seccomp", "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self"} <= set(
        unit["SystemCallFilter"].split()
    )
    assert unit["ExecStart"].split()[1:] == ["serve"]


@pytest.fixture(scope="module")
def s3_options() -> Iterator[dict[str, Any]]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    # s3fs keeps connections for each set of options; these are this server's.
    yield {"endpoint_url": f"http://{host}:{port}", "skip_instance_cache": True}
    server.stop()


@pytest.fixture
def settings(s3_options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Settings:
    """As in the containers: credentials and region are in variables."""
    for name, value in {"ACCESS_KEY_ID": "someone", "SECRET_ACCESS_KEY": "something", "DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    return Settings(files_url=f"s3://deployed{next(_numbers)}/documents", files_options=s3_options)


def rules(settings: Settings) -> list[dict[str, Any]]:
    system = s3fs.S3FileSystem(**settings.files_options)
    bucket = settings.files.split("/")[2]
    answer = system.call_s3("get_bucket_lifecycle_configuration", Bucket=bucket)
    return [
        {"ID": rule["ID"], **{k: v for k, v in rule.items() if isinstance(v, dict) and k != "Filter"}} for rule in answer["Rules"]
    ]


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_the_bucket_is_made_once_and_drops_what_was_broken_off(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, region: str
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    ours = {"ID": RULE["ID"], "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}}
    assert prepare_bucket(settings)
    assert rules(settings) == [ours]
    assert prepare_bucket(settings)
    assert rules(settings) == [ours]


def test_the_container_that_makes_the_bucket_runs_to_its_end(settings: Settings) -> None:
    command = compose()["services"]["bucket"]["entrypoint"]
    options = {"REDACT_FILES_URL": settings.files, "REDACT_FILES_OPTIONS": json.dumps(settings.files_options)}
    environment = {**os.environ, **options, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, *command[1:]], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and json.loads(done.stderr)["message"] == "bucket ready"
    assert [rule["ID"] for rule in rules(settings)] == [RULE["ID"]]


def test_rules_that_a_bucket_has_already_stay(settings: Settings) -> None:
    system, bucket = s3fs.S3FileSystem(**settings.files_options), settings.files.split("/")[2]
    system.mkdir(bucket)
    theirs = {"ID": "theirs", "Status": "Enabled", "Filter": {"Prefix": "x/"}, "Expiration": {"Days": 9}}
    system.call_s3("put_bucket_lifecycle_configuration", Bucket=bucket, LifecycleConfiguration={"Rules": [theirs]})
    assert prepare_bucket(settings)
    assert [rule["ID"] for rule in rules(settings)] == ["theirs", RULE["ID"]]


@pytest.mark.parametrize(
    ("changed", "kept"),
    [
        # A contradiction is refused in the words for a rule that is not known.
        ({"LifecycleConfiguration": {"Rules": [{**RULE, "Prefix": "x"}]}}, False),
        # Taken, and nothing of it kept, as MinIO does.
        (None, False),
        ({"Bucket": "nosuchbucket"}, FileNotFoundError),
    ],
    ids=["refused", "forgotten", "failed"],
)
def test_a_store_without_such_a_rule_is_told_apart_from_one_that_fails(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, changed: dict[str, Any] | None, kept: bool | type[OSError]
) -> None:
    ask = s3fs.S3FileSystem.call_s3

    def answer(self: Any, method: str, **more: Any) -> Any:
        if not method.startswith("put_bucket_lifecycle"):
            return ask(self, method, **more)
        return ask(self, method, **{**more, **changed}) if changed else {}

    monkeypatch.setattr(s3fs.S3FileSystem, "call_s3", answer)
    if isinstance(kept, bool):
        assert prepare_bucket(settings) is kept
    else:
        with pytest.raises(kept):
            prepare_bucket(settings)


def test_what_is_no_bucket_or_no_store_is_an_error(tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(ValueError, match="bucket"):
        prepare_bucket(Settings(data_dir=tmp_path))
    nowhere = {**settings.files_options, "endpoint_url": "http://127.0.0.1:1", "config_kwargs": {"retries": {"max_attempts": 0}}}
    with pytest.raises(EndpointConnectionError):
        prepare_bucket(Settings(files_url=settings.files, files_options=nowhere))
