# MariaDB: the databases of all OpenStack services, reached through a unix socket only.
# Promise: `mariadb_up` ends with a server that answers. Durability is traded for speed (no fsync): a crash of the
# machine may cost this cloud's databases, a crash of the process does not.
# shellcheck shell=bash

MARIADB_SOCKET=$RUN_DIR/mariadb.sock

database_url() { echo "mysql+pymysql://root@localhost/$1?unix_socket=$MARIADB_SOCKET&charset=utf8"; }

# shellcheck disable=SC2120
sql() { mariadb --no-defaults --user=root --socket="$MARIADB_SOCKET" "$@"; }

# With the grant tables skipped an empty data directory is enough: no installation step, no accounts.
mariadb_up() {
  mkdir -p "$DATA_DIR/mariadb"
  start mariadb mariadbd --no-defaults --user=root --datadir="$DATA_DIR/mariadb" --socket="$MARIADB_SOCKET" \
    --pid-file="$RUN_DIR/mariadb.pid" --skip-networking --skip-grant-tables --skip-log-bin --max_connections=400 \
    --character-set-server=utf8 --innodb_buffer_pool_size=128M --innodb_log_file_size=16M \
    --innodb_flush_log_at_trx_commit=0 --innodb_flush_method=nosync --innodb_doublewrite=0 --innodb_stats_persistent=0
  wait_for MariaDB 60 sql -e 'select 1'
}

mariadb_create() {
  local name
  # shellcheck disable=SC2119
  for name in "$@"; do echo "create database if not exists $name character set utf8;"; done | sql
}
