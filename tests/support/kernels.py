"""Kernels, packaged as the distributions do: every build beside the others."""

from __future__ import annotations

from collections.abc import Sequence

from tests.support.rpms import Rpm


def kernels(*evrs: str, arch: str = "x86_64", modules: Sequence[str] = ()) -> tuple[Rpm, ...]:
    """Return `kernel`, `kernel-core` and `kernel-modules` for each version and release.

    `modules` names more packages that are made for each build and installed beside each other,
    such as kernel-modules-extra.
    """
    return tuple(rpm for evr in evrs for rpm in _kernel(evr, arch, modules))


def _kernel(evr: str, arch: str, modules: Sequence[str]) -> tuple[Rpm, ...]:
    release = f"{evr}.{arch}"
    core = Rpm(
        "kernel-core",
        evr,
        arch=arch,
        provides=(
            "installonlypkg(kernel)",
            f"kernel = {evr}",
            f"kernel-core-uname-r = {release}",
            f"kernel-uname-r = {release}",
        ),
        files={f"/lib/modules/{release}/vmlinuz": release},
        source="kernel",
    )
    meta = Rpm(
        "kernel",
        evr,
        arch=arch,
        requires=(f"kernel-core-uname-r = {release}", f"kernel-modules-uname-r = {release}"),
        source="kernel",
    )
    drivers = tuple(
        Rpm(
            name,
            evr,
            arch=arch,
            requires=(f"kernel-uname-r = {release}",),
            provides=("installonlypkg(kernel-module)", f"{name}-uname-r = {release}"),
            files={f"/lib/modules/{release}/{name}.ko": release},
            source="kernel",
        )
        for name in ("kernel-modules", *modules)
    )
    return (meta, core, *drivers)
