#!/usr/bin/python3
"""Starts several daemons of one OpenStack project while importing its code only once.

    fork_services.py nova|cinder LOG_DIR PID_DIR RABBITMQ_PORT SERVICE=CONF...

Importing Nova takes seconds of CPU and 100 MB per process; here the modules are imported once and every service is a fork
that runs the project's own unmodified main() in its own session, with its own log and pid file ("PID START_TIME").
"""

import importlib
import os
import socket
import sys
import time

# service -> module whose main() it runs
MAINS = {
    "nova-api": "nova.cmd.api",
    "nova-conductor": "nova.cmd.conductor",
    "nova-scheduler": "nova.cmd.scheduler",
    "nova-compute-fake": "nova.cmd.compute",
    "nova-compute-libvirt": "nova.cmd.compute",
    "cinder-api": "cinder.cmd.api",
    "cinder-scheduler": "cinder.cmd.scheduler",
    "cinder-volume": "cinder.cmd.volume",
}

# The commands first: importing them also sets eventlet up as the project wants it.
COMMANDS = {
    "nova": ["nova.cmd", "nova.cmd.api", "nova.cmd.conductor", "nova.cmd.scheduler", "nova.cmd.compute"],
    "cinder": ["cinder.cmd.api", "cinder.cmd.scheduler", "cinder.cmd.volume"],
}
HEAVY = {
    "nova": [
        "nova.conductor.manager",
        "nova.scheduler.manager",
        "nova.compute.manager",
        "nova.virt.fake",
        "nova.virt.libvirt.driver",
        "nova.db.main.api",
        "nova.db.api.api",
        "nova.network.neutron",
        "nova.volume.cinder",
    ],
    "cinder": [
        "cinder.scheduler.manager",
        "cinder.volume.manager",
        "cinder.volume.drivers.rbd",
        "cinder.db.sqlalchemy.api",
    ],
}

WAIT_SECONDS = 120


def global_conf(project):
    if project == "nova":
        return importlib.import_module("nova.conf").CONF
    return importlib.import_module("oslo_config.cfg").CONF


def preload(project, conf_file):
    """Imports in the one order that works: Nova's objects must be registered before its commands are imported,
    and both projects read periodic task intervals from CONF while their managers are imported."""
    from oslo_log import log

    for module in COMMANDS[project]:
        importlib.import_module(module)
        if module == "nova.cmd":
            importlib.import_module("nova.objects").register_all()
    conf = global_conf(project)
    log.register_options(conf)
    conf(["--config-file", conf_file], project=project, default_config_files=[])
    if project == "cinder":
        importlib.import_module("cinder.objects").register_all()
    for module in HEAVY[project]:
        importlib.import_module(module)
    conf.clear()  # each daemon's main() parses its own command line


def wait_until(done):
    end = time.monotonic() + WAIT_SECONDS
    while not done() and time.monotonic() < end:
        time.sleep(0.1)


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


def size(path):
    return os.path.getsize(path) if os.path.exists(path) else 0


def conductor_listens(log_file, start):
    """True once the conductor started now (its log before byte `start` is of an earlier run) serves its queue."""
    if not os.path.exists(log_file):
        return False
    with open(log_file, "rb") as log:
        log.seek(start)
        return b"Starting conductor node" in log.read()


def write_pid(path):
    with open("/proc/self/stat", encoding="ascii") as stat:
        started = stat.read().rsplit(") ", 1)[1].split()[19]
    with open(path, "w", encoding="ascii") as file:
        file.write(f"{os.getpid()} {started}\n")


def become(service, log_dir, pid_dir):
    """The rest of a forked child's life."""
    os.setsid()
    log = os.open(os.path.join(log_dir, f"{service}.log"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    write_pid(os.path.join(pid_dir, service))


def run(service, conf_file):
    import eventlet.hubs

    eventlet.hubs.use_hub()  # the parent's epoll descriptor must not be shared
    module = MAINS[service]
    sys.argv = ["/usr/bin/" + module.replace(".cmd.", "-"), "--config-file", conf_file]
    sys.exit(importlib.import_module(module).main())


def main():
    project, log_dir, pid_dir, bus_port, *pairs = sys.argv[1:]
    services = dict(pair.split("=", 1) for pair in pairs)
    preload(project, next(iter(services.values())))
    # A service that finds no message bus backs off for seconds, so nobody starts before it listens.
    wait_until(lambda: listens(int(bus_port)))
    conductor_log = os.path.join(log_dir, "nova-conductor.log")
    log_start = size(conductor_log)
    for service, conf_file in services.items():
        if os.fork():
            continue
        become(service, log_dir, pid_dir)
        if "compute" in service and "nova-conductor" in services:
            # A compute's first call is lost, and costs ten seconds, unless the conductor listens already.
            wait_until(lambda: conductor_listens(conductor_log, log_start))
            time.sleep(0.7)
        run(service, conf_file)


main()
