#!/usr/bin/env bash
# Debian's Chromium, and a font that has Chinese, so that screenshots can be read. Installs only what is missing.
set -euo pipefail
packages=(chromium fonts-wqy-zenhei)
missing=()
for package in "${packages[@]}"; do
  [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
done
((${#missing[@]})) || exit 0
((EUID == 0)) || { echo "install-chromium: missing packages (${missing[*]}); install them, or run this as root" >&2; exit 1; }
export DEBIAN_FRONTEND=noninteractive
apt=(apt-get -y -qq -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0)
# Only the package lists can be out of date, so they are fetched when the first try fails.
"${apt[@]}" install --no-install-recommends "${missing[@]}" >/dev/null ||
  { "${apt[@]}" update >/dev/null && "${apt[@]}" install --no-install-recommends "${missing[@]}" >/dev/null; }
