"""Starlette's Jinja templates."""

from starlette.templating import Jinja2Templates as Jinja2Templates
