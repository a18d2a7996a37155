"""What names a state of a repository's metadata: the index that all else hangs from."""

import hashlib
import os
import re

_REVISION = re.compile(rb"<revision>([^<]*)</revision>")


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
