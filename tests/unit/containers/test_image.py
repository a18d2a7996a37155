"""An image is named by the digest of what it is built from."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from containers.image import CONTAINERFILES, FOLDER, Image, NoContainerfileError, image_of, images, mirror_in

IMAGE = Image("debian-12", "bookworm", ("dnf", "rpm"), "http://mirror.example.org/debian")

DEBIAN = 'NAME="Debian GNU/Linux"\nVERSION_CODENAME=bookworm\nID=debian\n'
URIS = """\
'http://security.example.org/debian-security/dists/bookworm-security/InRelease' security_InRelease 0
'http://mirror.example.org/debian/dists/bookworm-updates/InRelease' updates_InRelease 0
'http://mirror.example.org/debian/dists/bookworm/InRelease' main_InRelease 0
'http://mirror.example.org/debian/dists/bookworm/main/binary-amd64/Packages.xz' main_Packages 0 :
"""


def test_equal_inputs_are_one_image() -> None:
    assert replace(IMAGE).tag == IMAGE.tag
    assert IMAGE.tag.startswith("yumbridge/debian-12:")


@pytest.mark.parametrize(
    "other",
    [
        replace(IMAGE, suite="trixie"),
        replace(IMAGE, packages=("dnf", "rpm", "systemd")),
        replace(IMAGE, mirror=""),
    ],
)
def test_another_input_is_another_image(other: Image) -> None:
    assert other.tag != IMAGE.tag


def test_every_distribution_has_a_suite_and_brings_dnf() -> None:
    built_here = [image for image in images() if not image.containerfile]
    assert built_here
    for image in built_here:
        assert image.suite.isalpha(), image.name
        assert {"dnf", "rpm"} <= set(image.packages), image.name
    assert image_of("debian-12").suite == "bookworm"


def test_a_containerfile_that_is_named_is_an_image_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CONTAINERFILES, "almalinux-9 fedora")

    found = images.__wrapped__()

    assert [image.name for image in found if image.containerfile] == ["almalinux-9", "fedora"]
    assert len({image.tag for image in found}) == len(found)


def test_a_containerfile_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CONTAINERFILES, "debian-12")

    with pytest.raises(NoContainerfileError, match="there is no containers/debian-12/Containerfile"):
        images.__wrapped__()


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*/Containerfile")), ids=lambda path: path.parent.name)
def test_a_containerfile_names_no_registry_and_brings_bindings_and_a_python_for_the_command(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    (base,) = re.findall(r"^FROM (.+)$", text, re.MULTILINE)

    assert "." not in base
    assert "python3-dnf" in text
    assert re.search(r"\bpython3(\.1[1-9])? ", text)
    assert text.endswith('CMD ["sleep", "infinity"]\n')


def test_the_mirror_is_the_one_of_the_suite_itself() -> None:
    assert mirror_in(DEBIAN, URIS) == "http://mirror.example.org/debian"


@pytest.mark.parametrize(
    ("release", "uris"),
    [
        (DEBIAN.replace("ID=debian", "ID=ubuntu"), URIS),
        (DEBIAN.replace("bookworm", "trixie"), URIS),
        (DEBIAN, URIS.replace("http://mirror", "file:/mirror")),
        ("", ""),
    ],
)
def test_a_machine_without_a_mirror_of_debian_has_none(release: str, uris: str) -> None:
    assert mirror_in(release, uris) == ""
