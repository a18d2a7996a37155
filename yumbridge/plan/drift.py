"""What has changed between a stored plan and the plan that would be made now."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from yumbridge.plan.departure import undated
from yumbridge.plan.document import Plan


def drift(stored: Plan, fresh: Plan) -> tuple[str, ...]:
    """Return what differs, each in one line; empty when both are the same plan.

    The same inputs give the same bytes: whatever a plan rests on shows in its id.
    """
    if stored.id == fresh.id or _undated(stored) == _undated(fresh):
        return ()
    causes = tuple(_causes(stored, fresh))
    # What else has changed may change these too, and is the better answer.
    return (
        causes
        or tuple(_waiting_causes(stored, fresh))
        or tuple(_file_causes(stored, fresh))
        or ("the plan would be another one now",)
    )


def _undated(plan: Plan) -> Plan:
    """Return a plan without what the last run knew of what goes: a plan is none the worse for another run."""
    changes, deferred = undated(plan.changes), undated(plan.deferred)
    return msgspec.structs.replace(plan, id="", changes=changes, deferred=deferred)


def _causes(stored: Plan, fresh: Plan) -> Iterator[str]:
    if stored.profile != fresh.profile:
        yield f"the profile {stored.profile.source} has changed"
    if stored.rpmdb_cookie != fresh.rpmdb_cookie:
        yield f"the installed packages of {stored.host.root} have changed"
    yield from _repository_causes(stored, fresh)
    if stored.host != fresh.host:
        yield from _host_causes(stored, fresh)
    if stored.engine != fresh.engine:
        was, is_now = stored.engine, fresh.engine
        yield f"the engine was {was.name} {was.version}, now {is_now.name} {is_now.version}"
    if stored.policy != fresh.policy:
        yield "the policy has changed"


def _repository_causes(stored: Plan, fresh: Plan) -> Iterator[str]:
    then = {ref.repo_id: ref for ref in stored.repositories}
    now = {ref.repo_id: ref for ref in fresh.repositories}
    for repo_id in sorted(then.keys() | now.keys()):
        if repo_id not in now:
            yield f"repository {repo_id} is gone"
        elif repo_id not in then:
            yield f"repository {repo_id} is new"
        elif then[repo_id].snapshot != now[repo_id].snapshot:
            texts = [ref.snapshot or "none" for ref in (then[repo_id], now[repo_id])]
            yield f"the snapshot of repository {repo_id} was {texts[0]}, now {texts[1]}"
        elif then[repo_id] != now[repo_id]:
            yield f"repository {repo_id} has changed: revision {then[repo_id].revision}, now {now[repo_id].revision}"


def _waiting_causes(stored: Plan, fresh: Plan) -> Iterator[str]:
    """Yield what waits on one side only: a condition has become true, or is so no more."""
    then, now = ({f"{c.name}.{c.arch}" for c in plan.deferred} for plan in (stored, fresh))
    if freed := sorted(then - now):
        yield f"waits no more: {', '.join(freed)}"
    if waiting := sorted(now - then):
        yield f"waits now: {', '.join(waiting)}"


def _file_causes(stored: Plan, fresh: Plan) -> Iterator[str]:
    then = {change.path: change.difference for change in stored.configuration}
    now = {change.path: change.difference for change in fresh.configuration}
    for path in sorted(then.keys() | now.keys()):
        if then.get(path) != now.get(path):
            yield f"the file {path} has changed"


def _host_causes(stored: Plan, fresh: Plan) -> Iterator[str]:
    for name in stored.host.__struct_fields__:
        was, is_now = getattr(stored.host, name), getattr(fresh.host, name)
        if was != is_now:
            yield f"the {name.replace('_', ' ')} of the host was {was}, now {is_now}"
