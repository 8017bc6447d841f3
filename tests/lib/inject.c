// SPDX-License-Identifier: Apache-2.0
/*
 * inject.c - run a command and refuse the Nth system call of one of its programs
 *
 *	inject PROGRAM N WHAT LOG COMMAND [ARG...]
 *
 * The fault table of kern_fault.c reaches what runs inside a test. This reaches the programs as they are
 * installed: the command and all that it starts is traced with ptrace(2), which needs no privileges, and the
 * Nth call that any process of the program called PROGRAM makes gets another end:
 *
 *	an errno by name	it fails with that; the kernel never sees it
 *	ERRNO/CALL		the same, and of all calls only those named CALL are counted
 *	kill			the process is killed before it is made
 *	hold			nothing goes on before this program's standard input ends
 *
 * Of what is refused, calls that no kernel refuses are not counted (never_fails), and memory is refused only
 * where WHAT is ENOMEM; a process may be killed or held before any call. N is counted over all processes of
 * PROGRAM, from 1; 0 counts only. With "+PROGRAM" counting begins when this program gets SIGUSR1, and rests
 * from the next one on. LOG gets one line when the call was reached, and one at the end: "hit NAME", "count
 * N". What executes anything but a program of cordon's (the agent) is let go.
 *
 * Where it counts only, LOG also gets a line for each of these calls, "site NAME HASH": calls of one name and
 * one hash are made by one line of the source that was reached in one way, so far as the stack tells. Nothing
 * is unwound: every word on it that is a return address goes into the hash, stale ones too, which can only
 * tell apart what is the same.
 *
 * It ends when all of the traced processes have ended, with the command's own exit code, 128+n for a signal.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	TASKS_MAX = 256,
	NAME_SIZE = 64,
	BROKEN = 99,
	TEXTS_MAX = 64,
	STACK_WORDS = 1024,
	OPTIONS = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
		PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL,
};

struct task {
	pid_t pid;
	bool is_chosen;			/* it runs PROGRAM */
	bool is_refused;		/* the call that it is in ends with our answer */
	/* its own, or -1: nobody but root may look into it, nor could when it began */
	int memory;
};

static struct {
	const char *program;
	unsigned long nth, count;
	const char *what;
	const char *only;		/* this call alone counts; NULL: all */
	int error;
	FILE *log;
	struct task tasks[TASKS_MAX];
	size_t task_count;
} injector;

static volatile sig_atomic_t is_armed;

static void arm(int signal)
{
	(void)signal;
	is_armed = !is_armed;
}

static _Noreturn void broken(const char *what)
{
	fprintf(stderr, "inject: %s: %s\n", what, strerror(errno));
	_exit(BROKEN);
}

/* ---- which calls count ---- */

static bool is_listed(const char *const *names, const char *name)
{
	for (; *names; names++)
		if (!strcmp(*names, name))
			return true;
	return false;
}

static bool counts(const char *name)
{
	static const char *const never_fails[] = { "exit", "exit_group", "close", "munmap", "mprotect",
		"madvise", "rt_sigreturn", "rt_sigprocmask", "rt_sigaction", "getpid", "gettid", "getppid",
		"getsid", "getpgid", "getpgrp", "getuid", "geteuid", "getgid", "getegid", "clock_gettime",
		"clock_nanosleep", "nanosleep", "arch_prctl", "set_tid_address", "set_robust_list", "rseq",
		"futex", "restart_syscall", "umask", "waitid", "wait4", "execve", NULL };
	static const char *const memory[] = { "mmap", "brk", "mremap", NULL };

	if (injector.only)
		return !strcmp(name, injector.only);
	return !injector.error ||
		(!is_listed(never_fails, name) && (injector.error == ENOMEM || !is_listed(memory, name)));
}

static int errno_by_name(const char *name)
{
	for (int code = 1; code < 134; code++)
		if (strerrorname_np(code) && !strcmp(strerrorname_np(code), name))
			return code;
	return 0;
}

static void read_what(char *what)
{
	char *slash = strchr(what, '/');

	if (slash) {
		*slash = '\0';
		injector.only = slash + 1;
	}
	injector.what = what;
	injector.error = errno_by_name(what);
}

/* ---- tasks ---- */

/* The name of what a process executes, as far as one can see from here; "" for one that is gone. */
static void program_of(pid_t pid, char ret[NAME_SIZE])
{
	char link[NAME_SIZE], path[PATH_MAX];
	ssize_t len;
	const char *slash;

	snprintf(link, sizeof(link), "/proc/%d/exe", (int)pid);
	len = readlink(link, path, sizeof(path) - 1);
	path[len > 0 ? len : 0] = '\0';
	slash = strrchr(path, '/');
	snprintf(ret, NAME_SIZE, "%.*s", NAME_SIZE - 1, slash ? slash + 1 : path);
}

static struct task *find(pid_t pid)
{
	for (size_t i = 0; i < injector.task_count; i++)
		if (injector.tasks[i].pid == pid)
			return &injector.tasks[i];
	return NULL;
}

/* Before it can hide it. */
static void open_memory(struct task *task)
{
	char path[NAME_SIZE];

	if (injector.nth)
		return;
	if (task->memory >= 0)
		close(task->memory);
	snprintf(path, sizeof(path), "/proc/%d/mem", (int)task->pid);
	task->memory = open(path, O_RDONLY | O_CLOEXEC);
}

static struct task *add(pid_t pid)
{
	struct task *task = find(pid);
	char name[NAME_SIZE];

	if (task)
		return task;
	if (injector.task_count == TASKS_MAX)
		broken("too many processes");
	program_of(pid, name);
	task = &injector.tasks[injector.task_count++];
	*task = (struct task){ .pid = pid, .is_chosen = !strcmp(name, injector.program), .memory = -1 };
	open_memory(task);
	return task;
}

static void forget(struct task *task)
{
	if (task->memory >= 0)
		close(task->memory);
	*task = injector.tasks[--injector.task_count];
}

static void go_on(const struct task *task, int signal)
{
	/* It may have been killed since. */
	bool is_over = injector.nth && injector.count >= injector.nth && !task->is_refused;

	(void)ptrace(task->is_chosen && !is_over ? PTRACE_SYSCALL : PTRACE_CONT, task->pid, NULL,
		(void *)(long)signal);
}

/* ---- where a call is made ---- */

/* What a process may execute. */
struct text {
	unsigned long start, end;
};

static struct text texts[TEXTS_MAX];
static size_t text_count;

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
	return hash ^ hash >> 29;
}

/*
 * A process that nobody but root may look into keeps its maps to itself, which is why what it or its like
 * showed last stands in: start() sees to it that a program lies at the same addresses each time.
 */
static void read_texts(pid_t pid)
{
	char path[NAME_SIZE], line[PATH_MAX + NAME_SIZE], mode[8];
	size_t count = 0;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	maps = fopen(path, "re");
	if (!maps)
		return;
	while (count < TEXTS_MAX && fgets(line, sizeof(line), maps)) {
		struct text *text = &texts[count];

		if (sscanf(line, "%lx-%lx %7s", &text->start, &text->end, mode) == 3 && mode[2] == 'x')
			count++;
	}
	if (count)
		text_count = count;
	fclose(maps);
}

static bool is_indirect_call(const unsigned char *code)
{
	return code[0] == 0xff && (code[1] & 0x38) == 0x10;
}

/* Right behind a call: E8 with four bytes, or FF /2 with none, one, four, or an index more. */
static bool is_return_address(const struct task *task, unsigned long address)
{
	unsigned char code[8];

	for (size_t i = 0; i < text_count; i++)
		if (address >= texts[i].start + sizeof(code) && address < texts[i].end)
			return pread(task->memory, code, sizeof(code), (off_t)(address - sizeof(code))) > 0 &&
				(code[3] == 0xe8 || is_indirect_call(code + 1) ||
					is_indirect_call(code + 2) || is_indirect_call(code + 5) ||
					is_indirect_call(code + 6));
	return false;
}

static uint64_t site_of(const struct task *task, const struct __ptrace_syscall_info *info)
{
	uint64_t hash = mix(info->entry.nr, info->instruction_pointer);
	unsigned long stack[STACK_WORDS];
	ssize_t size = pread(task->memory, stack, sizeof(stack), (off_t)info->stack_pointer);

	read_texts(task->pid);
	for (ssize_t i = 0; i < size / (ssize_t)sizeof(*stack); i++)
		if (is_return_address(task, stack[i]))
			hash = mix(hash, stack[i]);
	return hash;
}

/* ---- the call ---- */

static void write_log(const char *word, const char *value)
{
	fprintf(injector.log, "%s %s\n", word, value);
	fflush(injector.log);
}

static void log_site(const char *name, uint64_t hash)
{
	fprintf(injector.log, "site %s %016lx\n", name, (unsigned long)hash);
}

static void wait_for_the_test(void)
{
	char byte;

	while (read(STDIN_FILENO, &byte, 1) > 0 || errno == EINTR)
		errno = 0;
}

static void give_another_end(struct task *task, const char *name)
{
	write_log("hit", name);
	if (!strcmp(injector.what, "kill")) {
		(void)kill(task->pid, SIGKILL);
	} else if (!strcmp(injector.what, "hold")) {
		wait_for_the_test();
	} else {
		/* One that every filter lets pass is made in its place, or a filter would see none. */
		task->is_refused = true;
		if (ptrace(PTRACE_POKEUSER, task->pid, offsetof(struct user_regs_struct, orig_rax),
				SYS_getpid) < 0)
			broken("PTRACE_POKEUSER");
	}
}

static void at_call(struct task *task)
{
	struct __ptrace_syscall_info info;
	char *name;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, task->pid, sizeof(info), &info) <= 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_EXIT && task->is_refused) {
		task->is_refused = false;
		(void)ptrace(PTRACE_POKEUSER, task->pid, offsetof(struct user_regs_struct, rax),
			-(long)injector.error);
	}
	if (info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return;
	if (!is_armed) {
		/* while it may be seen */
		if (!injector.nth)
			read_texts(task->pid);
		return;
	}
	name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, (int)info.entry.nr);
	if (name && counts(name)) {
		if (++injector.count == injector.nth)
			give_another_end(task, name);
		else if (!injector.nth)
			log_site(name, site_of(task, &info));
	}
	free(name);
}

/* ---- the loop ---- */

static void at_exec(struct task *task)
{
	char name[NAME_SIZE];

	program_of(task->pid, name);
	task->is_chosen = !strcmp(name, injector.program);
	open_memory(task);
	if (!strncmp(name, "cordon", 6)) {
		go_on(task, 0);
		return;
	}
	(void)ptrace(PTRACE_DETACH, task->pid, NULL, NULL);
	forget(task);
}

static void at_stop(pid_t pid, int status)
{
	struct task *task = add(pid);
	int signal = WSTOPSIG(status), event = status >> 16;

	if (event == PTRACE_EVENT_EXEC) {
		at_exec(task);
	} else if (event == PTRACE_EVENT_STOP && signal != SIGTRAP) {
		(void)ptrace(PTRACE_LISTEN, pid, NULL, NULL);
	} else if (event) {
		go_on(task, 0);
	} else if (signal == (SIGTRAP | 0x80)) {
		at_call(task);
		go_on(task, 0);
	} else {
		go_on(task, signal);
	}
}

static int trace(pid_t command)
{
	int status, end = BROKEN;

	while (injector.task_count) {
		pid_t pid = waitpid(-1, &status, __WALL);
		struct task *task;

		if (pid < 0 && errno == EINTR)
			continue;
		if (pid < 0)
			break;
		if (WIFSTOPPED(status)) {
			at_stop(pid, status);
			continue;
		}
		if (pid == command)
			end = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		task = find(pid);
		if (task)
			forget(task);
	}
	return end;
}

/* Returns when the child waits to be traced. */
static pid_t start(char **argv)
{
	int go[2];
	char byte = 0;
	pid_t pid;

	if (pipe(go) < 0)
		broken("pipe");
	pid = fork();
	if (!pid) {
		close(go[1]);
		if (read(go[0], &byte, 1) != 1)
			_exit(BROKEN);
		close(go[0]);
		/* where it only counts, what is at one address is at that address in each process */
		if (!injector.nth && personality(personality(0xffffffff) | ADDR_NO_RANDOMIZE) < 0)
			broken("personality");
		execv(argv[0], argv);
		broken(argv[0]);
	}
	close(go[0]);
	if (pid < 0 || ptrace(PTRACE_SEIZE, pid, NULL, (void *)(long)OPTIONS) < 0)
		broken("PTRACE_SEIZE");
	if (write(go[1], &byte, 1) != 1)
		broken("write");
	close(go[1]);
	return pid;
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = arm };
	char count[NAME_SIZE];
	pid_t pid;
	int end;

	if (argc < 6)
		return BROKEN;
	is_armed = argv[1][0] != '+';
	injector.program = argv[1] + !is_armed;
	injector.nth = strtoul(argv[2], NULL, 10);
	read_what(argv[3]);
	injector.log = fopen(argv[4], "we");
	if (!injector.log ||
			(!injector.error && strcmp(injector.what, "kill") && strcmp(injector.what, "hold")))
		broken("arguments");
	sigaction(SIGUSR1, &action, NULL);
	pid = start(argv + 5);
	add(pid);
	end = trace(pid);
	snprintf(count, sizeof(count), "%lu", injector.count);
	write_log("count", count);
	return end;
}
