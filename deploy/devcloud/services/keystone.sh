# Keystone, and what every other service needs to speak to it.
# Promise: `keystone_configure` writes its configuration, `keystone_create` makes schema, keys, projects, users and
# catalog (repeatable), `keystone_up` starts it, and again when its configuration changed (the token lifetime can).
# shellcheck shell=bash

KEYSTONE_CONF=$CONF_DIR/keystone/keystone.conf

keystone_configure() {
  mkdir -p "$DATA_DIR/keystone"
  write_file "$KEYSTONE_CONF" <<CONF
[DEFAULT]
use_stderr = true
[database]
connection = $(database_url keystone)
[token]
provider = fernet
expiration = $TOKEN_SECONDS
[fernet_tokens]
key_repository = $DATA_DIR/keystone/fernet
[credential]
key_repository = $DATA_DIR/keystone/credentials
[identity]
# the cheapest bcrypt: every client signs in with a password
password_hash_rounds = 4
[cache]
enabled = true
backend = oslo_cache.dict
[oslo_policy]
policy_dirs = /etc/keystone/policy.d
CONF
}

# keystone_credentials USER: how a service signs in
keystone_credentials() {
  cat <<CONF
auth_url = $(url keystone)
auth_type = password
username = $1
password = $SERVICE_PASSWORD
project_name = service
user_domain_name = Default
project_domain_name = Default
region_name = RegionOne
CONF
}

# keystone_middleware USER: how a service checks the tokens it is given
keystone_middleware() {
  echo '[keystone_authtoken]'
  echo "www_authenticate_uri = $(url keystone)"
  keystone_credentials "$1"
  echo 'service_token_roles = service'
  echo 'service_token_roles_required = true'
}

keystone_create_schema() {
  local api
  api=$(url keystone)/v3/
  mkdir -p "$DATA_DIR/keystone"
  python3 "$CLOUD_HOME/python/run_commands.py" keystone-manage "$KEYSTONE_CONF" \
    -- db_sync \
    -- fernet_setup --keystone-user root --keystone-group root \
    -- credential_setup --keystone-user root --keystone-group root \
    -- bootstrap --bootstrap-password "$USER_PASSWORD" --bootstrap-region-id RegionOne \
    --bootstrap-admin-url "$api" --bootstrap-internal-url "$api" --bootstrap-public-url "$api"
}

keystone_create_identities() {
  wait_for Keystone 60 http_answers "$(url keystone)/v3/"
  python3 "$CLOUD_HOME/python/seed_identity.py" "$(url keystone)" "$USER_PASSWORD" "$SERVICE_PASSWORD" \
    image=glance="$(url glance)" \
    placement=placement="$(url placement)" \
    "volumev3=cinderv3=$(url cinder)/v3/%(project_id)s" \
    "block-storage=cinder=$(url cinder)/v3/%(project_id)s" \
    compute=nova="$(url nova)/v2.1" \
    network=neutron="$(url neutron)"
}

# wsgi_service SERVICE PORT SCRIPT ENVIRONMENT...: a WSGI application under uwsgi
wsgi_service() {
  local service=$1 port=$2 script=$3
  shift 3
  start "$service" env "$@" uwsgi_python3 --http-socket "127.0.0.1:$port" --wsgi-file "$script" --need-app \
    --master --lazy-apps --die-on-term --no-orphans --enable-threads --processes 1 --threads 8 --listen 100 \
    --buffer-size 65535 --rem-header Content-Length
}

keystone_up() {
  if is_running keystone && [ "$KEYSTONE_CONF" -nt "$PID_DIR/keystone" ]; then
    say "keystone's configuration changed, starting it again"
    stop keystone KILL
  fi
  wsgi_service keystone "${PORTS[keystone]}" /usr/bin/keystone-wsgi-public "OS_KEYSTONE_CONFIG_DIR=$CONF_DIR/keystone"
}
