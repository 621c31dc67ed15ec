"""ext4 in a plain file, without mounting it: made by mkfs.ext4, read and changed by debugfs."""

import os
import subprocess
import tempfile


def run(*arguments):
    """Returns (stdout, stderr); raises SystemExit with the program's own words."""
    done = subprocess.run(arguments, capture_output=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{arguments[0]} failed: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout, done.stderr.decode(errors="replace")


def debugfs(path, requests, writable=False):
    """Runs debugfs requests one by one; its exit code is 0 whatever happens, so its complaints are read."""
    output = b""
    for request in requests:
        output, complaints = run("debugfs", *(["-w"] if writable else []), "-R", request, path)
        # the first line is debugfs's version
        problem = "\n".join(line for line in complaints.splitlines() if not line.startswith("debugfs 1."))
        if problem:
            raise LookupError(problem)
    return output


def make(path, size_bytes, files):
    """A new file system of `size_bytes` in `path` with `files` (path inside -> contents)."""
    with tempfile.TemporaryDirectory() as directory:
        for name, contents in files.items():
            target = os.path.join(directory, inside(name))
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "wb") as file:
                file.write(contents)
        with open(path, "wb") as file:
            file.truncate(size_bytes)
        run("mkfs.ext4", "-q", "-F", "-L", "data", "-E", "root_owner=0:0", "-d", directory, path)


def inside(name):
    """A path inside the file system, without a way out of it and without what debugfs would take for syntax."""
    clean = os.path.normpath("/" + name).lstrip("/")
    if not clean or any(character in clean for character in '"\n'):
        raise SystemExit(f"'{name}' is not a file name")
    return clean


def read(path, name):
    """Contents of the file `name`."""
    try:
        return debugfs(path, [f'cat "{inside(name)}"'])
    except LookupError as error:
        raise SystemExit(f"cannot read {name}: {error}") from error


def exists(path, name):
    try:
        debugfs(path, [f'stat "{name}"'])
        return True
    except LookupError:
        return False


def write(path, name, contents):
    """Makes or replaces the file `name`; missing directories are made."""
    name = inside(name)
    parts = name.split("/")
    parents = ["/".join(parts[:count]) for count in range(1, len(parts))]
    requests = [f'mkdir "{parent}"' for parent in parents if not exists(path, parent)]
    if exists(path, name):
        requests.append(f'rm "{name}"')
    with tempfile.NamedTemporaryFile() as source:
        source.write(contents)
        source.flush()
        try:
            debugfs_write = f'write {source.name} "{name}"'
            debugfs(path, [*requests, debugfs_write], writable=True)
        except LookupError as error:
            raise SystemExit(f"cannot write {name}: {error}") from error
