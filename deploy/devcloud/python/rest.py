"""JSON over HTTP and Keystone sign-in, for the scripts of this directory. No dependency but Python."""

import json
import urllib.error
import urllib.request

MICROVERSIONS = {"compute": "compute 2.90", "volumev3": "volume 3.70"}


class ApiError(Exception):
    """An answer outside 2xx: `status` is the HTTP code, the text carries the service's own words."""

    def __init__(self, method, url, status, body):
        super().__init__(f"{method} {url}: {status} {body.decode(errors='replace').strip()}")
        self.status = status


def call(method, url, body=None, headers=None, timeout_seconds=60):
    """Returns (headers, parsed JSON or None); raises ApiError. A body of bytes is sent as it is."""
    raw = isinstance(body, bytes)
    data = body if raw or body is None else json.dumps(body).encode()
    kind = "application/octet-stream" if raw else "application/json"
    request = urllib.request.Request(url, data=data, method=method, headers={"Content-Type": kind, **(headers or {})})
    try:
        with urllib.request.urlopen(request, timeout=timeout_seconds) as answer:
            text = answer.read()
            return answer.headers, json.loads(text) if text else None
    except urllib.error.HTTPError as error:
        raise ApiError(method, url, error.code, error.read()) from error


class Session:
    """One user signed in to one project."""

    def __init__(self, keystone, user, password, project):
        domain = {"id": "default"}
        identity = {"methods": ["password"], "password": {"user": {"name": user, "domain": domain, "password": password}}}
        scope = {"project": {"name": project, "domain": domain}}
        headers, body = call("POST", f"{keystone}/v3/auth/tokens", {"auth": {"identity": identity, "scope": scope}})
        self.keystone = f"{keystone}/v3"
        self.token = headers["X-Subject-Token"]
        self.project_id = body["token"]["project"]["id"]
        self.endpoints = {
            service["type"]: endpoint["url"]
            for service in body["token"]["catalog"]
            for endpoint in service["endpoints"]
            if endpoint["interface"] == "public"
        }

    def request(self, method, service, path, body=None):
        """`service` is a catalog type or "identity"; returns parsed JSON or None."""
        base = self.keystone if service == "identity" else self.endpoints[service]
        headers = {"X-Auth-Token": self.token}
        if service in MICROVERSIONS:
            headers["OpenStack-API-Version"] = MICROVERSIONS[service]
        return call(method, base + path, body, headers)[1]

    def get(self, service, path):
        return self.request("GET", service, path)

    def post(self, service, path, body):
        return self.request("POST", service, path, body)

    def delete(self, service, path):
        return self.request("DELETE", service, path)
