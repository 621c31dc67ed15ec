# The portal at the end of the demo: a service that stays, and what a browser does at its sign-in, done with curl.
# Promise: `portal_stop` ends only the service that `portal_start` began in this DEMO_STATE.
# shellcheck shell=bash
# shellcheck disable=SC2154 # variables of other files

PORTAL_ADDRESS=${EMBERKEEP_DEMO_PORTAL:-127.0.0.1:9879}
PORTAL_URL=http://$PORTAL_ADDRESS/portal/

step_portal() {
  step "The portal, where the tenant does all this without a command line"
  run_line "npm run -s build:portal"
  portal_start
  portal_sign_in
  proof 'the portal: who signed in' 'tenant in tenant' "$(portal_get auth/session | portal_json '`${s.user.name} in ${s.scope.project.name}`' session)"
  proof 'the portal: its instance web-01' 'web-01 protected' "$(portal_get api/v1/instances | portal_json 's.filter((one) => one.name === "web-01").map((one) => `${one.name} ${one.protection.state}`).join()' instances)"
  proof 'the portal: without a session' 401 "$(curl -s -o /dev/null -w '%{http_code}' "${PORTAL_URL}api/v1/instances")"
}

# In a session of its own: a terminal that is closed does not end it.
portal_start() {
  printf '\n$ %s &\n' "$(typed emberkeep serve --listen "$PORTAL_ADDRESS")"
  setsid node "$ROOT/src/main.ts" serve --listen "$PORTAL_ADDRESS" </dev/null >"$DEMO_STATE/portal.log" 2>&1 &
  echo $! >"$DEMO_STATE/portal.pid"
  local end=$((SECONDS + 60))
  until curl -sf -o /dev/null "http://$PORTAL_ADDRESS/readyz"; do
    kill -0 "$(<"$DEMO_STATE/portal.pid")" 2>/dev/null || die "the service ended: $(tail -n 3 "$DEMO_STATE/portal.log")"
    [ "$SECONDS" -lt "$end" ] || die "the service is not ready after 60 s; see $DEMO_STATE/portal.log"
    sleep 0.3
  done
  say "It answers at $PORTAL_URL"
}

portal_sign_in() {
  printf '\n$ %s\n' "# signing in as the tenant, as the page does"
  curl -sS --fail-with-body -o "$DEMO_STATE/out" -c "$DEMO_STATE/cookies" -H 'Content-Type: application/json' -H 'Sec-Fetch-Site: same-origin' \
    -d '{"method":"password","user":"tenant","domain":"Default","password":"devcloud"}' "${PORTAL_URL}auth/session" ||
    die "the portal refused the tenant: $(cat "$DEMO_STATE/out")"
}

portal_get() { curl -sS -b "$DEMO_STATE/cookies" "$PORTAL_URL$1"; }

# portal_json EXPRESSION KEY: of the answer on stdin, whose KEY the expression knows as s
portal_json() { node -e "const s = JSON.parse(require('node:fs').readFileSync(0))['$2']; console.log($1)"; }

portal_stop() {
  local pid
  [ -e "$DEMO_STATE/portal.pid" ] || return 0
  read -r pid <"$DEMO_STATE/portal.pid"
  if tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF 'src/main.ts serve'; then
    kill -TERM "$pid"
    timeout 60 tail --pid="$pid" -f /dev/null || die "the portal of an earlier demo (pid $pid) does not end"
  fi
  rm -f "$DEMO_STATE/portal.pid"
}
