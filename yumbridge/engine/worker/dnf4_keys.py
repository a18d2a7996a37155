"""The public keys of repositories, as dnf 4 fetches and imports them."""

import shutil

import dnf.crypto
import dnf.exceptions
import dnf.yum.misc
import rpm

from keys import UnreadableKeyError, is_trusted, untrusted
from wire import Failure


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


class Keys:
    """The keys that the repositories of a Base name."""

    def __init__(self, base):
        self._base = base

    def ids(self):
        """Return the ids of the repositories."""
        return [repo.id for repo in self._base.repos.iter_enabled()]

    def urls(self, repo_id):
        """Return where the keys of a repository are."""
        return list(self._base.repos[repo_id].gpgkey)

    def fetch(self, repo_id, url):
        """Return the keys at a URL. Raises UnreadableKeyError."""
        try:
            return dnf.crypto.retrieve(url, self._base.repos[repo_id])
        except (OSError, RuntimeError, ValueError, dnf.exceptions.Error) as error:
            raise UnreadableKeyError(str(error))

    def put(self, root, key):
        """Import a key into the rpmdb of a root."""
        transaction = rpm.TransactionSet(root)
        try:
            code = transaction.pgpImportPubkey(dnf.yum.misc.procgpgkey(key.raw_key))
        finally:
            transaction.closeDB()
        if code != 0:
            raise Failure("transaction", "rpm refuses the key %s (code %d)" % (key.fingerprint, code))
