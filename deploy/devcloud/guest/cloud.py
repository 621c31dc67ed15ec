"""The development cloud as the guest tool sees it: servers, volumes, and where their images are."""

import json
import os
import sys
import time
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "python"))

from rest import ApiError, Session  # noqa: E402

POOL_OF_BACKEND = {"ceph": "volumes", "ceph-backups": "backups"}
USER_OF_PROJECT = {"tenant": "tenant", "other": "other", "admin": "admin"}
WAIT_SECONDS = 120


def is_uuid(text):
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


class Cloud:
    def __init__(self):
        with open(os.environ["EMBERKEEP_CLOUD_ENV"], encoding="utf-8") as file:
            self.settings = json.load(file)
        self.keystone = self.settings["authUrl"].removesuffix("/v3")
        self.admin = self.session("admin")

    def session(self, project):
        """Signed in to a project as the user who works there; the service user may work in all of them."""
        user = USER_OF_PROJECT.get(project, "emberkeep")
        return Session(self.keystone, user, self.settings["password"], project)

    def find_server(self, name):
        """The server's details as an admin sees them; SystemExit when there is not exactly one."""
        if is_uuid(name):
            try:
                return self.admin.get("compute", f"/servers/{name}")["server"]
            except ApiError as error:
                raise SystemExit(f"there is no instance {name}") from error
        servers = self.admin.get("compute", f"/servers/detail?all_tenants=1&name=^{name}$")["servers"]
        if len(servers) != 1:
            raise SystemExit(f"there are {len(servers)} instances named {name}" if servers else f"there is no instance {name}")
        return servers[0]

    def attachments(self, server_id):
        """The server's volumes in the order of their devices: the root first."""
        found = self.admin.get("compute", f"/servers/{server_id}/os-volume_attachments")["volumeAttachments"]
        return sorted(found, key=lambda attachment: attachment["device"])

    def volume(self, volume_id):
        return self.admin.get("volumev3", f"/volumes/{volume_id}")["volume"]

    def image_of_volume(self, volume):
        backend = volume["os-vol-host-attr:host"].split("@")[1].split("#")[0]
        # a migrated volume keeps its id and takes the image of another name
        image_id = volume.get("os-vol-mig-status-attr:name_id") or volume["id"]
        return f"{POOL_OF_BACKEND[backend]}/volume-{image_id}"

    def image(self, target):
        """POOL/IMAGE of what a person named: rbd:POOL/IMAGE, POOL/IMAGE, a volume's id or name, INSTANCE (its data volume),
        INSTANCE:root, INSTANCE:data or INSTANCE:sdb."""
        if target.startswith("rbd:") or "/" in target:
            return target.removeprefix("rbd:")
        volume = self.find_volume(target)
        if volume is not None:
            return self.image_of_volume(volume)
        name, _, which = target.partition(":")
        server = self.find_server(name)
        if which in ("root", "0") and self.has_nova_disk(server):
            return f"vms/{server['id']}_disk"
        attachment = self.attachment(server, which or "data")
        return self.image_of_volume(self.volume(attachment["volumeId"]))

    def has_nova_disk(self, server):
        """True when the root disk is Nova's own: an instance that was made from a volume shows no image."""
        return server["image"] != ""

    def find_volume(self, target):
        if is_uuid(target):
            try:
                return self.volume(target)
            except ApiError:
                return None
        found = self.admin.get("volumev3", f"/volumes/detail?all_tenants=1&name={target}")["volumes"]
        if len(found) > 1:
            raise SystemExit(f"there are {len(found)} volumes named {target}; name one by its id")
        return found[0] if found else None

    def attachment(self, server, which):
        """`which` is root, data, a device (sdb, /dev/sdb) or its number from 0."""
        attachments = self.attachments(server["id"])
        position = {"root": 0, "data": 1}.get(which, int(which) if which.isdigit() else None)
        for index, attachment in enumerate(attachments, 1 if self.has_nova_disk(server) else 0):
            if position == index or attachment["device"].removeprefix("/dev/") == which.removeprefix("/dev/"):
                return attachment
        devices = ", ".join(attachment["device"] for attachment in attachments)
        raise SystemExit(f"instance {server['name']} has no disk '{which}'; it has {devices or 'none'}")

    def device(self, server, which):
        """The device name of one of the server's disks, e.g. /dev/sdb."""
        if which in ("root", "0") and self.has_nova_disk(server):
            return server["OS-EXT-SRV-ATTR:root_device_name"]
        return self.attachment(server, which)["device"]

    def wait_server(self, server_id, status):
        def reached():
            server = self.admin.get("compute", f"/servers/{server_id}")["server"]
            if server["status"] == "ERROR":
                raise SystemExit(f"the instance failed: {server.get('fault', {}).get('message', 'no reason given')}")
            return server["status"] == status and server["OS-EXT-STS:task_state"] is None

        wait(f"instance {server_id} is {status}", reached)

    def wait_volume(self, volume_id, status):
        def reached():
            have = self.volume(volume_id)["status"]
            if have.startswith("error"):
                raise SystemExit(f"volume {volume_id} is in status {have}")
            return have == status

        wait(f"volume {volume_id} is {status}", reached)

    def delete(self, service, path):
        """Deletes and waits until it is gone; that it is gone already is fine."""

        def gone():
            try:
                self.admin.get(service, path)
                return False
            except ApiError as error:
                if error.status == 404:
                    return True
                raise

        if not gone():
            self.admin.delete(service, path)
            wait(f"{path} is deleted", gone)


def wait(what, reached):
    end = time.monotonic() + WAIT_SECONDS
    while not reached():
        if time.monotonic() > end:
            raise SystemExit(f"not within {WAIT_SECONDS} s: {what}")
        time.sleep(0.3)
