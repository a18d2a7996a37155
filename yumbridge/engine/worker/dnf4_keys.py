"""The public keys of repositories: fetched, compared with the rpmdb, imported."""

import shutil

import dnf.crypto
import dnf.exceptions
import dnf.yum.misc
import rpm

import dnf4_rpmdb
from wire import Failure, without_timings

# Over anything else somebody on the way could put in a key of his own.
_TRUSTED_SCHEMES = ("https://", "file://")
_UNTRUSTED = "its key is neither at https:// nor at file://: %s"


def is_trusted(url):
    """Tell whether a key may be fetched from there."""
    return url.startswith(_TRUSTED_SCHEMES)


def untrusted(url):
    """Return why a key is not fetched."""
    return _UNTRUSTED % url


class MetadataKeys:
    """Which keys may verify the metadata of one repository: dnf asks for each, and takes all if nobody answers.

    `anew`: what was trusted before is not trusted any more.
    """

    def __init__(self, repo, anew):
        self._refused = []
        repo._set_key_import(self)  # noqa: SLF001 - dnf's own command line does the same
        if anew:
            # Here libdnf keeps what it has imported, for ever and whatever `gpgkey` says later.
            shutil.rmtree(repo._pubring_dir, ignore_errors=True)  # noqa: SLF001 - libdnf's alone

    def _confirm(self, number, userid, fingerprint, url, timestamp):
        """Tell whether a key is trusted. Source: dnf.repo.RepoCallbacks.repokeyImport()."""
        if not is_trusted(url):
            self._refused.append(untrusted(url))
        return is_trusted(url)

    def why_refused(self):
        """Return one line on the keys that were not trusted, empty when all were."""
        return "; ".join(dict.fromkeys(self._refused))


def states(session, repo_ids):
    """Return the state of every key that the given repositories name: see KeyState of the other side."""
    present = dnf4_rpmdb.keys(session.conf.installroot)
    found = []
    for repo_id in repo_ids:
        repo = session.base.repos[repo_id]
        if not repo.gpgkey and not present:
            found.append(_problem(repo_id, "", "it names no key and the host has none"))
        for url in repo.gpgkey:
            found.extend(_states_of(repo, url, present))
    return found


def _states_of(repo, url, present):
    if not is_trusted(url):
        return [_problem(repo.id, url, untrusted(url))]
    try:
        infos = fetch(repo, url)
    except (OSError, RuntimeError, ValueError, dnf.exceptions.Error) as error:
        return [_problem(repo.id, url, "its key cannot be read: %s: %s" % (url, without_timings(str(error))))]
    if not infos:
        return [_problem(repo.id, url, "there is no public key in %s" % url)]
    return [
        {"repo_id": repo.id, "url": url, "fingerprint": info.fingerprint, "imported": _imported(info, present)}
        for info in infos
    ]


def fetch(repo, url):
    """Return the keys at a URL."""
    return dnf.crypto.retrieve(url, repo)


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
    for repo in session.base.repos.iter_enabled():
        for url in repo.gpgkey if wanted else ():
            if not is_trusted(url):
                continue
            for info in fetch(repo, url):
                if info.fingerprint in wanted:
                    _import(session.conf.installroot, info)
                    wanted.discard(info.fingerprint)
    if wanted:
        raise Failure("stale", "the repositories no longer offer the planned keys", sorted(wanted))


def _import(root, info):
    transaction = rpm.TransactionSet(root)
    try:
        code = transaction.pgpImportPubkey(dnf.yum.misc.procgpgkey(info.raw_key))
    finally:
        transaction.closeDB()
    if code != 0:
        raise Failure("transaction", "rpm refuses the key %s (code %d)" % (info.fingerprint, code))
