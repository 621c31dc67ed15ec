#!/usr/bin/python3
"""What a new Ceph cluster needs once, in one process (each `ceph` command would cost a second of Python start).

    ceph_setup.py register-osd CONF   stdin "UUID KEY": enters osd.0 into the monitor's map
    ceph_setup.py pools CONF POOL...  makes missing pools, waits until the OSD serves all of them

Both can be repeated.
"""

import json
import sys
import time

import rados
import rbd

TIMEOUT_SECONDS = 90


def command(cluster, prefix, data=b"", **arguments):
    """Runs one monitor command and returns its JSON; raises with the monitor's own words."""
    body = json.dumps({"prefix": prefix, "format": "json", **arguments})
    code, out, status = cluster.mon_command(body, data)
    if code < 0:
        raise SystemExit(f"ceph {prefix}: {status} ({code})")
    return json.loads(out) if out.strip() else {}


def connect(conf):
    cluster = rados.Rados(conffile=conf, conf={"client_mount_timeout": str(TIMEOUT_SECONDS)})
    cluster.connect(timeout=TIMEOUT_SECONDS)
    return cluster


def wait(what, done):
    end = time.monotonic() + TIMEOUT_SECONDS
    while not done():
        if time.monotonic() > end:
            raise SystemExit(f"ceph: {what} within {TIMEOUT_SECONDS} s: no")
        time.sleep(0.1)


def register_osd(cluster):
    uuid, key = sys.stdin.read().split()
    command(cluster, "osd new", json.dumps({"cephx_secret": key}).encode(), uuid=uuid)


def all_active(cluster):
    states = command(cluster, "pg stat")["pg_summary"]["num_pg_by_state"]
    return bool(states) and all(state["name"].startswith("active") for state in states)


def make_pools(cluster, wanted):
    wait("the OSD is up", lambda: command(cluster, "osd stat")["num_up_osds"] > 0)
    missing = [name for name in wanted if not cluster.pool_exists(name)]
    if missing:
        # the device health module would make a pool of its own and scrape a disk that does not exist
        command(cluster, "config set", who="mgr", name="mgr/devicehealth/enable_monitoring", value="false", force=True)
        for name in missing:
            command(cluster, "osd pool create", pool=name, pg_num=16)
        # Cinder reads the pools' capacity, which exists once the manager has seen their placement groups
        wait("all placement groups are active", lambda: all_active(cluster))
    for name in wanted:  # writes an object: answers when the OSD serves the pool
        with cluster.open_ioctx(name) as pool:
            rbd.RBD().pool_init(pool, True)


def main():
    verb, conf, *names = sys.argv[1:]
    cluster = connect(conf)
    if verb == "register-osd":
        register_osd(cluster)
    elif verb == "pools":
        make_pools(cluster, names)
    else:
        raise SystemExit(f"unknown verb {verb}")
    cluster.shutdown()


main()
