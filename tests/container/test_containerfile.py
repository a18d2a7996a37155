"""Images of distributions whose tools make no root here are built from a Containerfile."""

from __future__ import annotations

import os
import subprocess

import pytest

from containers.daemon import SYSTEM_ADDRESS, connected
from containers.image import Image, build_missing, image_of, is_built
from tests.support.containers import Containers


def test_an_image_is_built_once_from_a_containerfile(containers: Containers) -> None:
    base = image_of("debian-12").tag
    image = Image("test", containerfile=f'FROM {base}\nRUN echo whole >/built\nCMD ["sleep", "infinity"]\n')
    said: list[str] = []
    with connected(os.environ.get("DOCKER_HOST") or SYSTEM_ADDRESS) as client:
        try:
            build_missing(client, [image], said.append)
            build_missing(client, [image], said.append)
            found = client.containers.run(image.tag, ["cat", "/built"], remove=True, network_mode="none")
            labels = client.images.get(image.tag).labels
        finally:
            client.images.remove(image.tag, force=True)

    assert found == b"whole\n"
    assert labels["yumbridge.image"] == "test"
    assert said == [f"building {image.tag}", f"built {image.tag}"]
    del containers


def test_a_build_that_fails_leaves_no_image_and_says_why(containers: Containers) -> None:
    image = Image("test", containerfile=f"FROM {image_of('debian-12').tag}\nRUN echo no luck >&2; exit 3\n")
    with connected(os.environ.get("DOCKER_HOST") or SYSTEM_ADDRESS) as client:
        with pytest.raises(subprocess.CalledProcessError) as failure:
            build_missing(client, [image], lambda _: None)
        assert not is_built(client, image)

    (said,) = failure.value.__notes__
    assert "no luck" in said
    assert "returned a non-zero code: 3" in said
    del containers
