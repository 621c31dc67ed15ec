"""
Changes and reads images for tests: one order a line on standard input, one answer a line on standard output, both JSON, in
order. One connection for all of them: `rbd` needs a tenth of a second of a processor for each.
"""

import hashlib
import json
import random
import sys

import rados
import rbd

STEP = 4 << 20
ZEROS = bytes(STEP)


def opened(ioctx, order, read_only=True):
    name, _, snapshot = order["image"].partition("@")
    return rbd.Image(ioctx, name, snapshot=snapshot or None, read_only=read_only)


def pieces(image):
    size = image.size()
    return ((offset, image.read(offset, min(STEP, size - offset))) for offset in range(0, size, STEP))


def sha256(ioctx, order):
    found = hashlib.sha256()
    with opened(ioctx, order) as image:
        for _, data in pieces(image):
            found.update(data)
    return found.hexdigest()


def sparse_sha256(ioctx, order):
    with opened(ioctx, order) as image:
        found = hashlib.sha256(image.size().to_bytes(8, "big"))
        for offset, data in pieces(image):
            if data != ZEROS[: len(data)]:
                found.update(offset.to_bytes(8, "big") + data)
    return found.hexdigest()


def range_sha256(ioctx, order):
    with opened(ioctx, order) as image:
        length = min(order["length"], image.size() - order["offset"])
        return hashlib.sha256(image.read(order["offset"], length)).hexdigest()


def content(seed, length):
    return random.Random(seed).randbytes(length) if seed else bytes(length)


def change(ioctx, order):
    """With `clip`, what lies beyond the end is left out; else librbd refuses it."""
    with opened(ioctx, order, read_only=False) as image:
        for step in order["changes"]:
            if step["kind"] == "resize":
                image.resize(step["sizeBytes"])
                continue
            length = step["length"]
            if order.get("clip"):
                length = min(length, image.size() - step["offset"])
            if length <= 0:
                continue
            if step["kind"] == "write":
                image.write(content(step["seed"], step["length"])[:length], step["offset"])
            else:
                image.discard(step["offset"], length)


def create(ioctx, order):
    object_order = order.get("objectOrder", 22)
    rbd.RBD().create(ioctx, order["image"], order["sizeBytes"], order=object_order, old_format=False)


def snapshot(ioctx, order):
    with opened(ioctx, order, read_only=False) as image:
        image.create_snap(order["name"])


def remove(ioctx, order):
    try:
        with opened(ioctx, order, read_only=False) as image:
            for snapshot in list(image.list_snaps()):
                image.remove_snap(snapshot["name"])
    except rbd.ImageNotFound:
        return
    rbd.RBD().remove(ioctx, order["image"])


def snapshots(ioctx, order):
    with opened(ioctx, order) as image:
        own = [one for one in image.list_snaps() if one["namespace"] == rbd.RBD_SNAP_NAMESPACE_TYPE_USER]
    return sorted(({"id": one["id"], "name": one["name"]} for one in own), key=lambda one: one["id"])


def info(ioctx, order):
    with opened(ioctx, order) as image:
        return {"id": image.id(), "size": image.size()}


def images(ioctx, _order):
    return rbd.RBD().list(ioctx)


def trash(ioctx, _order):
    return [one["id"] for one in rbd.RBD().trash_list(ioctx)]


VERBS = {verb.__name__: verb for verb in (
    sha256, sparse_sha256, range_sha256, change, create, remove, snapshot, snapshots, info, images, trash
)}  # fmt: skip


def main():
    conf, keyring = sys.argv[1:3]
    pools = {}
    with rados.Rados(conffile=conf, conf={"keyring": keyring}) as cluster:
        for line in sys.stdin:
            order = json.loads(line)
            try:
                pool = order["pool"]
                if pool not in pools:
                    pools[pool] = cluster.open_ioctx(pool)
                answer = {"result": VERBS[order["verb"]](pools[pool], order)}
            except Exception as error:  # the test is told, and goes on or fails
                answer = {"error": repr(error)}
            print(json.dumps(answer), flush=True)
        for ioctx in pools.values():
            ioctx.close()


main()
