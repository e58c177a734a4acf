"""Starlette's application for files in a directory."""

from starlette.staticfiles import StaticFiles as StaticFiles
