#!/usr/bin/python3
"""Runs several commands of one OpenStack `-manage` program, importing its code only once.

    run_commands.py PROGRAM CONF -- COMMAND ARGUMENTS -- COMMAND ARGUMENTS ...

e.g. `run_commands.py nova-manage FILE -- api_db sync -- db sync`. Each command is a fork that runs the program's own main();
the first that fails ends the row with its exit code.
"""

import importlib
import os
import sys


def split(words):
    commands = []
    for word in words:
        if word == "--":
            commands.append([])
        else:
            commands[-1].append(word)
    return commands


def run(main, arguments):
    """The exit code of main() with `arguments`, in a process of its own."""
    child = os.fork()
    if child == 0:
        sys.argv = arguments
        sys.exit(main())
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main():
    program, conf, *words = sys.argv[1:]
    project = program.removesuffix("-manage")
    manage = importlib.import_module(f"{project}.cmd.manage").main
    for command in split(words):
        sys.stdout.flush()
        code = run(manage, [f"/usr/bin/{program}", "--config-file", conf, *command])
        if code != 0:
            print(f"{program} {' '.join(command[:2])} failed", file=sys.stderr)
            sys.exit(code if code > 0 else 1)


main()
