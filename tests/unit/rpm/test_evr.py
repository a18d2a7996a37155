"""RPM ordering of versions."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yumbridge.errors import InvalidEVRError, InvalidNEVRAError
from yumbridge.rpm.evr import EVR, version_key
from yumbridge.rpm.nevra import NEVRA

VERSIONS = st.text(alphabet="0019aZbz.~^_", min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        pytest.param("1.0~rc1", "1.0", id="tilde-sorts-before-the-end"),
        pytest.param("1.0", "1.0^git1", id="caret-sorts-after-the-end"),
        pytest.param("1.0^git1", "1.0.1", id="caret-sorts-before-a-segment"),
        pytest.param("1.a", "1.0", id="letters-sort-before-digits"),
        pytest.param("9", "10", id="digits-sort-as-numbers"),
        pytest.param("1" * 5000, "2" * 5000, id="numbers-of-any-length"),
    ],
)
def test_version_order(older: str, newer: str) -> None:
    assert version_key(older) < version_key(newer)


@given(VERSIONS, VERSIONS)
def test_separators_do_not_count(left: str, right: str) -> None:
    """A separator between two digits only ends a segment, whatever it is."""
    assert version_key(f"{left}.1.{right}") == version_key(f"{left}_1_{right}")


@given(VERSIONS, VERSIONS, VERSIONS)
def test_order_is_transitive(a: str, b: str, c: str) -> None:
    low, middle, high = sorted([a, b, c], key=version_key)
    assert not EVR(0, middle, "1") < EVR(0, low, "1")
    assert not EVR(0, high, "1") < EVR(0, low, "1")


@pytest.mark.skipif(shutil.which("rpm") is None, reason="no rpm to compare with")
def test_the_order_is_the_one_of_rpm() -> None:
    """rpm --eval %{lua: rpm.vercmp()} judges many pairs at once."""
    versions = ["1", "1.0", "1.0~rc1", "1.0^a", "1.0^", "1.0.1", "1.a", "1a", "a1", "01", "10", "9", "1_0", "~", "^"]
    pairs = [(a, b) for a in versions for b in versions]
    calls = "".join(f"print(rpm.vercmp('{a}','{b}')..' ')" for a, b in pairs)
    out = subprocess.run(["rpm", "--eval", "%{lua:" + calls + "}"], capture_output=True, text=True, check=True).stdout
    keys = [(version_key(a), version_key(b)) for a, b in pairs]
    assert [(a > b) - (a < b) for a, b in keys] == [int(word) for word in out.split()]


def test_epoch_beats_version() -> None:
    assert EVR(0, "99.0", "1") < EVR(1, "1.0", "1")


def test_two_spellings_of_a_version_are_two_packages_of_one_rank() -> None:
    left, right = EVR(0, "1.0", "1"), EVR(0, "1_0", "1")
    assert left != right
    assert not left < right
    assert not right < left


@pytest.mark.parametrize("text", ["1:2.0-3", "2.0-3.el9", "0.1~rc1-1^git"])
def test_an_evr_is_written_as_it_is_read(text: str) -> None:
    assert str(EVR.parse(text)) == text


@pytest.mark.parametrize("text", ["", "1.0", "x:1-2", "-1", "1-", ":-1", f"{'9' * 5000}:1-2"])
def test_what_is_no_evr_is_refused(text: str) -> None:
    with pytest.raises(InvalidEVRError):
        EVR.parse(text)


@pytest.mark.parametrize("text", ["bash-5.1-1.x86_64", "python3-dnf-0:1-1.noarch", "a-b-c-2:1-1.i686"])
def test_a_nevra_is_read_from_its_end(text: str) -> None:
    assert str(NEVRA.parse(text)) == text.replace("-0:", "-")


@pytest.mark.parametrize("text", ["", "bash", "bash-1.x86_64", "bash-1-1", "-1-1.noarch", "bash-1-1."])
def test_what_is_no_nevra_is_refused(text: str) -> None:
    with pytest.raises(InvalidNEVRAError):
        NEVRA.parse(text)
