"""The files for containers and services, as far as they can be checked without a container."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from real_models import CACHE, TINY, need_model

from base.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


def tool(name: str) -> str:
    found = shutil.which(name, path=f"{BIN}{os.pathsep}{os.environ['PATH']}")
    if found is None:
        pytest.skip(f"{name} is not installed (pip install -e '.[dev]')")
    return found


def test_the_dockerfile_has_no_fault_that_hadolint_knows() -> None:
    done = subprocess.run(
        [tool("hadolint"), str(ROOT / "Dockerfile")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_the_compose_file_fits_its_schema() -> None:
    done = subprocess.run(
        [tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec",
         str(ROOT / "docker-compose.yml")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_the_compose_file_names_files_and_stages_that_are_there() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
    stages = re.findall(r"^FROM .* AS (\S+)$", (ROOT / "Dockerfile").read_text("utf-8"), re.M)
    for service in compose["services"].values():
        assert service.get("build", {}).get("target", stages[0]) in stages
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            known = source in compose["volumes"] or (ROOT / source).is_file()
            assert known, f"{source} is neither a volume nor a file"


def test_the_unit_is_one_that_systemd_takes(tmp_path: Path) -> None:
    analyse = tool("systemd-analyze")
    text = (ROOT / "deploy" / "belegt.service").read_text("utf-8")
    # The program is installed on the machine that the unit is for, not on this one.
    (tmp_path / "belegt.service").write_text(
        re.sub(r"^ExecStart=\S+", f"ExecStart={sys.executable}", text, flags=re.M)
    )
    done = subprocess.run(
        [analyse, "verify", str(tmp_path / "belegt.service")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def dockerfile(instruction: str) -> list[str]:
    """The words of the last such instruction of the Dockerfile, in its JSON form."""
    text = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    found = re.findall(rf"^{instruction} .*?(\[.*\])$", text, re.M)
    words: list[str] = json.loads(found[-1])
    return words


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    need_model(TINY)
    need_model(Settings().encoder)
    return {
        **os.environ,
        "BELEGT_CACHE": str(CACHE),
        "BELEGT_CORPUS": str(tmp_path / "data" / "corpus"),
        "BELEGT_RUNS": str(tmp_path / "data" / "runs"),
        "BELEGT_LOG_FORMAT": "json",
        "BELEGT_LLM": TINY,
    }


@pytest.fixture
def serving(environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """The container's own command, on a port that is free."""
    command = [sys.executable, "-m", "eval.command", *dockerfile("CMD"), "--port", "0"]
    keys = [*command[:3], "keys", "create", "--role", "admin", "--name", "me"]
    refused = subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert refused.returncode == 2
    assert "needs a key first" in refused.stderr
    subprocess.run(keys, env=environment, cwd=ROOT, check=True, capture_output=True)
    with subprocess.Popen(
        command, env=environment, cwd=ROOT, stderr=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


@pytest.mark.llm
@pytest.mark.encoder
def test_the_containers_commands_work_without_a_container(
    serving: subprocess.Popen[str],
) -> None:
    assert serving.stderr is not None
    port = ""
    for line in serving.stderr:
        if found := re.search(r"http://127\.0\.0\.1:(\d+)", line):
            port = found[1]
            break
    check = [word.replace("8765", port) for word in dockerfile("HEALTHCHECK")]
    check[0] = sys.executable
    for _ in range(50):
        if subprocess.run(check, check=False, capture_output=True).returncode == 0:
            break
    else:
        pytest.fail("the health check of the Dockerfile never passed")
    serving.send_signal(signal.SIGTERM)
    assert serving.wait(60) == 0
