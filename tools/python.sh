#!/bin/sh
# Runs Python in .venv with the given locks installed, which it makes and installs first if need be:
#   sh tools/python.sh requirements.txt [more locks] -- -m tools.build …
# PYTHON names the Python that .venv is made with; else it is the newest one that is fit for it.
set -u

fit='import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))'
root=.venv

report() { printf '%s\n' "$@" >&2; }

# A name on PATH is not enough: version managers leave some that only fail, and Debian cuts venv out.
is_fit() { "$1" -c "$fit" >/dev/null 2>&1; }

version_of() { "$1" -c 'import sys; print(sys.version)' 2>/dev/null; }

how_to_install() {
    if command -v apt-get >/dev/null 2>&1; then
        sudo=sudo
        [ "$(id -u)" -ne 0 ] || sudo=
        report "Install it, then run the same command again:" "    ${sudo:+$sudo }apt-get install python3-venv"
    else
        report "Install it from https://www.python.org/downloads/ and run the same command again."
    fi
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        is_fit "$PYTHON" && printf '%s\n' "$PYTHON" && return
        report "PYTHON=$PYTHON is not Python 3.11 or later with venv: name another, or leave PYTHON out."
        return 1
    fi
    for name in python3.14 python3.13 python3.12 python3.11 python3 python; do
        is_fit "$name" && printf '%s\n' "$name" && return
    done
    report "The site needs Python 3.11 or later with venv, and none was found here."
    how_to_install
    return 1
}

# Where Python is inside .venv differs on Windows.
venv_python() { [ -e $root/Scripts ] && echo $root/Scripts/python || echo $root/bin/python; }

# `import pip` also fails after an upgrade of the system's Python has orphaned what was installed.
is_healthy() {
    python=$(venv_python)
    "$python" -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || return 1
    [ -z "${PYTHON:-}" ] || [ "$(version_of "$PYTHON")" = "$(version_of "$python")" ]
}

make_venv() {
    base=$(find_python) || exit 1
    report "Making $root with $("$base" --version) ($base)"
    rm -rf $root
    trap 'rm -rf $root; exit 130' HUP INT TERM
    if ! said=$("$base" -m venv $root 2>&1); then
        rm -rf $root
        report "$said" "" "$base cannot make a virtual environment with pip; half-made $root was removed."
        how_to_install
        exit 1
    fi
    trap - HUP INT TERM
    python=$(venv_python)
}

is_installed() { cmp -s "$1" "$root/installed/$1"; }

pip_install() {
    PIP_USER=0 "$python" -m pip install -qq --no-input --disable-pip-version-check \
        --require-hashes --no-deps --no-build-isolation -r "$1"
}

# What is published as source only is built with the setuptools of the same lock, not with any other.
install_builder() {
    sed -n '/^setuptools==/,/[^\\]$/p' "$1" >$root/builder.txt
    [ ! -s $root/builder.txt ] || pip_install $root/builder.txt
}

install() {
    report "Installing $1"
    rm -f "$root/installed/$1"
    { install_builder "$1" && pip_install "$1"; } || {
        report "" "$1 could not be installed: pip says why above. If it could not reach the package index," \
            "fix the connection (or the proxy) and run the same command again: it continues from here."
        exit 1
    }
    mkdir -p $root/installed && cp "$1" "$root/installed/$1"
}

is_healthy || make_venv
while [ "$1" != -- ]; do
    is_installed "$1" || install "$1"
    shift
done
shift
exec "$python" "$@"
