"""The architecture's import rules, and that they bite."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.processes import ROOT

PACKAGES = ("contracts", "shared", "services", "deploy")
LINES = 250

FORBIDDEN = {
    "contracts_import_nothing_of_ours": ("contracts/links.py", "shared.ids"),
    "shared_imports_contracts_alone": ("shared/ids.py", "services.links.store"),
    "links_do_not_import_the_registry": ("services/links/store.py", "services.registry.store"),
    "the_operator_does_not_import_links": ("services/operator/ask.py", "services.links.store"),
    "the_ingress_does_not_import_crm_sync": (
        *("services/ingress/call.py", "services.crm_sync.directory"),
    ),
    "services_know_nothing_of_deployment": ("services/links/store.py", "deploy.local.ports"),
    "deployment_does_not_look_inside": ("deploy/local/ports.py", "services.links.store"),
}


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - of our own environment
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=folder,
        # Its own folder comes first on the path, so it reads the copy and not what is installed.
        env={"PYTHONPATH": str(folder), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_import_rules_are_kept() -> None:
    linted = _lint(ROOT)
    assert linted.returncode == 0, linted.stdout + linted.stderr


@pytest.mark.parametrize("rule", FORBIDDEN)
def test_an_import_against_a_rule_is_found(rule: str, tmp_path: Path) -> None:
    name, module = FORBIDDEN[rule]
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / name).open("a") as file:
        file.write(f"\nimport {module}\n")
    linted = _lint(tmp_path)
    assert linted.returncode == 1, linted.stdout + linted.stderr
    importer = name.removesuffix(".py").replace("/", ".")
    assert f"{importer} -> {module}" in linted.stdout


def test_no_file_is_longer_than_a_reader_likes() -> None:
    files = [
        path
        for package in (*PACKAGES, "docs", "tests/support")
        for path in (ROOT / package).rglob("*")
        if path.suffix in {".py", ".mjs", ".sh", ".md"}
    ]
    assert len(files) > 80
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in files}
    assert {name: length for name, length in lengths.items() if length > LINES} == {}
