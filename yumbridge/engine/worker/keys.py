"""The public keys of repositories: fetched, compared with the rpmdb, imported.

A session's `keys` fetch and import them: `ids()` are the repositories, `urls(repo_id)` is where the keys of one are,
`fetch(repo_id, url)` returns keys with a fingerprint, a timestamp and raw_key, `put(root, key)` imports one.
"""

import rpmdb
from wire import Failure, without_timings

# Over anything else somebody on the way could put in a key of his own.
_TRUSTED_SCHEMES = ("https://", "file://")
_UNTRUSTED = "its key is neither at https:// nor at file://: %s"


class UnreadableKeyError(Exception):
    """What is at a URL cannot be fetched or read as keys."""


def is_trusted(url):
    """Tell whether a key may be fetched from there."""
    return url.startswith(_TRUSTED_SCHEMES)


def untrusted(url):
    """Return why a key is not fetched."""
    return _UNTRUSTED % url


def states(session, repo_ids):
    """Return the state of every key that the given repositories name: see KeyState of the other side."""
    present = rpmdb.keys(session.root)
    found = []
    for repo_id in repo_ids:
        urls = session.keys.urls(repo_id)
        if not urls and not present:
            found.append(_problem(repo_id, "", "it names no key and the host has none"))
        for url in urls:
            found.extend(_states_of(session, repo_id, url, present))
    return found


def _states_of(session, repo_id, url, present):
    if not is_trusted(url):
        return [_problem(repo_id, url, untrusted(url))]
    try:
        infos = session.keys.fetch(repo_id, url)
    except UnreadableKeyError as error:
        return [_problem(repo_id, url, "its key cannot be read: %s: %s" % (url, without_timings(str(error))))]
    if not infos:
        return [_problem(repo_id, url, "there is no public key in %s" % url)]
    return [
        {"repo_id": repo_id, "url": url, "fingerprint": info.fingerprint, "imported": _imported(info, present)}
        for info in infos
    ]


def _problem(repo_id, url, text):
    return {"repo_id": repo_id, "url": url, "problem": text}


def _imported(info, present):
    """Tell whether rpm has the key: it names keys by the end of the fingerprint and the time of creation, in hex."""
    for entry in present:
        version, _, release = entry.partition("-")
        if info.fingerprint.lower().endswith(version.lower()) and int(release, 16) == info.timestamp:
            return True
    return False


def import_keys(session, fingerprints):
    """Import the planned keys, fetched again: only the very fingerprints of the plan."""
    wanted = set(fingerprints)
    for repo_id in session.keys.ids():
        for url in session.keys.urls(repo_id) if wanted else ():
            if not is_trusted(url):
                continue
            for info in session.keys.fetch(repo_id, url):
                if info.fingerprint in wanted:
                    session.keys.put(session.root, info)
                    wanted.discard(info.fingerprint)
    if wanted:
        raise Failure("stale", "the repositories no longer offer the planned keys", sorted(wanted))
