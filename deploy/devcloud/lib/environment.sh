# What programs and people need to use the cloud: clouds.yaml and env.json in the state directory.
# Promise: both name every user, port, host and file; programs read env.json and never guess.
# shellcheck shell=bash

CLOUD_NAMES=(devcloud-admin devcloud-tenant devcloud-other devcloud-reader emberkeep)

# cloud_entry NAME USER PROJECT
cloud_entry() {
  cat <<YAML
  $1:
    auth_type: password
    auth:
      auth_url: $(url keystone)/v3
      username: $2
      password: $USER_PASSWORD
      project_name: $3
      user_domain_id: default
      project_domain_id: default
    region_name: RegionOne
    identity_api_version: '3'
    compute_api_version: '2.90'
    volume_api_version: '3.70'
YAML
}

write_environment() {
  {
    echo 'clouds:'
    cloud_entry devcloud-admin admin admin
    cloud_entry devcloud-tenant tenant tenant
    cloud_entry devcloud-other other other
    cloud_entry devcloud-reader reader tenant
    cloud_entry emberkeep emberkeep service
  } | write_file "$CLOUDS_YAML"
  local name ports=() clouds
  for name in "${PORT_NAMES[@]}"; do ports+=("\"$name\": ${PORTS[$name]}"); done
  clouds=$(printf ', "%s"' "${CLOUD_NAMES[@]}")
  write_file "$STATE_DIR/env.json" <<JSON
{
  "state": "$STATE_DIR",
  "authUrl": "$(url keystone)/v3",
  "cloudsYaml": "$CLOUDS_YAML",
  "clouds": [${clouds:2}],
  "password": "$USER_PASSWORD",
  "cephConf": "$CEPH_CONF_FILE",
  "keyring": "$CEPH_KEYRING",
  "cephUser": "admin",
  "pools": { "volumes": "volumes", "vms": "vms", "images": "images", "backups": "backups" },
  "hosts": { "fake": "$HOST_FAKE", "libvirt": "$HOST_LIBVIRT" },
  "zones": { "fake": "fake", "libvirt": "libvirt" },
  "cinderHosts": { "ceph": "$HOST_CINDER@ceph#ceph", "ceph-backups": "$HOST_CINDER@ceph-backups#ceph-backups" },
  "libvirtUri": "$LIBVIRT_URI",
  "s3": { "endpoint": "$(url rgw)", "accessKey": "$S3_ACCESS_KEY", "secretKey": "$S3_SECRET_KEY", "region": "default" },
  "logs": "$LOG_DIR",
  "ports": { $(IFS=,; echo "${ports[*]}") }
}
JSON
}
