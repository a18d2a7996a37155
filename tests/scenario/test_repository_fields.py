"""The fields of /software/repositories."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from tests.support import tool
from tests.support.dnf_files import configuration_of
from tests.support.plans import applied, moves, planned, problems
from tests.support.profiles import Json, repository_entry
from tests.support.repositories import Repository
from tests.support.rpms import Rpm
from tests.support.server import Fault
from tests.support.signing import SigningKey
from tests.support.signing import signing_key as new_signing_key
from tests.support.tls import Authority, authority
from tests.support.tool import Outcome
from tests.support.world import World

IMPATIENT: Mapping[str, Json] = {"main_options": {"retries": 1, "timeout": 5}}


@pytest.fixture(scope="module")
def ca() -> Iterator[Authority]:
    """Yield an authority that nobody trusts but who names it."""
    with authority() as made:
        yield made


@pytest.fixture(scope="module")
def other_key() -> Iterator[SigningKey]:
    """Yield a key that nothing is signed with unless a test does it."""
    with new_signing_key("Somebody else") as key:
        yield key


@pytest.fixture
def agents_end(world: World) -> Iterator[None]:
    """End the agents that gpg starts for the keyring of each repository, and leaves running."""
    yield
    for keyring in world.path.rglob("pubring"):
        tool.attempt("gpgconf", "--homedir", keyring, "--kill", "gpg-agent")


def attempted(world: World, *repositories: Mapping[str, Json], packages: tuple[str, ...] = ("app",)) -> Outcome:
    """Return how a plan ends that does not wait long for anybody."""
    profile = world.profile(packages, repositories, spma=IMPATIENT)
    return world.run("plan", profile, "--root", world.root().path, "--json")


def protocol(url: str, **fields: Json) -> list[Json]:
    """Return the one protocol of a repository, with fields beside its URL."""
    return [{"name": url.partition(":")[0], "url": url, **fields}]


# --- what a repository offers -------------------------------------------------------------------


def test_excludepkgs_hides_packages_of_one_repository_alone(world: World) -> None:
    """With excludepkgs one repository hides names, globs and builds, and another one still offers them."""
    rpms = (Rpm("app", "2-1"), Rpm("app", "1-1"), Rpm("lib-a", "2-1"), Rpm("lib-b", "2-1"), Rpm("tool", "2-1"))
    first = world.repository("first", *rpms)
    second = world.repository("second", Rpm("lib-a", "1-1"), Rpm("lib-b", "1-1"), Rpm("tool", "1-1"))
    entry = repository_entry(first, excludepkgs=["lib-*, tool", "app-2-1*"])

    plan = planned(world, world.profile(["app", "lib-a", "lib-b", "tool"], [entry, second]), world.root())

    assert moves(plan) == [f"install {name}.noarch 1-1" for name in ("app", "lib-a", "lib-b", "tool")]


def test_includepkgs_lets_nothing_else_through(world: World) -> None:
    """With includepkgs one repository offers what matches alone, and excludepkgs is stronger."""
    extras = world.repository("extras", Rpm("lib-a"), Rpm("lib-b"), Rpm("tool"), Rpm("app"))
    entry = repository_entry(extras, includepkgs=["lib-*", "tool"], excludepkgs=["lib-b"])

    plan = planned(world, world.profile(["lib-a", "tool", "lib-b", "app"], [entry]), world.root(), code=12)

    assert moves(plan) == ["install lib-a.noarch 1-1", "install tool.noarch 1-1"]
    assert [(kind, spec) for kind, spec, _ in problems(plan)] == [("excluded", "app"), ("excluded", "lib-b")]


def test_of_equal_priorities_the_newest_build_counts(world: World) -> None:
    """Without a priority a repository has 99, the weakest, and among equals the newest build counts."""
    one = world.repository("one", Rpm("app", "1-1"))
    two = world.repository("two", Rpm("app", "2-1"))

    equal = planned(world, world.profile(["app"], [one, repository_entry(two, priority=99)]), world.root())
    stronger = planned(world, world.profile(["app"], [repository_entry(one, priority=98), two]), world.root())

    assert moves(equal) == ["install app.noarch 2-1"]
    assert moves(stronger) == ["install app.noarch 1-1"]


def test_a_switched_off_repository_needs_no_address(world: World) -> None:
    """A repository with enabled = false may be without protocols; one that is on may not."""
    base = world.repository("base", Rpm("app"))
    off = repository_entry(("off", "file:///nowhere"), enabled=False, protocols=[])
    on = repository_entry(("on", "file:///nowhere"), protocols=[])

    assert attempted(world, repository_entry(base), off).code == 0
    outcome = attempted(world, repository_entry(base), on)

    assert outcome.code == 10
    assert outcome.json()["details"] == [
        "/software/repositories/1/protocols: an enabled repository needs a protocol with a url"
    ]


def test_fields_that_nobody_reads_do_no_harm(world: World) -> None:
    """The owner is for people and gpgcakey for yum alone; a field that no schema has is a warning that names it."""
    base = world.repository("base", Rpm("app"))
    entry = repository_entry(base, owner="a@b", gpgcakey="http://127.0.0.1:9/ca", mirrorlist="http://127.0.0.1:9/")

    outcome = attempted(world, entry)

    assert (outcome.code, moves(outcome.json())) == (0, ["install app.noarch 1-1"])
    assert outcome.stderr == "warning: /software/repositories/0/mirrorlist: unknown field of a repository, ignored\n"


def test_dnf_reads_the_same_in_the_file_of_a_repository(world: World) -> None:
    """On apply each repository is written to a file, in which dnf reads what the plan was made with."""
    base = world.repository("base", Rpm("app"))
    entry = repository_entry(
        base,
        protocols=[
            *protocol(base.url, cacert="/ca", clientcert="/cert", clientkey="/key", verify=False),
            *protocol("http://b/c,d"),
        ],
        priority=7,
        gpgkey=["file:///one", "https://two/key"],
        excludepkgs=["x", "y*"],
        includepkgs=["app"],
        proxy="http://proxy:3128",
        skip_if_unavailable=True,
        module_hotfixes=True,
    )
    root = world.root()

    applied(
        world, world.profile(["app"], [entry, repository_entry(("off", "ftp://h/x"), enabled=False, proxy="")]), root
    )

    stated = {
        "baseurl": [base.url, "http://b/c%2Cd"], "priority": 7, "gpgcheck": False, "repo_gpgcheck": False,
        "gpgkey": ["file:///one", "https://two/key"], "excludepkgs": ["x", "y*"], "includepkgs": ["app"],
        "proxy": "http://proxy:3128", "skip_if_unavailable": True, "module_hotfixes": True, "sslcacert": "/ca",
        "sslclientcert": "/cert", "sslclientkey": "/key", "sslverify": False,
    }  # fmt: skip
    names = {"main": [], "repository": [*stated, "enabled"]}
    read = configuration_of(root.path / "etc/dnf/dnf.conf", root.path / "etc/yum.repos.d", names)
    assert read["repositories"]["base"] == {**stated, "enabled": True}
    assert read["repositories"]["off"]["enabled"] is False


# --- where it is read from ----------------------------------------------------------------------


def test_several_urls_are_tried_in_their_order(world: World) -> None:
    """Metadata and packages come from the first URL that answers: the second is not asked while the first is well."""
    base = world.repository("base", Rpm("app"))
    root = world.root()

    with world.serving() as first, world.serving() as second:
        urls = ["http://127.0.0.1:9/base", f"{first.url}/base", f"{second.url}/base"]
        entry = repository_entry(base, protocols=[{"name": "http", "url": url} for url in urls])
        applied(world, world.profile(["app"], [entry], spma=IMPATIENT), root)
        asked = first.paths, second.paths

    assert root.installed() == {"app-1-1.noarch"}
    assert f"/base/Packages/{base.rpms[0].filename}" in asked[0]
    assert asked[1] == ()


def test_a_package_that_one_url_lost_comes_from_the_next(world: World) -> None:
    """A package that the first mirror no longer has is fetched from the second one."""
    base = world.repository("base", Rpm("app"))
    root = world.root()

    with world.serving() as first, world.serving() as second:
        first.fail("*.rpm", Fault(status=404))
        protocols = [{"name": "http", "url": f"{server.url}/base"} for server in (first, second)]
        applied(world, world.profile(["app"], [repository_entry(base, protocols=protocols)]), root)
        assert second.paths == (f"/base/Packages/{base.rpms[0].filename}",)

    assert root.installed() == {"app-1-1.noarch"}


def test_a_repository_may_have_a_proxy_of_its_own(world: World) -> None:
    """A proxy of a repository is asked for it, packages too, and not the general one."""
    world.repository("one", Rpm("app"))
    world.repository("two", Rpm("lib"))
    root = world.root()

    with world.serving() as general, world.serving() as own:
        entries = [
            repository_entry(("one", "http://one.example.org/one")),
            repository_entry(("two", "http://two.example.org/two"), proxy=own.url),
        ]
        spma: dict[str, Json] = {"proxyhost": "127.0.0.1", "proxyport": str(general.port), "proxytype": "forward"}
        applied(world, world.profile(["app", "lib"], entries, spma=spma), root)
        targets = [{request.target.split("/")[2] for request in server.requests} for server in (general, own)]
        assert any(path.endswith(".rpm") for path in own.paths)

    assert targets == [{"one.example.org"}, {"two.example.org"}]
    assert root.installed() == {"app-1-1.noarch", "lib-1-1.noarch"}


# --- TLS ----------------------------------------------------------------------------------------


def secured(repository: Repository, url: str, **fields: Json) -> Mapping[str, Json]:
    """Return a repository on a TLS server, with fields of its protocol."""
    return repository_entry(repository, protocols=protocol(f"{url}/{repository.path.name}", **fields))


def test_tls_settings_of_a_protocol_are_used(world: World, ca: Authority) -> None:
    """Metadata and packages come over https with the CA, the certificate and the key that the profile names."""
    base = world.repository("base", Rpm("app"))
    root = world.root()

    with world.serving(ca.context(clients_only=True)) as server:
        entry = secured(base, server.url, cacert=str(ca.certificate), verify=True, **ca.client)
        report = applied(world, world.profile(["app"], [entry], spma=IMPATIENT), root)

    assert report["outcome"] == "as-planned"
    assert root.installed() == {"app-1-1.noarch"}


@pytest.mark.parametrize("missing", ["cacert", "client"])
def test_without_tls_settings_a_closed_server_is_unreachable(world: World, ca: Authority, missing: str) -> None:
    """A server that nobody vouches for, or that wants a certificate from its clients, is an unreachable repository."""
    base = world.repository("base", Rpm("app"))
    fields: dict[str, Json] = {} if missing == "cacert" else {"cacert": str(ca.certificate)}

    with world.serving(ca.context(clients_only=missing == "client")) as server:
        outcome = attempted(world, secured(base, server.url, **fields))

    assert (outcome.code, outcome.json()["kind"]) == (15, "repository")


def test_verify_false_takes_any_certificate(world: World, ca: Authority) -> None:
    """With verify = false a server that nobody vouches for is believed."""
    base = world.repository("base", Rpm("app"))

    with world.serving(ca.context()) as server:
        outcome = attempted(world, secured(base, server.url, verify=False))

    assert (outcome.code, moves(outcome.json())) == (0, ["install app.noarch 1-1"])


def test_a_reverse_proxy_gets_the_tls_settings(world: World, ca: Authority) -> None:
    """A reverse proxy that takes the place of an https host is shown the client's certificate."""
    base = world.repository("base", Rpm("app"))

    with world.serving(ca.context(clients_only=True)) as proxy:
        entry = secured(base, "https://mirror.example.org", cacert=str(ca.certificate), **ca.client)
        spma: dict[str, Json] = {"proxyhost": f"127.0.0.1:{proxy.port}", "proxytype": "reverse", **IMPATIENT}
        plan = planned(world, world.profile(["app"], [entry], spma=spma), world.root())

    assert moves(plan) == ["install app.noarch 1-1"]


def test_a_key_over_https_is_fetched_as_its_repository_is(world: World, ca: Authority, signing_key: SigningKey) -> None:
    """A gpgkey over https is fetched with the TLS settings of its repository, and packages are verified with it."""
    base = world.repository("base", Rpm("app"), key=signing_key)
    (world.repositories / "KEY").write_bytes(signing_key.public_key.read_bytes())
    root = world.root()

    with world.serving(ca.context(clients_only=True)) as server:
        fields: dict[str, Json] = {"cacert": str(ca.certificate), **ca.client}
        protocols = protocol(f"{server.url}/base", **fields)
        entry = repository_entry(base, gpgcheck=True, gpgkey=[f"{server.url}/KEY"], protocols=protocols)
        profile = world.profile(["app"], [entry], spma=IMPATIENT)
        assert [key["fingerprint"] for key in planned(world, profile, root)["keys"]] == [signing_key.fingerprint]
        applied(world, profile, root)

    assert "app-1-1.noarch" in root.installed()


def test_one_set_of_tls_settings_serves_all_urls(world: World, ca: Authority) -> None:
    """Protocols of one repository that differ in TLS are a warning, and the first settings hold for every URL."""
    base = world.repository("base", Rpm("app"))

    with world.serving(ca.context()) as server:
        url = f"{server.url}/base"
        protocols = [*protocol("https://127.0.0.1:9/base", cacert=str(ca.certificate)), *protocol(url, cacert="/none")]
        outcome = attempted(world, repository_entry(base, protocols=protocols))

    assert (outcome.code, moves(outcome.json())) == (0, ["install app.noarch 1-1"])
    assert "/software/repositories/0/protocols: TLS settings differ: the first ones hold" in outcome.stderr


def test_a_server_that_speaks_no_tls_is_unreachable(world: World, ca: Authority) -> None:
    """An https URL of a server that speaks plain http is an unreachable repository."""
    base = world.repository("base", Rpm("app"))

    with world.serving() as server:
        outcome = attempted(world, secured(base, server.url.replace("http:", "https:"), cacert=str(ca.certificate)))

    assert outcome.code == 15


# --- signatures ---------------------------------------------------------------------------------


def test_several_keys_of_one_repository_are_all_trusted(
    world: World, signing_key: SigningKey, other_key: SigningKey
) -> None:
    """Of several gpgkey URLs every key is part of the plan, and a package signed with the last one is installed."""
    base = world.repository("base", Rpm("app"), key=signing_key)
    entry = repository_entry(base, gpgcheck=True, gpgkey=[other_key.url, signing_key.url])
    root = world.root()
    profile = world.profile(["app"], [entry])

    plan = planned(world, profile, root)
    applied(world, profile, root)

    assert {key["url"] for key in plan["keys"]} == {other_key.url, signing_key.url}
    assert "app-1-1.noarch" in root.installed()


def test_gpgcheck_off_asks_for_no_key(world: World, signing_key: SigningKey) -> None:
    """Without gpgcheck, the schema's default, a gpgkey is neither fetched nor imported, and a note says so."""
    base = world.repository("base", Rpm("app"), key=signing_key)
    entry = repository_entry(base, gpgcheck=False, gpgkey=["https://127.0.0.1:9/KEY"])

    plan = planned(world, world.profile(["app"], [entry]), world.root())

    assert (plan["keys"], [note["kind"] for note in plan["notes"]]) == ([], ["unsigned-repository"])


@pytest.mark.usefixtures("agents_end")
def test_signed_metadata_is_verified(world: World, signing_key: SigningKey) -> None:
    """With repo_gpgcheck the signature of repomd.xml is verified with the gpgkey of the profile, at every plan."""
    base = world.repository("base", Rpm("app"))
    signing_key.sign_detached(base.repomd)
    root = world.root()

    with world.serving() as server:
        entry = repository_entry(base.at(server.url), repo_gpgcheck=True, gpgkey=[signing_key.url])
        profile = world.profile(["app"], [entry])
        first, second = planned(world, profile, root), planned(world, profile, root)
        applied(world, profile, root)

    assert moves(first) == ["install app.noarch 1-1"]
    assert first == second
    assert root.installed() == {"app-1-1.noarch"}


@pytest.mark.usefixtures("agents_end")
@pytest.mark.parametrize("how", ["unsigned", "another-key", "changed-afterwards", "no-key"])
def test_metadata_without_a_good_signature_is_refused(
    world: World, signing_key: SigningKey, other_key: SigningKey, how: str
) -> None:
    """Metadata without a signature, with somebody else's or changed afterwards ends the run with 15."""
    base = world.repository("base", Rpm("app"))
    if how != "unsigned":
        (other_key if how == "another-key" else signing_key).sign_detached(base.repomd)
    if how == "changed-afterwards":
        base.repomd.write_text(base.repomd.read_text(encoding="utf-8").replace("<revision>", "<revision>9"))
    keys: list[Json] = [] if how == "no-key" else [signing_key.url]

    outcome = attempted(world, repository_entry(base, repo_gpgcheck=True, gpgkey=keys))

    assert outcome.code == 15
    assert "base" in outcome.json()["message"]


@pytest.mark.usefixtures("agents_end")
def test_a_key_of_metadata_is_fetched_once_a_run(world: World, ca: Authority, signing_key: SigningKey) -> None:
    """A gpgkey of metadata is fetched when the plan is made, and carrying the plan out needs it no second time."""
    base = world.repository("base", Rpm("app"))
    signing_key.sign_detached(base.repomd)
    (world.repositories / "KEY").write_bytes(signing_key.public_key.read_bytes())

    with world.serving(ca.context()) as server:
        protocols = protocol(base.url, cacert=str(ca.certificate))
        entry = repository_entry(base, protocols=protocols, repo_gpgcheck=True, gpgkey=[f"{server.url}/KEY"])
        applied(world, world.profile(["app"], [entry]), world.root())

    assert server.paths == ("/KEY",)


@pytest.mark.usefixtures("agents_end")
def test_a_key_over_plain_http_verifies_no_metadata(world: World, signing_key: SigningKey) -> None:
    """A gpgkey over plain http is not trusted for metadata either, and the message says why."""
    base = world.repository("base", Rpm("app"))
    signing_key.sign_detached(base.repomd)
    (world.repositories / "KEY").write_bytes(signing_key.public_key.read_bytes())

    with world.serving() as server:
        url = f"{server.url}/KEY"
        outcome = attempted(world, repository_entry(base, repo_gpgcheck=True, gpgkey=[url]))

    assert outcome.code == 15
    assert f"its key is neither at https:// nor at file://: {url}" in outcome.json()["message"]


@pytest.mark.usefixtures("agents_end")
def test_a_key_that_the_profile_no_longer_names_is_no_longer_trusted(
    world: World, signing_key: SigningKey, other_key: SigningKey
) -> None:
    """Metadata signed with a key that was trusted yesterday is refused once the profile names another key."""
    base = world.repository("base", Rpm("app"))
    signing_key.sign_detached(base.repomd)

    assert attempted(world, repository_entry(base, repo_gpgcheck=True, gpgkey=[signing_key.url])).code == 0
    assert attempted(world, repository_entry(base, repo_gpgcheck=True, gpgkey=[other_key.url])).code == 15
