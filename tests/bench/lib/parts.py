# SPDX-License-Identifier: Apache-2.0
"""What is measured, part by part: each takes the bench (tests/bench/run), and leaves its rows in its document."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

import measure
import others
from measure import Broken, fill, fill_with_empty, sync, take_turns

WARM_UP_TURNS = 2
IDLE_WAIT_S = 30
START = "cordon run -- true"
GOAL = "the goal"
BWRAP = "bwrap --ro-bind / / --unshare-all"


def starters(world: measure.World, true: str) -> tuple:
    """Everybody who can start `true`: name -> function, and name -> why not."""
    project, found, absent = world.project, {}, {}
    wanted = {
        "unshare -Urmpnif --mount-proc": ("unshare", lambda tool: [tool, "-Urmpnif", "--mount-proc", true]),
        BWRAP: ("bwrap", lambda tool: [tool, "--ro-bind", "/", "/", "--unshare-all", true]),
        "bwrap, cordon's view": ("bwrap", lambda tool: [tool, *others.bwrap_view(project), true]),
        "runc run": ("runc", lambda tool: others.runc_command(world.top, [true])),
        "podman run": ("podman", lambda tool: others.podman_command(world.top, [true])),
    }
    for name, (tool, make) in wanted.items():
        path = shutil.which(tool)
        if not path:
            absent[name] = f"{tool} is not installed"
            continue
        argv = make(path)
        try:
            world.run(*argv)
        except Broken as broken:
            absent[name] = f"does not start here: {str(broken).splitlines()[-1]}"
            continue
        found[name] = lambda argv=argv: world.run(*argv)
    return found, absent


def start(bench) -> None:
    true = shutil.which("true")
    with bench.world() as world:
        fill(world.project, measure.FILES_PER_DIRECTORY, "base")
        found, absent = starters(world, true)
        bench.missing("start", absent)
        contestants = {"true": lambda: world.run(true), **found, START: lambda: world.cordon("run", "--", "true")}
        take_turns(contestants, WARM_UP_TURNS)
        samples = bench.take_turns(contestants, bench.args.samples)
    bench.show("start to exit", "ms", samples, [START], [
        (START, BWRAP, "difference", 2), (START, BWRAP, "ratio", None),
        (START, "bwrap, cordon's view", "difference", 2), (START, "runc run", "ratio", None)])


def size(bench) -> None:
    few, many = "10 files", f"{bench.args.many} files"
    with bench.world() as world:
        small, large = world.top / "home" / "small", world.top / "home" / "large"
        bench.progress(f"size: making {many}")
        fill_with_empty(small, 10)
        fill_with_empty(large, bench.args.many)
        sync(world.top)
        bench.progress("size: starting in them")
        contestants = {few: lambda: world.cordon("run", "--", "true", cwd=small),
                       many: lambda: world.cordon("run", "--", "true", cwd=large)}
        take_turns(contestants, WARM_UP_TURNS)
        samples = bench.take_turns(contestants, bench.args.samples)
    bench.show("start to exit by size of the workspace", "ms", samples, [few, many], [(many, few, "ratio", 1.1)])


# ---- commit, undo, roll back ----

def held(world: measure.World, files: pathlib.Path) -> None:
    """Leaves a held session whose branch has the files of that directory in new/ of the project."""
    world.cordon("run", f"--read={files}", "--on-exit=hold", "--", "cp", "-r", f"{files}/.", "new/")


class Round:
    """One round of commits: each works on files that the others never touched."""

    def __init__(self, bench, world: measure.World, shape: str, samples: dict):
        self.world, self.samples, self.count = world, samples, bench.args.files
        self.files, self.copy = world.top / "files", world.top / "home" / "copy"
        self.tree = world.top / "home" / "tree"
        fill(self.files, self.count, "branch")
        for target in (world.project / "new", self.copy):
            if shape == "changed":
                fill(target, self.count, "base")
            else:
                target.mkdir()
        fill(self.tree, self.count, "branch")
        held(world, self.files)
        sync(world.top)

    def by_cp(self) -> None:
        began = time.perf_counter_ns()
        took = self.world.run("/bin/cp", "-a", f"{self.files}/.", f"{self.copy}/")
        sync(self.copy)
        self.samples["cp -a"].append(took)
        self.samples["cp -a, then sync -f"].append((time.perf_counter_ns() - began) / 1e6)

    def by_cordon(self) -> None:
        said = self.world.top / "said"
        took = self.world.cordon("commit", "--json", output=str(said))
        result = json.loads(said.read_text())
        waited = result["sync_ns"] / 1e6
        self.id = result["id"]
        self.samples["cordon commit"].append(took)
        self.samples["cordon commit, without its syncs"].append(took - waited)
        sync(self.world.top)

    def by_git(self) -> None:
        git = shutil.which("git")
        if not git:
            return
        env = {**self.world.env, "GIT_AUTHOR_NAME": "bench", "GIT_AUTHOR_EMAIL": "bench@localhost",
               "GIT_COMMITTER_NAME": "bench", "GIT_COMMITTER_EMAIL": "bench@localhost"}
        self.world.run(git, "init", "-q", cwd=self.tree, env=env)
        took = self.world.run(git, "add", "-A", cwd=self.tree, env=env)
        took += self.world.run(git, "commit", "-q", "-m", "all", cwd=self.tree, env=env)
        self.samples["git add && git commit"].append(took)
        sync(self.tree)

    def check(self) -> None:
        last = self.count - 1
        name = f"d{last // measure.FILES_PER_DIRECTORY}/file{last}.c"
        if (self.world.project / "new" / name).read_bytes() != (self.copy / name).read_bytes():
            raise Broken("cordon commit and cp -a did not make the same files")

    def back(self) -> None:
        self.samples["cordon undo"].append(self.world.cordon("undo", "--quiet", self.id))
        sync(self.world.top)
        self.samples["cordon rollback"].append(self.world.cordon("rollback", "--quiet", self.id))


def commit(bench) -> None:
    names = ["cp -a", "cp -a, then sync -f", "git add && git commit", "cordon commit",
             "cordon commit, without its syncs", "cordon undo", "cordon rollback"]
    for shape in ("new", "changed"):
        samples = {name: [] for name in names}
        for number in range(bench.args.rounds):
            if number and bench.is_late():
                break
            bench.progress(f"commit: round {number + 1} of {bench.args.rounds}, {shape} files")
            with bench.world() as world:
                turn = Round(bench, world, shape, samples)
                order = [turn.by_cp, turn.by_cordon, turn.by_git]
                for i in range(len(order)):
                    order[(number + i) % len(order)]()
                turn.check()
                turn.back()
        if not samples["git add && git commit"]:
            bench.missing("commit", {"git add && git commit": "git is not installed"})
        samples = {name: taken for name, taken in samples.items() if taken}
        each = "cordon commit, without its syncs"
        bench.show(f"commit of {bench.args.files} {shape} files", "ms", samples,
                   [name for name in names if name.startswith("cordon")],
                   [("cordon commit", "cp -a", "ratio", 1.0), ("cordon commit", "cp -a, then sync -f", "ratio", None),
                    ("cordon commit", "git add && git commit", "ratio", None)])
        per_file = [1000 * ms / bench.args.files for ms in samples[each]]
        bench.show(f"commit of {bench.args.files} {shape} files, each", "µs",
                   {each: per_file, GOAL: [40.0]}, [each], [(each, GOAL, "ratio", 1.0)])


# ---- the rest ----

def diff(bench) -> None:
    with bench.world() as world:
        files = world.top / "files"
        fill(files, bench.args.files, "branch")
        fill(world.project / "new", bench.args.files, "base")
        held(world, files)
        contestants = {}
        if git := shutil.which("git"):
            # It says by exit 1 that there are differences, as diff(1) does.
            compare = f'"$@" >{os.devnull} || [ $? -eq 1 ]'
            contestants["git diff --no-index"] = lambda: world.run(
                "/bin/sh", "-c", compare, "sh", git, "diff", "--no-index", "new", files)
        else:
            bench.missing("diff", {"git diff --no-index": "git is not installed"})
        contestants["cordon diff --name-status"] = lambda: world.cordon("diff", "--name-status")
        contestants["cordon diff --stat"] = lambda: world.cordon("diff", "--stat")
        contestants["cordon diff"] = lambda: world.cordon("diff")
        shown = world.top / "shown"
        world.cordon("diff", "--name-status", output=str(shown))
        lines = len(shown.read_text().splitlines())
        if lines != bench.args.files:
            raise Broken(f"cordon diff lists {lines} files, not {bench.args.files}")
        samples = bench.take_turns(contestants, bench.args.rounds)
    bench.show(f"diff of {bench.args.files} changed files", "ms", samples,
               ["cordon diff", "cordon diff --stat", "cordon diff --name-status"],
               [("cordon diff", "git diff --no-index", "ratio", None)])


def build(bench) -> None:
    """Configures and compiles the sources that git knows, without a compiler cache, into a folder that goes away."""
    outside, inside = "make, outside", "make, in cordon"
    script = "rm -rf build && meson setup -Dtests=false build >build.log 2>&1 && ninja -C build >>build.log 2>&1"
    with bench.world() as world:
        archive = subprocess.run(["git", "-C", str(bench.source), "archive", "HEAD"], capture_output=True)
        if archive.returncode:
            bench.missing("build", {inside: "the sources are no git repository"})
            return
        subprocess.run(["tar", "-x", "-C", str(world.project)], input=archive.stdout, check=True)
        env = {**world.env, "CCACHE_DISABLE": "1"}
        contestants = {
            outside: lambda: world.run("/bin/sh", "-c", script, env=env) / 1000,
            inside: lambda: world.cordon("run", "--on-exit=rollback", "--env=CCACHE_DISABLE=1", "--", "/bin/sh", "-c",
                                         script) / 1000,
        }
        samples = bench.take_turns(contestants, bench.args.builds)
    bench.show("building cordon", "s", samples, [inside], [(inside, outside, "ratio", 1.02)])


def processes() -> dict:
    """pid -> (parent, name), of everything that is there now."""
    found = {}
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            name, _, rest = (entry / "stat").read_text().partition("(")[2].rpartition(")")
            found[int(entry.name)] = (int(rest.split()[1]), name)
    return found


def descendants(top: int) -> dict:
    """pid -> name, of all below."""
    everything, found = processes(), {top: ""}
    while more := {pid: name for pid, (parent, name) in everything.items() if parent in found and pid not in found}:
        found.update(more)
    del found[top]
    return found


def pss_kib(pid: int) -> float:
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return float(line.split()[1])
    raise Broken(f"/proc/{pid}/smaps_rollup says no Pss")


def running(world: measure.World) -> list:
    """The ids of the sessions that run."""
    said = world.top / "sessions"
    world.cordon("ps", "--json", output=str(said))
    return [session["id"] for session in json.loads(said.read_text())]


def idle_session(world: measure.World) -> dict:
    """What each process of a session with a sleeping agent takes; the launcher's child is init."""
    argv = [world.program, "run", "--on-exit=rollback", "--", "sleep", "600"]
    cli = subprocess.Popen(argv, cwd=world.project, env=world.env, stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        until = time.monotonic() + IDLE_WAIT_S
        while "sleep" not in (names := descendants(cli.pid)).values():
            if time.monotonic() > until or cli.poll() is not None:
                raise Broken(f"cordon run -- sleep did not come to sleep: {sorted(names.values())}")
            time.sleep(0.05)
        time.sleep(0.5)
        taken = {"cordon": pss_kib(cli.pid)}
        launchers = []
        for pid, name in sorted(names.items()):
            if name.startswith("cordon-supervis"):
                taken["supervisor"] = pss_kib(pid)
            elif name.startswith("cordon-launcher"):
                launchers.append(pss_kib(pid))
        taken["launcher"], taken["init"] = launchers
        return taken
    finally:
        world.cordon("stop", *running(world))
        cli.send_signal(signal.SIGCONT)
        cli.communicate(timeout=60)


def memory(bench) -> None:
    samples, both = {}, "supervisor and init"
    try:
        for _ in range(bench.args.rounds):
            with bench.world() as world:
                taken = idle_session(world)
            for name, kib in taken.items():
                samples.setdefault(name, []).append(kib / 1024)
            samples.setdefault(both, []).append((taken["supervisor"] + taken["init"]) / 1024)
    except PermissionError:
        bench.missing("memory", {both: "only root may look into processes that guard themselves"})
        return
    samples[GOAL] = [6.0]
    bench.show("memory of an idle session", "MiB PSS", samples, [n for n in samples if n != GOAL],
               [(both, GOAL, "ratio", 1.0)])


def bench_lines(bench, name: str) -> list:
    program = bench.build / "tests" / "bench" / name
    if not program.exists():
        raise Broken(f"{program} is missing; it was configured with -Dtests=false")
    done = subprocess.run([str(program)], text=True, stdin=subprocess.DEVNULL, capture_output=True)
    if done.returncode:
        raise Broken(f"{program}: exit {done.returncode}\n{done.stderr}")
    return done.stdout.splitlines()


def rounds_of(lines: list) -> dict:
    """What a program says of each name: (which, [microseconds]), from the lines below it."""
    found, name = {}, None
    for line in lines:
        words = line.split()
        if not line.startswith(" "):
            name = words[0]
        elif words and words[0] in ("p50", "p99", "all"):
            found[name, words[0]] = [float(word) for word in words[1:]]
        elif words:
            found[name, "all"] = [float(word) for word in words]
    return found


def with_goals(samples: dict, goals: dict) -> tuple:
    """Each goal is a row beside its own; as bench.show() wants them."""
    rows = {}
    for name, values in samples.items():
        rows[name] = values
        if name in goals:
            rows[f"{GOAL} of {name}"] = [goals[name]]
    return rows, list(samples), [(name, f"{GOAL} of {name}", "ratio", 1.0) for name in goals if name in samples]


def policy(bench) -> None:
    """Policies of tests/data/rego/bench, and whole decisions of the product with all shipped modules."""
    rego, decisions = (bench_lines(bench, name) for name in ("bench_rego", "bench_policy"))
    bench.document["policy"] = {"bench_rego": rego, "bench_policy": decisions}
    found = rounds_of(rego)
    names = {"role": "a role rule", "exec": "exec", "net": "net", "rbacd": "rbacd", "changeset": "changeset",
             "rules": "1,000 rules by a value", "prefixes": "1,000 rules by a beginning"}
    bench.show("one evaluation of a policy", "\u00b5s", *with_goals(
        {shown: found[name, "all"] for name, shown in names.items()},
        {"a role rule": 0.3, "exec": 2.5, "net": 2.5, "rbacd": 14.0, "changeset": 50.0}))
    bench.show("compiling policies", "ms", *with_goals(
        {f"{lines:,} lines": [us / 1000 for us in found[f"compile_{lines}", "all"]] for lines in (1000, 10000)},
        {"10,000 lines": 50.0}))
    taken = {line.split()[0]: line for line in rego if " bytes" in line}
    bench.show("memory of a policy", "KiB", {
        names.get(name, name.replace("_", " ")): [int(line.split(" bytes")[0].split()[-1]) / 1024]
        for name, line in taken.items()}, [names.get(name, name.replace("_", " ")) for name in taken], [])
    found = rounds_of(decisions)
    rows = {f"{shown}, {which}": found[name, which] for name, shown in
            (("exec", "exec"), ("net", "net"), ("net_inside", "net with a finding")) for which in ("p50", "p99")}
    bench.show("a whole decision of cordon", "\u00b5s", *with_goals(
        rows, {name: 5.0 if name.endswith("p50") else 20.0 for name in rows}))
    bench.show("judging a changeset", "ms", *with_goals(
        {f"{count:,} entries": [us / 1000 for us in found[f"commit_{count}", "all"]] for count in (10, 1000, 100000)},
        {"1,000 entries": 10.0}))


def net(bench) -> None:
    """The gateway beside other proxies and servers of names; in namespaces of its own (net_part.py)."""
    script, args = bench.source / "tests" / "bench" / "lib" / "net_part.py", bench.args
    if not (bench.build / "tests" / "bench" / "net_load").exists():
        raise Broken(f"{bench.build}/tests/bench holds no net_load; it was configured with -Dtests=false")
    program = subprocess.Popen([sys.executable, str(script), "--build", str(bench.build), "--dir", str(bench.dir),
                                "--turns", str(args.rounds), "--seconds", str(args.seconds),
                                "--minutes", str(args.minutes / 2)],
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    try:
        text = program.communicate()[0]
    finally:
        program.kill()
        program.wait()
    if program.returncode:
        raise Broken(f"{script}: exit {program.returncode}")
    document = json.loads(text)
    bench.document["net"] = document["turns"]
    bench.missing("net", document["missing"])
    for title, part in document["parts"].items():
        bench.show(title, part["unit"], part["rows"], part["ours"], part["goals"])
    lines = bench_lines(bench, "bench_net_rules")
    bench.document["bench_net_rules"] = lines
    rows = rule_rows(lines)
    goals = [(name, GOAL, "ratio", 1.0) for name in rows if name.endswith("10,000 rules")]
    bench.show("an answer of the rules", "ns", {**rows, GOAL: [300.0]}, list(rows), goals)


def rule_rows(lines: list) -> dict:
    """What bench_net_rules says of a few rules and of many: name -> [ns]."""
    found = (re.match(r" *(\d+) rules +(.+?) +([0-9.]+) ns ", line) for line in lines)
    return {f"{m[2]}, {int(m[1]):,} rules": [float(m[3])] for m in found
            if m and m[1] in ("10", "10000") and "comes and goes" not in m[2]}


def micro(bench) -> None:
    programs = sorted((bench.build / "tests" / "bench").glob("bench_*"))
    programs = [p for p in programs if p.is_file() and os.access(p, os.X_OK)]
    done_elsewhere = {"bench_rego": "policy", "bench_policy": "policy", "bench_net_rules": "net"}
    programs = [p for p in programs if done_elsewhere.get(p.name) not in bench.args.only]
    if not programs:
        raise Broken(f"{bench.build}/tests/bench holds no program; it was configured with -Dtests=false")
    said = bench.document["micro"] = {}
    for program in programs:
        bench.progress(f"micro: {program.name}")
        sized = program.name in ("bench_commit", "bench_diff")
        rounds = 1 if bench.is_late() else bench.args.rounds
        argv = [str(program), *([str(bench.args.files), str(rounds)] if sized else [])]
        with bench.world() as world:
            done = subprocess.run(argv, cwd="/", env={**os.environ, "TMPDIR": str(world.top)}, text=True,
                                  stdin=subprocess.DEVNULL, capture_output=True)
        if done.returncode:
            raise Broken(f"{' '.join(argv)}: exit {done.returncode}\n{done.stderr}")
        said[program.name] = done.stdout.splitlines()
        bench.say(f"\n{program.name}")
        for line in said[program.name]:
            bench.say(f"  {line}")


# The longest comes last, and gets the minutes that are left.
PARTS = {"start": start, "size": size, "commit": commit, "diff": diff, "memory": memory, "policy": policy,
         "net": net, "micro": micro, "build": build}
