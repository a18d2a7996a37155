"""What comes, what goes and what stays, as far as names and EVRs tell."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.packages import installed, offered
from yumbridge.desired.policy import Policy
from yumbridge.plan.document import KeptReason
from yumbridge.plan.reconcile import KeepRules, reconcile
from yumbridge.rpm.package import InstalledPackage

ANY = KeepRules(policy=Policy(), kernel_release=None)


def rules(kernel_release: str | None = None, **policy: object) -> KeepRules:
    return KeepRules(policy=msgspec.convert(policy, Policy), kernel_release=kernel_release)


def kernel(evr: str) -> InstalledPackage:
    return installed(f"kernel-{evr}.x86_64", installonly=True)


def kept_reasons(packages: list[InstalledPackage], by: KeepRules) -> dict[str, str]:
    return {str(nevra): entry.reason.value for nevra, entry in reconcile([], packages, by).kept.items()}


def test_an_equal_package_is_no_change() -> None:
    result = reconcile([offered("a-1-1.noarch")], [installed("a-1-1.noarch")], ANY)
    assert (result.install, result.erase) == ((), ())


def test_another_evr_replaces_without_an_erasure() -> None:
    result = reconcile([offered("a-2-1.noarch")], [installed("a-1-1.noarch")], ANY)
    assert [str(p.nevra) for p in result.install] == ["a-2-1.noarch"]
    assert result.erase == ()


def test_what_the_closure_is_without_is_erased() -> None:
    assert [p.name for p in reconcile([], [installed("a-1-1.noarch")], ANY).erase] == ["a"]


def test_the_wrong_one_of_duplicates_is_erased_and_the_right_one_left_alone() -> None:
    result = reconcile([offered("a-2-1.noarch")], [installed("a-1-1.noarch"), installed("a-2-1.noarch")], ANY)
    assert [str(p.nevra) for p in result.erase] == ["a-1-1.noarch"]
    assert result.install == ()


@pytest.mark.parametrize(
    ("package", "by", "reason"),
    [
        pytest.param("gpg-pubkey-1-1.noarch", rules(), "gpg-pubkey", id="keys"),
        pytest.param("dnf-4-1.noarch", rules(), "protected", id="the-engine-itself"),
        pytest.param("ssh-1-1.noarch", rules(protected=["ssh"]), "protected", id="protected"),
        pytest.param("hp-x-1-1.noarch", rules(whitelist=["hp-"]), "whitelist", id="whitelist-prefix"),
        pytest.param("a-1-1.noarch", rules(whitelist=["*-1-1.noarch"]), "whitelist", id="whitelist-glob"),
        pytest.param("a-1-1.noarch", rules(keep_user_packages=True), "user-package", id="userpkgs"),
    ],
)
def test_a_package_is_kept(package: str, by: KeepRules, reason: str) -> None:
    assert kept_reasons([installed(package)], by) == {package: reason}


def test_the_first_reason_that_applies_is_told() -> None:
    by = rules(protected=["a"], whitelist=["a"], keep_user_packages=True)
    assert kept_reasons([installed("a-1-1.noarch")], by) == {"a-1-1.noarch": KeptReason.PROTECTED.value}


def test_an_unwanted_package_goes_though_users_may_keep_theirs() -> None:
    by = rules(unwanted=["telnet*"], keep_user_packages=True, whitelist=["telnet"])
    assert kept_reasons([installed("telnet-1-1.noarch")], by) == {}


@pytest.mark.parametrize(
    ("release", "kept"),
    [
        pytest.param("5.14.0-1.x86_64", True, id="its-own-release"),
        pytest.param("5.14.0-1.x86_64+debug", True, id="a-variant"),
        pytest.param("5.14.0-2.x86_64", False, id="another-one"),
    ],
)
def test_the_running_kernel_stays(release: str, *, kept: bool) -> None:
    reasons = kept_reasons([kernel("5.14.0-1")], rules(release))
    assert reasons == ({"kernel-5.14.0-1.x86_64": "running-kernel"} if kept else {})


def test_what_requires_the_running_kernel_stays_with_it() -> None:
    module = installed("kmod-x-1-1.x86_64", kernel_releases=("5.14.0-1.x86_64",))
    assert kept_reasons([module], rules("5.14.0-1.x86_64")) == {"kmod-x-1-1.x86_64": "running-kernel"}


@pytest.mark.parametrize(
    ("limit", "stays"),
    [(1, []), (2, ["kernel-3-1.x86_64"]), (3, ["kernel-2-1.x86_64", "kernel-3-1.x86_64"]), (0, None)],
)
def test_older_kernels_stay_newest_first_within_the_limit(limit: int, stays: list[str] | None) -> None:
    old = [kernel("1-1"), kernel("2-1"), kernel("3-1")]
    new = [offered("kernel-4-1.x86_64", installonly=True)]
    kept = [str(nevra) for nevra in reconcile(new, old, rules(installonly_limit=limit)).kept]
    assert kept == (stays if stays is not None else [str(p.nevra) for p in old])


def test_the_running_kernel_counts_towards_the_limit() -> None:
    old = [kernel("1-1"), kernel("2-1"), kernel("3-1")]
    new = [offered("kernel-4-1.x86_64", installonly=True)]
    kept = reconcile(new, old, rules("1-1.x86_64", installonly_limit=2)).kept
    assert [str(nevra) for nevra in kept] == ["kernel-1-1.x86_64"]


def test_a_kernel_newer_than_the_wanted_one_goes() -> None:
    result = reconcile([offered("kernel-4-1.x86_64", installonly=True)], [kernel("5-1")], ANY)
    assert [str(p.nevra) for p in result.erase] == ["kernel-5-1.x86_64"]


@pytest.mark.parametrize("by", [rules(keep_user_packages=True), rules(protected=["a"]), rules(filter="a")])
def test_a_change_of_arch_is_an_upgrade_of_what_may_not_leave(by: KeepRules) -> None:
    result = reconcile([offered("a-2-1.x86_64")], [installed("a-1-1.noarch")], by)
    assert [str(p.nevra) for p in result.erase] == ["a-1-1.noarch"]
    assert dict(result.kept) == {}


def test_no_older_build_stays_when_there_is_no_room_to_be_had() -> None:
    new = [offered("kernel-4-1.x86_64", installonly=True)]
    result = reconcile(new, [kernel("3-1")], replace(ANY, keep_older_builds=False))
    assert not result.keeps_older_builds
    assert [str(p.nevra) for p in result.erase] == ["kernel-3-1.x86_64"]


def test_what_a_problem_leaves_open_is_neither_erased_nor_kept() -> None:
    result = reconcile([], [installed("kernel-rt-1-1.x86_64")], replace(ANY, spoken_for=frozenset({"kernel*"})))
    assert (result.erase, dict(result.kept)) == ((), {})


NEVRAS = st.builds(
    "{}-{}-1.{}".format, st.sampled_from("abc"), st.integers(1, 3), st.sampled_from(["noarch", "x86_64"])
)


@given(st.sets(NEVRAS, max_size=6), st.sets(NEVRAS, max_size=6))
def test_every_installed_package_stays_goes_or_gives_way(wanted: set[str], present: set[str]) -> None:
    """For each (name, arch): in the closure and not installed: comes; installed only: goes; equal: nothing."""
    result = reconcile([offered(n) for n in sorted(wanted)], [installed(n) for n in sorted(present)], ANY)
    comes = {str(p.nevra) for p in result.install}
    goes = {str(p.nevra) for p in result.erase}
    assert comes == wanted - present
    assert goes <= present - wanted
    replaced = {(p.name, p.arch) for p in result.install}
    for nevra in present - wanted - goes:
        assert (nevra.split("-")[0], nevra.rpartition(".")[2]) in replaced
