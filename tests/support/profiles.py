"""Profiles in the shapes that Quattor delivers."""

from __future__ import annotations

import gzip
import json
import string
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from tests.support.repositories import Repository

Json: TypeAlias = bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"] | None

# name -> version ("" for none) -> arch -> repository ("" for any)
Packages: TypeAlias = Iterable[str] | Mapping[str, Mapping[str, Mapping[str, str]]]


def escape(text: str) -> str:
    """Return a key as pan's escape() writes it.

    >>> escape("7zip++"), escape("4.18.0-1"), escape("a_b"), escape("")
    ('_37zip_2b_2b', '_34_2e18_2e0_2d1', 'a_5fb', '_')
    """
    return "".join(_escaped(char, first=place == 0) for place, char in enumerate(text)) or "_"


def _escaped(char: str, *, first: bool) -> str:
    if char in string.ascii_letters or (char in string.digits and not first):
        return char
    return f"_{ord(char):02x}"


def repository_entry(repository: Repository | tuple[str, str], **options: Json) -> Mapping[str, Json]:
    """Return an entry of /software/repositories; options are fields of the schema."""
    if isinstance(repository, Repository):
        name, url = repository.repo_id, repository.url
    else:
        name, url = repository
    protocol = {"name": urlsplit(url).scheme, "url": url}
    return {
        "name": name,
        "owner": "ops@example.org",
        "enabled": True,
        "gpgcheck": False,
        "skip_if_unavailable": False,
        "protocols": [protocol],
        **options,
    }


def profile(
    packages: Packages,
    repositories: Iterable[Repository | tuple[str, str] | Mapping[str, Json]] = (),
    *,
    spma: Mapping[str, Json] | None = None,
    extra: Mapping[str, Json] | None = None,
) -> dict[str, Json]:
    """Return a host's profile as its JSON has it, names and versions escaped.

    `packages` are names, or name -> version -> arch -> repository; a version without an arch has
    none in the profile either. `spma` are options of the component, added to what its schema
    always sets. `extra` is merged into the whole, so it can replace anything.
    """
    tree: dict[str, Json] = {
        "software": {
            "components": {
                "spma": {
                    "active": True,
                    "dispatch": True,
                    "packager": "yumdnf",
                    "process_obsoletes": False,
                    "run": "yes",
                    "userpkgs": "no",
                    **(spma or {}),
                }
            },
            "groups": {},
            "packages": _packages(packages),
            "repositories": [
                entry if isinstance(entry, Mapping) else repository_entry(entry) for entry in repositories
            ],
        }
    }
    return _merged(tree, extra or {})


def write_profile(path: Path, content: Mapping[str, Json]) -> Path:
    """Write a profile in the form its suffix asks for (.json, .json.gz or .xml), and return it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".xml":
        root = ET.Element("nlist", {"format": "pan", "name": "profile"})
        root.extend(_element(child, name) for name, child in content.items())
        path.write_bytes(ET.tostring(root, encoding="UTF-8", xml_declaration=True))
        return path
    text = json.dumps(content, sort_keys=True).encode()
    path.write_bytes(gzip.compress(text, mtime=0) if path.suffix == ".gz" else text)
    return path


def _packages(packages: Packages) -> dict[str, Json]:
    if not isinstance(packages, Mapping):
        return {escape(name): {} for name in packages}
    return {
        escape(name): {
            escape(version): {"arch": {arch or "_": repo for arch, repo in arches.items()}} if arches else {}
            for version, arches in versions.items()
        }
        for name, versions in packages.items()
    }


def _merged(tree: Mapping[str, Json], extra: Mapping[str, Json]) -> dict[str, Json]:
    """Return a tree in which `extra` wins; only mappings are merged."""
    result = dict(tree)
    for name, value in extra.items():
        present = result.get(name)
        if isinstance(present, Mapping) and isinstance(value, Mapping):
            result[name] = _merged(present, value)
        else:
            result[name] = value
    return result


def _element(value: Json, name: str | None) -> ET.Element:
    """Return a value as Quattor's compiler writes it in XML: children of lists have no name."""
    attributes = {} if name is None else {"name": name}
    if isinstance(value, Mapping):
        element = ET.Element("nlist", attributes)
        element.extend(_element(child, key) for key, child in value.items())
    elif isinstance(value, Sequence) and not isinstance(value, str):
        element = ET.Element("list", attributes)
        element.extend(_element(child, None) for child in value)
    else:
        kinds = {bool: "boolean", int: "long", float: "double", str: "string"}
        element = ET.Element(kinds[type(value)], attributes)
        element.text = json.dumps(value) if isinstance(value, bool) else str(value)
    return element
