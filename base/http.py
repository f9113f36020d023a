"""A client for servers of others, as the environment wants it.

In: an address, options of ``httpx.Client``. Out: a client that follows redirections and has proxy
(HTTPS_PROXY, ALL_PROXY, NO_PROXY, the system's), certificates (REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE,
SSL_CERT_FILE) and password (NETRC, ~/.netrc) from where pip has them; httpx by itself knows half of
it and fails where NO_PROXY names ``[::1]``. What can fail: what cannot be used; UsageError.
"""

from __future__ import annotations

import os
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from base.errors import UsageError

if TYPE_CHECKING:
    import httpx

_CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")


def client_for(address: str, **options: Any) -> httpx.Client:
    """A client for ``address``; closing it closes its connections."""
    from urllib.request import getproxies, proxy_bypass

    import httpx

    try:
        place = urlsplit(address)
        proxies = {} if proxy_bypass(place.netloc.rpartition("@")[2]) else getproxies()
        proxy = proxies.get(place.scheme) or proxies.get("all")
        options["proxy"] = proxy if not proxy or "://" in proxy else f"http://{proxy}"
        options["auth"] = _password(place.hostname or "")
        if trusted := next(filter(None, map(os.environ.get, _CERTIFICATES)), None):
            kind = {"capath" if Path(trusted).is_dir() else "cafile": trusted}
            options["verify"] = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, **kind)
        return httpx.Client(follow_redirects=True, trust_env=False, **options)
    # An ImportError: SOCKS needs another package.
    except (OSError, ValueError, ImportError, httpx.InvalidURL) as error:
        raise UsageError(
            f"No request can be made ({type(error).__name__}); mend the address, or the proxy or "
            f"certificates of the environment (HTTPS_PROXY, ALL_PROXY, {', '.join(_CERTIFICATES)})."
        ) from error


def _password(host: str) -> tuple[str, str] | None:
    import netrc

    try:
        file = Path(os.environ.get("NETRC") or "~/.netrc").expanduser()
        login, account, password = netrc.netrc(str(file)).authenticators(host) or ("",) * 3
    # A RuntimeError: nobody's home.
    except (OSError, RuntimeError, netrc.NetrcParseError):
        return None
    return (login or account or "", password or "") if login or password else None


def cause(error: BaseException | None) -> str:
    """The operating system's own words, which the libraries wrap several times."""
    kind = type(error).__name__
    while error is not None:
        if isinstance(error, OSError) and (error.strerror or isinstance(error, TimeoutError)):
            return error.strerror or "timed out"
        error = error.__cause__ or error.__context__
    return kind
