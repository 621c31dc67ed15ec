# `guest`: see guest/cli.py.
# Promise: nothing here but handing over what the programs need to know.
# shellcheck shell=bash

verb_guest() {
  case " $* " in
    *' --help '* | *' -h '*) ;;
    *) [ -e "$STATE_DIR/env.json" ] || die "there is no cloud in $STATE_DIR yet; run: npm run cloud -- up" ;;
  esac
  EMBERKEEP_CLOUD_ENV=$STATE_DIR/env.json exec python3 "$CLOUD_HOME/guest/cli.py" "$@"
}
