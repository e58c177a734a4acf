"""Certificates made for a test run: an authority, a server and a client."""

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificates")
PASSWORD = "open sesame"


class Certificates:
    """Files in a directory.

    Attributes:
        authority: the certificate of who signs.
        chain: the server's, for localhost and 127.0.0.1.
        key: its key.
        client: a client's certificate and key in one file.
        stranger: the same, signed by nobody that is known.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.authority, self.chain, self.key = (
            directory / name for name in ("authority.pem", "server.pem", "server-key.pem")
        )
        self.client, self.stranger = directory / "client-both.pem", directory / "stranger-both.pem"
        self._certificate("authority", ["-addext", "keyUsage=critical,keyCertSign"])
        signed = ["-CA", "authority.pem", "-CAkey", "authority-key.pem", *_END]
        names = "subjectAltName=DNS:localhost,IP:127.0.0.1"
        self._certificate("server", [*signed, "-addext", names])
        for name, more in (("client", signed), ("stranger", _END)):
            self._certificate(name, more)
            text = (directory / f"{name}.pem").read_bytes() + (directory / f"{name}-key.pem").read_bytes()
            (directory / f"{name}-both.pem").write_bytes(text)

    def rewritten(self, name: str, *how: str) -> Path:
        """The server's key in another form of ``openssl pkey``."""
        self._openssl("pkey", "-in", str(self.key), "-out", name, *how)
        return self.directory / name

    def trusting(self, identity: Path | None = None) -> ssl.SSLContext:
        """What a client needs that trusts the authority, and shows a certificate of its own."""
        context = ssl.create_default_context(cafile=str(self.authority))
        context.set_alpn_protocols(["h2", "http/1.1"])
        if identity is not None:
            context.load_cert_chain(identity)
        return context

    def _certificate(self, name: str, more: list[str]) -> None:
        kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        files = ["-keyout", f"{name}-key.pem", "-out", f"{name}.pem"]
        self._openssl("req", "-x509", *kind, "-days", "2", "-subj", f"/CN={name}", *files, *more)

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self.directory, check=True, capture_output=True)


_END = ["-addext", "basicConstraints=critical,CA:FALSE"]


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Certificates that the tests of a session share."""
    return Certificates(tmp_path_factory.mktemp("certificates"))
