# SPDX-License-Identifier: Apache-2.0
"""image.py - what a virtual machine is made of: kernels, a Debian 12, a first program that finds the disk

Everything is Debian's own, fetched by apt from the mirror of this system with lists of its own, so that nothing of this
system changes: the kernels are unpacked and never installed. One disk serves all kernels; it holds a small Debian 12,
cordon installed below /usr as the Debian package has it, and the sources with the built tests at the very path that
they have here. AppArmor 4, which Debian 12 does not have, lies below /opt/apparmor4 with the C library that it
needs. Each machine gets a copy that is thrown away.

	folder/apt		package lists and packages
	folder/kernels/NAME	vmlinuz, modules/
	folder/tree.tar		the Debian 12, as long as the list of its packages is the same
	folder/disk.ext4	made anew by every run
"""

import dataclasses
import hashlib
import os
import pathlib
import re
import shutil
import stat
import subprocess

ARCHIVE = "http://deb.debian.org/debian"
SECURITY = "http://deb.debian.org/debian-security"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
# What the checks and the tests need in the machine, besides what is essential to a Debian.
PACKAGES = ["apparmor", "diffutils", "e2fsprogs", "git", "kmod", "less", "meson", "procps", "python3", "strace",
            "systemd", "uidmap", "util-linux"]
# Of the programs that are not static.
LIBRARIES = ["libgit2-1.5", "libarchive13", "libcurl4", "libutf8proc2", "libyaml-0-2"]
# To find the disk, and what else is no part of the kernel image; those that a kernel has built in are no files.
MODULES = ["virtio_pci", "virtio_blk", "virtio_rng", "ext4", "crc32c_generic", "crc32c-intel", "overlay"]
# What lies on the disk: a Debian loads these when somebody asks for what they do.
LOADABLE = ["nft_tproxy", "tcp_diag", "udp_diag"]
DISK_BYTES = 3 << 30
# Built tests that are run in the machine; other programs of a build folder stay at home.
UNIT_TESTS = r"(jail|kern|overlay)_test_"

INIT = """#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t devtmpfs dev /dev
while read module; do /bin/busybox insmod $module || echo "vm: $module"; done < /modules
/bin/busybox mount -t ext4 -o rw,noatime /dev/vda /root || exec /bin/busybox poweroff -f
/bin/busybox umount /proc
/bin/busybox mount --move /dev /root/dev
exec /bin/busybox switch_root /root /sbin/vm/init
"""

# Of PID 1 afterwards, which only collects who has lost its parent.
INITTAB = """::sysinit:/usr/bin/python3 {source}/tests/vm/lib/guest.py
::shutdown:/bin/sync
"""


def run(*command, **more):
    return subprocess.run([str(word) for word in command], check=True, stdin=subprocess.DEVNULL, **more)


@dataclasses.dataclass(frozen=True)
class Suite:
    """A part of Debian's archive: its name, where it is, and how to ask apt for it alone."""

    name: str
    uri: str = ARCHIVE


SUITES = {
    "bookworm": [Suite("bookworm"), Suite("bookworm-security", SECURITY)],
    "backports": [Suite("bookworm"), Suite("bookworm-backports")],
    "trixie": [Suite("trixie")],
}


def mirror(suite: Suite) -> str:
    """The address that this system itself takes Debian's packages from, where that is said in the newer form."""
    for path in sorted(pathlib.Path("/etc/apt/sources.list.d").glob("*.sources")):
        for stanza in path.read_text().split("\n\n"):
            found = re.search(r"^URIs: *(\S+)", stanza, re.M)
            suites = re.search(r"^Suites: *(.*)", stanza, re.M)
            wanted = "bookworm-security" if suite.uri == SECURITY else "bookworm"
            if found and suites and wanted in suites[1].split():
                return found[1]
    return suite.uri


class Apt:
    """apt with lists and a cache of its own, for some suites."""

    def __init__(self, folder: pathlib.Path, group: str):
        self.folder = folder / "apt" / group
        for name in ("lists/partial", "cache/archives/partial", "parts"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        lines = [f"deb [signed-by={KEYRING}] {mirror(suite)} {suite.name} main\n" for suite in SUITES[group]]
        (self.folder / "sources.list").write_text("".join(lines))
        self.options = []
        for key, value in {"Dir::Etc::sourcelist": "sources.list", "Dir::Etc::sourceparts": "parts",
                           "Dir::State::lists": "lists", "Dir::Cache": "cache"}.items():
            self.options += ["-o", f"{key}={self.folder / value}"]
        self.options += ["-o", "APT::Sandbox::User=root", "-o", "Acquire::Languages=none"]
        run("apt-get", "-qq", *self.options, "update")

    def depends(self, package: str) -> list:
        out = run("apt-cache", *self.options, "depends", package, stdout=subprocess.PIPE, text=True).stdout
        return re.findall(r"^  Depends: (\S+)", out, re.M)

    def newest(self, package: str, suite: str) -> str:
        """The version that a suite has; a preference of apt's is not asked."""
        out = run("apt-cache", *self.options, "madison", package, stdout=subprocess.PIPE, text=True).stdout
        rows = [[cell.strip() for cell in line.split("|")] for line in out.splitlines()]
        return next(row[1] for row in rows if f" {suite}/" in row[2])

    def unpack(self, package: str, into: pathlib.Path) -> None:
        here = self.folder / "debs" / package.replace("=", "_")
        here.mkdir(parents=True, exist_ok=True)
        if not list(here.glob("*.deb")):
            run("apt-get", "-qq", *self.options, "download", package, cwd=here)
        into.mkdir(parents=True, exist_ok=True)
        run("dpkg", "-x", next(here.glob("*.deb")), into)


# ---- kernels ----

@dataclasses.dataclass(frozen=True)
class Kernel:
    name: str
    image: pathlib.Path
    modules: pathlib.Path       # lib/modules/RELEASE, with a modules.dep


def fetch_kernel(folder: pathlib.Path, name: str, group: str, suite: str) -> Kernel:
    """Debian's kernel for PCs, as the newest metapackage of a suite names it."""
    apt = Apt(folder, group)
    version = apt.newest("linux-image-amd64", suite)
    package = next(p for p in apt.depends(f"linux-image-amd64={version}") if p.startswith("linux-image-"))
    tree = folder / "kernels" / package
    if not (tree / "done").exists():
        shutil.rmtree(tree, ignore_errors=True)
        apt.unpack(package, tree)
        (release,) = (tree / "lib/modules").iterdir()
        run("depmod", "-b", tree, release.name)
        (tree / "done").touch()
    (image,) = (tree / "boot").glob("vmlinuz-*")
    (modules,) = (tree / "lib/modules").iterdir()
    return Kernel(name, image, modules)


def in_order(kernel: Kernel, names: list) -> list:
    """The files of these modules and of what they need, each behind what it needs."""
    needs = {}
    for line in (kernel.modules / "modules.dep").read_text().splitlines():
        path, _, rest = line.partition(":")
        needs[path] = rest.split()
    by_name = {re.sub(r"\.ko.*", "", os.path.basename(path)).replace("-", "_"): path for path in needs}
    chosen = []
    for name in names:
        path = by_name.get(name.replace("-", "_"))
        for one in [*reversed(needs[path]), path] if path else []:
            if one not in chosen:
                chosen.append(one)
    return chosen


def cpio_entry(name: str, mode: int, data: bytes = b"", number: int = 0, rdev=(0, 0)) -> bytes:
    """One file in the format "newc". Source: Linux Documentation/driver-api/early-userspace/buffer-format.rst"""
    fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, *rdev, len(name) + 1, 0)
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
    return head + b"\0" * (-len(head) % 4) + data + b"\0" * (-len(data) % 4)


def make_initramfs(kernel: Kernel, path: pathlib.Path) -> None:
    entries = [(folder, stat.S_IFDIR | 0o755, b"", (0, 0)) for folder in ("bin", "dev", "proc", "root", "m")]
    entries += [("dev/console", stat.S_IFCHR | 0o600, b"", (5, 1)),
                ("bin/busybox", stat.S_IFREG | 0o755, pathlib.Path("/bin/busybox").read_bytes(), (0, 0)),
                ("init", stat.S_IFREG | 0o755, INIT.encode(), (0, 0))]
    names = []
    for module in in_order(kernel, MODULES):
        data, name = (kernel.modules / module).read_bytes(), os.path.basename(module)
        if name.endswith(".xz"):
            data, name = run("xz", "-dc", kernel.modules / module, stdout=subprocess.PIPE).stdout, name[:-3]
        names.append(f"/m/{name}")
        entries.append((f"m/{name}", stat.S_IFREG | 0o644, data, (0, 0)))
    entries.append(("modules", stat.S_IFREG | 0o644, "".join(f"{name}\n" for name in names).encode(), (0, 0)))
    entries.append(("TRAILER!!!", 0, b"", (0, 0)))
    path.write_bytes(b"".join(cpio_entry(name, mode, data, number, rdev)
                              for number, (name, mode, data, rdev) in enumerate(entries, 1)))


# ---- the disk ----

def make_tree(folder: pathlib.Path) -> pathlib.Path:
    """The Debian 12, as a tarball that is kept."""
    tar = folder / "tree.tar"
    stamp, wanted = folder / "tree.stamp", hashlib.sha256(" ".join(PACKAGES + LIBRARIES).encode()).hexdigest()
    if not tar.exists() or not stamp.exists() or stamp.read_text() != wanted:
        stamp.unlink(missing_ok=True)
        run("mmdebstrap", "--quiet", "--variant=essential", f"--include={','.join(PACKAGES + LIBRARIES)}",
            "--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-exclude=/usr/share/locale/*",
            "--dpkgopt=path-exclude=/usr/share/man/*", "bookworm", tar, mirror(Suite("bookworm")))
        stamp.write_text(wanted)
    return tar


def add_apparmor(folder: pathlib.Path, root: pathlib.Path) -> None:
    """The parser of AppArmor 4 and its rules, which a Debian 12 can run with the C library that they came with."""
    apt = Apt(folder, "trixie")
    for package in ("apparmor", "libc6"):
        apt.unpack(package, root / "opt/apparmor4")
    script = root / "opt/apparmor4/parser"
    script.write_text('#!/bin/sh\nat=/opt/apparmor4\nexec $at/usr/lib64/ld-linux-x86-64.so.2 --library-path '
                      '$at/usr/lib/x86_64-linux-gnu $at/usr/sbin/apparmor_parser --base $at/etc/apparmor.d '
                      '--config-file $at/etc/apparmor/parser.conf "$@"\n')
    script.chmod(0o755)


def add_sources(root: pathlib.Path, source: pathlib.Path, build: pathlib.Path) -> None:
    """What git knows, and of the build folder what the tests execute and read."""
    to = root / str(source).lstrip("/")
    names = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=source,
                           stdout=subprocess.PIPE, check=True).stdout.split(b"\0")
    names = [name for name in names if name and not name.startswith(b"tests/fuzz/corpus/") and
             os.path.lexists(os.path.join(os.fsencode(source), name))]
    for path in reversed(to.relative_to(root).parents):
        (root / path).mkdir(mode=0o755, exist_ok=True)
    to.mkdir()
    with subprocess.Popen(["tar", "-C", source, "--null", "-T", "-", "-cf", "-"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as reader:
        with subprocess.Popen(["tar", "-C", to, "-xf", "-"], stdin=reader.stdout):
            reader.stdin.write(b"\0".join(names) + b"\0")
            reader.stdin.close()
    for path in sorted(build.rglob("*")):
        name = str(path.relative_to(build))
        if path.is_symlink() or not path.is_file() or ".p/" in name or name.endswith((".a", ".o")):
            continue
        program = os.access(path, os.X_OK)
        if name.startswith(("meson-info/", "data/")) or program and (
                name.startswith(("src/cli/", "src/roles/", "tests/live/")) or
                re.match(r"tests/unit/" + UNIT_TESTS, name) or re.match(r"tests/lib/|tests/[^/]*$", name)):
            into = to / build.relative_to(source) / name
            into.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, into)
    # All that tests/run looks for to know a build folder, and where it writes what they said.
    (to / build.relative_to(source) / "build.ninja").touch()
    run("chmod", "-R", "a+rX", to)
    logs = to / build.relative_to(source) / "test-logs"
    logs.mkdir()
    logs.chmod(0o777)


def add_cordon(root: pathlib.Path, source: pathlib.Path, build: pathlib.Path, folder: pathlib.Path) -> None:
    """Installed below /usr, as the Debian package has it, with the profile where that has it, too."""
    staged = folder / "staged"
    shutil.rmtree(staged, ignore_errors=True)
    run("meson", "install", "-C", build, "--no-rebuild", "--quiet", "--strip", f"--destdir={staged}")
    prefix = next(path.parent.parent for path in staged.rglob("bin/cordon"))
    run("cp", "-a", f"{prefix}/.", root / "usr")
    shutil.rmtree(staged)
    run("install", "-D", "-m", "644", source / "packaging/apparmor/cordon-launcher",
        root / "usr/share/cordon/apparmor/cordon-launcher")


def add_modules(root: pathlib.Path, kernels: list) -> None:
    for kernel in kernels:
        into = root / "usr/lib/modules" / kernel.modules.name
        into.mkdir(parents=True)
        for path in [*kernel.modules.glob("modules.builtin*"), kernel.modules / "modules.order"]:
            shutil.copy2(path, into)
        for name in in_order(kernel, LOADABLE):
            (into / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(kernel.modules / name, into / name)
        run("depmod", "-b", root, kernel.modules.name)


def add_init(root: pathlib.Path, source: pathlib.Path) -> None:
    """The ordinary user, and an init that starts lib/guest.py."""
    for name, line in {"passwd": "tester:x:1000:1000::/home/tester:/bin/sh", "group": "tester:x:1000:",
                       "shadow": "tester:*:19000:0:99999:7:::", "subuid": "tester:100000:65536",
                       "subgid": "tester:100000:65536"}.items():
        with open(root / "etc" / name, "a") as file:
            file.write(line + "\n")
    (root / "home/tester").mkdir(mode=0o755)
    os.chown(root / "home/tester", 1000, 1000)
    (root / "sbin/vm").mkdir()
    shutil.copy2("/bin/busybox", root / "sbin/vm/init")
    (root / "etc/inittab").write_text(INITTAB.format(source=source))
    (root / "etc/hostname").write_text("vm\n")


def make_disk(folder: pathlib.Path, source: pathlib.Path, build: pathlib.Path, kernels: list) -> pathlib.Path:
    root, disk = folder / "root", folder / "disk.ext4"
    tar = make_tree(folder)
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(mode=0o755)
    run("tar", "-C", root, "--exclude=./dev/*", "--numeric-owner", "--xattrs", "--xattrs-include=*", "-xf", tar)
    add_apparmor(folder, root)
    add_sources(root, source, build)
    add_cordon(root, source, build, folder)
    add_modules(root, kernels)
    add_init(root, source)
    disk.unlink(missing_ok=True)
    run("mke2fs", "-q", "-t", "ext4", "-d", root, disk, str(DISK_BYTES >> 10) + "k")
    shutil.rmtree(root)
    return disk
