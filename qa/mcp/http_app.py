"""The MCP server over HTTP, behind what guards ``belegt serve``.

In: the tools, who may use them, settings. Out: an application at ``/mcp``. What can fail: the SDK
is not installed (UsageError). Without a key only this machine is served, and nobody once there are
keys; names, origins, sizes and times are bounded as everywhere else.
"""

from __future__ import annotations

from starlette.types import ASGIApp

from base.settings import Settings
from qa.api.middleware.secured import secure
from qa.api.storage.keys import Access
from qa.mcp.corpus_tools import CorpusTools
from qa.mcp.server import mcp_server


def http_app(tools: CorpusTools, access: Access, settings: Settings) -> ASGIApp:
    """The application; hosts and origins are checked by what is around the SDK's own."""
    server = mcp_server(tools)
    from mcp.server.transport_security import TransportSecuritySettings

    app = server.streamable_http_app(
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False)
    )
    return secure(app, access, settings)
