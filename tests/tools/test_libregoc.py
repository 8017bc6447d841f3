# SPDX-License-Identifier: Apache-2.0
# once
# timeout: 1500
"""The library, installed somewhere by itself: a program of another project finds it, and threads share a policy."""

import functools
import os
import pathlib
import subprocess
import sys
import time

SOURCE = pathlib.Path(os.environ.get("CORDON_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(SOURCE / "tests" / "lib"))
import tap

ENOUGH = 1.6			# times as much as one thread, by two
TURNS = 7

USER = r"""#include <regoc.h>
#include <stdio.h>
#include <string.h>

static const char text[] = "package door\ndefault open := false\nopen if input.key in data.keys\n";

int main(int argc, char **argv)
{
	struct regoc_module module = { "door.rego", text, sizeof(text) - 1 };
	struct regoc_document *data = NULL, *input = NULL;
	struct regoc_report *report = NULL;
	struct regoc_policy *policy = NULL;

	if (regoc_policy_new(&module, 1, NULL, &policy, &report) != REGOC_OK ||
			regoc_document_new("{\"keys\": [7]}", 13, 0, &data, NULL) != REGOC_OK ||
			regoc_document_new(argv[1], strlen(argv[1]), 0, &input, NULL) != REGOC_OK)
		return 2;
	struct regoc_query *query = regoc_query_new_entry(policy, "door/open");
	struct regoc_context *context = regoc_context_new(NULL);
	struct regoc_request request = { .query = query, .input = regoc_document_value(input),
		.data = regoc_document_value(data) };
	bool is_open = regoc_evaluate(context, &request) == REGOC_OK && regoc_is_true(context);

	puts(is_open ? "open" : "shut");
	regoc_context_free(context);
	regoc_query_free(query);
	regoc_document_free(input);
	regoc_document_free(data);
	regoc_policy_free(policy);
	return argc == 2 ? 0 : 2;
}
"""

# Evaluations of one policy and question by N threads, a context each; prints how many a second, all together.
THREADS = r"""#include <pthread.h>
#include <regoc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { TIMES = 4000 };

static const char text[] = "package p\nall := [y | some x in numbers.range(1, 60); y := x * x; y % 2 == 1]\n"
	"ok if count(all) == 30\n";
static struct regoc_query *query;

static void *work(void *unused)
{
	struct regoc_context *context = regoc_context_new(NULL);
	struct regoc_request request = { .query = query };

	for (int i = 0; i < TIMES; i++)
		if (regoc_evaluate(context, &request) != REGOC_OK || !regoc_is_true(context))
			abort();
	regoc_context_free(context);
	return unused;
}

int main(int argc, char **argv)
{
	struct regoc_module module = { "p.rego", text, sizeof(text) - 1 };
	int count = argc > 1 ? atoi(argv[1]) : 1;
	struct regoc_policy *policy = NULL;
	struct timespec began, ended;
	pthread_t threads[8];

	if (regoc_policy_new(&module, 1, NULL, &policy, NULL) != REGOC_OK)
		return 2;
	query = regoc_query_new_entry(policy, "p/ok");
	clock_gettime(CLOCK_MONOTONIC, &began);
	for (int i = 0; i < count; i++)
		pthread_create(&threads[i], NULL, work, NULL);
	for (int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	clock_gettime(CLOCK_MONOTONIC, &ended);
	printf("%f\n", count * TIMES / ((ended.tv_sec - began.tv_sec) + (ended.tv_nsec - began.tv_nsec) / 1e9));
	regoc_query_free(query);
	regoc_policy_free(policy);
	return 0;
}
"""


def run(directory, *words):
    done = subprocess.run([str(word) for word in words], cwd=directory, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (words, done.stdout[-3000:], done.stderr[-3000:])
    return done.stdout


@functools.cache
def installed():
    """A folder that is a prefix, with the library and nothing else in it."""
    place = pathlib.Path(os.environ.get("TMPDIR", "/tmp")) / "libregoc"
    build, prefix = place / "build", place / "prefix"
    place.mkdir(exist_ok=True)
    run(place, "meson", "setup", build, SOURCE, "-Dlibregoc=both", "-Dtests=false", f"--prefix={prefix}",
        "--libdir=lib")
    made = run(build, "ninja", "-t", "targets", "all")
    wanted = [line.split(":")[0] for line in made.splitlines() if line.startswith(("src/rego/libregoc.a:",
                                                                                   "src/rego/libregoc.so."))
              and not line.split(":")[0].endswith((".p", ".symbols"))]
    assert len(wanted) == 2, wanted
    run(build, "ninja", *wanted)
    run(build, "meson", "install", "--no-rebuild", "--tags", "libregoc,devel")
    files = sorted(str(path.relative_to(prefix)) for path in prefix.rglob("*") if not path.is_dir())
    assert "include/regoc.h" in files and not [name for name in files if "regoc" not in name], files
    return prefix


def compiled(directory, prefix, name, text, *how):
    """As another project does it: by what pkg-config says and nothing else."""
    (directory / f"{name}.c").write_text(text)
    flags = subprocess.run(["pkg-config", *how, "--cflags", "--libs", "libregoc"], capture_output=True, text=True,
                           check=True, env={**os.environ, "PKG_CONFIG_PATH": str(prefix / "lib/pkgconfig")})
    run(directory, "cc", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-pthread", f"{name}.c", "-o", name,
        *flags.stdout.split(), f"-Wl,-rpath,{prefix}/lib")
    return directory / name


def answers(program):
    assert run(program.parent, program, '{"key": 7}') == "open\n"
    assert run(program.parent, program, '{"key": 8}') == "shut\n"


@tap.test
def a_program_of_another_project_is_built(directory):
    prefix = installed()
    program = compiled(directory, prefix, "user", USER)
    answers(program)
    assert f"{prefix}/lib/libregoc.so" in run(directory, "ldd", program)
    undefined = run(directory, "nm", "-D", "--defined-only", prefix / "lib/libregoc.so")
    assert not [line for line in undefined.splitlines() if not line.split()[-1].startswith(("regoc_", "REGOC"))]


@tap.test
def the_static_one_needs_no_library_of_ours(directory):
    prefix = directory / "prefix"
    run(directory, "cp", "-a", installed(), prefix)
    for path in prefix.glob("lib/*.so*"):
        path.unlink()
    pc = prefix / "lib/pkgconfig/libregoc.pc"
    pc.write_text(pc.read_text().replace(f"prefix={installed()}", f"prefix={prefix}"))
    program = compiled(directory, prefix, "user", USER, "--static")
    answers(program)
    assert "libregoc" not in run(directory, "ldd", program)


def idle_processors():
    """How many of the processors that we may use did nothing for a moment."""
    def ticks():
        rows = [line.split() for line in pathlib.Path("/proc/stat").read_text().splitlines()]
        return {int(row[0][3:]): (int(row[4]), sum(map(int, row[1:9]))) for row in rows
                if row[0].startswith("cpu") and row[0] != "cpu"}

    before = ticks()
    time.sleep(0.5)
    after = ticks()
    return sum((after[cpu][0] - before[cpu][0]) >= 0.9 * (after[cpu][1] - before[cpu][1])
               for cpu in os.sched_getaffinity(0))


@tap.test
def two_threads_do_about_twice_as_much(directory):
    program = compiled(directory, installed(), "threads", THREADS)
    ratios, idle = [], []
    for _ in range(TURNS):
        idle.append(idle_processors())
        one, two = (float(run(directory, program, count)) for count in (1, 2))
        ratios.append(two / one)
    print("# two threads, times as much as one:", *(f"{ratio:.2f}" for ratio in ratios))
    print("# processors that were idle before:", *idle)
    free = [ratio for ratio, count in zip(ratios, idle) if count >= 2]
    if free:
        assert max(free) >= ENOUGH, ratios
    else:
        print("# two processors were never free, so nothing is asked of that")
        # However it is scheduled, sharing costs nothing that could be waited for.
        assert max(ratios) > 0.7, ratios


tap.main()
