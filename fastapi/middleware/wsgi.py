"""WSGI applications under ASGI."""

from starlette.middleware.wsgi import WSGIMiddleware as WSGIMiddleware
