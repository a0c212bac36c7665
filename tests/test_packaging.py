"""What `pip install .` gives: a wheel and an sdist with everything in them, and the command."""

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.service_process import ROOT

SOURCES = ("pyproject.toml", "setup.cfg", "README.md", "siblings", "notification")
"""What the Dockerfile copies."""
BUILD = """
import sys
from setuptools import build_meta
out = sys.argv[1]  # setuptools takes the arguments for its own
build_meta.build_wheel(out)
build_meta.build_sdist(out)
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both, built from a copy: nothing is left behind in the repository."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, source / name)
    subprocess.run([sys.executable, "-c", BUILD, str(out)], cwd=source, check=True, capture_output=True)
    return out


def owned() -> set[str]:
    """Every file of the two packages."""
    return {
        str(path.relative_to(ROOT))
        for package in ("siblings", "notification")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_has_every_file_that_is_used(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    there = set(zipfile.ZipFile(wheel).namelist())
    assert {name for name in owned() if not name.endswith((".proto", ".pyi"))} <= there
    assert not {name for name in there if not name.startswith(("siblings/", "notification/", "notification-"))}


def test_the_sdist_has_every_file_that_is_used(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        there = {name.partition("/")[2] for name in archive.getnames()}
    assert {name for name in owned() if not name.endswith((".proto", ".pyi"))} | {
        "pyproject.toml",
        "README.md",
    } <= there


def test_the_installed_command_runs_and_finds_its_pages(built: Path, tmp_path: Path) -> None:
    (wheel,) = built.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path)
    (entry,) = tmp_path.glob("notification-*/entry_points.txt")
    assert "notification = notification.cli:main" in entry.read_text()
    look = "from notification.http.pages import WEB; from notification.cli import main; print(WEB); main(['--help'])"
    done = subprocess.run(
        [sys.executable, "-c", look], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    web, _, help_ = done.stdout.partition("\n")
    assert (web, (Path(web) / "admin/index.html").exists()) == (str(tmp_path / "notification/web"), True)
    assert "server" in help_
