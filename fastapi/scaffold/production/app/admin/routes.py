"""Where the pages are, who gets in, and what their browser may run.

Administrators sign in with their own name and password. The access token that they get is kept in a cookie that no
script reads and no other site sends; it ends as every access token does, and a logout takes it back on every worker.
Forms carry a second token against forgery (CSRF), which starlette-admin checks.
"""

import pathlib
import re
import secrets
from contextvars import ContextVar
from typing import Any

from fastapi import FastAPI
from jinja2.ext import Extension
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette_admin import BaseAdmin
from starlette_admin.auth import AdminUser, AuthProvider
from starlette_admin.contrib.sqla.middleware import DBSessionMiddleware
from starlette_admin.exceptions import LoginFailed
from starlette_admin.helpers import index_url, safe_redirect_url

from app.admin.panel import VIEWS, GetResources
from app.core.config import Settings
from app.core.security import Role
from app.dependencies.auth import authenticate
from app.exceptions.custom_exceptions import AppError, InvalidCredentials, Unauthenticated
from app.services.auth_service import AuthService
from app.utils.client import client_address

BASE = "/admin"
COOKIE = "admin_session"
REFUSED = "The name or the password is wrong, or they are not an administrator's."

POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'self'"
)
_nonce: ContextVar[str] = ContextVar("nonce")


# In the templates of starlette-admin: a font of another site, and handlers in attributes, which no policy can mark.
_UNWANTED = re.compile(r"@import url\([^)]*\);|<link[^>]*https://[^>]*>| on(?:click|change)=\"[^\"]*\"")


class MarkedScripts(Extension):
    """Marks the scripts that templates contain, and no others: what a page shows is put in after this."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return _UNWANTED.sub("", source).replace("<script", '<script nonce="{{ csp_nonce() }}"')


class ContentPolicy:
    """Lets the browser run only scripts that are marked with a number made for this one response."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        nonce = secrets.token_urlsafe(16)
        _nonce.set(nonce)

        async def send_with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers["Content-Security-Policy"] = POLICY.format(nonce=nonce)
            await send(message)

        await self.app(scope, receive, send_with_policy)


class UnitOfWork:
    """A session of the database for each request, committed when the request succeeded."""

    def __init__(self, app: ASGIApp, get_resources: GetResources) -> None:
        self.app = app
        self.get_resources = get_resources

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await DBSessionMiddleware(self.app, self.get_resources().database.engine)(scope, receive, send)


class AdminLogin(AuthProvider):
    """Administrators, and nobody else."""

    def __init__(self, get_resources: GetResources) -> None:
        super().__init__()
        self.get_resources = get_resources

    async def login(
        self, username: str, password: str, remember_me: bool, request: Request
    ) -> Response | None:
        resources = self.get_resources()
        try:
            await resources.limiter.hit("auth", client_address(request.scope, resources.settings.proxies))
            async with resources.database.session() as session:
                service = AuthService(
                    session, resources.codec, resources.hasher, resources.events, resources.audit
                )
                pair = await service.login(username, password)
                principal = await authenticate(resources, pair.access_token)
                if principal.user.role != Role.ADMIN.value:
                    await service.logout(principal.claims)
                    raise LoginFailed(REFUSED)
        except InvalidCredentials:
            raise LoginFailed(REFUSED) from None
        except AppError as error:
            raise LoginFailed(error.detail) from None
        home = index_url(request)
        target = safe_redirect_url(request.query_params.get("next") or home, request, home)
        response = RedirectResponse(target, status_code=303)
        response.set_cookie(
            COOKIE,
            pair.access_token,
            max_age=pair.expires_in,
            path=BASE,
            httponly=True,
            secure=request.url.scheme == "https" or resources.settings.environment.strict,
            samesite="strict",
        )
        return response

    async def authenticate(self, request: Request) -> AdminUser | None:
        token = request.cookies.get(COOKIE)
        if not token:
            return None
        try:
            principal = await authenticate(self.get_resources(), token)
        except Unauthenticated:
            return None
        if principal.user.role != Role.ADMIN.value:
            return None
        request.state.principal = principal
        return AdminUser(principal.user.username)

    async def logout(self, request: Request) -> Response | None:
        resources = self.get_resources()
        async with resources.database.session() as session:
            service = AuthService(
                session, resources.codec, resources.hasher, resources.events, resources.audit
            )
            await service.logout(request.state.principal.claims)
        response = RedirectResponse(index_url(request), status_code=303)
        response.delete_cookie(COOKIE, path=BASE, httponly=True, samesite="strict")
        return response


def add_admin(app: FastAPI, settings: Settings) -> None:
    """Put the pages under ``/admin``.

    Args:
        app: the application; what it works with is read from ``app.state.resources`` for each request.
        settings: the settings, of which the name and the secret are used.
    """

    def get_resources() -> Any:
        return app.state.resources

    admin = BaseAdmin(
        title=settings.app_name,
        base_url=BASE,
        templates_dir=str(
            pathlib.Path(__file__).parent / "templates"
        ),  # none so far; not what is in the working folder
        favicon_url="/static/documentation/swagger-ui/favicon-32x32.png",
        auth_provider=AdminLogin(get_resources),
        secret_key=settings.secret_key.get_secret_value(),
        middlewares=[Middleware(UnitOfWork, get_resources=get_resources)],
    )
    admin.middlewares.insert(0, Middleware(ContentPolicy))
    admin.templates.env.add_extension(MarkedScripts)
    admin.templates.env.globals["csp_nonce"] = _nonce.get
    for view in VIEWS:
        admin.add_view(view(get_resources))
    admin.mount_to(app)
