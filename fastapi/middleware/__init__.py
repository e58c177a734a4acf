"""Starlette's middleware, and what this package puts around every application."""

from starlette.middleware import Middleware as Middleware
