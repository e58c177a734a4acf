"""The servers, for people and for programs; the browser is installed with them.

``python -m tests.services`` starts them and prints their addresses; Ctrl-C ends them and removes their data.
``python -m tests.services -- COMMAND`` runs a command with the addresses in its environment, and ends with its status.
``python -m tests.services install`` installs them from Debian's packages.
"""

import argparse
import contextlib
import os
import pathlib
import signal
import subprocess
import sys

from tests.services import Missing, PostgreSQL, RabbitMQ, Redis, Service
from tests.services.service import find

PACKAGES = {
    "postgresql": ("initdb", "/usr/lib/postgresql/*/bin"),
    "redis-server": ("redis-server",),
    "rabbitmq-server": ("rabbitmq-server", "/usr/lib/rabbitmq/bin"),
    "nats-server": ("nats-server",),
    "nginx-light": ("nginx",),
    "chromium": ("chromium",),
}
SERVICES: dict[str, type[Service]] = {
    "DATABASE_URL": PostgreSQL,
    "REDIS_URL": Redis,
    "BROKER_URL": RabbitMQ,
}


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def install() -> int:
    """Install the packages that are missing, without starting what they bring; cheap when there is nothing to do."""
    missing = []
    for package, program in PACKAGES.items():
        try:
            find(*program)
        except Missing:
            missing.append(package)
    if not missing:
        return 0
    if os.geteuid() != 0:
        _say(f"As root: apt-get install {' '.join(missing)}")
        return 1
    # Debian's scripts start no service in a "single user" machine.
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    for command in (["update", "-qq"], ["install", "--yes", "-qq", "--no-install-recommends", *missing]):
        done = subprocess.run([find("apt-get"), *command], env=environment, stdout=sys.stderr)
        if done.returncode:
            return done.returncode
    return 0


def serve(file: pathlib.Path | None, command: list[str]) -> int:
    """Start the servers; run the command, or wait for Ctrl-C; end the servers."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.ExitStack() as stack:
        addresses = {name: stack.enter_context(service()).url for name, service in SERVICES.items()}
        if file is not None:
            file.write_text("".join(f"{name}={url}\n" for name, url in addresses.items()), encoding="utf-8")
            stack.callback(file.unlink, missing_ok=True)
        if command:
            return subprocess.run(command, env={**os.environ, **addresses}).returncode
        _say("# Ctrl-C ends the servers and removes their data.")
        for name, url in addresses.items():
            _say(f"export {name}={url}")
        while True:
            signal.pause()


def main(arguments: list[str] | None = None) -> int:
    """Do what the arguments say; the status for the shell."""
    parser = argparse.ArgumentParser(prog="python -m tests.services", description=__doc__)
    parser.add_argument(
        "--env", type=pathlib.Path, help="write the addresses to this file while they are good"
    )
    parser.add_argument("command", nargs="*", help="install, or a command after --")
    options = parser.parse_args(arguments)
    if options.command == ["install"]:
        return install()
    try:
        return serve(options.env, options.command)
    except KeyboardInterrupt:
        return 0
    except Missing as error:
        _say(str(error))
        return 1


if __name__ == "__main__":
    sys.exit(main())
