"""docker-compose.yml and Dockerfile keep what they promise: the try-out's processes, hardened, and no secret."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from academy.embedded import tryout

ROOT = settings.BASE_DIR
SECRETS = ["SECRET_KEY", "DATABASE_URL", "POSTGRES_PASSWORD", "EMAIL_URL"]
ONCE = {"migrate"}  # runs, and is done
OURS = {"web", "worker", "scheduler", "migrate"}
COMPOSE = (ROOT / "docker-compose.yml").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")


def parsed(text: str) -> dict[str, Any]:
    """The YAML that the compose file is written in: nested mappings, lists as JSON, anchors and merges.

    Anything else is refused, so that what is tested is what Docker reads.
    """
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    anchors: dict[str, Any] = {}

    def indent() -> int:
        return len(lines[0]) - len(lines[0].lstrip()) if lines else -1

    def mapping(depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while indent() == depth:
            key, value = re.fullmatch(r"([\w<.-]+):(?: (.+))?", lines.pop(0).strip()).groups(default="")
            if key == "<<":
                found |= anchors[value[1:]]
            else:
                found[key] = read(value, depth)
        return found

    def read(value: str, depth: int) -> Any:
        if value.startswith("*"):
            return anchors[value[1:]]
        if value and not value.startswith("&"):
            return json.loads(value) if value[0] in '["{' else value
        nested = mapping(indent()) if indent() > depth else {}
        if value:
            anchors[value[1:]] = nested
        return nested

    return mapping(0)


def image(instruction: str) -> str:
    """What the last stage of the Dockerfile says under that instruction, the last time it says it."""
    last_stage = DOCKERFILE.rpartition("\nFROM ")[2]
    return re.findall(rf"^{instruction} +(.+)$", last_stage, re.M)[-1]


def services() -> dict[str, dict[str, Any]]:
    """Each service as Docker would run it: what the compose file leaves open is the image's own."""
    check = json.loads(image("HEALTHCHECK").partition("CMD ")[2])
    own = {"command": json.loads(image("CMD")), "user": image("USER"), "healthcheck": {"test": ["CMD", *check]}}
    found = parsed(COMPOSE)["services"]
    return {name: (own if name in OURS else {}) | service for name, service in found.items()}


def without_own_address(command: list[str]) -> list[str]:
    """A command without what rightly differs: where it listens and how much it says."""
    return [part for part in command if not re.match(r"--(bind|log-?level|quiet)\b", part)]


LONG_RUNNING = sorted(set(services()) - ONCE)


def test_each_process_of_the_try_out_is_a_service_with_the_same_program_and_options():
    of_the_try_out = [service.command[len(tryout.PYTHON_MODULE) :] for service in tryout.processes(8000, ["x"])]
    in_compose = [services()[name]["command"] for name in ("web", "worker", "scheduler")]
    in_compose = [command[2:] if command[:2] == ["python", "-m"] else command for command in in_compose]
    assert list(map(without_own_address, in_compose)) == list(map(without_own_address, of_the_try_out))


def test_the_broker_keeps_nothing_on_disk():
    assert services()["redis"]["command"] == ["redis-server", "--save", "", "--appendonly", "no"]
    assert "volumes" not in services()["redis"]


@pytest.mark.parametrize("name", services())
def test_no_service_runs_as_root(name):
    assert services()[name]["user"] not in ("", "0", "root")


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_own_services_may_write_to_memory_and_to_the_file_of_erasures_alone_and_gain_no_rights(name):
    service = services()[name]
    assert service["read_only"] == "true"
    assert service["tmpfs"] == ["/tmp"]
    assert service["volumes"] == [f"erasures:{image('WORKDIR')}/var/erasures"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_the_file_of_erasures_is_on_a_volume_of_its_own_that_the_image_lets_its_user_alone_write_to():
    assert set(parsed(COMPOSE)["volumes"]) == {"database", "erasures"}
    assert services()["db"]["volumes"] == ["database:/var/lib/postgresql"]
    assert 'VAR_DIR / "erasures" / "erasures.jsonl"' in (ROOT / "academy/settings.py").read_text()
    assert "install -d -m 700 -o academy var/erasures" in DOCKERFILE


@pytest.mark.parametrize("name", LONG_RUNNING)
def test_what_runs_for_long_is_looked_after(name):
    service = services()[name]
    assert service["restart"] == "unless-stopped"
    assert service["healthcheck"]["test"][0].startswith("CMD")


def test_nothing_of_ours_runs_before_the_migrations_are_through():
    for name in OURS - ONCE:
        assert services()[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert services()["migrate"]["restart"] == "no"


def test_from_outside_only_the_web_server_can_be_reached_and_only_by_a_proxy_on_this_machine():
    assert [name for name, service in services().items() if "ports" in service] == ["web"]
    assert services()["web"]["ports"] == ["${LISTEN:-127.0.0.1:8000}:8000"]


@pytest.mark.parametrize("name", SECRETS)
def test_no_secret_has_a_value_in_what_is_published(name):
    named = re.findall(rf"\${{{name}(.*?)}}", COMPOSE)
    assert named, "the compose file asks for it"
    assert all(rest.startswith(":?") for rest in named), "and refuses to start without it"
    example = re.search(rf"^{name}=(.*)$", (ROOT / ".env.example").read_text(), re.M)[1]
    assert not example or "${POSTGRES_PASSWORD}" in example
    assert name not in DOCKERFILE.replace("SECRET_KEY=unused", "")


def test_the_handbook_explains_every_variable():
    read = set(re.findall(r"""env\.\w+\(\s*["'](\w+)""", (ROOT / "academy/settings.py").read_text()))
    asked = set(re.findall(r"\${(\w+)", COMPOSE)) | set(
        re.findall(r"^#? ?(\w+)=", (ROOT / ".env.example").read_text(), re.M)
    )
    handbook = (ROOT / "docs/operations.md").read_text()
    assert sorted(name for name in read | asked if f"`{name}" not in handbook) == []


# --- What the image holds -----------------------------------------------------------------------------------------


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """What .dockerignore lets into the image, in a folder of its own."""
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        if line.startswith("!"):
            source, target = ROOT / line[1:], tmp_path / line[1:]
            target.parent.mkdir(exist_ok=True)
            shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    return tmp_path


def test_what_the_image_takes_is_enough_and_its_assets_are_where_the_academy_looks(copied):
    """The Dockerfile's own last step of building, then what settings make of it."""
    for kept in ("static", "fonts"):  # pages' files, and the typefaces of PDFs
        assert f"COPY --from=build {image('WORKDIR')}/var/{kept} var/{kept}" in DOCKERFILE
    assert not (copied / "tests").exists()
    (copied / "node_modules").symlink_to(ROOT / "node_modules")
    environment = {"PATH": f"{Path(sys.executable).parent}:{os.defpath}"}
    build = re.search(r"^RUN (python -m academy.assets .+)$", DOCKERFILE, re.M)[1]
    subprocess.run(["sh", "-c", build], cwd=copied, env=environment, check=True)
    assert not (copied / "var/secret-key").exists()
    assert (copied / "var/static/staticfiles.json").exists()
    assert (copied / "var/fonts/NotoSansArabic_400Regular.ttf").exists()

    environment |= {"ALLOWED_HOSTS": "academy.example", "SECRET_KEY": "k" * 60, "DATABASE_URL": "postgres:///none"}
    subprocess.run(["python", "manage.py", "check", "-v0"], cwd=copied, env=environment, check=True)


def test_no_secret_dump_or_history_goes_into_the_image(copied):
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
    assert rules[0] == "*", "everything is left out, but for what is named"
    assert {path.name for path in copied.iterdir()}.isdisjoint({".git", ".env", "var", "tests", "shared"})
