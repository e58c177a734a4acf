#!/bin/sh
# Checks every file that deploys the service, without the network: sh deployment/check.sh
# TOOLS names the environment with the tools; they are installed into it where they are missing.
set -eu
cd "$(dirname "$0")/.."
tools=${TOOLS:-.cache/deployment}

if ! cmp -s deployment/requirements.txt "$tools/installed.txt"; then
    test -x "$tools/bin/python" || "${PYTHON:-python3}" -m venv "$tools"
    "$tools/bin/python" -m pip install --quiet --disable-pip-version-check --requirement deployment/requirements.txt
    cp deployment/requirements.txt "$tools/installed.txt"
fi

checked=0
check() {
    printf '%s\n' "--- $1"
    shift
    "$@"
    checked=$((checked + 1))
}

check "Dockerfile" "$tools/bin/hadolint" Dockerfile
check "compose" "$tools/bin/check-jsonschema" --builtin-schema vendor.compose-spec \
    docker-compose.yml deployment/docker/docker-compose.yml
check "Kubernetes" "$tools/bin/kubernetes-validate" --quiet --strict --kubernetes-version 1.37.0 deployment/kubernetes/*.yaml
check "CloudFormation" "$tools/bin/cfn-lint" deployment/aws/cloudformation-template.yaml
check "workflows, form" "$tools/bin/check-jsonschema" --builtin-schema vendor.github-workflows .github/workflows/*.yml
check "workflows, time limits" "$tools/bin/check-jsonschema" --builtin-schema custom.github-workflows-require-timeout \
    .github/workflows/*.yml
check "workflows, security" "$tools/bin/zizmor" --offline --quiet --persona pedantic .github
check "Terraform, syntax and references" "$tools/bin/python" deployment/terraform/check.py
if command -v terraform >/dev/null; then
    check "Terraform, format" terraform -chdir=deployment/terraform fmt -check
    # The providers come from a registry; where that is out of reach, the two checks above stand alone.
    if terraform -chdir=deployment/terraform init -backend=false -input=false >/dev/null 2>&1; then
        check "Terraform" terraform -chdir=deployment/terraform validate
    fi
fi
printf '%s\n' "$checked checks passed"
