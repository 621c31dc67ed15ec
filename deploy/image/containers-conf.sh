#!/usr/bin/env bash
# Prints a containers.conf (5) with which podman runs containers on this machine; name it in CONTAINERS_CONF.
# On an ordinary host it sets nothing. Inside another sandbox podman's defaults may not be had:
#   - without CAP_SYS_RESOURCE nobody can be given higher limits than this process has;
#   - crun of Debian 12 refuses the mixture of cgroups v1 and v2 (`cgroups in hybrid mode not supported`), runc takes it.
set -euo pipefail

may_raise_limits() (ulimit -Hn "$(($(ulimit -Hn) + 1))") 2>/dev/null

mixes_cgroups() { [[ -d /sys/fs/cgroup/unified && -d /sys/fs/cgroup/memory ]]; }

if ! may_raise_limits; then
  printf '[containers]\ndefault_ulimits = ["nofile=%s:%s", "nproc=4096:4096"]\n' "$(ulimit -Hn)" "$(ulimit -Hn)"
fi
if mixes_cgroups; then
  printf '[engine]\nruntime = "runc"\n'
fi
