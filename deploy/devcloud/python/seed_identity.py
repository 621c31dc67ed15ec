#!/usr/bin/python3
"""Projects, users, roles and the service catalog, after `keystone-manage bootstrap`. Can be repeated.

    seed_identity.py KEYSTONE USER_PASSWORD SERVICE_PASSWORD TYPE=NAME=URL...
"""

import sys

from rest import ApiError, Session

SERVICE_USERS = ["glance", "placement", "cinder", "nova", "neutron"]
PROJECTS = ["service", "tenant", "other"]
# user -> (project, role)
PEOPLE = {"tenant": ("tenant", "member"), "other": ("other", "member"), "reader": ("tenant", "reader")}


def create(session, collection, kind, body):
    """Creates unless a thing of this name exists."""
    try:
        session.post("identity", f"/{collection}", {kind: body})
    except ApiError as error:
        if error.status != 409:
            raise


def ids(session, collection):
    return {item["name"]: item["id"] for item in session.get("identity", f"/{collection}")[collection]}


def seed_users(session, user_password, service_password):
    for name in PROJECTS:
        create(session, "projects", "project", {"name": name, "domain_id": "default"})
    create(session, "roles", "role", {"name": "service"})
    for name in SERVICE_USERS:
        create(session, "users", "user", {"name": name, "domain_id": "default", "password": service_password})
    for name in [*PEOPLE, "emberkeep"]:
        create(session, "users", "user", {"name": name, "domain_id": "default", "password": user_password})


def grant(session):
    users, roles, projects = ids(session, "users"), ids(session, "roles"), ids(session, "projects")

    def assign(user, project, role):
        session.request("PUT", "identity", f"/projects/{projects[project]}/users/{users[user]}/roles/{roles[role]}")

    for user in [*SERVICE_USERS, "emberkeep"]:
        assign(user, "service", "admin")
        assign(user, "service", "service")
    for user, (project, role) in PEOPLE.items():
        assign(user, project, role)
    # Emberkeep acts in any tenant's project, so that what it restores belongs to the tenant.
    session.request(
        "PUT",
        "identity",
        f"/OS-INHERIT/domains/default/users/{users['emberkeep']}/roles/{roles['admin']}/inherited_to_projects",
    )


def seed_catalog(session, entries):
    known = {service["type"] for service in session.get("identity", "/services")["services"]}
    for entry in entries:
        kind, name, url = entry.split("=", 2)
        if kind in known:
            continue
        service = session.post("identity", "/services", {"service": {"name": name, "type": kind}})["service"]
        for interface in ("public", "internal", "admin"):
            endpoint = {"interface": interface, "url": url, "region_id": "RegionOne", "service_id": service["id"]}
            session.post("identity", "/endpoints", {"endpoint": endpoint})


def main():
    keystone, user_password, service_password, *entries = sys.argv[1:]
    session = Session(keystone, "admin", user_password, "admin")
    seed_users(session, user_password, service_password)
    grant(session)
    seed_catalog(session, entries)


main()
