#!/bin/sh
# Migrates the database. `emberkeep serve` does so before it answers, one replica at a time; so an API that only this pod
# reaches is started, and ended once it is ready.
set -eu
log=${TMPDIR:-/tmp}/db-sync.log
port=${DB_SYNC_PORT:-9879}
emberkeep serve --role api --listen "127.0.0.1:$port" >"$log" 2>&1 &
service=$!
trap 'kill "$service" 2>/dev/null || true' EXIT

ready() {
  node -e 'fetch(process.argv[1]).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))' \
    "http://127.0.0.1:$port/livez"
}

until ready; do
  if ! kill -0 "$service" 2>/dev/null; then
    cat "$log" >&2
    echo 'db-sync: the service did not start, see above' >&2
    exit 1
  fi
  sleep 1
done
kill "$service"
wait "$service" || true
trap - EXIT
echo 'db-sync: the database is up to date'
