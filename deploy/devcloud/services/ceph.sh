# Ceph: one monitor, one manager, one BlueStore OSD in a sparse file, and an S3 gateway (RGW).
# Promise: `ceph_up` ends with an active cluster that has the pools volumes, vms, images and backups; a first start that
# was interrupted begins again from nothing, a finished one is never formatted again.
# shellcheck shell=bash

CEPH_DIR=$DATA_DIR/ceph
CEPH_POOLS=(volumes vms images backups)

# ceph_debug LEVEL SUBSYSTEM...: it prints up to LEVEL and keeps no more than that for a report of a crash. What the defaults
# gather takes a sixth to a fifth of the CPU time of monitor and OSD.
ceph_debug() {
  local level=$1 subsystem
  shift
  for subsystem in "$@"; do echo "debug_$subsystem = $level/$level"; done
}

ceph_configure() {
  local first_port=${PORTS[ceph]}
  mkdir -p "$CEPH_DIR"/{mon,mgr,osd,rgw} "$CONF_DIR/ceph" "$RUN_DIR/ceph" "$RUN_DIR/rgw"
  [ -s "$CEPH_DIR/fsid" ] || uuidgen >"$CEPH_DIR/fsid"
  write_file "$CEPH_CONF_FILE" <<CONF
[global]
fsid = $(cat "$CEPH_DIR/fsid")
mon_host = [v2:127.0.0.1:${PORTS[mon_v2]},v1:127.0.0.1:${PORTS[mon_v1]}]
mon_initial_members = a
auth_cluster_required = cephx
auth_service_required = cephx
auth_client_required = cephx
auth_allow_insecure_global_id_reclaim = false
keyring = $CEPH_KEYRING
run_dir = $RUN_DIR/ceph
admin_socket = $RUN_DIR/ceph/\$name.asok
log_file = $LOG_DIR/\$type.log
crash_dir = $CEPH_DIR/crash
public_addr = 127.0.0.1
ms_bind_port_min = $first_port
ms_bind_port_max = $((first_port + 99))
# one OSD, so one copy
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 4
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
[client]
# One thread for the network is plenty for an rbd command, and three cost more to start and end.
ms_async_op_threads = 1
$(ceph_debug 0 monc rados rbd)
$(ceph_debug 1 auth asok crypto)
# thousands of short-lived rbd commands would leave their sockets behind
admin_socket =
log_file =
log_to_file = false
[mon]
mon_data = $CEPH_DIR/mon
keyring = $CEPH_DIR/mon/keyring
mon_allow_pool_size_one = true
mon_allow_pool_delete = true
mon_warn_on_pool_no_redundancy = false
mon_data_avail_warn = 5
mon_data_avail_crit = 2
mon_max_pg_per_osd = 500
mgr_initial_modules =
# a monitor alone need not collect proposals for a second
paxos_propose_interval = 0.05
paxos_min_wait = 0.01
$(ceph_debug 1 mon paxos auth rocksdb)
[mgr]
mgr_data = $CEPH_DIR/mgr
keyring = $CEPH_DIR/mgr/keyring
mgr_stats_period = 2
[osd]
osd_data = $CEPH_DIR/osd
keyring = $CEPH_DIR/osd/keyring
osd_objectstore = bluestore
bluestore_block_size = $((OSD_GIB * 1024 * 1024 * 1024))
osd_memory_target = 1500000000
osd_class_update_on_start = true
# snapshots and images are removed at once: a debt of trimming would slow whoever comes next
osd_snap_trim_sleep = 0
osd_snap_trim_sleep_hdd = 0
osd_snap_trim_sleep_ssd = 0
osd_snap_trim_sleep_hybrid = 0
osd_delete_sleep = 0
osd_delete_sleep_hdd = 0
osd_delete_sleep_ssd = 0
osd_delete_sleep_hybrid = 0
$(ceph_debug 1 osd bluestore bluefs bdev rocksdb optracker)
[client.rgw]
# a server, unlike the other clients
ms_async_op_threads = 3
log_file = $LOG_DIR/rgw.log
log_to_file = true
keyring = $CEPH_DIR/rgw/keyring
rgw_data = $CEPH_DIR/rgw
rgw_frontends = beast endpoint=127.0.0.1:${PORTS[rgw]}
rgw_enable_usage_log = false
rgw_enable_gc_threads = true
rgw_run_sync_thread = false
$(ceph_debug 1 rgw)
CONF
}

# The keys of a new cluster. libvirt needs the admin's, so they are made before anything starts.
ceph_prepare() {
  if [ -e "$CEPH_DIR/formatted" ]; then return 0; fi
  stop osd
  stop mgr
  stop mon
  rm -rf "$CEPH_DIR"/{mon,mgr,osd,rgw,mon.keyring} "$CEPH_KEYRING"
  mkdir -p "$CEPH_DIR"/{mon,mgr,osd,rgw}
  {
    ceph-authtool --create-keyring "$CEPH_KEYRING" --gen-key -n client.admin \
      --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *' --cap mds 'allow *'
    ceph-authtool --create-keyring "$CEPH_DIR/mgr/keyring" --gen-key -n mgr.a \
      --cap mon 'allow profile mgr' --cap osd 'allow *' --cap mds 'allow *'
    ceph-authtool --create-keyring "$CEPH_DIR/rgw/keyring" --gen-key -n client.rgw --cap mon 'allow rw' --cap osd 'allow rwx'
    ceph-authtool --create-keyring "$CEPH_DIR/osd/keyring" --gen-key -n osd.0
  } >"$LOG_DIR/ceph-keys.log" 2>&1
}

# The keys go into the monitor's first store, so that nobody has to ask for them later.
ceph_format() {
  local monitor_keys=$CEPH_DIR/mon.keyring osd_uuid keyring formatting
  ceph-authtool --create-keyring "$monitor_keys" --gen-key -n mon. --cap mon 'allow *'
  for keyring in "$CEPH_KEYRING" "$CEPH_DIR/mgr/keyring" "$CEPH_DIR/rgw/keyring"; do
    ceph-authtool "$monitor_keys" --import-keyring "$keyring"
  done
  osd_uuid=$(uuidgen)
  echo "$osd_uuid $(ceph-authtool -p -n osd.0 "$CEPH_DIR/osd/keyring")" >"$CEPH_DIR/osd.new"
  monmaptool --create --clobber --addv a "[v2:127.0.0.1:${PORTS[mon_v2]},v1:127.0.0.1:${PORTS[mon_v1]}]" \
    --fsid "$(cat "$CEPH_DIR/fsid")" "$CEPH_DIR/monmap"
  ceph-osd -c "$CEPH_CONF_FILE" -i 0 --mkfs --osd-uuid "$osd_uuid" --no-mon-config &
  formatting=$!
  ceph-mon -c "$CEPH_CONF_FILE" -i a --mkfs --monmap "$CEPH_DIR/monmap" --keyring "$monitor_keys"
  wait "$formatting"
  touch "$CEPH_DIR/formatted"
}

ceph_up() {
  if ! [ -e "$CEPH_DIR/formatted" ]; then
    in_background ceph-format ceph_format
    finish ceph-format
  fi
  start mon ceph-mon -f -c "$CEPH_CONF_FILE" -i a
  start mgr ceph-mgr -f -c "$CEPH_CONF_FILE" -i a
  if [ -e "$CEPH_DIR/osd.new" ]; then
    python3 "$CLOUD_HOME/python/ceph_setup.py" register-osd "$CEPH_CONF_FILE" <"$CEPH_DIR/osd.new"
    rm "$CEPH_DIR/osd.new"
  fi
  start osd ceph-osd -f -c "$CEPH_CONF_FILE" -i 0
  python3 "$CLOUD_HOME/python/ceph_setup.py" pools "$CEPH_CONF_FILE" "${CEPH_POOLS[@]}"
}

# RGW needs a running OSD and nobody else needs RGW, so it starts last and is waited for at the end.
rgw_up() {
  start rgw radosgw -f -c "$CEPH_CONF_FILE" -n client.rgw
}

rgw_user() {
  wait_for "the S3 gateway" 60 port_answers "${PORTS[rgw]}"
  if [ -e "$CEPH_DIR/rgw/user-made" ]; then return 0; fi
  radosgw-admin -c "$CEPH_CONF_FILE" user create --uid=emberkeep --display-name=emberkeep \
    --access-key="$S3_ACCESS_KEY" --secret-key="$S3_SECRET_KEY" >"$LOG_DIR/rgw-user.log" 2>&1 ||
    grep -q 'exists' "$LOG_DIR/rgw-user.log" || die "making the S3 user failed; see $LOG_DIR/rgw-user.log"
  touch "$CEPH_DIR/rgw/user-made"
}
