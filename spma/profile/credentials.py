"""Credentials in what a profile says: what is printed ends up in logs and tickets."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from spma.profile.options import SpmaOptions
from yumbridge.desired.repository import Repository
from yumbridge.plan.document import masked, masked_options

HIDDEN: Final = "***"
"""What stands in place of a password."""
_PASSWORD: Final = "password"  # noqa: S105 - the end of the names of such options


def repository_without_credentials(repository: Repository) -> Repository:
    """Return `repository` as it may be shown."""
    return replace(
        repository,
        urls=tuple(map(masked, repository.urls)),
        gpgkeys=tuple(map(masked, repository.gpgkeys)),
        gpgcakey=repository.gpgcakey and masked(repository.gpgcakey),
        proxy=repository.proxy and masked(repository.proxy),
    )


def options_without_credentials(options: SpmaOptions) -> SpmaOptions:
    """Return `options` as they may be shown: the text of dnf.conf has whatever somebody put there."""
    main = options.main_options
    return replace(
        options,
        main_options=replace(main, proxy=main.proxy and masked(main.proxy)),
        yumconf=options.yumconf and masked_options(options.yumconf),
        dnfconf=options.dnfconf and masked_options(options.dnfconf),
    )


def text_without_credentials(name: str, text: str) -> str:
    """Return the text of the option `name` as it may be shown.

    >>> text_without_credentials("proxy", "http://a:b@host"), text_without_credentials("proxy_password", "b")
    ('http://***@host', '***')
    """
    return HIDDEN if name.endswith(_PASSWORD) else masked(text)
