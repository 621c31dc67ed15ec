#!/usr/bin/python3
"""The network API of the development cloud: no network behind it, only the records.

    neutron_stand_in.py PORT STATE_FILE KEYSTONE

It keeps networks, subnets, ports, security groups and floating IPs as Neutron's API shows them: ports get a MAC and
addresses of their network's subnets, an address or MAC in use is refused with Neutron's own error types, a project sees
its own and shared things, an admin sees all. The rest of Neutron (agents, routers, quotas, extensions) is absent. A
shared network `private` (10.20.0.0/24) exists from the start. Everything is written to STATE_FILE after each change.
"""

import http.server
import ipaddress
import json
import os
import random
import sys
import threading
import urllib.parse
import urllib.request
import uuid

KINDS = {
    "networks": "network",
    "subnets": "subnet",
    "ports": "port",
    "security-groups": "security_group",
    "security-group-rules": "security_group_rule",
    "floatingips": "floatingip",
}
IGNORED_FILTERS = {"fields", "limit", "marker", "sort_key", "sort_dir", "page_reverse"}
DEFAULTS = {
    "networks": {"name": "", "admin_state_up": True, "status": "ACTIVE", "shared": False, "mtu": 1450, "subnets": [],
                 "router:external": False, "port_security_enabled": True, "availability_zones": [], "tags": []},
    "subnets": {"name": "", "ip_version": 4, "enable_dhcp": True, "dns_nameservers": [], "host_routes": [],
                "allocation_pools": [], "tags": []},
    "ports": {"name": "", "admin_state_up": True, "status": "ACTIVE", "device_id": "", "device_owner": "",
              "fixed_ips": [], "security_groups": [], "allowed_address_pairs": [], "extra_dhcp_opts": [],
              "binding:vnic_type": "normal", "binding:profile": {}, "binding:vif_type": "unbound",
              "binding:vif_details": {}, "binding:host_id": "", "port_security_enabled": True, "tags": []},
    "security-groups": {"name": "", "description": "", "security_group_rules": [], "tags": []},
    "security-group-rules": {},
    "floatingips": {"status": "ACTIVE", "fixed_ip_address": None, "port_id": None, "tags": []},
}


class Refusal(Exception):
    def __init__(self, status, kind, message):
        super().__init__(message)
        self.status, self.kind = status, kind


class Store:
    """All records; every public method holds the lock and sees or leaves a consistent state."""

    def __init__(self, path):
        self.path = path
        self.lock = threading.RLock()
        self.items = {kind: {} for kind in KINDS}
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                self.items.update(json.load(file))
        if not self.items["networks"]:
            network = self.create("networks", {"name": "private", "shared": True}, "")
            self.create("subnets", {"name": "private", "network_id": network["id"], "cidr": "10.20.0.0/24"}, "")

    def save(self):
        with open(f"{self.path}.new", "w", encoding="utf-8") as file:
            json.dump(self.items, file, indent=1)
        os.replace(f"{self.path}.new", self.path)

    def get(self, kind, item_id):
        item = self.items[kind].get(item_id)
        if item is None:
            name = KINDS[kind].title().replace("_", "")
            raise Refusal(404, f"{name}NotFound", f"{name} {item_id} could not be found.")
        return item

    def create(self, kind, wanted, project):
        with self.lock:
            item = {**json.loads(json.dumps(DEFAULTS[kind])), **wanted, "id": str(uuid.uuid4())}
            owner = wanted.get("tenant_id") or wanted.get("project_id") or project
            item["tenant_id"] = item["project_id"] = owner
            prepare = {"subnets": self.prepare_subnet, "ports": self.prepare_port}.get(kind)
            if prepare:
                prepare(item)
            self.items[kind][item["id"]] = item
            self.save()
            return item

    def update(self, kind, item_id, changes):
        with self.lock:
            item = {**self.get(kind, item_id), **changes}
            if kind == "ports":
                self.prepare_port(item)
            self.items[kind][item_id] = item
            self.save()
            return item

    def delete(self, kind, item_id):
        with self.lock:
            item = self.get(kind, item_id)
            if kind == "networks" and any(port["network_id"] == item_id for port in self.items["ports"].values()):
                raise Refusal(409, "NetworkInUse", f"Unable to complete operation on network {item_id}. There are one or more ports still in use on the network.")
            if kind == "subnets":
                self.items["networks"][item["network_id"]]["subnets"].remove(item_id)
            del self.items[kind][item_id]
            self.save()

    def default_group(self, project):
        """Neutron makes a project's `default` group when the project first looks."""
        with self.lock:
            groups = self.items["security-groups"].values()
            if project and not any(group["tenant_id"] == project and group["name"] == "default" for group in groups):
                self.create("security-groups", {"name": "default", "description": "Default security group"}, project)

    def prepare_subnet(self, subnet):
        network = self.get("networks", subnet["network_id"])
        cidr = ipaddress.ip_network(subnet["cidr"])
        subnet.setdefault("gateway_ip", str(cidr[1]))
        subnet["allocation_pools"] = subnet["allocation_pools"] or [{"start": str(cidr[2]), "end": str(cidr[-2])}]
        network["subnets"].append(subnet["id"])

    def prepare_port(self, port):
        network = self.get("networks", port["network_id"])
        others = [other for other in self.items["ports"].values() if other["id"] != port["id"]]
        on_network = [other for other in others if other["network_id"] == network["id"]]
        port["mac_address"] = self.choose_mac(port, on_network)
        taken = {address["ip_address"] for other in on_network for address in other["fixed_ips"]}
        wanted = port["fixed_ips"] or [{"subnet_id": subnet} for subnet in network["subnets"]]
        port["fixed_ips"] = []
        for address in wanted:
            chosen = self.choose_address(network, address, taken)
            taken.add(chosen["ip_address"])
            port["fixed_ips"].append(chosen)
        if port["binding:host_id"]:
            port["binding:vif_type"] = "ovs"
            port["binding:vif_details"] = {"port_filter": False}

    @staticmethod
    def choose_mac(port, others):
        used = {other["mac_address"].lower() for other in others}
        wanted = port.get("mac_address")
        if not wanted:
            return "fa:16:3e:" + ":".join(f"{random.randrange(256):02x}" for _ in range(3))
        if wanted.lower() in used:
            raise Refusal(409, "MacAddressInUse", f"Unable to complete operation for network {port['network_id']}. The mac address {wanted} is in use.")
        return wanted.lower()

    def choose_address(self, network, wanted, taken):
        subnets = [self.items["subnets"][item] for item in network["subnets"]]
        address = wanted.get("ip_address")
        for subnet in subnets:
            if wanted.get("subnet_id", subnet["id"]) != subnet["id"]:
                continue
            cidr = ipaddress.ip_network(subnet["cidr"])
            if address is None:
                free = (str(host) for host in list(cidr)[2:-1] if str(host) not in taken)
                address = next(free, None)
                if address is None:
                    raise Refusal(409, "IpAddressGenerationFailure", f"No more IP addresses available on network {network['id']}.")
            elif address in taken:
                raise Refusal(409, "IpAddressInUse", f"Unable to complete operation for network {network['id']}. The IP address {address} is in use.")
            if ipaddress.ip_address(address) in cidr:
                return {"subnet_id": subnet["id"], "ip_address": address}
        raise Refusal(400, "InvalidIpForNetwork", f"IP address {address} is not a valid IP for any of the subnets on the specified network.")


def matches(item, filters):
    for name, wanted in filters.items():
        if name in IGNORED_FILTERS:
            continue
        if name == "fixed_ips":
            have = {f"{key}={value}" for address in item.get("fixed_ips", []) for key, value in address.items()}
            if not have & set(wanted):
                return False
        elif str(item.get(name, "")).lower() not in {value.lower() for value in wanted}:
            return False
    return True


class Tokens:
    """Who a token belongs to, asked of Keystone once."""

    def __init__(self, keystone):
        self.keystone = keystone
        self.known = {}

    def identify(self, token):
        if token not in self.known:
            headers = {"X-Auth-Token": token, "X-Subject-Token": token}
            try:
                with urllib.request.urlopen(urllib.request.Request(f"{self.keystone}/v3/auth/tokens", headers=headers), timeout=30) as answer:
                    body = json.load(answer)["token"]
            except OSError as error:
                raise Refusal(401, "Unauthorized", "The request you have made requires authentication.") from error
            roles = {role["name"] for role in body.get("roles", [])}
            self.known[token] = (body.get("project", {}).get("id", ""), "admin" in roles)
        return self.known[token]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    store = None
    tokens = None

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or b"{}")
        try:
            status, result = self.route(body)
        except Refusal as refusal:
            status = refusal.status
            result = {"NeutronError": {"type": refusal.kind, "message": str(refusal), "detail": ""}}
        data = b"" if result is None else json.dumps(result).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_DELETE = answer

    def route(self, body):
        parts = urllib.parse.urlsplit(self.path)
        path = [part for part in parts.path.removesuffix(".json").split("/") if part]
        filters = urllib.parse.parse_qs(parts.query)
        if not path:
            link = {"rel": "self", "href": f"http://{self.headers['Host']}/v2.0/"}
            return 200, {"versions": [{"id": "v2.0", "status": "CURRENT", "links": [link]}]}
        kind, item_id = (path[1:3] + ["", ""])[:2]
        if kind == "quotas":
            return 200, {"quota": {name: -1 for name in ("network", "subnet", "port", "floatingip", "security_group")}}
        if kind not in KINDS:
            # extensions, agents, availability zones, ...: there are none
            return (200, {kind.replace("-", "_"): []}) if self.command == "GET" and not item_id else (404, None)
        project, admin = self.tokens.identify(self.headers.get("X-Auth-Token", ""))
        return self.resource(kind, item_id, filters, body, project, admin)

    def resource(self, kind, item_id, filters, body, project, admin):
        single, plural = KINDS[kind], kind.replace("-", "_")

        def visible(item):
            return admin or item["tenant_id"] == project or item.get("shared") or kind == "subnets"

        if kind == "security-groups":
            self.store.default_group((filters.get("tenant_id") or filters.get("project_id") or [project])[0])
        if item_id and not visible(self.store.get(kind, item_id)):
            self.store.get(kind, f"{item_id} ")  # answers exactly as for an unknown id
        if self.command == "GET" and item_id:
            return 200, {single: self.store.get(kind, item_id)}
        if self.command == "GET":
            with self.store.lock:
                return 200, {plural: [item for item in self.store.items[kind].values() if visible(item) and matches(item, filters)]}
        if self.command == "POST":
            if plural in body:
                return 201, {plural: [self.store.create(kind, item, project) for item in body[plural]]}
            return 201, {single: self.store.create(kind, body[single], project)}
        if self.command == "PUT":
            return 200, {single: self.store.update(kind, item_id, body[single])}
        self.store.delete(kind, item_id)
        return 204, None


def main():
    port, state_file, keystone = sys.argv[1:]
    Handler.store = Store(state_file)
    Handler.tokens = Tokens(keystone)
    http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()


main()
