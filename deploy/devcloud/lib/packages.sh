# Debian packages.
# Promises: installs only what is missing; no service is started by an installation (a policy-rc.d denies it meanwhile
# and is put back to its former state, also when apt fails); PostgreSQL's default cluster is never started.
# shellcheck shell=bash

PACKAGES=(
  ceph-mon ceph-mgr ceph-osd ceph-common radosgw python3-rbd python3-rados qemu-utils
  keystone glance-api placement-api cinder-api cinder-scheduler cinder-volume
  neutron-common
  nova-api nova-conductor nova-scheduler nova-compute uwsgi-plugin-python3
  rabbitmq-server mariadb-server python3-libvirt libvirt-daemon-system libvirt-clients
  qemu-system-x86 qemu-block-extra seabios
  python3-openstackclient python3-cinderclient postgresql e2fsprogs zstd curl iproute2 uuid-runtime
)
POLICY_FILE=/usr/sbin/policy-rc.d

packages_missing() {
  local installed
  installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "${PACKAGES[@]}" 2>/dev/null | awk '$2 == "installed" {print $1}' || true)
  comm -23 <(printf '%s\n' "${PACKAGES[@]}" | sort -u) <(sort -u <<<"$installed")
}

packages_install() {
  local missing
  mapfile -t missing < <(packages_missing)
  [ "${#missing[@]}" -gt 0 ] || return 0
  . /etc/os-release
  [ "${VERSION_CODENAME:-}" = bookworm ] || die "missing packages (${missing[*]}), and they are known for Debian 12 only"
  say "installing ${#missing[@]} Debian packages"
  (
    umask 022
    export DEBIAN_FRONTEND=noninteractive
    saved=$(mktemp)
    if [ -e "$POLICY_FILE" ]; then cp -p "$POLICY_FILE" "$saved"; else rm "$saved"; fi
    trap 'if [ -e "$saved" ]; then mv -f "$saved" "$POLICY_FILE"; else rm -f "$POLICY_FILE"; fi' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$POLICY_FILE"
    chmod 755 "$POLICY_FILE"
    apt=(apt-get -y -qq -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0)
    # Only the package lists can be out of date, so they are fetched when the first try fails.
    "${apt[@]}" install --no-install-recommends "${missing[@]}" ||
      { "${apt[@]}" update && "${apt[@]}" install --no-install-recommends "${missing[@]}"; }
  ) >"$LOG_DIR/packages.log" 2>&1 || die "installing packages failed; see $LOG_DIR/packages.log"
  say "packages installed"
}
