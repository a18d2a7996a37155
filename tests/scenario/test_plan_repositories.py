"""Where a plan takes packages from."""

from __future__ import annotations

from tests.support.damage import corrupt_primary, truncate_repomd
from tests.support.kernels import kernels
from tests.support.plans import moves, planned
from tests.support.profiles import repository_entry
from tests.support.repositories import Contents, Repository
from tests.support.rpms import Rpm
from tests.support.server import NOT_FOUND, UNAVAILABLE, Fault
from tests.support.world import World


def test_repositories_are_read_from_files_and_over_http(world: World) -> None:
    """One profile takes packages from file:// and http:// repositories, and the plan names state and source of each."""
    local = world.repository("local", Rpm("app", requires=("lib",)))
    remote = world.publish("remote", Contents(rpms=(Rpm("lib"),), revision=1_700_000_123))

    with world.serving() as server:
        plan = planned(world, world.profile(["app"], [local, remote.at(server.url)]), world.root())

    assert [(change["name"], change["repo_id"]) for change in plan["changes"]] == [("app", "local"), ("lib", "remote")]
    assert [ref["repo_id"] for ref in plan["repositories"]] == ["local", "remote"]
    assert plan["repositories"][1]["revision"] == "1700000123"
    assert plan["repositories"][1]["repomd"].startswith("sha256:")


def test_a_repository_that_moved_on_is_seen_at_once(world: World) -> None:
    """A repository that got a newer build is seen by the next plan, over HTTP and from files: no cache is stale."""
    world.repository("local", Rpm("app", "1-1"))
    remote = world.repository("remote", Rpm("lib", "1-1"))
    root = world.root()

    with world.serving() as server:
        local = world.repository("local", Rpm("app", "1-1"))
        profile = world.profile(["app", "lib"], [local, remote.at(server.url)])
        first = planned(world, profile, root)
        world.repository("local", Rpm("app", "2-1"))
        world.repository("remote", Rpm("lib", "2-1"))
        second = planned(world, profile, root)

    assert moves(first) == ["install app.noarch 1-1", "install lib.noarch 1-1"]
    assert moves(second) == ["install app.noarch 2-1", "install lib.noarch 2-1"]


def test_unchanged_metadata_is_not_fetched_again(world: World) -> None:
    """The second plan asks a web server for repomd.xml alone."""
    remote = world.repository("remote", Rpm("lib"))
    root = world.root()

    with world.serving() as server:
        profile = world.profile(["lib"], [remote.at(server.url)])
        planned(world, profile, root)
        server.forget_requests()
        planned(world, profile, root)

    assert set(server.paths) == {"/remote/repodata/repomd.xml"}


def test_release_and_arch_stand_for_themselves_in_urls(world: World) -> None:
    """$releasever and $basearch in a URL are those of the root's os-release, or those that were named."""
    nine = world.repository("9-x86_64", Rpm("app", "9-1"))
    world.repository("10-x86_64", Rpm("app", "10-1"))
    url = nine.url.replace("9-x86_64", "$releasever-$basearch")
    profile = world.profile(["app"], [("base", url)])
    root = world.root()
    root.write("etc/os-release", 'ID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.4"\n')

    own = planned(world, profile, root)
    named = planned(world, profile, root, "--releasever", "10")

    assert (moves(own), own["host"]["releasever"], own["host"]["os_major"]) == (["install app.noarch 9-1"], "9", 9)
    assert (moves(named), named["host"]["os_major"]) == (["install app.noarch 10-1"], 10)


def test_the_cheapest_priority_wins(world: World) -> None:
    """A repository with a stronger priority is preferred though another one has a newer build."""
    strong = world.repository("strong", Rpm("app", "1-1"))
    weak = world.repository("weak", Rpm("app", "2-1"))
    profile = world.profile(["app"], [repository_entry(weak), repository_entry(strong, priority=10)])

    assert [change["repo_id"] for change in planned(world, profile, world.root())["changes"]] == ["strong"]


def test_a_disabled_repository_is_not_read(world: World) -> None:
    """A repository that is switched off is neither read nor in the plan."""
    base = world.repository("base", Rpm("app", "1-1"))
    off = repository_entry(("off", "http://127.0.0.1:9/nowhere"), enabled=False)

    plan = planned(world, world.profile(["app"], [base, off]), world.root())

    assert [ref["repo_id"] for ref in plan["repositories"]] == ["base"]


def test_folders_take_the_place_of_the_profiles_repositories(world: World) -> None:
    """With --repos-from every folder with repodata is a repository, and one of the profile lends its options."""
    world.repository("one", Rpm("app", "1-1"))
    world.repository("two", Rpm("app", "2-1"), Rpm("tool", "2-1"))
    (world.repositories / "not-a-repository").mkdir()
    lender = repository_entry(("two", "http://127.0.0.1:9/gone"), enabled=False, excludepkgs=["app"])
    profile = world.profile(["app", "tool"], [lender, ("gone", "http://127.0.0.1:9/gone")])

    plan = planned(world, profile, world.root(), "--repos-from", world.repositories)

    assert moves(plan) == ["install app.noarch 1-1", "install tool.noarch 2-1"]
    assert [ref["repo_id"] for ref in plan["repositories"]] == ["one", "two"]


def test_unreachable_repositories_are_told_together(world: World) -> None:
    """Repositories that are away, gone or broken are all told at once, and the exit code is 15."""
    good = world.repository("good", Rpm("app"))
    gone, cut, wrong, busy = (world.repository(name, Rpm(f"of-{name}")) for name in ("gone", "cut", "wrong", "busy"))
    truncate_repomd(cut)
    corrupt_primary(wrong)
    with world.serving() as server:
        server.fail("/gone/*", NOT_FOUND)
        server.fail("/busy/*", UNAVAILABLE)
        entries: list[Repository | tuple[str, str]] = [
            good,
            *(each.at(server.url) for each in (gone, cut, wrong, busy)),
            ("dead", "http://127.0.0.1:9/"),
        ]
        profile = world.profile(["app"], entries, spma={"main_options": {"retries": 1}})
        outcome = world.run("plan", profile, "--root", world.root().path, "--json")

    assert outcome.code == 15
    assert outcome.json()["kind"] == "repository"
    assert outcome.json()["message"] == "5 repositories failed"
    assert [line.partition(":")[0] for line in outcome.json()["details"]] == ["busy", "cut", "dead", "gone", "wrong"]
    assert "Traceback" not in outcome.stderr


def test_a_server_that_stumbles_once_does_no_harm(world: World) -> None:
    """A server that fails once is asked again."""
    base = world.repository("base", Rpm("app"))

    with world.serving() as server:
        server.fail("/base/repodata/*", Fault(status=503, times=1))
        plan = planned(world, world.profile(["app"], [base.at(server.url)]), world.root())

    assert moves(plan) == ["install app.noarch 1-1"]


def test_the_next_url_is_tried(world: World) -> None:
    """Of several URLs of one repository the next is tried when the first is away."""
    base = world.repository("base", Rpm("app"))
    protocols = [{"name": "http", "url": "http://127.0.0.1:9/"}, {"name": "file", "url": base.url}]

    plan = planned(world, world.profile(["app"], [repository_entry(base, protocols=protocols)]), world.root())

    assert moves(plan) == ["install app.noarch 1-1"]


def test_a_forward_proxy_is_asked_for_the_repository(world: World) -> None:
    """A forward proxy of the profile is asked for the URLs of the repositories, but not by one that wants none."""
    world.repository("base", Rpm("app"))
    direct = world.repository("direct", Rpm("lib"))

    with world.serving() as proxy:
        spma = {"proxy": "yes", "proxyhost": f"127.0.0.1:{proxy.port}", "proxytype": "forward"}
        around = repository_entry(direct.at(proxy.url), proxy="")
        profile = world.profile(["app", "lib"], [("base", "http://mirror.example.org/base"), around], spma=spma)
        plan = planned(world, profile, world.root())
        targets = {request.target for request in proxy.requests}

    assert len(plan["changes"]) == 2
    assert "http://mirror.example.org/base/repodata/repomd.xml" in targets
    assert "/direct/repodata/repomd.xml" in targets


def test_a_reverse_proxy_stands_in_for_the_repository(world: World) -> None:
    """A reverse proxy takes the place of the host in every URL, and the next one is tried when the first is away."""
    world.repository("base", Rpm("app"))

    with world.serving() as proxy:
        hosts = f"127.0.0.1:9,127.0.0.1:{proxy.port}"
        spma = {"proxy": "yes", "proxyhost": hosts, "proxytype": "reverse"}
        profile = world.profile(["app"], [("base", "http://mirror.example.org/base")], spma=spma)
        plan = planned(world, profile, world.root())

    assert moves(plan) == ["install app.noarch 1-1"]
    assert "/base/repodata/repomd.xml" in proxy.paths


def test_credentials_in_urls_are_not_told(world: World) -> None:
    """A password in the URL of a repository is neither in the plan nor in messages."""
    base = world.repository("base", Rpm("app"))
    root = world.root()

    with world.serving() as server:
        url = f"{server.url}/base".replace("http://", "http://robot:s3cr3t@")
        good = world.run("plan", world.profile(["app"], [("base", url)]), "--root", root.path, "--json", "-v")
        server.fail("*", NOT_FOUND)
        bad = world.run("plan", world.profile(["app"], [("base", url)]), "--root", root.path, "--json", "-v")

    assert (good.code, bad.code, base.repo_id) == (0, 15, "base")
    assert "s3cr3t" not in good.stdout + good.stderr + bad.stdout + bad.stderr


def test_the_order_of_repositories_does_not_matter(world: World) -> None:
    """Repositories in another order give the same changes, also where two of them have the same package."""
    one = world.repository("one", Rpm("app"), Rpm("lib", "1-1"))
    two = world.repository("two", Rpm("app"), Rpm("lib", "2-1"), *kernels("5.14.0-1.el9"))
    names = ["app", "lib", "kernel"]
    root = world.root()

    forward = planned(world, world.profile(names, [one, two]), root)
    backward = planned(world, world.profile(names, [two, one]), root)

    assert moves(forward) == moves(backward)
