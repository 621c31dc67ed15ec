# `logs [SERVICE]`: follows the logs.
# Promise: reads only; names the services it knows when asked for another one.
# shellcheck shell=bash

verb_logs() {
  [ -d "$LOG_DIR" ] || die "there is no cloud in $STATE_DIR yet; run: npm run cloud -- up"
  local lines=20 follow=(-F) files=() service
  while [ $# -gt 0 ]; do
    case $1 in
      -n) lines=${2:?logs -n needs a number}; shift ;;
      --no-follow) follow=() ;;
      -*) misuse "logs knows -n LINES and --no-follow, not '$1'" ;;
      *)
        service=$1
        [ -e "$LOG_DIR/$service.log" ] || die "no log of '$service'; there are: $(cd "$LOG_DIR" && echo ./*.log | sed 's/\.log//g; s|\./||g')"
        files+=("$LOG_DIR/$service.log")
        ;;
    esac
    shift
  done
  if [ "${#files[@]}" -eq 0 ]; then files=("$LOG_DIR"/*.log); fi
  exec tail -n "$lines" "${follow[@]}" "${files[@]}"
}
