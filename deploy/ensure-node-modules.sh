#!/usr/bin/env bash
# Makes node_modules what package-lock.json says, for scripts that must run on a fresh clone.
# Promises: does nothing when all is well, says one line when it installs, and afterwards node_modules/.bin/node is a
# Node that runs our TypeScript as it is; else it ends with a message and exit code 1.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

oldest=22.18 # the first to run TypeScript without a flag

die() {
  echo "ensure-node-modules: $*" >&2
  exit 1
}

# npm writes this file last, so that an interrupted installation is done again.
is_current() { [ -e node_modules/.package-lock.json ] && ! [ package-lock.json -nt node_modules/.package-lock.json ]; }

# The Node in node_modules cannot install itself: npm would remove the program that it runs on.
own_path() {
  local directory directories kept=
  IFS=: read -ra directories <<<"$PATH"
  for directory in "${directories[@]}"; do
    case $directory/ in
      */node_modules/*) ;;
      *) kept+=${kept:+:}$directory ;;
    esac
  done
  printf '%s' "$kept"
}

install() {
  local path log
  path=$(own_path)
  PATH=$path command -v npm >/dev/null || die "npm is missing; install Node 20 or newer with npm (Debian: apt-get install npm)"
  echo "installing node_modules (npm ci) ..." >&2
  log=$(mktemp)
  if ! PATH=$path npm ci --no-audit --no-fund --loglevel=error >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    die "npm ci failed, see above"
  fi
  rm -f "$log"
}

is_current || install

version=$(node_modules/.bin/node --version 2>/dev/null) ||
  die "node_modules/.bin/node does not run here; remove node_modules and start again"
[ "$(printf '%s\n' "$oldest" "${version#v}" | sort -V | head -n 1)" = "$oldest" ] ||
  die "node_modules/.bin/node is $version, but $oldest or newer is needed; remove node_modules and start again"
