#!/usr/bin/env bash
# Brings a fresh clone to where `make run` and `make test` work, on Debian and Ubuntu.
# Quick and quiet when everything is there. With --run-only: without what only tests need.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

RUN_ONLY=no
if [ "${1:-}" = --run-only ]; then RUN_ONLY=yes; fi
STAMP=.venv/.doclink-stamp

say() { printf '%s\n' "$*" >&2; }

die() {
    say "$*"
    exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif [ -t 0 ]; then
        sudo "$@"
    else
        sudo -n "$@" # nobody is there to type a password
    fi
}

# Python 3.11 or newer; with "venv": one that can also make virtual environments.
find_python() {
    local candidate check='import sys; sys.exit(sys.version_info < (3, 11))'
    if [ "${1:-}" = venv ]; then check="import ensurepip, venv; $check"; fi
    for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
        if has "$candidate" && "$candidate" -c "$check" 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    return 1
}

has_broker() {
    has rabbitmq-server || [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || [ -x /usr/sbin/rabbitmq-server ]
}

# Then `make run` has no need of a RabbitMQ on the machine itself.
has_other_broker() {
    [ -n "${DOCLINK_AMQP_URL:-}" ] || { has docker && timeout 5 docker info >/dev/null 2>&1; }
}

missing_packages() {
    has make || echo make
    if ! find_python venv >/dev/null; then
        local python
        if python=$(find_python); then
            echo "$(basename "$python")-venv"
        else
            echo python3-venv
        fi
    fi
    if ! has_broker && ! { [ "$RUN_ONLY" = yes ] && has_other_broker; }; then
        echo rabbitmq-server
    fi
    if [ "$RUN_ONLY" = no ]; then
        has node || echo nodejs
        has npm || echo npm
        has redis-server || echo redis-server # for the shared rate limit's test
    fi
}

# Debian starts a system-wide broker as soon as it is installed. Nobody has asked for that one.
keep_services_from_starting() {
    local policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        trap "as_root rm -f $policy" EXIT
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
    fi
}

apt() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@"
}

install_packages() {
    local packages=("$@") log
    local advice="Please install: ${packages[*]}"
    has apt-get || die "$advice"
    if [ "$(id -u)" != 0 ] && ! has sudo; then
        die "$advice (as root: apt-get install --no-install-recommends ${packages[*]})"
    fi
    say "Installing ${packages[*]} ..."
    log=$(mktemp)
    keep_services_from_starting
    apt update >"$log" 2>&1 || true # one broken source need not matter: the next line decides
    if ! apt install -y --no-install-recommends "${packages[@]}" >>"$log" 2>&1; then
        tail -n 20 "$log" >&2
        rm -f "$log"
        die "$advice"
    fi
    rm -f "$log"
    if [[ " ${packages[*]} " == *" rabbitmq-server "* ]] && [ -d /run/systemd/system ]; then
        as_root systemctl disable --now rabbitmq-server >/dev/null 2>&1 || true # nor at the next boot
    fi
}

stamp() {
    sha256sum requirements.lock pyproject.toml
    pwd # a virtual environment does not survive a move
}

install_python_packages() {
    if [ "$(cat "$STAMP" 2>/dev/null)" = "$(stamp)" ] && .venv/bin/python -c '' 2>/dev/null; then
        return
    fi
    local python
    python=$(find_python venv) || die "Please install Python 3.11 or newer, with venv."
    say "Installing Python packages into .venv ..."
    if ! .venv/bin/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        "$python" -m venv --clear .venv
    fi
    rm -f "$STAMP"
    local pip=(.venv/bin/python -m pip install --quiet --disable-pip-version-check)
    "${pip[@]}" --require-hashes -r requirements.lock
    "${pip[@]}" --no-deps --no-build-isolation -e .
    stamp >"$STAMP"
}

mapfile -t packages < <(missing_packages)
if [ "${#packages[@]}" -gt 0 ]; then install_packages "${packages[@]}"; fi
install_python_packages
