#!/usr/bin/python3
"""Volume types, flavors, an image, a network and availability zones, and the wait until every host reports for work. Can be repeated.

    seed_cloud.py KEYSTONE PASSWORD CINDER_HOST FAKE_HOST LIBVIRT_HOST [--wait-only]

A service counts only when it reported after this script began: what a killed one reported last looks alive for 30 s.
"""

import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "guest"))

from boot_sector import boot_sector  # noqa: E402
from rest import ApiError, Session  # noqa: E402

BACKENDS = ["ceph", "ceph-backups"]
# name -> (id, RAM in MiB, disk in GiB)
FLAVORS = {"m1.nano": ("42", 64, 0), "m1.disk": ("43", 64, 1), "m1.tiny": ("44", 128, 1)}
IMAGE_BYTES = 1 << 20
TIMEOUT_SECONDS = 120


def seed_volume_types(session):
    known = {kind["name"] for kind in session.get("volumev3", "/types")["volume_types"]}
    for name in BACKENDS:
        if name not in known:
            body = {"name": name, "extra_specs": {"volume_backend_name": name}}
            session.post("volumev3", "/types", {"volume_type": body})


def seed_flavors(session):
    known = {flavor["name"] for flavor in session.get("compute", "/flavors")["flavors"]}
    for name, (flavor_id, ram, disk) in FLAVORS.items():
        if name not in known:
            body = {"name": name, "id": flavor_id, "ram": ram, "vcpus": 1, "disk": disk}
            session.post("compute", "/flavors", {"flavor": body})


def seed_image(session):
    """A public image that prints a line and halts, for instances whose root disk Nova makes itself."""
    if session.get("image", "/v2/images?name=boot-sector")["images"]:
        return
    properties = {"hw_disk_bus": "scsi", "hw_scsi_model": "virtio-scsi"}
    body = {"name": "boot-sector", "visibility": "public", "disk_format": "raw", "container_format": "bare", **properties}
    image = session.post("image", "/v2/images", body)
    data = boot_sector("boot-sector image").ljust(IMAGE_BYTES, b"\0")
    session.request("PUT", "image", f"/v2/images/{image['id']}/file", data)


def seed_network(session):
    """One that all projects share."""
    name = "private"
    found = session.get("network", f"/v2.0/networks?name={name}")["networks"]
    if found and found[0]["subnets"]:
        return
    network = found[0] if found else session.post("network", "/v2.0/networks", {"network": {"name": name, "shared": True}})["network"]
    subnet = {"name": name, "network_id": network["id"], "ip_version": 4, "cidr": "10.20.0.0/24"}
    session.post("network", "/v2.0/subnets", {"subnet": subnet})


def seed_zones(session, zones):
    """One aggregate a compute: a tenant chooses the kind of host by availability zone, it may not name a host."""
    known = {item["name"]: item for item in session.get("compute", "/os-aggregates")["aggregates"]}
    for zone, host in zones.items():
        aggregate = known.get(zone)
        if aggregate is None:
            body = {"name": zone, "availability_zone": zone}
            aggregate = session.post("compute", "/os-aggregates", {"aggregate": body})["aggregate"]
        if host not in aggregate.get("hosts", []):
            try:
                session.post("compute", f"/os-aggregates/{aggregate['id']}/action", {"add_host": {"host": host}})
            except ApiError as error:
                if error.status != 409:
                    raise


def reported(item, since):
    """A service that registered itself a moment ago has no time of update yet."""
    return item["state"] == "up" and (item["updated_at"] is None or item["updated_at"][:19] >= since)


def missing_hosts(session, cinder_host, compute_hosts, since):
    def up(service, path):
        items = session.get(service, path)["services"]
        return {(item["binary"], item["host"]) for item in items if reported(item, since)}

    wanted = {("cinder-volume", f"{cinder_host}@{backend}") for backend in BACKENDS}
    wanted |= {("cinder-scheduler", cinder_host)}
    wanted |= {("nova-compute", host) for host in compute_hosts}
    missing = wanted - up("volumev3", "/os-services") - up("compute", "/os-services")
    # not /detail: since 2.88 that asks each compute for its uptime, and waits for one that is still starting
    if not missing and len(session.get("compute", "/os-hypervisors")["hypervisors"]) < len(compute_hosts):
        missing = {("hypervisor", "of a compute host")}
    return missing


def main():
    keystone, password, cinder_host, fake_host, libvirt_host, *options = sys.argv[1:]
    since = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
    session = Session(keystone, "admin", password, "admin")
    if "--wait-only" not in options:
        seed_volume_types(session)
        seed_flavors(session)
        seed_image(session)
    # Also of a cloud that has it: before its first question about networks Neutron 21 has no answer to any about ports
    # (SQLAlchemy's relations are not set up yet, and it names one of them).
    seed_network(session)
    end = time.monotonic() + TIMEOUT_SECONDS
    while missing := missing_hosts(session, cinder_host, [fake_host, libvirt_host], since):
        if time.monotonic() > end:
            raise SystemExit(f"did not report for work within {TIMEOUT_SECONDS} s: {sorted(missing)}")
        time.sleep(0.3)
    if "--wait-only" not in options:
        seed_zones(session, {"fake": fake_host, "libvirt": libvirt_host})


main()
