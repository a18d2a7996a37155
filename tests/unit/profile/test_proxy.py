"""Proxies of the component and of repositories."""

from __future__ import annotations

import pytest

from spma.profile.options import MainOptions, ProxyType, SpmaOptions
from spma.profile.proxy import network_of, spread, through_reverse_proxies
from yumbridge.desired.repository import Repository
from yumbridge.desired.state import Network

REVERSE = SpmaOptions(proxyhost=("p1", "p2"), proxyport="3128", proxytype=ProxyType.REVERSE)
FORWARD = SpmaOptions(proxyhost=("p1", "p2"), proxyport="3128", proxytype=ProxyType.FORWARD)


def repository(*urls: str, proxy: str | None = None) -> Repository:
    return Repository(repo_id="a", urls=urls, proxy=proxy, sslclientcert="/c.pem", origin="x")


def test_a_reverse_proxy_takes_the_place_of_each_host_in_order() -> None:
    before = repository("https://h1:8443/a", "http://h2/b/c")

    (after,) = through_reverse_proxies((before,), REVERSE)

    assert after.urls == (
        "https://p1:3128/a",
        "https://p2:3128/a",
        "http://p1:3128/b/c",
        "http://p2:3128/b/c",
    )
    assert after.sslclientcert == "/c.pem"
    assert network_of(REVERSE).proxy is None


@pytest.mark.parametrize(
    ("url", "after"),
    [
        pytest.param("file:///srv/a", ("file:///srv/a",), id="file"),
        pytest.param("http://h", ("http://p1:3128", "http://p2:3128"), id="no-path"),
        pytest.param("http://me:x@h/a", ("http://me:x@p1:3128/a", "http://me:x@p2:3128/a"), id="credentials"),
        pytest.param("http://h/a@b", ("http://p1:3128/a@b", "http://p2:3128/a@b"), id="at-in-path"),
    ],
)
def test_only_the_host_of_a_url_is_replaced(url: str, after: tuple[str, ...]) -> None:
    assert through_reverse_proxies((repository(url),), REVERSE)[0].urls == after


@pytest.mark.parametrize("proxy", ["", "http://own:8080"])
@pytest.mark.parametrize("options", [REVERSE, FORWARD])
def test_the_proxy_of_a_repository_wins(proxy: str, options: SpmaOptions) -> None:
    before = (repository("http://h/a", proxy=proxy),)

    assert through_reverse_proxies(before, options) == before


def test_a_forward_proxy_is_the_first_host() -> None:
    before = (repository("http://h/a"),)

    assert network_of(FORWARD) == Network(proxy="http://p1:3128")
    assert through_reverse_proxies(before, FORWARD) == before


@pytest.mark.parametrize(
    ("options", "proxy"),
    [
        pytest.param(SpmaOptions(proxyhost=("p",)), "http://p", id="no-port"),
        pytest.param(SpmaOptions(proxyhost=("p:1",), proxyport="2"), "http://p:1", id="own-port"),
        pytest.param(SpmaOptions(proxyhost=("[::1]",), proxyport="2"), "http://[::1]:2", id="ipv6"),
        pytest.param(SpmaOptions(proxyhost=("p",), proxy=False), None, id="switched-off"),
        pytest.param(SpmaOptions(proxyport="2"), None, id="port-without-host"),
        pytest.param(SpmaOptions(proxyhost=("p",), packager="yumng"), None, id="reverse-backend"),
    ],
)
def test_the_general_proxy(options: SpmaOptions, proxy: str | None) -> None:
    assert network_of(options).proxy == proxy


def test_yumng_and_dnf_mean_reverse_proxies_without_saying_so() -> None:
    options = SpmaOptions(proxyhost=("p",), packager="yumng")

    assert through_reverse_proxies((repository("http://h/a"),), options)[0].urls == ("http://p/a",)


def test_proxy_no_switches_reverse_proxies_off() -> None:
    options = SpmaOptions(proxyhost=("p",), proxy=False, proxytype=ProxyType.REVERSE)
    before = (repository("http://h/a"),)

    assert through_reverse_proxies(before, options) == before


def test_retries_and_timeout_come_from_the_main_options() -> None:
    options = SpmaOptions(main_options=MainOptions(retries=0, timeout_s=5))

    assert network_of(options) == Network(retries=0, timeout_s=5)


def test_random_proxies_differ_from_host_to_host_and_stay_from_run_to_run() -> None:
    options = SpmaOptions(proxyhost=("p1", "p2", "p3"), proxyrandom=True)
    orders = {f"node{n}": spread(options, f"node{n}").proxyhost for n in range(50)}
    turns = {("p1", "p2", "p3"), ("p2", "p3", "p1"), ("p3", "p1", "p2")}
    assert set(orders.values()) == turns
    assert orders == {name: spread(options, name).proxyhost for name in orders}


@pytest.mark.parametrize("options", [SpmaOptions(proxyhost=("p1", "p2")), SpmaOptions(proxyrandom=True)])
def test_without_random_proxies_every_host_has_the_written_order(options: SpmaOptions) -> None:
    assert {spread(options, f"node{n}") for n in range(9)} == {options}
