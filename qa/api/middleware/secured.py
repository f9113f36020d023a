"""All that guards an application, in the one right order.

In: an application, who may use it, settings. Out: an application to serve in its place. What can
fail: a setting that is no list of names or origins, an exporter of traces that is not there
(UsageError, at the start).

From the outside in, and why there:

0. addresses that named proxies forward: whatever follows sees the client's;
1. headers and request id: no answer leaves without them, a refusal or a failure neither;
2. observation: sees every request, also those that are refused, and what nobody caught;
3. malformed heads: before anything looks at them;
4. names and origins: before a key is looked at, and so that refusals reach allowed scripts;
5. authentication: before anything is read or counted;
6. limits of the caller: they need to know who it is;
7. bodies: read only for those who may send them.
"""

from __future__ import annotations

import ipaddress

from starlette.types import ASGIApp
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from base.errors import UsageError
from base.settings import Settings
from qa.api.metrics import Metrics
from qa.api.middleware.access import Authentication
from qa.api.middleware.bodies import Bodies
from qa.api.middleware.headers import AnswerHeaders
from qa.api.middleware.limits import Limits
from qa.api.middleware.malformed import Malformed
from qa.api.middleware.observe import Observe
from qa.api.middleware.origins import Origins
from qa.api.middleware.tracing import tracing
from qa.api.storage.keys import Access


def secure(
    app: ASGIApp, access: Access, settings: Settings, metrics: Metrics | None = None
) -> ASGIApp:
    """``app`` behind everything that guards it; ``metrics`` counts its requests."""
    guarded: ASGIApp = Bodies(app, settings)
    guarded = Limits(guarded, settings)
    guarded = Authentication(guarded, access)
    guarded = Origins(guarded, settings, loopback=access.loopback)
    guarded = Malformed(guarded, settings)
    guarded = Observe(guarded, metrics or Metrics(), tracing())
    guarded = AnswerHeaders(guarded)
    proxies = trusted_proxies(settings)
    return ProxyHeadersMiddleware(guarded, proxies) if proxies else guarded  # type: ignore[arg-type, return-value]


def trusted_proxies(settings: Settings) -> list[str]:
    """The addresses and networks that may say whom they forward; UsageError for what is none."""
    names = [name.strip() for name in settings.trusted_proxies.split(",") if name.strip()]
    for name in names:
        try:
            ipaddress.ip_network(name, strict=False)
        except ValueError:
            raise UsageError(
                f"Setting BELEGT_TRUSTED_PROXIES has the value '{settings.trusted_proxies}': "
                f"'{name}' is no address and no network."
            ) from None
    return names
