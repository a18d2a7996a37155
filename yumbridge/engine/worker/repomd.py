"""What names a state of a repository's metadata: the index that all else hangs from."""

import hashlib
import os
import re
from xml.parsers import expat

_REVISION = re.compile(rb"<revision>([^<]*)</revision>")


def why_damaged(content):
    """Say why an index cannot be read, or return nothing."""
    parser = expat.ParserCreate()
    try:
        parser.Parse(content, True)  # noqa: FBT003 - the last part
    except expat.ExpatError as error:
        return str(error)
    return ""


def state(repo_id, primary):
    """Return the RepositoryState of the other side. A repository's folder has `repomd.xml` beside `primary`, a path."""
    with open(os.path.join(os.path.dirname(primary), "repomd.xml"), "rb") as handle:
        content = handle.read()
    revision = _REVISION.search(content)
    return {
        "repo_id": repo_id,
        "revision": revision.group(1).decode("utf-8", "replace").strip() if revision else "",
        "repomd": "sha256:" + hashlib.sha256(content).hexdigest(),
    }


def opened(session, arch, basearch):
    """Return what the answer to `open` says of host and repositories, these in the order of the request."""
    wanted = [options["repo_id"] for options in session.request["repositories"]]
    return {
        "arch": arch,
        "basearch": basearch,
        "repositories": [session.states[repo_id] for repo_id in wanted if repo_id in session.states],
        "unavailable": sorted(session.unavailable),
        "module_problems": session.modules.problems,
        "unused_modules": session.modules.unused,
    }
