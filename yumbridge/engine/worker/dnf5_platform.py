"""A repository with the module of a platform and nothing else."""

import hashlib
import json
import os

# A repository's id that no profile has: with a colon it is valid to libdnf5 alone.
PLATFORM = "yumbridge:platform"

_MODULE = """---
document: modulemd
version: 2
data:
  name: %(name)s
  stream: %(stream)s
  version: 1
  context: "00000000"
  arch: %(arch)s
  summary: The platform
  description: The platform
  license:
    module: [MIT]
...
"""
_PRIMARY = '<metadata xmlns="http://linux.duke.edu/metadata/common" packages="0"></metadata>\n'
_DATA = '<data type="%s"><checksum type="sha256">%s</checksum><location href="repodata/%s"/><size>%d</size></data>'
_INDEX = '<repomd xmlns="http://linux.duke.edu/metadata/repo"><revision>1</revision>%s</repomd>\n'


def platform_of(root):
    """Return the platform that the os-release of a root names ("platform:el9"), or nothing."""
    for path in ("etc/os-release", "usr/lib/os-release"):
        try:
            with open(os.path.join(root, path), encoding="utf-8", errors="replace") as handle:
                lines = handle.read().splitlines()
        except OSError:
            continue
        for line in lines:
            if line.startswith("PLATFORM_ID="):
                return line.partition("=")[2].strip("\"' ")
    return ""


def platform_repository(folder, name, stream, arch):
    """Write the repository below a folder and return its URL."""
    place = os.path.join(folder, "platform")
    os.makedirs(os.path.join(place, "repodata"), mode=0o700, exist_ok=True)
    # A text in JSON is one in YAML.
    module = _MODULE % {"name": json.dumps(name), "stream": json.dumps(stream), "arch": json.dumps(arch)}
    contents = {"primary.xml": _PRIMARY, "modules.yaml": module}
    data = []
    for file, text in sorted(contents.items()):
        content = text.encode("utf-8")
        _write(os.path.join(place, "repodata", file), content)
        kind = file.partition(".")[0]
        data.append(_DATA % (kind, hashlib.sha256(content).hexdigest(), file, len(content)))
    _write(os.path.join(place, "repodata", "repomd.xml"), (_INDEX % "".join(data)).encode("utf-8"))
    return "file://" + place


def _write(path, content):
    with open(path, "wb") as handle:
        handle.write(content)
