#!/usr/bin/env bash
# Prints the path of a promtool: the one on the PATH, else that of Debian's package prometheus, unpacked below node_modules. The
# package is not installed, since that would start a Prometheus.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
if command -v promtool; then exit 0; fi

place=$PWD/node_modules/.cache/promtool
mkdir -p "$place"
exec 9>"$place/lock"
flock 9
if [[ ! -x $place/promtool ]]; then
  work=$(mktemp -d "$place/new.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  cd "$work"
  fetch() { apt-get -qq -o APT::Sandbox::User=root download prometheus; }
  # Only the package lists can be out of date, so they are fetched when the first try fails.
  fetch >&2 || { apt-get -qq -o DPkg::Lock::Timeout=600 update >&2 && fetch >&2; } || {
    echo 'deploy/monitoring/promtool.sh: there is no promtool on the PATH, and no package prometheus to take it from; put one there' >&2
    exit 1
  }
  dpkg --fsys-tarfile prometheus_*.deb | tar -x ./usr/bin/promtool
  mv usr/bin/promtool "$place/promtool"
fi
echo "$place/promtool"
