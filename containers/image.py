"""Images of distributions, each built once and found again by the digest of what it is built from."""

from __future__ import annotations

import fcntl
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import docker
import docker.errors

FOLDER: Final = Path(__file__).resolve().parent

# On every image, with the name of its folder: whoever tidies up finds them by it.
LABEL: Final = "yumbridge.image"

# Names the folders with a Containerfile that are to be built as well: what they start from is in a registry.
CONTAINERFILES: Final = "YUMBRIDGE_CONTAINERFILES"

_BUILDER: Final = FOLDER / "root"
_PROBE_TIMEOUT_S: Final = 10

Say = Callable[[str], None]


class CannotBuildError(Exception):
    """An image is missing, and this machine cannot build any."""


class NoContainerfileError(Exception):
    """CONTAINERFILES names what is no folder with a Containerfile."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{CONTAINERFILES} names {name}: there is no containers/{name}/Containerfile")


@dataclass(frozen=True, slots=True)
class Image:
    """What an image is made of.

    `name` is that of its folder. `mirror` is where the packages come from, "" for debootstrap's choice. With the text
    of a Containerfile the daemon makes it of that instead, and suite, packages and mirror are empty.
    """

    name: str
    suite: str = ""
    packages: tuple[str, ...] = ()
    mirror: str = ""
    containerfile: str = ""

    @property
    def tag(self) -> str:
        """The name under which a daemon keeps the image; other inputs give another one."""
        inputs: tuple[str, ...] = (self.containerfile,)
        if not self.containerfile:
            inputs = (self.suite, *self.packages, self.mirror, _BUILDER.read_text(encoding="utf-8"))
        return f"yumbridge/{self.name}:{hashlib.sha256(chr(0).join(inputs).encode()).hexdigest()[:16]}"


@cache
def images() -> tuple[Image, ...]:
    """Return the image of every distribution that is built here, then those that CONTAINERFILES names.

    Raises:
        NoContainerfileError: it names one that there is not.
    """
    mirror = configured_mirror()
    debian = tuple(
        Image(
            path.parent.name,
            path.read_text(encoding="utf-8").strip(),
            tuple(path.with_name("packages").read_text(encoding="utf-8").split()),
            mirror,
        )
        for path in sorted(FOLDER.glob("*/suite"))
    )
    return (*debian, *map(_from_containerfile, os.environ.get(CONTAINERFILES, "").split()))


def _from_containerfile(name: str) -> Image:
    try:
        return Image(name, containerfile=(FOLDER / name / "Containerfile").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NoContainerfileError(name) from None


def image_of(distribution: str) -> Image:
    """Return the image of a distribution ("debian-12").

    Raises:
        KeyError: there is no such folder.
    """
    return {found.name: found for found in images()}[distribution]


def configured_mirror() -> str:
    """Return the address that this machine has its Debian from; "" where it is no Debian."""
    try:
        release = Path("/etc/os-release").read_text(encoding="utf-8")
        asked = ("apt-get", "--print-uris", "update")
        answer = subprocess.run(asked, capture_output=True, check=True, encoding="utf-8").stdout
    except (OSError, subprocess.CalledProcessError):
        return ""
    return mirror_in(release, answer)


def mirror_in(release: str, uris: str) -> str:
    """Return the mirror that `apt-get --print-uris update` names for the suite of an os-release; "" without one."""
    codename = re.search(r"^VERSION_CODENAME=(\w+)$", release, re.MULTILINE)
    if codename is None or not re.search(r"^ID=debian$", release, re.MULTILINE):
        return ""
    found = re.search(rf"^'(https?://\S+)/dists/{codename[1]}/(?:In)?Release'", uris, re.MULTILINE)
    return found[1] if found else ""


def build_missing(client: docker.DockerClient, wanted: Iterable[Image], say: Say) -> None:
    """Build what the daemon lacks, as many at a time as we have cores.

    Raises:
        CannotBuildError: something is missing that cannot be built here.
        subprocess.CalledProcessError: a build failed; its notes have the end of what it said.
    """
    # Of two processes that want the same image, the second one waits and finds it.
    with _alone():
        missing = [each for each in wanted if not is_built(client, each)]
        if not missing:
            return
        _refuse_the_impossible([each for each in missing if not each.containerfile])
        with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
            for made in [pool.submit(_make, client, each, say) for each in missing]:
                made.result()


def is_built(client: docker.DockerClient, image: Image) -> bool:
    """Tell whether the daemon has an image."""
    try:
        client.images.get(image.tag)
    except docker.errors.ImageNotFound:
        return False
    return True


@contextmanager
def _alone() -> Iterator[None]:
    with _BUILDER.open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _refuse_the_impossible(missing: Sequence[Image]) -> None:
    if not missing:
        return
    names = ", ".join(each.name for each in missing)
    if os.geteuid() != 0:
        raise CannotBuildError(f"only root can build the images {names}")
    if shutil.which("debootstrap") is None:
        raise CannotBuildError(f"the images {names} are built with debootstrap, which is not installed")
    for each in missing:
        if not each.mirror:
            continue
        address = f"{each.mirror}/dists/{each.suite}/Release"
        try:
            with urllib.request.urlopen(address, timeout=_PROBE_TIMEOUT_S):  # noqa: S310 - what apt has configured
                pass
        except OSError as error:
            raise CannotBuildError(f"the image {each.name} is missing, and {address} cannot be had: {error}") from error


def _make(client: docker.DockerClient, image: Image, say: Say) -> None:
    say(f"building {image.tag}")
    made = _from_instructions(client, image) if image.containerfile else _from_suite(client, image)
    # The tag comes last: a part of an image never has one.
    client.images.get(made).tag(image.tag)
    say(f"built {image.tag}")


def _from_instructions(client: docker.DockerClient, image: Image) -> str:
    """Let the daemon follow a Containerfile, and return the id of the image."""
    instructions = io.BytesIO(image.containerfile.encode())
    try:
        made, _ = client.images.build(fileobj=instructions, labels={LABEL: image.name}, rm=True, forcerm=True)
    except docker.errors.BuildError as error:
        said = "".join(str(line.get("stream", "")) for line in error.build_log)
        raise _failed_build(image, f"{said[-2000:]}{error}") from error
    except docker.errors.APIError as error:
        raise _failed_build(image, str(error)) from error
    return str(made.id)


def _failed_build(image: Image, said: str) -> subprocess.CalledProcessError:
    failure = subprocess.CalledProcessError(1, ("docker", "build", image.name))
    failure.add_note(said)
    return failure


def _from_suite(client: docker.DockerClient, image: Image) -> str:
    """Import what debootstrap makes of a suite, and return the id of the image."""
    command = (str(_BUILDER), image.suite, image.mirror, ",".join(image.packages))
    changes = [f"LABEL {LABEL}={image.name}", "ENV LC_ALL=C.UTF-8", 'CMD ["sleep", "infinity"]']
    with tempfile.TemporaryFile() as said:
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said) as builder:
            try:
                answer = client.api.import_image_from_stream(builder.stdout, changes=changes)
            except docker.errors.APIError as error:
                answer = json.dumps({"error": str(error)})
        built = json.loads(answer)
        if builder.returncode or "status" not in built:
            # The daemon makes an image of whatever has come.
            if "status" in built:
                client.images.remove(built["status"])
            said.seek(0)
            failure = subprocess.CalledProcessError(builder.returncode, command)
            failure.add_note(said.read().decode(errors="replace")[-2000:] + built.get("error", ""))
            raise failure
    return str(built["status"])
