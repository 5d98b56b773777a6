#!/bin/sh
# Makes a Debian 12 machine ready for `make test`: packages that are missing, and a
# Python environment in .build/venv. Does nothing, quickly, when all is there already.
set -eu

tests=$(cd "$(dirname "$0")" && pwd)
venv=$tests/../.build/venv
requirements=$tests/requirements.txt
stamp=$venv/requirements.sha256

fail() {
    echo "bootstrap: $1" >&2
    exit 1
}

installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Installs those of the named packages that are missing.
need() {
    missing=
    for package in "$@"; do
        installed "$package" || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0

    as_root=
    if [ "$(id -u)" != 0 ]; then
        as_root='sudo -n'
        sudo -n true 2>/dev/null ||
            fail "packages are missing that only root may install: apt-get install$missing"
    fi
    # Both are quiet unless they fail: then the last lines say why.
    log=$(mktemp)
    if ! { $as_root apt-get update -q &&
        $as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get install -q -y --no-install-recommends \
            -o DPkg::Lock::Timeout=60 $missing; } >"$log" 2>&1; then
        tail -n 5 "$log" >&2
        rm -f "$log"
        fail "cannot install these packages:$missing"
    fi
    rm -f "$log"
}

# memcached is what the daemon is compared with; libmemcached-tools has memccapable.
# libssl-dev is for the build with TLS, openssl for the certificates of its tests.
packages='memcached libmemcached-tools libssl-dev openssl'
# sasl2-bin makes the users of memcached's SASL.
packages="$packages sasl2-bin"
# pylibmc is compiled: its wheel brings a libsasl2 along that finds no way to log in.
packages="$packages gcc libc6-dev libmemcached-dev zlib1g-dev libsasl2-modules"
# Clients of other languages. A JRE is enough: Debian's can run sources.
packages="$packages php-cli php-memcached ruby ruby-dalli perl libcache-memcached-fast-perl"
packages="$packages golang-go golang-github-bradfitz-gomemcache-dev"
packages="$packages openjdk-17-jre-headless libspymemcached-java"

has_headers='
import os, sys, sysconfig
sys.exit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))'

if command -v apt-get >/dev/null 2>&1; then
    command -v python3 >/dev/null 2>&1 || packages="$packages python3"
    # A python3 of another origin (pyenv, say) brings venv and headers; Debian's does not.
    python3 -c 'import ensurepip, venv' 2>/dev/null || packages="$packages python3-venv"
    python3 -c "$has_headers" 2>/dev/null || packages="$packages python3-dev"
    # shellcheck disable=SC2086 # a list of words
    need $packages
else
    echo "bootstrap: no apt-get here; these are expected to be installed: $packages" >&2
fi

# The version of Python belongs to the stamp: an environment dies with its interpreter.
wanted=$({ python3 --version && cat "$requirements"; } | sha256sum)
if [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && "$venv/bin/python" -c '' 2>/dev/null; then
    exit 0
fi

mkdir -p "$venv"
python3 -m venv --clear "$venv" || fail "cannot make a virtual environment in .build/venv"
"$venv/bin/pip" install --quiet --quiet --use-pep517 --disable-pip-version-check -r "$requirements" ||
    fail "cannot install what Tests/requirements.txt lists"
echo "$wanted" >"$stamp"
