"""Plans as stored documents."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from tests.support.packages import HOST, empty_plan
from yumbridge.errors import DocumentError
from yumbridge.plan.document import (
    Action,
    Change,
    ConfigurationChange,
    Plan,
    Reboot,
    Why,
    identified,
    masked,
    printed,
    read_plan,
)
from yumbridge.plan.drift import drift
from yumbridge.plan.reboot import reboot_after

CHANGE = Change(
    action=Action.UPGRADE,
    name="glibc",
    arch="x86_64",
    before=("1-1",),
    after=("2-1",),
    repo_id="base",
    checksum="sha256:00",
    size_bytes=1,
    why=(Why(kind="profile", ref="/software/packages/glibc", via="glibc"),),
)
PLAN = identified(msgspec.structs.replace(empty_plan(), changes=(CHANGE,)))


def test_what_is_printed_is_read_back_equal() -> None:
    assert read_plan(printed(PLAN)) == PLAN


def test_the_printed_form_is_sorted_and_ends_with_one_newline() -> None:
    text = printed(PLAN).decode()
    assert text.endswith("}\n")
    assert list(json.loads(text)) == sorted(json.loads(text))


def test_a_plan_changed_by_hand_is_refused() -> None:
    content = printed(PLAN).replace(b'"2-1"', b'"3-1"')
    with pytest.raises(DocumentError, match="changed after it was made"):
        read_plan(content)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"surprise": 1}, "surprise", id="unknown-field"),
        pytest.param({"version": "2.0"}, "version 2.0", id="newer-major-version"),
        pytest.param({"changes": 3}, "changes", id="wrong-type"),
        pytest.param({"document": "something"}, "document", id="another-document"),
    ],
)
def test_what_is_no_plan_of_ours_is_refused(change: dict[str, object], message: str) -> None:
    content = json.dumps(json.loads(printed(PLAN)) | change).encode()
    with pytest.raises(DocumentError, match=message):
        read_plan(content)


def test_a_newer_minor_version_is_read() -> None:
    newer = identified(msgspec.structs.replace(PLAN, version="1.7"))
    assert read_plan(printed(newer)) == newer


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"document":"yumbridge-plan"}',
        b"\xff\xfe",
        printed(PLAN).replace(b"glibc", b"gl\xffbc"),
        printed(PLAN).replace(b'"policy": ', b'"policy": ' + b"[" * 100_000),
    ],
    ids=["empty", "cut", "list", "null", "no-version", "utf-16", "no-utf-8", "deep"],
)
def test_damaged_content_is_refused(content: bytes) -> None:
    with pytest.raises(DocumentError):
        read_plan(content)


def leaves(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield where each word and number of a document stands."""
    if isinstance(value, dict | list):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(each, (*path, key))
    else:
        yield path


def edited(path: tuple[str | int, ...]) -> bytes:
    """Return the plan with another value in one place, of the same kind."""
    tree: Any = json.loads(printed(PLAN))
    node = tree
    for key in path[:-1]:
        node = node[key]
    value = node[path[-1]]
    match value:
        case bool():
            node[path[-1]] = not value
        case int():
            node[path[-1]] = value + 1
        case None:
            node[path[-1]] = "5.14"
        case _:
            node[path[-1]] = {"install": "remove", "upgrade": "remove"}.get(value, f"{value}x")
    return json.dumps(tree).encode()


@pytest.mark.parametrize("path", [path for path in leaves(json.loads(printed(PLAN))) if path != ("document",)], ids=str)
def test_a_plan_with_any_field_edited_is_refused(path: tuple[str | int, ...]) -> None:
    with pytest.raises(DocumentError, match=r"its id does not fit its content|not supported|can read"):
        read_plan(edited(path))


@pytest.mark.parametrize("text", ["://", "://a:", "?auth", "&token", "://a@", "x@ ://", "?a=b"])
def test_what_masks_credentials_takes_any_text(text: str) -> None:
    """A pattern that tries again from every place would take hours for this."""
    long = text * (300_000 // len(text))
    began = time.monotonic()
    assert masked(f"{long} http://me:s3cr3t@host/?token=s3cr3t").count("s3cr3t") == 0
    assert time.monotonic() - began < 3


def test_equal_plans_have_not_drifted() -> None:
    assert drift(PLAN, PLAN) == ()


@pytest.mark.parametrize(
    ("fresh", "cause"),
    [
        pytest.param({"rpmdb_cookie": "other"}, "the installed packages of / have changed", id="rpmdb"),
        pytest.param({"policy": "other"}, "the policy has changed", id="policy"),
        pytest.param({"changes": ()}, "the plan would be another one now", id="anything-else"),
        pytest.param(
            {"configuration": (ConfigurationChange(path="/etc/dnf/dnf.conf", difference="+best=1\n"),)},
            "the file /etc/dnf/dnf.conf has changed",
            id="file",
        ),
        pytest.param(
            {"host": msgspec.structs.replace(HOST, kernel_release="6.1")},
            "the kernel release of the host was None, now 6.1",
            id="kernel",
        ),
    ],
)
def test_drift_names_its_cause(fresh: dict[str, object], cause: str) -> None:
    assert drift(PLAN, identified(msgspec.structs.replace(PLAN, **fresh))) == (cause,)


def test_a_new_glibc_calls_for_a_reboot_of_what_runs() -> None:
    running = msgspec.structs.replace(HOST, kernel_release="5.14")
    assert reboot_after([CHANGE], running) == Reboot(needed_after=True, because=("glibc-2-1.x86_64",))


def test_an_install_root_is_never_rebooted() -> None:
    assert reboot_after([CHANGE], HOST) == Reboot()


def test_a_plan_is_a_value() -> None:
    with pytest.raises(AttributeError):
        PLAN.id = "sha256:22"  # type: ignore[misc]
    assert isinstance(PLAN, Plan)
