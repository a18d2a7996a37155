"""The canonical profile of a desired state: one way to write what a state means, to read it back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from spma.profile.escape import escape
from spma.profile.groups import is_group
from spma.profile.tree import Tree
from yumbridge.desired.configuration import DnfConfiguration, PluginFile
from yumbridge.desired.ini import rendered_options
from yumbridge.desired.policy import Policy
from yumbridge.desired.repository import Repository
from yumbridge.desired.spec import Spec
from yumbridge.desired.state import DesiredState, ModuleStream, Network

_FORWARD_SCHEME: Final = "http://"
_MAIN: Final = "main"
_SUFFIX: Final = ".conf"


def canonical_profile(state: DesiredState) -> dict[str, Tree]:
    """Return a whole profile that means `state`: only /software, and only what ncm-spma has words for.

    What a policy says beyond those words (`protected`, `unwanted` and the like) comes from the host's configuration,
    and origins are those of the new profile. Values that are the schema's defaults are left out.
    """
    software: dict[str, Tree] = {
        "components": {"spma": _options(state)},
        "packages": _packages(tuple(spec for spec in state.specs if not is_group(spec))),
        "repositories": [_repository(repository) for repository in state.repositories],
    }
    if groups := [spec for spec in state.specs if is_group(spec)]:
        software["groups"] = {escape(spec.name[1:]): _group(spec) for spec in groups}
    if state.modules:
        software["modules"] = {escape(module.name): _module(module) for module in state.modules}
    return {"software": software}


def _packages(specs: tuple[Spec, ...]) -> dict[str, Tree]:
    forms: dict[str, dict[str, dict[str, Tree]]] = {}
    for spec in specs:
        arches = forms.setdefault(escape(spec.name), {}).setdefault(escape(spec.evr or ""), {})
        arches[spec.arch or "_"] = spec.repo_id or ""
    return {name: _versions(versions) for name, versions in forms.items()}


def _versions(versions: Mapping[str, Mapping[str, Tree]]) -> Tree:
    """Return the shortest form: {} for any version, no arch where there is none to say."""
    if versions == {"_": {"_": ""}}:
        return {}
    return {
        version: {} if arches == {"_": ""} and version != "_" else {"arch": dict(arches)}
        for version, arches in versions.items()
    }


def _repository(repository: Repository) -> dict[str, Tree]:
    tls: dict[str, Tree] = {
        "cacert": repository.sslcacert,
        "clientcert": repository.sslclientcert,
        "clientkey": repository.sslclientkey,
        "verify": None if repository.sslverify else False,
    }
    return _said(
        {
            "name": repository.repo_id,
            "protocols": [_said({"name": url.partition(":")[0], "url": url, **tls}) for url in repository.urls],
            "enabled": repository.enabled,
            "priority": repository.priority,
            "gpgcheck": repository.gpgcheck,
            "repo_gpgcheck": repository.repo_gpgcheck,
            "gpgkey": list(repository.gpgkeys),
            "gpgcakey": repository.gpgcakey,
            "excludepkgs": list(repository.excludepkgs),
            "includepkgs": list(repository.includepkgs),
            "proxy": repository.proxy,
            "skip_if_unavailable": repository.skip_if_unavailable,
            "module_hotfixes": repository.module_hotfixes,
        }
    )


def _group(spec: Spec) -> dict[str, Tree]:
    return {kind: kind in spec.member_types for kind in ("mandatory", "default", "optional")}


def _module(module: ModuleStream) -> dict[str, Tree]:
    return _said({"enable": module.enabled, "stream": module.stream})


def _options(state: DesiredState) -> dict[str, Tree]:
    options = {**_options_of_plans(state.policy, state.network), **_options_of_files(state.configuration)}
    proxy = state.network.proxy
    if proxy is not None and ("proxy", proxy) not in state.configuration.main:
        options |= {"proxyhost": proxy.removeprefix(_FORWARD_SCHEME), "proxytype": "forward"}
    return options


def _options_of_plans(policy: Policy, network: Network) -> dict[str, Tree]:
    return _said(
        {
            "userpkgs": "yes" if policy.keep_user_packages else "no",
            "process_obsoletes": policy.obsoleters_meet_names,
            "whitelist": list(policy.whitelist),
            "filter": policy.filter,
            "main_options": _said(
                {
                    "best": policy.require_best,
                    "exclude": list(policy.excludes),
                    "installonly_limit": policy.installonly_limit,
                    "retries": network.retries,
                    "timeout": network.timeout_s,
                    "keepcache": network.keepcache or None,
                }
            ),
        }
    )


def _options_of_files(configuration: DnfConfiguration) -> dict[str, Tree]:
    """Return the options of a profile that mean `configuration`, none where nothing is managed."""
    if not configuration.manage:
        return {}
    options: dict[str, Tree] = {
        "dnfconf": rendered_options(configuration.main),
        "plugins": {plugin.name.removesuffix(_SUFFIX): _fields(plugin) for plugin in configuration.plugins},
        "repository_cleanup": configuration.clean_repositories,
        "reposdirs": list(configuration.reposdirs),
    }
    if configuration.manage_modules:
        options["modules"] = True
    if stamp := configuration.stamp:
        options |= {"quattor_os_file": stamp.path, "quattor_os_release": stamp.text}
    return options


def _fields(plugin: PluginFile) -> dict[str, Tree]:
    lists = {"exclude", "include_only"}
    return {
        key: [value] if key in lists else value
        for section, options in plugin.sections
        if section == _MAIN
        for key, value in options
    }


def _said(fields: dict[str, Tree]) -> dict[str, Tree]:
    return {key: value for key, value in fields.items() if value is not None and value != []}
