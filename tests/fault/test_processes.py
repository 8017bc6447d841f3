#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
Every system call that start, stop, commit (in part, too) and undo make is refused once, in the programs as they are
installed; those of whoever reads and asks policies are in test_policies.py, those of a session with a way out in
test_gateways.py.

tests/lib/inject.c refuses the Nth call of one program. Whatever comes of it, the workspace is old or new, and nothing
is left: no process, mount, socket, control group or half-made session; the ledgers verify, the next command works, and
where the command failed, its exit code is a documented one and its message says what was refused. An interrupted call
is made again, unnoticed.

All of that takes hours: by default every call is refused with one errno of the list, and of those, one in STRIDE is
taken. With a stride of 6 each call has its turn with one errno, and CORDON_FAULTS_TURN=0..5 says which begins: the six
together are all of them. CORDON_FAULTS=sites (`make faults`) takes every errno, and of the calls that one place in the
source makes, reached in one way (inject.c tells by the stack), the first and the last: a loop over the parts of a path
is refused at its beginning and at its end; a stride, if one is given, counts these. CORDON_FAULTS=all takes them all.

Each shot is fired in a world of its own, so that CORDON_FAULTS_JOBS of them go on at once (4). The first failure ends
the test; with CORDON_FAULTS_GO_ON set the other shots are fired, too, before it fails.
"""
# serial: it looks for processes, mounts and control groups that stay
# timeout: 7200
import collections
import concurrent.futures
import contextlib
import ctypes
import functools
import multiprocessing
import os
import pathlib
import signal
import stat
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e/lib"))
from cordon import (BUILD, CORDON, Failed, Skip, World, check, differences, equal, found, main,  # noqa: E402
                    snapshot)

INJECT = BUILD / "tests/fault/inject"
ALL = os.environ.get("CORDON_FAULTS") == "all"
SITES = os.environ.get("CORDON_FAULTS") == "sites"
GO_ON = "CORDON_FAULTS_GO_ON" in os.environ
JOBS = int(os.environ.get("CORDON_FAULTS_JOBS", "4"))
ERRORS = ["ENOSPC", "EIO", "EMFILE", "ENOMEM", "EPERM"]
STRIDE = int(os.environ.get("CORDON_FAULTS_STRIDE", "1" if SITES else "240"))
TURN = int(os.environ.get("CORDON_FAULTS_TURN", "0"))
SHOTS_MIN = 12
HOLD = ["--on-exit", "hold"]
OWN_FAILURE, CANNOT_EXECUTE, CONFIGURATION = 125, 126, 2
PR_SET_CHILD_SUBREAPER = 36
PATIENCE = 120


def take_in():
    """Whatever outlives its parent becomes our child: it cannot hide. No fork inherits this."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


take_in()


class Shot:
    """One run of a command in which one call of one program is refused."""

    def __init__(self, w, program, nth, what, *args, stdin=subprocess.DEVNULL):
        if not INJECT.exists():
            raise Skip("x86-64")
        self.program, self.what, self.log = program.lstrip("+"), what, w.top / "inject.log"
        self.name = f"{what} at call {nth} of {self.program}"
        self.is_noticed = None  # where the exit code does not tell
        self.log.unlink(missing_ok=True)
        self.process = subprocess.Popen([str(x) for x in (INJECT, program, nth, what, self.log, CORDON, *args)],
                                        cwd=w.project, env=w.env, stdin=stdin, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)

    def end(self):
        self.out, err = self.process.communicate(timeout=PATIENCE)
        lines = [line.split(" ", 1) for line in self.log.read_text().splitlines()]
        words = dict(lines)
        self.sites = [where for word, where in lines if word == "site"]
        self.code, self.said = self.process.returncode, err.decode("utf-8", "replace")
        self.call, self.count = words.get("hit"), int(words["count"])
        self.name += f" ({self.call})"
        return self

    def __repr__(self):
        return f"{self.name}: exit {self.code}\n{self.said}"


def descendants(pid):
    try:
        tasks = list(pathlib.Path(f"/proc/{pid}/task").iterdir())
    except OSError:     # it has ended meanwhile
        return
    for task in tasks:
        try:
            children = (task / "children").read_text().split()
        except OSError:
            continue
        for child in map(int, children):
            yield child
            yield from descendants(child)


def read_fact(pid, name):
    try:
        return pathlib.Path(f"/proc/{pid}/{name}").read_text().replace("\0", " ").strip()
    except OSError:
        return f"({name})"


def waits():
    """What still runs below this test, and what each of them waits for, as far as one may see."""
    facts = [[str(pid), *(read_fact(pid, name) for name in ("cmdline", "wchan", "syscall"))]
             for pid in descendants(os.getpid())]
    return "\n".join(" ".join(f) for f in facts if f[1])  # a zombie has no words


def end_all():
    """Only where a failure left them, and the next shot would take them for its own."""
    for pid in list(descendants(os.getpid())):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def nothing_runs(facts):
    deadline = time.monotonic() + 30
    while True:
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        check(time.monotonic() < deadline, "a process lives on", waits(), facts)
        time.sleep(0.005)


def mounts_of(w):
    """Others mount things, too."""
    return [line for line in pathlib.Path("/proc/self/mounts").read_text().splitlines() if w.top.name in line]


def nothing_is_left(w, shot, mounts):
    """
    No process, mount, socket or group; what there is of sessions is whole, and the next one works. A supervisor that
    died for want of memory is one that was killed: its socket file stays until the session is removed, and so does one
    whose removal was what was refused.
    """
    nothing_runs(shot)
    equal(mounts_of(w), mounts, shot)
    state = w.top / "state/cordon"
    is_lost = "supervisor went away" in shot.said
    sockets = [p for p in state.rglob("*") if stat.S_ISSOCK(p.lstat().st_mode)] if state.exists() else []
    check(is_lost or shot.call == "unlinkat" or not sockets, sockets, shot)
    for session in w.sessions("--all"):
        check(is_lost or session["state"] in ("held", "rolled-back", "committed"), session, shot)
        equal(found("/sys/fs/cgroup", f"cordon-{session['id']}"), [], shot)
        if session["state"] == "rolled-back":
            check(not (state / "sessions" / session["id"] / "branch").exists(), "a branch is left", shot)
    if state.exists():
        w.cordon("audit", "verify")
    w.cordon("run", *HOLD, "--", "true")
    nothing_runs(shot)
    equal([p.name for p in state.glob("unfinished/*") if p.name != ".boot"], [], shot)


def explained(shot):
    """Whoever failed says so, in more than a word."""
    check(any(line.startswith("cordon") and len(line.split()) > 3 for line in shot.said.splitlines()), shot)


def is_the_loader(shot):
    """What the C library does before main() and in malloc() is not ours: it says what it likes, and ends."""
    died = shot.code in (127, 128 + signal.SIGABRT, 128 + signal.SIGSEGV)
    return (died and shot.call in ("brk", "mmap", "mremap")) or "error while loading shared libraries" in shot.said or \
        "a library that it needs is missing" in shot.said


def first_and_last(sites, known=()):
    """The numbers of these calls, from 1, but for those at places that are known."""
    numbers = collections.defaultdict(list)
    for number, site in enumerate(sites, 1):
        if site not in known:
            numbers[site].append(number)
    return sorted({end for of_one in numbers.values() for end in (of_one[0], of_one[-1])})


def moments(count, number, kinds):
    """The calls to be refused with errno NUMBER of the list; with a small stride, each call has its turn."""
    stride = 1 if ALL else max(1, min(STRIDE, count * kinds // SHOTS_MIN))
    return range(1 + (number + TURN) % kinds * stride // kinds, count + 1, stride)


def chosen_of(sites, number, kinds, known=()):
    """Which of the calls that were counted are refused."""
    if not SITES:
        return moments(len(sites), number, kinds)
    stride = min(STRIDE, kinds)
    return first_and_last(sites, known)[(number + TURN) % stride::stride]


def begin_anew(w):
    paths = [w.top / "state", w.project]
    if subprocess.run(["rm", "-rf", *paths], stderr=subprocess.DEVNULL).returncode:
        subprocess.run(["chmod", "-R", "u+rwx", *paths], stderr=subprocess.DEVNULL)
        subprocess.run(["rm", "-rf", *paths], check=True)
    w.project.mkdir()


def copied(prepare):
    """
    What PREPARE(world) has left, with what it returned: made once in each world, and a copy of it each time. Most of
    a shot went into making it. A copy differs in the numbers of inodes and the times of their change: an undo looks at
    them, and nothing else does. It suits only what leaves nothing running.
    """
    returned = {}

    @functools.wraps(prepare)
    def copy(w):
        kept = w.top / "kept" / prepare.__name__
        if kept not in returned:
            returned[kept] = prepare(w)
            nothing_runs(prepare.__name__)
            kept.mkdir(parents=True)
            subprocess.run(["cp", "-a", w.top / "state", w.home, kept], check=True)
        begin_anew(w)
        subprocess.run(["cp", "-a", f"{kept}/.", w.top], check=True)
        return returned[kept]
    return copy


def judge_all(w, shot, scene, judge, mounts):
    if is_the_loader(shot):
        shot.code = OWN_FAILURE
        judge(w, shot, scene)
    else:
        judge(w, shot, scene)
        check(not (shot.what.startswith("EINTR") and shot.code), "it was noticed", shot)
        if shot.code:
            explained(shot)
    nothing_is_left(w, shot, mounts)


def one_shot(w, program, nth, what, scene, shoot, judge, mounts):
    """Returns whether it was noticed; None where there was nothing to refuse."""
    name = f"{what} at call {nth} of {program}"
    try:
        shot = shoot(w, program, nth, what, scene)
        # An ioctl that was interrupted is not made again, and none of ours is.
        if not shot.call or (what == "EINTR" and shot.call == "ioctl"):
            return None
        name = repr(shot)
        is_noticed = shot.code != 0 if shot.is_noticed is None else shot.is_noticed
        judge_all(w, shot, scene, judge, mounts)
        return is_noticed
    except subprocess.TimeoutExpired as problem:
        raise Failed(f"it hangs: {problem}\n{waits()}\n{name}") from problem
    except Failed as problem:
        raise Failed(f"{problem}\n{name}") from problem


# ---- many worlds ----

our_world = None


def enter_world(worlds):
    global our_world
    our_world = worlds.get()
    take_in()


def in_our_world(function, task):
    """Returns what there is to say against it, or None, and what it returned."""
    begin_anew(our_world)
    try:
        return None, function(our_world, *task)
    except Exception as problem:  # whatever it is, it is told in the process that was asked
        end_all()
        return f"{task}: {type(problem).__name__}: {problem}", None


def in_many_worlds(function, tasks):
    """What FUNCTION(world, *task) returns for each of the tasks, in any order; JOBS of them at once."""
    context = multiprocessing.get_context("fork")
    queue, worlds = context.SimpleQueue(), [World("job") for _ in range(JOBS)]
    results, failed = [], 0
    try:
        for world in worlds:
            queue.put(world)
        with concurrent.futures.ProcessPoolExecutor(JOBS, context, enter_world, (queue,)) as pool:
            jobs = [pool.submit(in_our_world, function, task) for task in tasks]
            for job in concurrent.futures.as_completed(jobs):
                problem, result = job.result()
                results.append(result)
                if problem:
                    failed += 1
                    tell_or_end(problem, pool)
    finally:
        for world in worlds:
            world.close()
    check(not failed, f"{failed} of {len(tasks)} failed")
    return results


def tell_or_end(problem, pool):
    if not GO_ON:
        pool.shutdown(cancel_futures=True)
        raise Failed(problem)
    print(f"PROBLEM {problem}".replace("\n", "\n# "), flush=True)


def prepared_shot(w, program, nth, what, prepare, shoot, judge):
    mounts = mounts_of(w)
    return one_shot(w, program, nth, what, prepare(w), shoot, judge, mounts)


def for_each_shot(w, program, prepare, shoot, judge, ends=(*ERRORS, "EINTR"), known=()):
    """
    Refuses each call of one program in turn. What prepare() returns is given to shoot(), which returns a Shot that
    has ended, and to judge(). What another test refuses at the KNOWN places has its turn there.
    """
    tasks, counted = [], {}
    for number, what in enumerate(ends):
        alike = what if what == "ENOMEM" else ends[0]  # with all but this, the same calls count
        if alike not in counted:
            begin_anew(w)
            counted[alike] = shot = shoot(w, program, 0, what, prepare(w))
            check(shot.count > 20, "the program made no calls", program, shot.count)
        tasks += [(program, nth, what, prepare, shoot, judge)
                  for nth in chosen_of(counted[alike].sites, number, len(ends), known)]
    nothing_runs(shot)
    noticed = in_many_worlds(prepared_shot, tasks)
    shots, failed = len([n for n in noticed if n is not None]), noticed.count(True)
    check(shots >= SHOTS_MIN - 2 and failed, "this shows nothing", shots, failed)
    calls, places = max((shot.count, len(set(shot.sites))) for shot in counted.values())
    print(f"# {program}: {calls} calls in {places} places; {shots} refused, {failed} noticed", flush=True)


# ---- start ----

def project(w):
    w.write("a", "old\n")


def start(w, program, nth, what, _):
    return Shot(w, program, nth, what, "run", *HOLD, "--", "/bin/sh", "-c", "echo new > a; echo n > n").end()


def judge_start(w, shot, _):
    if shot.call == "execveat" and shot.program == "cordon-launcher":
        equal(shot.code, CANNOT_EXECUTE if shot.code else 0, shot)
    elif shot.program == "cordon-launcher" and "the sandbox ended under its program" in shot.said:
        equal(shot.code, 128 + signal.SIGKILL, shot)
    else:
        check(shot.code in (0, OWN_FAILURE) or (shot.code == CONFIGURATION and shot.program == "cordon"), shot)
    equal((w.read("a"), sorted(os.listdir(w.project))), ("old\n", ["a"]), shot)
    if shot.code == 0:
        equal([s["state"] for s in w.sessions("--all")], ["held"], shot)
    elif shot.program == "cordon-launcher" and w.sessions("--all"):  # it starts beside the making of the session
        kinds = w.kinds(w.last()["id"])
        check({"session-failed", "agent-exited"} & set(kinds), kinds, shot)


def test_every_call_of_the_command_that_starts(w: World):
    for_each_shot(w, "cordon", project, start, judge_start)


def test_every_call_of_the_supervisor(w: World):
    for_each_shot(w, "cordon-supervisor", project, start, judge_start)


def test_every_call_of_the_launcher(w: World):
    for_each_shot(w, "cordon-launcher", project, start, judge_start)


def kill_supervisor(w, what, nth):
    """What was killed before it had begun is gone at the next look, and what had begun can be dropped."""
    begin_anew(w)
    shot = start(w, "cordon-supervisor", nth, what, None)
    nothing_runs(shot)
    for session in w.sessions("--all"):
        if session["state"] not in ("rolled-back", "committed"):
            w.cordon("rollback", session["id"])
    w.cordon("gc", "--keep", "0")
    equal((w.sessions("--all"), sorted(w.top.glob("there/.cordon-*/*"))), ([], []), shot)
    return shot.sites


@contextlib.contextmanager
def another_file_system(w):
    """The project lies on one, and is where it was afterwards."""
    before, w.project = w.project, w.top / "there/project"
    w.project.parent.mkdir()
    try:
        if subprocess.run(["mount", "-t", "tmpfs", "none", w.project.parent], capture_output=True).returncode:
            raise Skip("mount")
        try:
            yield
        finally:
            subprocess.run(["umount", w.project.parent], check=True)
    finally:
        w.project.parent.rmdir()
        w.project = before


def kill_supervisor_there(w, what, nth):
    with another_file_system(w):
        return kill_supervisor(w, what, nth)


def test_a_killed_supervisor_leaves_no_branch_where_the_project_is(w: World):
    """The branch of a project on another file system lies there, and is nothing that `gc` would find by itself."""
    for what in ("kill/mkdirat", "kill"):
        sites = kill_supervisor_there(w, what, 0)
        check(len(sites) > 5, sites)
        chosen = chosen_of(sites, 0, 1) if what == "kill" else range(1, len(sites) + 1)
        in_many_worlds(kill_supervisor_there, [(what, nth) for nth in chosen])


def test_nothing_is_executed_before_it_is_on_record(w: World):
    """Whichever write of the supervisor's is the last: the program has run only where the ledger says that it would."""
    def shoot(nth):
        begin_anew(w)
        shot = Shot(w, "cordon-supervisor", nth, "kill/write", "run", *HOLD, "--", "echo", "ran").end()
        nothing_runs(shot)
        return shot

    count, runs = shoot(0).count, []
    check(count > 3, count)
    for nth in range(1, count + 1):
        shot = shoot(nth)
        ledgers = [path.read_text() for path in (w.top / "state").rglob("ledger.jsonl")]
        runs.append(b"ran" in shot.out)
        check(not runs[-1] or any('"agent-started"' in text for text in ledgers), shot)
    check(True in runs and False in runs, "this shows nothing", runs)


# ---- stop ----

AGENT = ["run", *HOLD, "--", "/bin/sh", "-c", "echo new > a; echo ready; exec sleep 1000"]


def running(w):
    project(w)
    agent = w.start(*AGENT)
    equal(agent.stdout.readline(), b"ready\n")
    return agent


def stop(w, program, nth, what, agent):
    shot = Shot(w, program, nth, what, "stop", w.last()["id"]).end()
    shot.state = w.last()["state"]
    w.cordon("stop", w.last()["id"], code=None)
    agent.communicate(timeout=60)
    return shot


def judge_stop(w, shot, _):
    check(shot.code in (0, 1, OWN_FAILURE), shot)
    check(shot.code or shot.state == "held", "it said that it had", shot)
    judge_stopped(w, shot)


def judge_stopped(w, shot):
    equal((w.read("a"), w.last()["state"]), ("old\n", "held"), shot)
    check("new" in w.cordon("diff", w.last()["id"]).text, "the work is lost", shot)


def test_every_call_of_the_command_that_stops(w: World):
    for_each_shot(w, "cordon", running, stop, judge_stop)


def stopped_with(w, program, nth, what, agent, said):
    """Calls count from when it is told to stop, which is once its agent has SAID that."""
    shot = Shot(w, f"+{program}", nth, what, *agent)
    equal(shot.process.stdout.read(len(said)), said, shot.name)
    shot.process.send_signal(signal.SIGUSR1)
    # Who says that the session has stopped is right; where its supervisor was lost, nobody says it.
    for _ in range(3):
        if not w.cordon("stop", w.last()["id"], code=None).code:
            break
    shot.end()
    shot.is_noticed = shot.code == OWN_FAILURE
    return shot


def stopped(w, program, nth, what, _):
    return stopped_with(w, program, nth, what, AGENT, b"ready\n")


def judge_end(w, shot, _):
    check(shot.code in (128 + signal.SIGTERM, 128 + signal.SIGKILL, OWN_FAILURE), shot)
    w.cordon("diff", w.last()["id"])
    if w.last()["state"] != "held":  # its supervisor was lost
        check("went away" in shot.said, shot)
        w.cordon("commit", w.last()["id"])
        w.cordon("undo", w.last()["id"])
    judge_stopped(w, shot)
    shot.code = 0 if shot.code != OWN_FAILURE else shot.code


def test_every_call_of_a_supervisor_that_is_stopped(w: World):
    for_each_shot(w, "cordon-supervisor", project, stopped, judge_end)


# ---- messages ----

SENDMSG = "EIO/sendmsg"


def exec_in(w, program, nth, what, _):
    """Calls count from when a program is to join, in the session that it joins."""
    shot = Shot(w, f"+{program}", nth, what, *AGENT)
    equal(shot.process.stdout.readline(), b"ready\n", shot.name)
    shot.process.send_signal(signal.SIGUSR1)
    shot.joined = w.cordon("exec", w.last()["id"], "--", "/bin/sh", "-c", "exit 7", code=None, timeout=PATIENCE)
    w.cordon("stop", w.last()["id"], code=None, timeout=PATIENCE)
    return shot.end()


def judge_exec(w, shot, _):
    """Whatever was lost, who waits for the program's end hears of one."""
    check(shot.joined.code in (7, 128 + signal.SIGKILL, OWN_FAILURE), shot.joined, shot)
    judge_end(w, shot, None)


def each_call(w, program, what, prepare, shoot, judge):
    """Of one kind of call, all: there are few."""
    begin_anew(w)
    total = shoot(w, program, 0, what, prepare(w)).count
    check(total, "it makes no such call", program, what)
    tasks = [(program, nth, what, prepare, shoot, judge) for nth in range(1, total + 1)]
    check(any(n is not None for n in in_many_worlds(prepared_shot, tasks)), "nothing was refused", program, what)


def test_no_message_that_is_lost_leaves_anybody_waiting_for_it(w: World):
    """Always, since who waits for one that never comes waits for ever."""
    for program in ("cordon", "cordon-supervisor", "cordon-launcher"):
        each_call(w, program, SENDMSG, project, start, judge_start)
    each_call(w, "cordon", SENDMSG, running, stop, judge_stop)
    for program in ("cordon-supervisor", "cordon-launcher"):
        each_call(w, program, SENDMSG, project, stopped, judge_end)
        each_call(w, program, SENDMSG, project, exec_in, judge_exec)


def test_no_look_that_a_signal_interrupts_is_taken_for_an_end(w: World):
    """Always, since a look that does not wait is interrupted only by chance."""
    each_call(w, "cordon-launcher", "EINTR/ppoll", project, start, judge_start)


def test_who_cannot_wait_for_more_of_a_log_says_so(w: World):
    w.run("sleep", "1000", options=[*HOLD, "--detach"])
    ident = w.last()["id"]
    shot = Shot(w, "cordon", 1, "EIO/ppoll", "logs", "--follow", ident).end()
    equal((shot.call, shot.code), ("ppoll", OWN_FAILURE), shot)
    check("waiting for more of what its program prints: Input/output error" in shot.said, shot)
    w.cordon("stop", "--grace", "0s", ident)


# ---- commit and undo ----

CHANGES = ("echo new > a; rm b; mkdir n; echo n > n/f; ln n/f n/h; ln -s a l; chmod 600 m; rm -r d; mkdir d; "
           "echo x > d/x; mv v w; mkfifo p")


@copied
def held(w):
    for name in ("a", "b", "m", "v", "d/old", "d/x"):
        w.write(name, f"old {name}\n")
    before = snapshot(w.project)
    w.sh(CHANGES, options=HOLD)
    return w.last()["id"], before


def commit(w, program, nth, what, scene):
    accept = ["--accept", "floor/fifo", "--reason", "test"]
    return Shot(w, program, nth, what, "commit", scene[0], *accept).end()


def times_of_directories_aside(facts):
    return {p: f if not stat.S_ISDIR(f[0]) else f[:4] + f[5:] for p, f in facts.items()}


def old_or_new(w, before):
    """The next command has settled what was cut off."""
    w.sessions("--all")
    if not differences(before, snapshot(w.project)):
        return "old"
    equal((w.read("a"), w.read("d/x"), w.read("n/h"), w.read("w")), ("new\n", "x\n", "n\n", "old v\n"))
    equal(sorted(os.listdir(w.project)), ["a", "d", "l", "m", "n", "p", "w"])
    equal(os.listdir(w.project / "d"), ["x"])
    return "new"


def judge_commit(w, shot, scene):
    ident, before = scene
    check(shot.code in (0, 1, OWN_FAILURE), shot)
    end = old_or_new(w, before)
    equal(w.state_of(ident), {"old": "held", "new": "committed"}[end], shot)
    check(shot.code or end == "new", "it said that it had", shot)
    kinds = w.kinds(ident)
    check(end == "new" or "commit-started" not in kinds or {"commit-failed", "recovered"} & set(kinds), kinds, shot)
    if end == "old":
        w.cordon("commit", ident, "--accept", "floor/fifo", "--reason", "again")
        equal(old_or_new(w, before), "new", shot)
    w.cordon("undo", ident)
    equal(differences(times_of_directories_aside(before), times_of_directories_aside(snapshot(w.project))), [], shot)


def test_every_call_of_the_command_that_commits(w: World):
    for_each_shot(w, "cordon", held, commit, judge_commit)


def test_every_call_of_the_committer(w: World):
    for_each_shot(w, "cordon-committer", held, commit, judge_commit)


def judge_killed(w, shot, scene):
    """What was done is in the ledger, too, whoever finished it."""
    is_new = old_or_new(w, scene[1]) == "new"
    check(not is_new or {"commit-finished", "recovered"} & set(w.kinds(scene[0])), w.kinds(scene[0]), shot)
    judge_commit(w, shot, scene)


def test_a_committer_killed_before_each_of_its_calls(w: World):
    for_each_shot(w, "cordon-committer", held, commit, judge_killed, ["kill"])


def ends_of(w, ident, *kinds):
    return [k for k in w.kinds(ident) if k in kinds]


def test_what_was_begun_has_an_end_whoever_is_killed(w: World):
    """Before the committer's first call nothing was done, and nobody is there to say so but the next command."""
    ident, before = held(w)
    shot = commit(w, "cordon-committer", 1, "kill", (ident, before))
    check(shot.code == OWN_FAILURE and "the committer ended with" in shot.said, shot)
    equal(ends_of(w, ident, "commit-started", "recovered"), ["commit-started"])
    check("commit 1 was cut off and is now taken back" in w.cordon("ps", "--all").said)
    equal(ends_of(w, ident, "commit-started", "recovered"), ["commit-started", "recovered"])
    equal(w.state_of(ident), "held")
    equal(w.cordon("ps", "--all").said, "")
    w.cordon("commit", ident, "--accept", "floor/fifo", "--reason", "again")
    shot = Shot(w, "cordon-committer", 1, "kill", "undo", ident).end()
    check(shot.code == OWN_FAILURE, shot)
    check("the undo of commit 1 was cut off and is now taken back" in w.cordon("show", ident).said)
    equal((ends_of(w, ident, "undo-started", "undone", "recovered"), w.state_of(ident)),
          (["recovered", "undo-started", "recovered"], "committed"))
    w.cordon("undo", ident)
    equal(differences(times_of_directories_aside(before), times_of_directories_aside(snapshot(w.project))), [])
    w.cordon("audit", "verify")


# ---- three at once ----

THREE = "echo {0} > a; echo {0} > b; mkdir own{0}; echo {0} > own{0}/f"


@copied
def three_held(w):
    for name in ("a", "b"):
        w.write(name, f"old {name}\n")
    idents = []
    for number in "123":
        w.sh(THREE.format(number), options=HOLD)
        idents.append(w.last()["id"])
    return idents


def wait_for_its_turn(w, ident):
    """A commit that has said that it waits for another."""
    process = w.start("commit", ident)
    line = process.stderr.readline().decode()
    check("waiting for another commit" in line, line)
    return process


def winner_of(w):
    """Whose bytes there are: all of one session's, and nothing of another's."""
    text = w.read("a").strip()
    if text == "old a":
        equal((w.read("b"), sorted(os.listdir(w.project))), ("old b\n", ["a", "b"]))
        return None
    equal((w.read("b").strip(), sorted(os.listdir(w.project)), w.read(f"own{text}/f").strip()),
          (text, ["a", "b", f"own{text}"], text))
    return int(text) - 1


def interleave(w, nth, is_killed):
    """
    The first stands still before its Nth call, in the middle; the others have come meanwhile. Returns None where it
    made fewer calls than when they were counted.
    """
    idents = three_held(w)
    first = Shot(w, "cordon-committer", nth, "hold", "commit", idents[0], stdin=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while not first.log.exists() or "hit" not in first.log.read_text():
        check(time.monotonic() < deadline, "it never came there", nth)
        if first.process.poll() is not None and "hit" not in first.log.read_text():
            check(first.end().code == 0 and nth > first.count, first)
            return None
        time.sleep(0.005)
    others = [wait_for_its_turn(w, ident) for ident in idents[1:]]
    if is_killed:  # the tracer, and with it all that it traces
        first.process.kill()
    first.process.stdin.close()
    for process in (first.process, *others):
        process.stderr.read()
        process.wait(60)
    ends = [process.returncode for process in (first.process, *others)]
    w.sessions("--all")
    winner = winner_of(w)
    check(winner is not None and (is_killed or winner == 0), ends, winner)
    check(all((code == 0) == (number == winner) for number, code in enumerate(ends) if number or not is_killed), ends)
    for number, ident in enumerate(idents):
        equal(w.state_of(ident), "committed" if number == winner else "held", ends)
        check(number == winner or "commit-failed" in w.kinds(ident) or is_killed and not number, w.kinds(ident))
    w.cordon("undo", idents[winner])
    equal(winner_of(w), None)
    w.cordon("audit", "verify")
    nothing_runs(nth)
    return True


def test_three_committers_of_which_one_stands_still(w: World):
    shot = Shot(w, "cordon-committer", 0, "hold", "commit", three_held(w)[0]).end()
    check(shot.count > 100, shot.count)
    if SITES:
        chosen = [nth for nth in first_and_last(shot.sites) if nth >= shot.count // 6][TURN % STRIDE::STRIDE]
    else:
        chosen = range(shot.count // 6, shot.count, 1 if ALL else max(1, shot.count // 5))
    tasks = [(nth, is_killed) for turn, nth in enumerate(chosen)
             for is_killed in ((False, True) if ALL or SITES else (turn % 2 == 1,))]
    held_count = in_many_worlds(interleave, tasks).count(True)
    check(held_count > len(tasks) * 3 // 4, "this shows nothing", held_count, len(tasks))
    killed_count = len([1 for _, is_killed in tasks if is_killed])
    print(f"# cordon-committer: {shot.count} calls; stood still at {held_count} of {len(tasks)} places, and killed "
          f"at {killed_count}", flush=True)


def committed(w):
    scene = held(w)
    w.cordon("commit", scene[0], "--accept", "floor/fifo", "--reason", "test")
    return scene


def undo(w, program, nth, what, scene):
    return Shot(w, program, nth, what, "undo", scene[0]).end()


def judge_undo(w, shot, scene):
    ident, before = scene
    before = times_of_directories_aside(before)
    check(shot.code in (0, 1, OWN_FAILURE), shot)
    w.sessions("--all")
    is_old = not differences(before, times_of_directories_aside(snapshot(w.project)))
    check(is_old or old_or_new(w, scene[1]) == "new", shot)
    equal(w.state_of(ident), "held" if is_old else "committed", shot)
    check(shot.code or is_old, "it said that it had", shot)
    if not is_old:
        w.cordon("undo", ident)
    equal(differences(before, times_of_directories_aside(snapshot(w.project))), [], shot)


def test_every_call_of_the_command_that_undoes(w: World):
    for_each_shot(w, "cordon", committed, undo, judge_undo)


def test_every_call_of_the_committer_that_undoes(w: World):
    for_each_shot(w, "cordon-committer", committed, undo, judge_undo)


def test_an_answer_of_the_committer_that_cannot_be_read_is_no_failure_of_its(w: World):
    """It is read from its beginning; what it would have said was done, the next command finds out."""
    each_call(w, "cordon", "EIO/lseek", held, commit, judge_commit)
    each_call(w, "cordon", "EIO/lseek", committed, undo, judge_undo)


# ---- a part of a file ----

LINES = "".join(f"line {n}\n" for n in range(1, 31))
ONE = LINES.replace("line 4\n", "line four\n")
BOTH = ONE.replace("line 25\n", "line twenty-five\n")


@copied
def held_with_two_hunks(w):
    w.write("a", LINES)
    w.write("b", "b\n")
    before = snapshot(w.project)
    w.sh(f"cat >a <<'END'\n{BOTH}END\necho c >b", options=HOLD)
    return w.last()["id"], before


def take_one(w, program, nth, what, scene):
    return Shot(w, program, nth, what, "review", scene[0], "--take", "a:1").end()


def judge_part(w, shot, scene):
    """The file is the base's or has one of the two hunks, and what was left is still to be had, all of it."""
    ident, before = scene
    check(shot.code in (0, 1, OWN_FAILURE), shot)
    w.sessions("--all")
    is_old = not differences(before, snapshot(w.project))
    check(shot.code or not is_old, "it said that it had", shot)
    if is_old:
        w.cordon("review", ident, "--take", "a:1")
    equal((w.read("a"), w.read("b")), (ONE, "b\n"), shot)
    equal(w.state_of(ident), "held", shot)
    w.cordon("commit", ident)
    # Where removing it was what was refused, it stayed until now.
    equal([p for p in (w.top / "state").rglob("composed")], [], shot)
    equal((w.read("a"), w.read("b")), (BOTH, "c\n"), shot)
    w.cordon("undo", ident)
    equal((w.read("a"), w.read("b")), (ONE, "b\n"), shot)


def test_every_call_of_the_command_that_takes_a_part(w: World):
    for_each_shot(w, "cordon", held_with_two_hunks, take_one, judge_part)


def test_every_call_of_the_differ_that_puts_a_part_together(w: World):
    for_each_shot(w, "cordon-differ", held_with_two_hunks, take_one, judge_part)


if __name__ == "__main__":
    main(sys.modules[__name__])
