"""From a configuration to a server that runs: in this process, in workers, reloading, or uvicorn's."""

import signal
from dataclasses import fields

from fastapi.params import schema_file
from fastapi.server import sockets
from fastapi.server.config import Config, ConfigError
from fastapi.server.encryption import tls_config
from fastapi.server.logging import configure
from fastapi.server.reload import Reloader
from fastapi.server.schema_watch import watched_schema
from fastapi.server.server import STARTUP_FAILURE, Server, unavailable
from fastapi.server.supervisor import Supervisor

_NATIVE_ONLY = {
    "server",
    "limit_head_bytes",
    "limit_header_count",
    "limit_body_bytes",
    "limit_body_rate",
    "timeout_head",
    "timeout_write",
    "watch_params",
}


def run(config: Config) -> int:
    """Serves until stopped.

    Returns:
        The exit status: 0, or 3 where the application did not start.

    Raises:
        ConfigError: the configuration cannot be followed; the text names the flag.
    """
    reason = unavailable(config)
    if config.server == "uvicorn":
        return run_uvicorn(config)
    if reason is not None:
        if config.server == "native":
            raise ConfigError(f"--server native: {reason}. Take --server uvicorn.")
        return run_uvicorn(config)
    # Each worker reads the files again; what is wrong with them is said once, here.
    tls_config(config)
    configure(config)
    with sockets.bound(config) as listeners:
        if config.reload:
            return Reloader(config, listeners).run()
        if config.processes > 1:
            return Supervisor(config, listeners).run()
        server = Server(config)
        server.run(listeners)
    # Who waits for this process shall see that it ended by a signal, as with uvicorn.
    try:
        for number in reversed(server.signals):
            signal.raise_signal(number)
    except KeyboardInterrupt:
        pass
    return 0 if server.started else STARTUP_FAILURE


def run_uvicorn(config: Config) -> int:
    """Hands a configuration over to uvicorn.

    Raises:
        ConfigError: uvicorn is not installed.
    """
    try:
        import uvicorn
    except ImportError:
        raise ConfigError("--server uvicorn: is not installed. pip install 'uvicorn[standard]'.") from None
    given = {entry.name: getattr(config, entry.name) for entry in fields(config)}
    options = {
        name: value
        for name, value in given.items()
        # Where nothing was said, uvicorn's own default holds.
        if name not in _NATIVE_ONLY and value is not None and value != []
    }
    options["timeout_keep_alive"] = int(config.timeout_keep_alive)
    if config.watch_params and config.reload:
        # A process that reloads follows the file by starting anew.
        options["reload_includes"] = ["*.py", *schema_file.NAMES, *config.reload_includes]
    try:
        with watched_schema(config):
            uvicorn.run(**options)
    except SystemExit as leaving:
        return int(leaving.code or 0)
    return 0
