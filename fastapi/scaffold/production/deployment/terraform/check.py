"""Terraform without Terraform: every file parses, and every name that is used is declared, and the other way round.

``terraform validate`` says more, but needs its providers from a registry.
"""

import pathlib
import re
import sys

import tfparse

DECLARED = {
    "var": r'^variable "(\w+)"',
    "resource": r'^resource "(\w+)" "(\w+)"',
    "local": r"^  (\w+) += ",
}
USED = {
    "var": r"\bvar\.(\w+)",
    "local": r"\blocal\.(\w+)",
}


def main(folder: pathlib.Path) -> list[str]:
    """What is wrong, one line each."""
    try:
        tfparse.load_from_path(str(folder))
    except tfparse.ParseError as error:
        return [str(error)]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.tf")))
    code = re.sub(r"(?m)^\s*#.*$", "", text)
    locals_ = "\n".join(re.findall(r"(?ms)^locals \{\n(.*?)^\}", code))
    declared = {
        "var": set(re.findall(DECLARED["var"], code, re.M)),
        "local": set(re.findall(DECLARED["local"], locals_, re.M)),
    }
    wrong = []
    for kind, pattern in USED.items():
        used = set(re.findall(pattern, code))
        wrong += [f"{kind}.{name} is not declared" for name in sorted(used - declared[kind])]
        wrong += [f"{kind}.{name} is never used" for name in sorted(declared[kind] - used)]
    resources = set(re.findall(DECLARED["resource"], code, re.M))
    types = "|".join(sorted({kind for kind, _ in resources}))
    for used_resource in sorted(set(re.findall(rf"\b({types})\.(\w+)", code)) - resources):
        wrong.append(f"{'.'.join(used_resource)} is not declared")
    return wrong


if __name__ == "__main__":
    found = main(pathlib.Path(__file__).parent)
    sys.stderr.write("".join(f"{line}\n" for line in found))
    sys.exit(bool(found))
