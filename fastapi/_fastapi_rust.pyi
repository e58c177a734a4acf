"""Typed signatures of the Rust extension; stubtest checks them against the build."""

__version__: str
