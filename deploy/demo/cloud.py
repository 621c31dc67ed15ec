"""What the demo asks of the cloud and of Emberkeep's answers, and prints as plain words for the shell."""

import json
import os
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "devcloud", "python"))

from rest import ApiError, Session  # noqa: E402

INSTANCES = ("web-01", "web-01-proof")
WAIT_SECONDS = 120


def settings():
    with open(os.environ["EMBERKEEP_CLOUD_ENV"], encoding="utf-8") as file:
        return json.load(file)


def tenant():
    facts = settings()
    return Session(facts["authUrl"].removesuffix("/v3"), "tenant", facts["password"], "tenant")


def is_ours(name):
    return name in INSTANCES or name.startswith("web-01-")


def servers(session):
    return [server for server in session.get("compute", "/servers")["servers"] if is_ours(server["name"])]


def volumes(session):
    """The demo's volumes, oldest first."""
    found = session.get("volumev3", "/volumes/detail?sort=created_at:asc")["volumes"]
    return [volume for volume in found if is_ours(volume["name"])]


def rbd(*arguments):
    command = ["rbd", "-c", settings()["cephConf"], *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def images(pool):
    return rbd("ls", pool).split()


def wait(what, reached):
    end = time.monotonic() + WAIT_SECONDS
    while not reached():
        if time.monotonic() > end:
            raise SystemExit(f"demo: not within {WAIT_SECONDS} s: {what}")
        time.sleep(0.3)


def clean(*restore_ids):
    """Deletes what a run of the demo made: its instances, all their volumes, its image in `backups`, and what its restores kept."""
    session = tenant()
    for server in servers(session):
        print(f"removing instance {server['name']} {server['id']}")
        session.delete("compute", f"/servers/{server['id']}")
    wait("the instances are deleted", lambda: not servers(session))
    for volume in volumes(session):
        print(f"removing volume {volume['name']} {volume['id']}")
        try:
            session.delete("volumev3", f"/volumes/{volume['id']}")
        except ApiError as error:
            if error.status != 404:
                raise
    wait("the volumes are deleted", lambda: not volumes(session))
    for image in [f"backups/{image}" for image in images("backups") if is_ours(image)] + kept_images(restore_ids):
        print(f"removing image {image}")
        for snapshot in json.loads(rbd("snap", "ls", "--format", "json", image)):
            rbd("snap", "rm", "--no-progress", f"{image}@{snapshot['name']}")
        rbd("rm", "--no-progress", image)


def kept_images(restore_ids):
    """Images that restores in place keep for their undo."""
    prefixes = tuple(f"emberkeep-undo-{one}-" for one in restore_ids)
    return [f"volumes/{image}" for image in images("volumes") if image.startswith(prefixes)]


def undo_images(*restore_ids):
    print(len(kept_images(restore_ids)))


def kept(*ids):
    """How many of these volumes are still there and free."""
    known = {volume["id"]: volume["status"] for volume in volumes(tenant())}
    print(sum(known.get(volume_id) == "available" for volume_id in ids))


def attached(name):
    """The instance's volumes, one a line, in the order of their devices."""
    session = tenant()
    (server,) = [one for one in servers(session) if one["name"] == name]
    rows = session.get("compute", f"/servers/{server['id']}/os-volume_attachments")["volumeAttachments"]
    for row in sorted(rows, key=lambda row: row["device"]):
        print(row["volumeId"])


def snapshots(*volume_ids):
    """How many snapshots each of these volumes has, in one line."""
    counts = [len(json.loads(rbd("snap", "ls", "--format", "json", f"volumes/volume-{one}"))) for one in volume_ids]
    print(*counts)


def strays(*restore_ids):
    """How many images still have the name that these restores gave to their fresh ones."""
    found = [image for pool in ("backups", "volumes") for image in images(pool)]
    print(sum(image.startswith(f"restore-{one}") for image in found for one in restore_ids))


def link(file, which):
    """The id of the link of the root or of the data disk in what `point show -f json` printed."""
    print(find_link(read(file), which)["id"])


def read(file):
    with open(file, encoding="utf-8") as text:
        return json.load(text)


def find_link(point, which):
    (disk,) = [one for one in point["disks"] if one["attachment"]["is_root"] == (which == "root")]
    (found,) = [one for one in point["links"] if one["disk_key"] == disk["key"]]
    return found


def sizes(file):
    """Disk size, bytes of data read and bytes stored of a point, all its disks together."""
    point = read(file)
    for key in ("size_bytes", "data_bytes", "stored_bytes"):
        print(human(sum(one[key] for one in point["links"])))


def human(count):
    for unit in ("B", "KiB", "MiB"):
        if count < 1024:
            return f"{count:.4g} {unit}"
        count /= 1024
    return f"{count:.4g} GiB"


VERBS = {verb.__name__: verb for verb in (clean, kept, attached, snapshots, strays, undo_images, link, sizes)}


def main():
    try:
        VERBS[sys.argv[1]](*sys.argv[2:])
    except ApiError as error:
        raise SystemExit(f"demo: {error}") from error


main()
