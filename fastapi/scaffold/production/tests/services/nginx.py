"""nginx, before several servers of the application."""

from collections.abc import Sequence

from tests.services.service import HOST, Service, find

_CONFIGURATION = """
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log stderr;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    map $http_upgrade $connection_header {{ default upgrade; '' ''; }}
    upstream application {{
        {servers}
        keepalive 16;
    }}
    server {{
        listen {host}:{port};
        client_max_body_size 32m;
        location / {{
            proxy_pass http://application;
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_header;
            proxy_buffering off;
            proxy_request_buffering off;
        }}
    }}
}}
"""


class Nginx(Service):
    """A proxy that hands requests to servers in turn, WebSockets and streams included.

    Args:
        ports: where on the loopback interface the servers listen.
    """

    user = "www-data"

    def __init__(self, ports: Sequence[int]) -> None:
        self._ports = ports
        super().__init__()

    def prepare(self) -> None:
        servers = "\n        ".join(f"server {HOST}:{port} max_fails=0;" for port in self._ports)
        (self.folder / "nginx.conf").write_text(
            _CONFIGURATION.format(folder=self.folder, servers=servers, host=HOST, port=self.port)
        )

    def command(self) -> list[str]:
        return [find("nginx"), "-e", "stderr", "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")]

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"
