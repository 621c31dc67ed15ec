# Cinder: API, scheduler and one volume service with two RBD backends, `ceph` (pool volumes) and `ceph-backups` (pool
# backups), each with a volume type of the same name.
# Promise: configuration, schema (repeatable) and start; quotas are off, so that tests are never refused for them.
# shellcheck shell=bash

CINDER_CONF=$CONF_DIR/cinder/cinder.conf

# cinder_backend NAME POOL
cinder_backend() {
  cat <<CONF
[$1]
volume_backend_name = $1
volume_driver = cinder.volume.drivers.rbd.RBDDriver
rbd_cluster_name = ceph
rbd_ceph_conf = $CEPH_CONF_FILE
rbd_user = admin
rbd_pool = $2
rbd_secret_uuid = $LIBVIRT_SECRET_UUID
rbd_exclusive_cinder_pool = true
CONF
}

cinder_configure() {
  mkdir -p "$DATA_DIR/cinder/lock"
  write_file "$CINDER_CONF" <<CONF
[DEFAULT]
use_stderr = true
transport_url = $(rabbitmq_url)
host = $HOST_CINDER
my_ip = 127.0.0.1
auth_strategy = keystone
api_paste_config = /etc/cinder/api-paste.ini
rootwrap_config = /etc/cinder/rootwrap.conf
state_path = $DATA_DIR/cinder
osapi_volume_listen = 127.0.0.1
osapi_volume_listen_port = ${PORTS[cinder]}
osapi_volume_workers = 1
glance_api_servers = $(url glance)
enabled_backends = ceph,ceph-backups
default_volume_type = ceph
quota_volumes = -1
quota_snapshots = -1
quota_gigabytes = -1
quota_backups = -1
# the default delays the first report, and with it the scheduler, by up to a minute
periodic_fuzzy_delay = 0
report_interval = 3
service_down_time = 30
backend_stats_polling_interval = 10
[database]
connection = $(database_url cinder)
$(keystone_middleware cinder)
[service_user]
send_service_user_token = true
$(keystone_credentials cinder)
[nova]
interface = internal
$(keystone_credentials nova)
[key_manager]
backend = cinder.keymgr.conf_key_mgr.ConfKeyManager
fixed_key = $VOLUME_KEY
[oslo_concurrency]
lock_path = $DATA_DIR/cinder/lock
[oslo_policy]
policy_dirs = /etc/cinder/policy.d
[oslo_messaging_notifications]
driver = noop
$(privsep "$CINDER_CONF" cinder_sys_admin privsep_osbrick)
$(cinder_backend ceph volumes)
$(cinder_backend ceph-backups backups)
CONF
}

cinder_create_schema() { cinder-manage --config-file "$CINDER_CONF" db sync; }

cinder_up() {
  fork_services cinder cinder-api="$CINDER_CONF" cinder-scheduler="$CINDER_CONF" cinder-volume="$CINDER_CONF"
}
