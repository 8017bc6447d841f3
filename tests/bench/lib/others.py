# SPDX-License-Identifier: Apache-2.0
"""What cordon stands beside: how each of the others is asked to start one program."""

import json
import os
import pathlib
import shutil

LIBRARIES = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")


def bwrap_view(project: pathlib.Path) -> list:
    """What the sandbox of a project shows, as far as bwrap has words for it."""
    view = ["--unshare-all", "--die-with-parent", "--ro-bind", "/usr", "/usr", "--ro-bind", "/etc", "/etc"]
    for name in LIBRARIES:
        path = pathlib.Path("/") / name
        if path.is_symlink():
            view += ["--symlink", os.readlink(path), str(path)]
        elif path.is_dir():
            view += ["--ro-bind", str(path), str(path)]
    view += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--bind", str(project), str(project)]
    return view + ["--chdir", str(project)]


def make_root(top: pathlib.Path) -> pathlib.Path:
    """A root with nothing in it but where the host's programs are mounted."""
    root = top / "root"
    for name in ("usr", "etc", "proc", "dev", "sys", "tmp"):
        (root / name).mkdir(parents=True)
    for name in LIBRARIES:
        path = pathlib.Path("/") / name
        if path.is_symlink():
            (root / name).symlink_to(os.readlink(path))
        elif path.is_dir():
            (root / name).mkdir()
    return root


def real_libraries() -> list:
    return ["/usr", *[f"/{name}" for name in LIBRARIES
                      if os.path.isdir(f"/{name}") and not os.path.islink(f"/{name}")]]


def runc_bundle(top: pathlib.Path, argv: list) -> pathlib.Path:
    """An OCI bundle: all namespaces, the host's programs read-only, no capabilities."""
    bundle = top / "bundle"
    make_root(bundle)
    user, group = os.geteuid(), os.getegid()
    mounts = [{"destination": "/proc", "type": "proc", "source": "proc"},
              {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755"]},
              {"destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "nodev"]}]
    mounts += [{"destination": path, "type": "bind", "source": path, "options": ["rbind", "ro"]}
               for path in real_libraries()]
    (bundle / "config.json").write_text(json.dumps({
        "ociVersion": "1.0.2",
        "process": {"terminal": False, "user": {"uid": 0, "gid": 0}, "args": argv, "cwd": "/",
                    "env": ["PATH=/usr/bin:/bin"], "noNewPrivileges": True, "capabilities": {}},
        "root": {"path": "root", "readonly": True},
        "mounts": mounts,
        "linux": {
            "namespaces": [{"type": kind} for kind in ("user", "mount", "pid", "network", "ipc", "uts", "cgroup")],
            "uidMappings": [{"containerID": 0, "hostID": user, "size": 1}],
            "gidMappings": [{"containerID": 0, "hostID": group, "size": 1}],
        },
    }))
    return bundle


def runc_command(top: pathlib.Path, argv: list) -> list:
    return [shutil.which("runc"), "--root", str(top / "runc"), "run", "--bundle", str(runc_bundle(top, argv)),
            f"bench{os.getpid()}"]


def podman_command(top: pathlib.Path, argv: list) -> list:
    (top / "podman").mkdir()
    volumes = [word for path in real_libraries() for word in ("--volume", f"{path}:{path}:ro")]
    # It would raise them to its own, which not every root may.
    limits = ["--ulimit=nofile=1024:4096", "--ulimit=nproc=4096:4096"]
    return [shutil.which("podman"), "run", "--rm", "--network=none", "--read-only", *limits, *volumes, "--rootfs",
            str(make_root(top / "podman")), *argv]
