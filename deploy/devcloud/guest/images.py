"""RBD images as files and back, touching only what holds data."""

import os

import rados
import rbd

BLOCK_BYTES = 4096
PIECE_BYTES = 4 << 20


class Images:
    """One connection to the cluster."""

    def __init__(self, conf):
        self.cluster = rados.Rados(conffile=conf)
        self.cluster.connect(timeout=30)

    def open(self, location, writable=False):
        """`location` is POOL/IMAGE or POOL/IMAGE@SNAPSHOT; the image closes its pool's context when it is collected."""
        pool, name = location.split("/", 1)
        name, _, snapshot = name.partition("@")
        try:
            return rbd.Image(self.cluster.open_ioctx(pool), name, snapshot=snapshot or None, read_only=not writable)
        except (rados.ObjectNotFound, rbd.ImageNotFound) as error:
            raise SystemExit(f"there is no RBD image {location}") from error

    def in_use(self, location):
        with self.open(location) as image:
            # the read-only handle that asks does not watch
            return len(list(image.watchers_list())) > 0

    def size(self, location):
        with self.open(location) as image:
            return image.size()

    def read(self, location, offset, length):
        with self.open(location) as image:
            return image.read(offset, length)

    def write_start(self, location, data):
        with self.open(location, writable=True) as image:
            image.write(data, 0)
            image.flush()

    def export(self, location, path):
        """Makes `path` a sparse copy of the image (clones include what their parent holds)."""
        with self.open(location) as image, open(path, "wb") as file:

            def copy(offset, length, exists):
                if not exists:
                    return
                for at in range(offset, offset + length, PIECE_BYTES):
                    file.seek(at)
                    file.write(image.read(at, min(PIECE_BYTES, offset + length - at)))

            image.diff_iterate(0, image.size(), None, copy)
            file.truncate(image.size())

    def write_back(self, path, location):
        """Makes the image equal to `path`, writing only blocks that differ; returns the bytes written.

        What is a hole in the file must be zero or unread in the image, as after `export` or on a new image."""
        written = 0
        with self.open(location, writable=True) as image, open(path, "rb") as file:
            for start, end in data_extents(file):
                for at in range(start, end, PIECE_BYTES):
                    length = min(PIECE_BYTES, end - at)
                    file.seek(at)
                    for offset, data in differences(file.read(length), image.read(at, length)):
                        image.write(data, at + offset)
                        written += len(data)
            image.flush()
        return written


def data_extents(file):
    """(start, end) of everything in the file that is not a hole."""
    size = os.fstat(file.fileno()).st_size
    at = 0
    while at < size:
        try:
            start = os.lseek(file.fileno(), at, os.SEEK_DATA)
        except OSError:
            return
        at = os.lseek(file.fileno(), start, os.SEEK_HOLE)
        yield start, at


def differences(new, old):
    """(offset, data) of the runs of blocks in which `new` differs from `old`."""
    run = None
    for offset in range(0, len(new), BLOCK_BYTES):
        same = new[offset : offset + BLOCK_BYTES] == old[offset : offset + BLOCK_BYTES]
        if same and run is not None:
            yield run, new[run:offset]
            run = None
        elif not same and run is None:
            run = offset
    if run is not None:
        yield run, new[run:]
