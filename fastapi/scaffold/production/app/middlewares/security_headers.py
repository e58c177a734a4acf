"""The headers that make browsers careful, on every response (OWASP Secure Headers)."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.middlewares.headers import set_headers

API_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
PAGE_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; worker-src 'self' blob:; connect-src 'self'; object-src 'none'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
ALWAYS = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
]
TRANSPORT = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")


class SecurityHeadersMiddleware:
    """Adds the headers. Pages (under ``pages``) may load what this service serves; answers of the API load nothing.

    Browsers are told to come over TLS only (RFC 6797) where they did, and always with ``transport_security``: where
    TLS ends at a proxy, requests of browsers that came over it look like others.
    """

    def __init__(self, app: ASGIApp, pages: tuple[str, ...], transport_security: bool) -> None:
        self.app = app
        self.pages = pages
        self.transport_security = transport_security

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return

        async def send_secured(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                set_headers(message, self._headers(scope, message))
            await send(message)

        await self.app(scope, receive, send_secured)

    def _headers(self, scope: Scope, message: Message) -> list[tuple[bytes, bytes]]:
        headers = list(ALWAYS)
        if self.transport_security or scope["scheme"] in ("https", "wss"):
            headers.append(TRANSPORT)
        given = {name for name, _ in message.get("headers", ())}
        if b"content-security-policy" not in given:
            policy = PAGE_POLICY if scope["path"].startswith(self.pages) else API_POLICY
            headers.append((b"content-security-policy", policy.encode()))
        if b"cache-control" not in given:
            headers.append((b"cache-control", b"no-store"))
        return headers
