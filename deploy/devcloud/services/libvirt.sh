# libvirtd, for guests that really run (qemu, TCG).
# Promise: libvirt's fixed directories (/etc/libvirt, /run/libvirt, ...) are ours only inside a private mount namespace;
# the machine's own stay as they are. Guests survive the death of libvirtd and are ended by `libvirt_kill_guests`.
# shellcheck shell=bash

LIBVIRT_DIR=$DATA_DIR/libvirt

libvirt_configure() {
  local secrets=$LIBVIRT_DIR/etc/secrets
  mkdir -p "$LIBVIRT_DIR"/{lib,cache,log} "$RUN_DIR/libvirt" "$RUN_DIR/qemu"
  if ! [ -d "$LIBVIRT_DIR/etc" ]; then
    cp -a /etc/libvirt "$LIBVIRT_DIR/etc"
    rm -rf "$LIBVIRT_DIR/etc/qemu/networks/autostart" "$LIBVIRT_DIR/etc/nwfilter"
  fi
  # Probing what qemu can do takes eight seconds; libvirt keeps the answer in its cache.
  if [ -d "$CACHE_DIR/libvirt" ] && ! [ -d "$LIBVIRT_DIR/cache/qemu" ]; then
    cp -a "$CACHE_DIR/libvirt/." "$LIBVIRT_DIR/cache/"
  fi
  write_file "$LIBVIRT_DIR/etc/libvirtd.conf" <<'CONF'
unix_sock_dir = "/run/libvirt"
auth_unix_ro = "none"
auth_unix_rw = "none"
CONF
  write_file "$LIBVIRT_DIR/etc/qemu.conf" <<'CONF'
user = "root"
group = "root"
dynamic_ownership = 0
remember_owner = 0
security_driver = "none"
security_default_confined = 0
stdio_handler = "file"
cgroup_controllers = []
namespaces = []
CONF
  # The key qemu opens RBD images with, stored the way libvirt itself stores it.
  write_file "$secrets/$LIBVIRT_SECRET_UUID.xml" <<XML
<secret ephemeral='no' private='no'><uuid>$LIBVIRT_SECRET_UUID</uuid><usage type='ceph'><name>client.admin secret</name></usage></secret>
XML
  ceph-authtool -p -n client.admin "$CEPH_KEYRING" | tr -d '\n' | write_file "$secrets/$LIBVIRT_SECRET_UUID.base64"
}

libvirt_up() {
  start libvirtd unshare --mount --propagation private bash "$CLOUD_HOME/services/libvirt-namespace" "$LIBVIRT_DIR" "$RUN_DIR"
}

# nova-compute gives up when it cannot connect at once
libvirt_wait() { wait_for libvirt 60 virsh -c "$LIBVIRT_URI" uri; }

libvirt_save_cache() {
  if [ -d "$CACHE_DIR/libvirt" ] || ! [ -d "$LIBVIRT_DIR/cache/qemu" ]; then return 0; fi
  mkdir -p "$CACHE_DIR"
  cp -a "$LIBVIRT_DIR/cache" "$CACHE_DIR/libvirt"
}

# qemu gets a fresh environment from libvirt, hence no mark: its pid file and its mount namespace tell whose it is.
libvirt_guest_pids() {
  local pid
  for pid in $(pgrep -x 'qemu-system-x86' || true); do
    if grep -q -F -e "$RUN_DIR/libvirt" "/proc/$pid/mountinfo" 2>/dev/null; then echo "$pid"; fi
  done
}

libvirt_kill_guests() {
  local pid
  for pid in $(libvirt_guest_pids); do kill -KILL "$pid" 2>/dev/null || true; done
}
