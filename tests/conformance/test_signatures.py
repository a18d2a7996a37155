"""Signatures are checked where a repository asks for it, with keys that a plan names and no others."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.support import damage, tool
from tests.support.engine import Engine, change, offer, wanted
from tests.support.repositories import Repository
from tests.support.roots import InstallRoot
from tests.support.rpms import Rpm
from tests.support.server import Fault
from tests.support.signing import SigningKey
from tests.support.signing import signing_key as new_signing_key
from tests.support.world import World
from yumbridge.engine.protocol import Outcome
from yumbridge.errors import RepositoryError, StalePlanError, TransactionError
from yumbridge.plan.keys import KeyState

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="rpm changes its root directory")

BASH = Rpm("bash")


@pytest.fixture(scope="module")
def other_key() -> Iterator[SigningKey]:
    """Yield a key that no package is signed with."""
    with new_signing_key("Somebody else") as key:
        yield key


def imported(root: InstallRoot) -> list[str]:
    """Return the ids of the keys in the rpmdb. rpm 6 names keys by their whole fingerprints."""
    return sorted(version[-8:].upper() for version in root.tags("gpg-pubkey", "%{VERSION}"))


def id_of(key: SigningKey) -> str:
    return key.fingerprint[-8:].upper()


def install(engine: Engine, repository: Repository, *keys: str) -> Outcome:
    """Install everything of a repository with a plan that imports these fingerprints."""
    return engine.carry_out(change([wanted(repository, rpm) for rpm in repository.rpms]), keys=keys)


# Packages


@pytest.mark.trap("signatures are not checked by do_transaction()")
def test_an_unsigned_package_of_a_repository_that_checks_is_refused(
    engine: Engine, world: World, signing_key: SigningKey
) -> None:
    base = world.repository("base", BASH, Rpm("vim"))
    root = world.root(Rpm("there"))
    engine.open(root, offer(base, gpgcheck=True, gpgkeys=(signing_key.url,)))

    with pytest.raises(TransactionError) as caught:
        install(engine, base, signing_key.fingerprint)

    assert len(caught.value.details) == 2
    assert [name in line for name, line in zip(("bash", "vim"), caught.value.details, strict=True)] == [True, True]
    assert root.installed() - {f"gpg-pubkey-{v}" for v in root.tags("gpg-pubkey", "%{VERSION}-%{RELEASE}")} == {
        "there-1-1.noarch"
    }


def test_an_unsigned_package_of_a_repository_that_does_not_check_is_installed(engine: Engine, world: World) -> None:
    base = world.repository("base", BASH)
    root = world.root()
    engine.open(root, offer(base, gpgcheck=False))

    assert install(engine, base).return_code == 0
    assert root.installed() == {BASH.nevra}


def test_a_package_signed_with_the_planned_key_is_installed_and_the_key_imported(
    engine: Engine, world: World, signing_key: SigningKey
) -> None:
    base = world.repository("base", BASH, key=signing_key)
    root = world.root()
    engine.open(root, offer(base, gpgcheck=True, gpgkeys=(signing_key.url,)))

    outcome = install(engine, base, signing_key.fingerprint)

    assert (outcome.return_code, imported(root)) == (0, [id_of(signing_key)])
    assert engine.verify().nevras == (BASH.nevra,)


def test_a_key_that_the_host_has_needs_no_import(engine: Engine, world: World, signing_key: SigningKey) -> None:
    base = world.repository("base", BASH, key=signing_key)
    root = world.root(Rpm("there"))
    tool.run("rpm", "--root", root.path, "--import", signing_key.public_key)
    engine.open(root, offer(base, gpgcheck=True, gpgkeys=(signing_key.url,)))

    assert install(engine, base).return_code == 0
    assert imported(root) == [id_of(signing_key)]


@pytest.mark.trap("signatures are not checked by do_transaction(): neither by which key")
def test_a_package_signed_with_another_key_is_refused(
    engine: Engine, world: World, signing_key: SigningKey, other_key: SigningKey
) -> None:
    base = world.repository("base", BASH, key=signing_key)
    root = world.root()
    engine.open(root, offer(base, gpgcheck=True, gpgkeys=(other_key.url,)))

    with pytest.raises(TransactionError) as caught:
        install(engine, base, other_key.fingerprint)

    assert "bash" in caught.value.details[0]
    assert BASH.nevra not in root.installed()


def test_a_package_whose_key_no_plan_names_is_refused_and_nothing_imported(
    engine: Engine, world: World, signing_key: SigningKey
) -> None:
    base = world.repository("base", BASH, key=signing_key)
    root = world.root(Rpm("there"))
    engine.open(root, offer(base, gpgcheck=True, gpgkeys=(signing_key.url,)))

    with pytest.raises(TransactionError):
        install(engine, base)

    assert imported(root) == []
    assert root.installed() == {"there-1-1.noarch"}


def test_a_signed_package_that_was_changed_afterwards_is_refused(
    engine: Engine, world: World, signing_key: SigningKey
) -> None:
    base = world.repository("base", BASH, key=signing_key)
    damage.corrupt_rpm(base, BASH)
    # The mirror's metadata agrees with the changed package: only the signature can tell.
    tool.run("createrepo_c", "--quiet", "--no-database", base.path)
    root = world.root()
    engine.open(root, offer(base, gpgcheck=True, gpgkeys=(signing_key.url,)))

    with pytest.raises((TransactionError, RepositoryError)):
        install(engine, base, signing_key.fingerprint)
    assert BASH.nevra not in root.installed()


def test_each_of_two_keys_of_one_repository_counts(
    engine: Engine, world: World, signing_key: SigningKey, other_key: SigningKey
) -> None:
    base = world.repository("base", BASH, key=signing_key)
    root = world.root()
    engine.open(root, offer(base, gpgcheck=True, gpgkeys=(other_key.url, signing_key.url)))

    assert [state.fingerprint for state in engine.keys(base).keys] == [other_key.fingerprint, signing_key.fingerprint]
    assert install(engine, base, signing_key.fingerprint, other_key.fingerprint).return_code == 0
    assert imported(root) == sorted([id_of(other_key), id_of(signing_key)])


def test_one_repository_checks_and_another_does_not(engine: Engine, world: World, signing_key: SigningKey) -> None:
    signed = world.repository("signed", BASH, key=signing_key)
    plain = world.repository("plain", Rpm("vim"))
    root = world.root()
    engine.open(root, offer(signed, gpgcheck=True, gpgkeys=(signing_key.url,)), plain)
    request = change([wanted(signed, BASH), wanted(plain, Rpm("vim"))])

    assert engine.carry_out(request, keys=(signing_key.fingerprint,)).return_code == 0
    assert root.installed() >= {BASH.nevra, "vim-1-1.noarch"}


# Keys


def test_a_key_is_described_and_told_from_an_imported_one(
    engine: Engine, world: World, signing_key: SigningKey
) -> None:
    base = world.repository("base", BASH, key=signing_key)
    root = world.root(Rpm("there"))
    engine.open(root, offer(base, gpgcheck=True, gpgkeys=(signing_key.url,)))

    before = engine.keys(base).keys
    tool.run("rpm", "--root", root.path, "--import", signing_key.public_key)
    after = engine.keys(base).keys

    assert before == (KeyState("base", signing_key.url, signing_key.fingerprint, imported=False),)
    assert after == (KeyState("base", signing_key.url, signing_key.fingerprint, imported=True),)


def test_reading_keys_imports_none_and_makes_no_rpmdb(engine: Engine, world: World, signing_key: SigningKey) -> None:
    base = world.repository("base", BASH, key=signing_key)
    root = world.root()
    engine.open(root, offer(base, gpgcheck=True, gpgkeys=(signing_key.url,)))
    engine.keys(base)

    assert list(root.path.iterdir()) == []


def test_a_key_over_plain_http_is_a_problem_and_never_imported(
    engine: Engine, world: World, signing_key: SigningKey
) -> None:
    base = world.repository("base", BASH, key=signing_key)
    root = world.root(Rpm("there"))
    (world.repositories / "KEY").write_bytes(signing_key.public_key.read_bytes())
    with world.serving() as server:
        url = f"{server.url}/KEY"
        engine.open(root, offer(base, gpgcheck=True, gpgkeys=(url,)))
        (state,) = engine.keys(base).keys
        with pytest.raises(StalePlanError):
            install(engine, base, signing_key.fingerprint)
        fetched = server.paths

    assert (state.url, state.fingerprint, state.imported) == (url, "", False)
    assert url in state.problem
    assert (fetched, imported(root)) == ((), [])


@pytest.mark.parametrize(
    ("content", "words"), [(None, "cannot be read"), ("no key at all\n", "no public key")], ids=["missing", "no-key"]
)
def test_a_key_that_cannot_be_read_is_a_problem(engine: Engine, world: World, content: str | None, words: str) -> None:
    base = world.repository("base", BASH)
    file = world.path / "KEY"
    if content is not None:
        file.write_text(content, encoding="ascii")
    engine.open(world.root(), offer(base, gpgcheck=True, gpgkeys=(file.as_uri(),)))

    (state,) = engine.keys(base).keys

    assert (state.url, state.fingerprint) == (file.as_uri(), "")
    assert words in state.problem


def test_a_repository_without_a_key_on_a_host_without_one_is_a_problem(engine: Engine, world: World) -> None:
    base = world.repository("base", BASH)
    engine.open(world.root(), offer(base, gpgcheck=True))

    (state,) = engine.keys(base).keys

    assert (state.repo_id, state.problem != "") == ("base", True)


def test_a_key_that_was_exchanged_since_the_plan_is_stale(
    engine: Engine, world: World, signing_key: SigningKey, other_key: SigningKey
) -> None:
    base = world.repository("base", BASH, key=signing_key)
    root = world.root(Rpm("there"))
    file = world.path / "KEY"
    file.write_bytes(signing_key.public_key.read_bytes())
    engine.open(root, offer(base, gpgcheck=True, gpgkeys=(file.as_uri(),)))
    engine.keys(base)
    file.write_bytes(other_key.public_key.read_bytes())

    with pytest.raises(StalePlanError) as caught:
        install(engine, base, signing_key.fingerprint)
    assert caught.value.details == (signing_key.fingerprint,)
    assert imported(root) == []


def test_an_import_changes_the_cookie_and_preparing_returns_the_new_one(
    engine: Engine, world: World, signing_key: SigningKey
) -> None:
    base = world.repository("base", BASH, key=signing_key)
    root = world.root(Rpm("there"))
    engine.open(root, offer(base, gpgcheck=True, gpgkeys=(signing_key.url,)))
    before = engine.installed().cookie

    prepared = engine.prepare(change([wanted(base, BASH)]), keys=(signing_key.fingerprint,))

    assert before != prepared.cookie == engine.verify().cookie
    assert engine.commit(prepared).return_code == 0


# Signed metadata


@pytest.fixture
def agents_end(engine: Engine) -> Iterator[None]:
    """End the agents that dnf starts for the keyring of each repository, and leaves running."""
    yield
    for keyring in engine.cachedir.rglob("pubring"):
        tool.attempt("gpgconf", "--homedir", keyring, "--kill", "gpg-agent")


@pytest.mark.usefixtures("agents_end")
def test_signed_metadata_is_checked_with_the_key_of_the_repository(
    engine: Engine, world: World, signing_key: SigningKey
) -> None:
    base = world.repository("base", BASH)
    signing_key.sign_detached(base.repomd)
    engine.open(world.root(), offer(base, repo_gpgcheck=True, gpgkeys=(signing_key.url,)))

    assert [p.name for p in engine.closure("bash").packages] == ["bash"]


@pytest.mark.usefixtures("agents_end")
@pytest.mark.parametrize("how", ["unsigned", "another-key", "changed-afterwards"])
def test_metadata_without_a_good_signature_is_refused(
    engine: Engine, world: World, signing_key: SigningKey, other_key: SigningKey, how: str
) -> None:
    base = world.repository("base", BASH)
    if how != "unsigned":
        (other_key if how == "another-key" else signing_key).sign_detached(base.repomd)
    if how == "changed-afterwards":
        base.repomd.write_text(base.repomd.read_text().replace("<revision>", "<revision>9"))

    with pytest.raises(RepositoryError) as caught:
        engine.open(world.root(), offer(base, repo_gpgcheck=True, gpgkeys=(signing_key.url,)))
    assert "base" in caught.value.message


def test_a_key_server_that_hangs_does_not_hang_the_engine(
    engine: Engine, world: World, signing_key: SigningKey
) -> None:
    base = world.repository("base", BASH, key=signing_key)
    with world.serving() as server:
        server.fail("*", Fault(delay_s=30))
        url = f"https://127.0.0.1:{server.port}/KEY"
        engine.open(world.root(), offer(base, gpgcheck=True, gpgkeys=(url,)), timeout_s=1)
        (state,) = engine.keys(base).keys

    assert "cannot be read" in state.problem
