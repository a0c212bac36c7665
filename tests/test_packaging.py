"""`pip install .` installs the complete packages and the command; the wheel and the sdist contain every file."""

import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from configparser import ConfigParser
from email.parser import Parser
from pathlib import Path

import pytest

from tests.service_process import ROOT

TEXTS = ("README.md", "CHANGELOG.md", "LICENSE", "config.yml", "docs")
SOURCES = ("pyproject.toml", "setup.cfg", *TEXTS, "siblings", "notification")
"""The files from which the package is built, also in the Dockerfile."""
BUILD = """
import sys
from setuptools import build_meta
out = sys.argv[1]  # setuptools takes the arguments for its own
build_meta.build_wheel(out)
build_meta.build_sdist(out)
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist. They are built from a copy, so the repository does not change."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, source / name)
    subprocess.run([sys.executable, "-c", BUILD, str(out)], cwd=source, check=True, capture_output=True)
    return out


def owned() -> set[str]:
    """Return every file of the two packages."""
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
    assert not {name for name in there if not name.startswith(("siblings/", "notification/", "notification_feed-"))}


def test_the_sdist_has_every_file_that_is_used(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        there = {name.partition("/")[2] for name in archive.getnames()}
    assert {name for name in owned() if not name.endswith((".proto", ".pyi"))} | {
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "docs/notification.service",
    } <= there


def test_the_wheel_names_its_licence_and_holds_the_text(built: Path) -> None:
    (wheel,) = built.glob("notification_feed-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        fields = Parser().parsestr(archive.read(metadata).decode())
        text = archive.read(metadata.replace("METADATA", "licenses/LICENSE"))
    assert (fields["Name"], fields["License-Expression"]) == ("notification-feed", "Apache-2.0")
    assert text == (ROOT / "LICENSE").read_bytes()


def test_what_the_systemd_unit_names_is_where_pip_installs_it(built: Path, tmp_path: Path) -> None:
    (wheel,) = built.glob("*.whl")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--ignore-installed", "--prefix", str(tmp_path), str(wheel)], check=True, capture_output=True)
    docs = tmp_path / "share/doc/notification/docs"
    unit = ConfigParser(strict=False, interpolation=None)
    unit.read(docs / "notification.service", encoding="utf-8")
    named = (unit["Unit"]["Documentation"].removeprefix("file://"), unit["Service"]["ExecStart"].split()[0])
    assert [tmp_path.joinpath(Path(path).relative_to("/opt/notification")).is_file() for path in named] == [True, True]
    links = [
        (page, link)
        for page in docs.rglob("*.md")
        for link in re.findall(r"\]\((?!http|\.\./\.\./benchmarks/)([^)#\s]+)", page.read_text(encoding="utf-8"))
    ]
    assert {(page.name, link) for page, link in links if not (page.parent / link).exists()} == set()
    assert {page.relative_to(docs) for page in docs.rglob("*.*")} == {
        page.relative_to(ROOT / "docs") for page in (ROOT / "docs").rglob("*.*")
    }


def test_the_image_is_built_from_all_that_the_package_needs() -> None:
    copied = " ".join(re.findall(r"^COPY (.*)$", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE))
    admitted = re.findall(r"^!(.*)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(SOURCES) <= set(copied.split())
    assert set(SOURCES) <= set(admitted)


@pytest.mark.parametrize("lock", ["requirements-build.txt", "requirements.txt", "requirements-dev.txt"])
def test_a_lock_names_no_index_and_pins_everything_with_hashes(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    entries = re.split(r"\n(?=[a-z])", "\n" + text)[1:]
    assert [entry for entry in entries if "==" not in entry.split()[0] or "--hash=sha256:" not in entry] == []


def test_the_installed_command_runs_and_finds_its_pages(built: Path, tmp_path: Path) -> None:
    (wheel,) = built.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path)
    (entry,) = tmp_path.glob("notification_feed-*/entry_points.txt")
    assert "notification = notification.cli:main" in entry.read_text()
    look = (
        "from notification.http.html_pages import WEB; from notification.cli import main; print(WEB); main(['--help'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", look], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    web, _, help_ = done.stdout.partition("\n")
    assert (web, (Path(web) / "admin/index.html").exists()) == (str(tmp_path / "notification/web"), True)
    assert "server" in help_
