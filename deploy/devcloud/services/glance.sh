# Glance, with its images in the RBD pool `images`.
# Promise: configuration, schema (repeatable) and start.
# shellcheck shell=bash

GLANCE_CONF=$CONF_DIR/glance/glance-api.conf

glance_configure() {
  mkdir -p "$DATA_DIR/glance"/{staging,tasks,lock}
  write_file "$GLANCE_CONF" <<CONF
[DEFAULT]
use_stderr = true
bind_host = 127.0.0.1
bind_port = ${PORTS[glance]}
workers = 1
enabled_backends = rbd:rbd
# lets Cinder and Nova clone images in Ceph instead of copying them
show_image_direct_url = true
show_multiple_locations = true
node_staging_uri = file://$DATA_DIR/glance/staging
[database]
connection = $(database_url glance)
$(keystone_middleware glance)
[paste_deploy]
flavor = keystone
config_file = /etc/glance/glance-api-paste.ini
[glance_store]
default_backend = rbd
[rbd]
rbd_store_pool = images
rbd_store_user = admin
rbd_store_ceph_conf = $CEPH_CONF_FILE
rbd_store_chunk_size = 8
[os_glance_staging_store]
filesystem_store_datadir = $DATA_DIR/glance/staging
[os_glance_tasks_store]
filesystem_store_datadir = $DATA_DIR/glance/tasks
[oslo_concurrency]
lock_path = $DATA_DIR/glance/lock
CONF
}

glance_create_schema() { glance-manage --config-file "$GLANCE_CONF" db_sync; }

glance_up() { start glance-api glance-api --config-file "$GLANCE_CONF"; }
