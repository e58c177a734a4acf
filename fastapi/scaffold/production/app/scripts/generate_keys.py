"""Write a new RSA key, which signs from now on: ``python app/scripts/generate_keys.py [--keep N]``."""

import argparse
import pathlib
import sys

if not __package__:  # run by its path, of which only its own folder is searched
    sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))

from app.core.config import get_settings
from app.core.keys import RSA_BITS, retire_rsa_keys, write_rsa_key


def main(arguments: list[str] | None = None) -> None:
    """Read the command line and write the key."""
    parser = argparse.ArgumentParser(description="Write a new RSA key; it signs tokens from now on.")
    parser.add_argument("--directory", type=pathlib.Path, help="where keys are (KEYS_DIRECTORY)")
    parser.add_argument("--bits", type=int, default=RSA_BITS, choices=(2048, 3072, 4096))
    parser.add_argument(
        "--keep", type=int, metavar="N", help="remove all but the N newest, once their last tokens have ended"
    )
    options = parser.parse_args(arguments)
    if options.keep is not None and options.keep < 1:
        parser.error("--keep must leave at least 1 key")
    directory = options.directory or get_settings().keys_directory
    print(f"wrote {write_rsa_key(directory, options.bits)}")
    if options.keep is not None:
        for path in retire_rsa_keys(directory, options.keep):
            print(f"removed {path}")


if __name__ == "__main__":
    main()
