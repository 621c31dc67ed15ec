"""What each verb of the guest tool does. Every action takes (cloud, images, scratch directory, arguments)."""

import json
import os
import subprocess
import sys
import time

import boot_sector
import ext4
from cloud import wait

# Hot plugging works on this bus without the guest's help, and qemu names its disks scsi0-0-0-UNIT.
DISK_BUS = {"hw_disk_bus": "scsi", "hw_scsi_model": "virtio-scsi"}
GIB = 1 << 30
# From power-on to the text that it prints; a busy machine needs several times the usual two.
BOOT_SECONDS = 30


def note(text):
    print(text, file=sys.stderr)


def make_volume(cloud, owner, name, size_gib):
    body = {"name": name, "size": size_gib, "volume_type": "ceph"}
    volume = owner.post("volumev3", "/volumes", {"volume": body})["volume"]
    cloud.wait_volume(volume["id"], "available")
    return cloud.volume(volume["id"])


def make_root(cloud, images, owner, arguments):
    volume = make_volume(cloud, owner, f"{arguments.name}-root", arguments.root_size)
    path = f"/volumes/{volume['id']}/action"
    owner.post("volumev3", path, {"os-set_bootable": {"bootable": True}})
    owner.post("volumev3", path, {"os-set_image_metadata": {"metadata": DISK_BUS}})
    images.write_start(cloud.image_of_volume(volume), boot_sector.boot_sector(arguments.text))
    return volume["id"]


def make_data(cloud, images, owner, scratch, arguments):
    volume = make_volume(cloud, owner, f"{arguments.name}-data", arguments.data_size)
    raw = os.path.join(scratch, "data.raw")
    ext4.make(raw, arguments.data_size * GIB, dict(arguments.file))
    if arguments.data_text is not None:
        with open(raw, "r+b") as file:
            file.write(boot_sector.data_sector(arguments.data_text))
    written = images.write_back(raw, cloud.image_of_volume(volume))
    note(f"data volume {volume['id']}: {written} bytes written")
    return volume["id"]


def block_devices(volumes, nova_disk):
    """Nova's block_device_mapping_v2. The first volume boots, unless Nova makes the root disk from an image itself."""
    return [
        {
            "uuid": volume,
            "source_type": "volume",
            "destination_type": "volume",
            "boot_index": 0 if index == 0 and not nova_disk else -1,
        }
        for index, volume in enumerate(volumes)
    ]


def id_of(owner, kind, name):
    """The id of a flavor or image by its name."""
    service, path = {"flavors": ("compute", "/flavors"), "images": ("image", "/v2/images")}[kind]
    known = {item["name"]: item["id"] for item in owner.get(service, path)[kind]}
    if name not in known:
        raise SystemExit(f"there is none of the {kind} named {name}; there are {', '.join(known)}")
    return known[name]


def create(cloud, images, scratch, arguments):
    boot_sector.boot_sector(arguments.text)  # refuses a text that is too long before anything is made
    owner = cloud.session(arguments.project)
    nova_disk = arguments.root == "nova"
    body = {
        "name": arguments.name,
        "flavorRef": id_of(owner, "flavors", "m1.disk" if nova_disk else arguments.flavor),
        "networks": "none",
        "availability_zone": arguments.zone,
    }
    if nova_disk:
        body["imageRef"] = id_of(owner, "images", "boot-sector")
    root = None if nova_disk else make_root(cloud, images, owner, arguments)
    data = make_data(cloud, images, owner, scratch, arguments) if arguments.data_size > 0 else None
    body["block_device_mapping_v2"] = block_devices([volume for volume in (root, data) if volume], nova_disk)
    if nova_disk:
        body["block_device_mapping_v2"].insert(0, nova_root(body["imageRef"]))
    server_id = owner.post("compute", "/servers", {"server": body})["server"]["id"]
    cloud.wait_server(server_id, "ACTIVE")
    if arguments.zone == "libvirt":
        if nova_disk:
            images.write_start(f"vms/{server_id}_disk", boot_sector.boot_sector(arguments.text))
            power_cycle(cloud, server_id)
        wait(f"{arguments.text} on the console", lambda: arguments.text in console_text(cloud, server_id))
    print(json.dumps({"instance": server_id, "root": root, "data": data}))


def nova_root(image_id):
    return {
        "uuid": image_id,
        "source_type": "image",
        "destination_type": "local",
        "boot_index": 0,
        "delete_on_termination": True,
    }


def power_cycle(cloud, server_id):
    cloud.admin.post("compute", f"/servers/{server_id}/action", {"reboot": {"type": "HARD"}})
    cloud.wait_server(server_id, "ACTIVE")


def console_text(cloud, server_id):
    path = f"/servers/{server_id}/action"
    return cloud.admin.post("compute", path, {"os-getConsoleOutput": {"length": None}})["output"]


def console(cloud, _images, _scratch, arguments):
    server_id = cloud.find_server(arguments.name)["id"]
    end = time.monotonic() + BOOT_SECONDS
    while True:
        text = console_text(cloud, server_id).replace("\r", "")
        is_there = arguments.until is None or text.rstrip().split("\n")[-1] == arguments.until
        if is_there or time.monotonic() > end:
            break
        time.sleep(0.5)
    print(text, end="")
    if not is_there:
        raise SystemExit(f"guest: not within {BOOT_SECONDS} s its last line: {arguments.until}")


def act(cloud, arguments, body, status):
    server = cloud.find_server(arguments.name)
    cloud.admin.post("compute", f"/servers/{server['id']}/action", body)
    cloud.wait_server(server["id"], status)


def reboot(cloud, _images, _scratch, arguments):
    power_cycle(cloud, cloud.find_server(arguments.name)["id"])


def stop(cloud, _images, _scratch, arguments):
    act(cloud, arguments, {"os-stop": None}, "SHUTOFF")


def start(cloud, _images, _scratch, arguments):
    act(cloud, arguments, {"os-start": None}, "ACTIVE")


def delete(cloud, _images, _scratch, arguments):
    server = cloud.find_server(arguments.name)
    volumes = [attachment["volumeId"] for attachment in cloud.attachments(server["id"])]
    cloud.delete("compute", f"/servers/{server['id']}")
    for volume in volumes:
        cloud.delete("volumev3", f"/volumes/{volume}")


def list_instances(cloud, _images, _scratch, _arguments):
    for server in cloud.admin.get("compute", "/servers/detail?all_tenants=1")["servers"]:
        disks = [f"{item.get('device')}={item['volumeId']}" for item in cloud.attachments(server["id"])]
        print(server["name"], server["id"], server["status"], server["OS-EXT-SRV-ATTR:host"], *disks)


def write(cloud, images, _scratch, arguments):
    server = cloud.find_server(arguments.name)
    room = images.size(cloud.image(f"{arguments.name}:{arguments.device}"))
    if arguments.offset + arguments.length > room:  # qemu would not tell
        raise SystemExit(f"the disk ends at {room}")
    unit = ord(cloud.device(server, arguments.device)[-1]) - ord("a")
    for request in (f"write -P {arguments.pattern} {arguments.offset} {arguments.length}", "flush"):
        # what qemu-io reports goes to qemu's own log; the monitor answers only when something is wrong
        answer = monitor(cloud, server, f'qemu-io -d scsi0-0-0-{unit} "{request}"')
        if answer:
            raise SystemExit(f"qemu refused: {answer}")
    note(f"wrote {arguments.length} bytes at {arguments.offset}")


def read(cloud, images, _scratch, arguments):
    sys.stdout.buffer.write(images.read(cloud.image(arguments.target), arguments.offset, arguments.length))


def monitor(cloud, server, line):
    """One line to the monitor of the guest's qemu."""
    domain = server["OS-EXT-SRV-ATTR:instance_name"]
    command = ["virsh", "-q", "-c", cloud.settings["libvirtUri"], "qemu-monitor-command", domain, "--hmp", line]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"the guest's monitor does not answer: {done.stderr.strip()}")
    return done.stdout.strip()


def put_file(cloud, images, scratch, arguments):
    target = arguments.volume if arguments.name == "-" else volume_of(cloud, arguments.name, arguments.volume)
    location = cloud.image(target)
    if images.in_use(location) and not arguments.force:
        raise SystemExit(f"{location} is in use; stop the guest first, or say --force (see --help)")
    raw = os.path.join(scratch, "disk.raw")
    images.export(location, raw)
    ext4.write(raw, *arguments.file)
    note(f"{location}: {images.write_back(raw, location)} bytes written")


def volume_of(cloud, name, volume):
    """A volume named as a part of the instance (data, sdb), or by itself."""
    if volume in ("root", "data") or volume.removeprefix("/dev/").startswith("sd"):
        return f"{name}:{volume.removeprefix('/dev/')}"
    attached = [item["volumeId"] for item in cloud.attachments(cloud.find_server(name)["id"])]
    found = cloud.find_volume(volume)
    if found is None or found["id"] not in attached:
        raise SystemExit(f"instance {name} has no volume {volume}")
    return found["id"]


def cat(cloud, images, scratch, arguments):
    raw = os.path.join(scratch, "disk.raw")
    images.export(cloud.image(arguments.target), raw)
    sys.stdout.buffer.write(ext4.read(raw, arguments.file))


def set_text(cloud, images, _scratch, arguments):
    location = cloud.image(arguments.target)
    start_bytes = images.read(location, 0, boot_sector.SECTOR_BYTES)
    kind = arguments.kind or ("root" if start_bytes.endswith(boot_sector.SIGNATURE) else "data")
    make = boot_sector.boot_sector if kind == "root" else boot_sector.data_sector
    images.write_start(location, make(arguments.text))
    note(f"{location}: {kind} text changed; a running guest shows it after a reboot")
