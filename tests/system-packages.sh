#!/usr/bin/env bash
# Makes sure that the programs are there which no lock file brings. On Debian, as root, installs what is missing;
# anywhere else it says what to install.
#
#   tests/system-packages.sh build [PYTHON]   what `make install` needs: Python's venv, Node 20.19
#   tests/system-packages.sh test             what `make test` needs: PostgreSQL, Redis, Chromium, Xvfb, nginx, Caddy, PgBouncer, Pango, systemd's tools, a C compiler
#   tests/system-packages.sh drill            what `make drill` needs: PostgreSQL, Redis, libfaketime, a C compiler, nft, ss, Patroni, etcd, HAProxy
set -euo pipefail

PATH="$PATH:/usr/sbin"

# Each prints nothing and fails when the thing is not there.
has_python() { "${python:-python3}" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
has_node() { command -v npm >/dev/null && node -e 'const [major, minor] = process.versions.node.split(".").map(Number); process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)' 2>/dev/null; }
has_postgres() { command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }
has_redis() { command -v redis-server >/dev/null && command -v redis-cli >/dev/null; }
has_nginx() { command -v nginx >/dev/null; }
has_caddy() { command -v caddy >/dev/null; }
has_pgbouncer() { command -v pgbouncer >/dev/null; }
has_pango() {
  local name found
  found=$(ldconfig -p)
  for name in libpango-1.0.so libpangoft2-1.0.so libharfbuzz-subset.so; do
    grep -q "$name" <<<"$found" || return 1
  done
}
has_patroni() { command -v patroni >/dev/null; }
has_etcd() { command -v etcd >/dev/null; }
has_haproxy() { command -v haproxy >/dev/null; }
has_systemd() { command -v systemd-analyze >/dev/null; }
has_chromium() {
  local name
  for name in "${CHROMIUM:-chromium}" chromium-browser google-chrome chrome; do
    command -v "$name" >/dev/null && return
  done
  return 1
}

# Where Chromium is Debian's. Elsewhere the tests do without it, and take longer.
has_shell() {
  command -v chromium-headless-shell >/dev/null || [ -n "${CHROMIUM:-}" ] || ! dpkg-query --show chromium >/dev/null 2>&1
}

has_xvfb() { command -v Xvfb >/dev/null; }
has_faketime() { compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' >/dev/null; }
has_compiler() { command -v cc >/dev/null; }
has_nft() { command -v nft >/dev/null; }
has_ss() { command -v ss >/dev/null; }

# Debian's packages for each.
declare -A packages=(
  [python]="python3 python3-venv"
  [node]="nodejs npm"
  [postgres]="postgresql"
  [redis]="redis-server"
  [chromium]="chromium chromium-headless-shell fonts-liberation"
  [shell]="chromium-headless-shell"
  [xvfb]="xvfb"
  [faketime]="libfaketime"
  [compiler]="gcc libc6-dev"
  [nft]="nftables"
  [ss]="iproute2"
  [nginx]="nginx-light"
  [caddy]="caddy"
  [pgbouncer]="pgbouncer"
  [pango]="libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
  [patroni]="patroni python3-etcd"
  [etcd]="etcd-server"
  [haproxy]="haproxy"
  [systemd]="systemd"
)
declare -A names=(
  [python]="Python 3.11 or newer with its venv module"
  [node]="Node 20.19 or newer with npm"
  [postgres]="the PostgreSQL server"
  [redis]="the Redis server"
  [chromium]="Chromium"
  [shell]="Chromium's headless shell"
  [xvfb]="Xvfb, a screen for Chromium"
  [faketime]="libfaketime"
  [compiler]="a C compiler"
  [nft]="nft, which drops packets"
  [ss]="ss, which ends connections"
  [nginx]="nginx"
  [caddy]="Caddy"
  [pgbouncer]="PgBouncer"
  [pango]="Pango, which sets the texts of PDF files"
  [patroni]="Patroni"
  [etcd]="etcd"
  [haproxy]="HAProxy"
  [systemd]="systemd's tools"
)

missing() {
  local thing
  for thing in "$@"; do
    "has_$thing" || echo "$thing"
  done
}

python=""
case "${1:-}" in
  build) things=(python node) python="${2:-}" ;;
  test) things=(postgres redis chromium shell xvfb nginx caddy pgbouncer pango systemd compiler) ;;
  drill) things=(postgres redis faketime compiler nft ss patroni etcd haproxy) ;;
  *)
    sed -n '2,7s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac

wanted=$(missing "${things[@]}")
[ -n "$wanted" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  to_install=()
  for thing in $wanted; do
    read -ra of_thing <<<"${packages[$thing]}"
    to_install+=("${of_thing[@]}")
  done
  echo "Installing with apt-get: ${to_install[*]}"
  # A failure is told below, by what is still missing.
  apt-get -qq -o DPkg::Lock::Timeout=300 update </dev/null || true
  apt-get -qq -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "${to_install[@]}" </dev/null >/dev/null || true
  # Debian starts what it installs. The drill and the tests run their own, in folders of their own.
  if [ -d /run/systemd/system ]; then
    for thing in $wanted; do
      case "$thing" in pgbouncer | patroni | etcd | haproxy) systemctl disable --now "$thing" >/dev/null 2>&1 || true ;; esac
    done
  fi
  hash -r
  wanted=$(missing "${things[@]}")
  [ -n "$wanted" ] || exit 0
fi

for thing in $wanted; do
  echo "Missing: ${names[$thing]} (on Debian: apt-get install ${packages[$thing]})" >&2
done
exit 1
