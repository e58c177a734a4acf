"""Starlette's client for tests, which calls an application without a network."""

from starlette.testclient import TestClient as TestClient
