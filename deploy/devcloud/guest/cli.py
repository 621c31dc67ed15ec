#!/usr/bin/python3
"""Guests whose console and files prove what their disks hold (`npm run cloud -- guest ...`)."""

import argparse
import sys
import tempfile

sys.dont_write_bytecode = True

import actions  # noqa: E402
from cloud import Cloud  # noqa: E402
from images import Images  # noqa: E402
from rest import ApiError  # noqa: E402

DESCRIPTION = """\
A guest is an instance on the libvirt host with a boot volume and, usually, a data volume. Its boot volume holds a
512-byte program that prints a text on the serial console, then the text in the first sector of its data volume. The data
volume holds an ext4 file system (made without mounting it) with the files you name. No operating system runs in it, so
nothing mounts that file system: `put-file` and `cat` work on the volume's RBD image from outside.
"""

EXAMPLES = """\
TARGET is INSTANCE (its data volume), INSTANCE:root, INSTANCE:sdb, a volume's id or name, POOL/IMAGE or rbd:POOL/IMAGE
(with @SNAPSHOT if you like; read only).

examples:
  guest create web --text "WEB ONE" --data-text "GENERATION 1" --file test.txt=precious
  guest console web
  guest put-file web data test.txt=encrypted --force
  guest set-text web:data "GENERATION 2" && guest reboot web && guest console web
  guest write web data 700M 1M 0x5a
  guest cat web test.txt
  guest cat rbd:backups/restored test.txt
  guest delete web
"""


def size(text):
    """Bytes from 4096, 64K, 1M, 1G."""
    factor = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}.get(text[-1:].upper())
    return int(text[:-1]) * factor if factor else int(text, 0)


def file_argument(text):
    name, separator, contents = text.partition("=")
    if not separator or not name:
        raise argparse.ArgumentTypeError(f"'{text}' is not FILE=CONTENT")
    return name, contents.encode() + (b"" if contents.endswith("\n") else b"\n")


def add_create(verbs):
    parser = verbs.add_parser("create", help="make a guest and boot it; prints its ids as JSON")
    parser.add_argument("name")
    parser.add_argument("--text", required=True, help="what its boot volume prints on the console")
    parser.add_argument("--data-text", help="what the first sector of its data volume makes it print (default: none)")
    parser.add_argument("--file", type=file_argument, action="append", default=[], metavar="FILE=CONTENT")
    parser.add_argument("--data-size", type=int, default=1, metavar="GIB", help="0 for no data volume (default 1)")
    parser.add_argument(
        "--root",
        default="volume",
        choices=["volume", "nova"],
        help="volume: a bootable Cinder volume; nova: a disk Nova makes from an image, in the pool vms",
    )
    parser.add_argument("--root-size", type=int, default=1, metavar="GIB")
    parser.add_argument("--project", default="tenant", help="whose it is (default tenant)")
    parser.add_argument("--flavor", default="m1.nano")
    parser.add_argument("--zone", default="libvirt", choices=["libvirt", "fake"], help="fake: nothing runs, there is no console")
    parser.set_defaults(action=actions.create)


def add_console(verbs):
    parser = verbs.add_parser("console", help="print its serial console")
    parser.add_argument("name")
    parser.add_argument(
        "--until", metavar="LINE", help="wait until this is its last line; after half a minute print what there is and fail"
    )
    parser.set_defaults(action=actions.console)


def add_simple(verbs):
    """The verbs that take an instance and nothing else."""
    for verb, action, text in [
        ("reboot", actions.reboot, "power-cycle it and wait until it is ACTIVE"),
        ("stop", actions.stop, "stop it and wait"),
        ("start", actions.start, "start it and wait"),
        ("delete", actions.delete, "delete it and all its volumes"),
    ]:
        parser = verbs.add_parser(verb, help=text)
        parser.add_argument("name")
        parser.set_defaults(action=action)
    everything = verbs.add_parser("list", help="all instances of all projects with their volumes")
    everything.set_defaults(action=actions.list_instances)


def add_bytes(verbs):
    """The verbs about bytes of disks."""
    parser = verbs.add_parser("write", help="write a pattern from inside the running guest")
    parser.add_argument("name")
    parser.add_argument("device", help="root, data, sdb or a number from 0")
    parser.add_argument("offset", type=size)
    parser.add_argument("length", type=size)
    parser.add_argument("pattern", type=lambda text: int(text, 0), help="one byte, e.g. 0x5a")
    parser.set_defaults(action=actions.write)
    parser = verbs.add_parser("read", help="print bytes of an image as they are")
    parser.add_argument("target")
    parser.add_argument("offset", type=size)
    parser.add_argument("length", type=size)
    parser.set_defaults(action=actions.read)
    parser = verbs.add_parser("set-text", help="change what a boot or data volume makes the guest print")
    parser.add_argument("target")
    parser.add_argument("text")
    parser.add_argument("--as", dest="kind", choices=["root", "data"], help="default: what the image is now")
    parser.set_defaults(action=actions.set_text)


def add_files(verbs):
    """The verbs about files in the ext4 of a data volume."""
    parser = verbs.add_parser("put-file", help="make or replace a file in the ext4 of a data volume, from outside")
    parser.add_argument("name", help="instance, or '-' when VOLUME is a TARGET of its own")
    parser.add_argument("volume", help="data, sdb, or a TARGET")
    parser.add_argument("file", type=file_argument, metavar="FILE=CONTENT")
    parser.add_argument(
        "--force",
        action="store_true",
        help="also while the guest runs. Our guests mount nothing, so this is safe for them; a guest that had the file "
        "system mounted would corrupt it, and what qemu has cached it may show until it is rebooted",
    )
    parser.set_defaults(action=actions.put_file)
    parser = verbs.add_parser("cat", help="print a file of the ext4 in an image")
    parser.add_argument("target")
    parser.add_argument("file")
    parser.set_defaults(action=actions.cat)


def parse():
    top = argparse.ArgumentParser(
        prog="guest", description=DESCRIPTION, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    verbs = top.add_subparsers(required=True, metavar="VERB")
    for add in (add_create, add_console, add_simple, add_bytes, add_files):
        add(verbs)
    return top.parse_args()


def main():
    arguments = parse()
    cloud = Cloud()
    images = Images(cloud.settings["cephConf"])
    with tempfile.TemporaryDirectory(prefix="emberkeep-guest-") as scratch:
        try:
            arguments.action(cloud, images, scratch, arguments)
        except (ApiError, ValueError) as error:
            raise SystemExit(f"guest: {error}") from error


main()
