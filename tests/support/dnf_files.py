"""What the platform's own dnf reads in the files that it is given."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support import tool

# The interpreters that the engine is looked for in.
_INTERPRETERS = ("/usr/libexec/platform-python", "/usr/bin/python3")

_READ_OPTIONS = """
import json, sys
import libdnf.conf
def read(path):
    parser = libdnf.conf.ConfigParser()
    try:
        parser.read(path)
    except RuntimeError:
        return None
    return {name: {key: parser.getValue(name, key) for key in parser.options(name)} for name in parser.getData()}
print(json.dumps([read(path) for path in sys.argv[1:]]))
"""

_READ_CONFIGURATION = """
import json, sys
import dnf
base = dnf.Base()
base.conf.config_file_path = sys.argv[1]
base.conf.read()
base.conf.reposdir = [sys.argv[2]]
base.conf.substitutions["releasever"] = "9"
base.read_all_repos()
def plain(config, names):
    values = {name: getattr(config, name) for name in names}
    return {name: list(value) if hasattr(value, "__iter__") and not isinstance(value, str) else value
            for name, value in values.items()}
names = json.loads(sys.argv[3])
print(json.dumps({"main": plain(base.conf, names["main"]),
                  "repositories": {repo.id: plain(repo, names["repository"]) for repo in base.repos.values()}}))
"""


def options_of(files: Sequence[Path]) -> list[dict[str, dict[str, str]] | None]:
    """Return the options of each section of each file, as the parser of dnf reads them; None when it refuses to."""
    found: list[dict[str, dict[str, str]] | None] = _answer(_READ_OPTIONS, *files)
    return found


def configuration_of(dnf_conf: Path, repos_folder: Path, names: Mapping[str, list[str]]) -> Any:  # noqa: ANN401 - a foreign document
    """Return the named options of [main] ("main") and of every repository ("repository"), as dnf understands them."""
    return _answer(_READ_CONFIGURATION, dnf_conf, repos_folder, json.dumps(names))


def _answer(program: str, *arguments: Path | str) -> Any:  # noqa: ANN401 - a foreign document
    for interpreter in _INTERPRETERS:
        if Path(interpreter).exists() and tool.attempt(interpreter, "-c", "import dnf").code == 0:
            return json.loads(tool.run(interpreter, "-c", program, *arguments))
    pytest.skip("no interpreter has the bindings of dnf")
