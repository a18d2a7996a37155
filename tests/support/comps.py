"""Comps and module metadata as text, for repositories that have some."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def group(group_id: str, **members: Iterable[str] | Mapping[str, str]) -> str:
    """Return a comps group: `mandatory=("a",)`, `conditional={"member": "its condition"}`."""
    lines = []
    for kind, names in members.items():
        conditions = names if isinstance(names, Mapping) else dict.fromkeys(names, "")
        for name, condition in conditions.items():
            requires = f' requires="{condition}"' if condition else ""
            lines.append(f'<packagereq type="{kind}"{requires}>{name}</packagereq>')
    head = f"<id>{group_id}</id><name>{group_id}</name><default>false</default><uservisible>true</uservisible>"
    return f"<group>{head}<packagelist>{''.join(lines)}</packagelist></group>"


def environment(environment_id: str, groups: Iterable[str], options: Mapping[str, bool] | None = None) -> str:
    """Return a comps environment: its groups, and its optional groups, each with whether it is on by default."""
    wanted = "".join(f"<groupid>{name}</groupid>" for name in groups)
    optional = "".join(
        f"<groupid{' default=' + chr(34) + 'true' + chr(34) if on else ''}>{name}</groupid>"
        for name, on in (options or {}).items()
    )
    head = f"<id>{environment_id}</id><name>{environment_id}</name>"
    return f"<environment>{head}<grouplist>{wanted}</grouplist><optionlist>{optional}</optionlist></environment>"


def comps(*parts: str) -> str:
    """Return a comps file."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<comps>{"".join(parts)}</comps>\n'


def module(
    name: str,
    stream: str,
    artifacts: Iterable[str],
    *,
    requires: Mapping[str, str] | None = None,
    platform: str = "el9",
) -> str:
    """Return a modulemd document of a stream with the packages ("app-0:1-1.noarch") that belong to it.

    `requires` has streams of other modules; with an empty `platform` the stream is for any.
    """
    needed = f"        platform: [{platform}]\n" if platform else ""
    needed += "".join(f"        {other}: [{wanted!r}]\n" for other, wanted in (requires or {}).items())
    dependencies = f"  dependencies:\n    - requires:\n{needed}" if needed else ""
    rpms = "".join(f"      - {artifact}\n" for artifact in artifacts)
    return (
        "---\ndocument: modulemd\nversion: 2\ndata:\n"
        f"  name: {name}\n  stream: {stream!r}\n  version: 1\n  context: 00000001\n  arch: x86_64\n"
        "  summary: s\n  description: d\n  license: {module: [MIT]}\n"
        f"{dependencies}"
        f"  artifacts:\n    rpms:\n{rpms}...\n"
    )


def default_stream(name: str, stream: str) -> str:
    """Return the document that makes a stream the default of its module."""
    return (
        "---\ndocument: modulemd-defaults\nversion: 1\ndata:\n"
        f"  module: {name}\n  stream: {stream!r}\n  profiles: {{{stream!r}: []}}\n...\n"
    )
