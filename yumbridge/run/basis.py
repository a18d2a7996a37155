"""What a plan rests on, from what was asked for, what was opened and what is installed."""

from __future__ import annotations

from yumbridge.desired.state import DesiredState, ModuleStream
from yumbridge.engine.protocol import Hello, Opened
from yumbridge.plan.closure import ProblemKind
from yumbridge.plan.composition import Basis
from yumbridge.plan.document import EngineRef, Host, Note, NoteKind, Problem, RepositoryRef, masked
from yumbridge.rpm.package import InstalledSet
from yumbridge.run.report import last_run
from yumbridge.run.request import PlanRequest
from yumbridge.run.state import StateFolder


def basis_of(request: PlanRequest, opened: Opened, installed: InstalledSet, hello: Hello) -> Basis:
    """Return what a plan rests on, as the engine, which `hello` names, and the host have it."""
    facts = request.facts
    return Basis(
        state=request.state,
        host=Host(
            arch=opened.arch,
            basearch=opened.basearch,
            os_major=facts.os_major,
            releasever=facts.releasever,
            kernel_release=facts.kernel_release,
            root=str(facts.root),
        ),
        profile=request.profile,
        repositories=tuple(
            sorted(
                (
                    RepositoryRef(
                        repo_id=state.repo_id,
                        revision=state.revision,
                        repomd=state.repomd,
                        snapshot=request.snapshot_id,
                    )
                    for state in opened.repositories
                ),
                key=lambda ref: ref.repo_id,
            )
        ),
        engine=EngineRef(name=hello.name, version=hello.version),
        installed=installed,
        degraded=bool(opened.unavailable),
        closed_holds=request.closed_holds,
        reboot_names=facts.reboot_names,
        last_run=last_run(StateFolder(facts.root)),
        problems=module_problems(request.state, opened),
        notes=opening_notes(request.state, opened),
    )


def module_problems(state: DesiredState, opened: Opened) -> tuple[Problem, ...]:
    """Return a problem for each module stream that cannot be had."""
    wanted = ((state.modules[bad.stream], bad.text) for bad in opened.module_problems)
    return tuple(
        Problem(kind=ProblemKind.MODULE, spec=str(stream), origin=stream.origin, text=text) for stream, text in wanted
    )


def opening_notes(state: DesiredState, opened: Opened) -> tuple[Note, ...]:
    """Return a note for each module stream that has no meaning, and for each repository that is missing."""
    return (
        # The modules may be those of a repository that is missing.
        *(_module_note(state.modules[number]) for number in opened.unused_modules if not opened.unavailable),
        *missing_notes(opened),
    )


def missing_notes(opened: Opened) -> tuple[Note, ...]:
    """Return a note for each repository that is missing."""
    return tuple(
        Note(kind=NoteKind.DEGRADED, text=f"repository {missing.repo_id} cannot be reached: {masked(missing.why)}")
        for missing in opened.unavailable
    )


def _module_note(stream: ModuleStream) -> Note:
    return Note(kind=NoteKind.MODULE, text=f"{stream} has no meaning: no repository has modules")
