// SPDX-License-Identifier: Apache-2.0
/*
 * seccomp.c - tables/syscalls*.csv and syscall_args.csv to BPF programs in C
 *
 *	gen-seccomp ARCH SYSCALLS.csv SYSCALL_ARGS.csv SYSCALLS_ALONE.csv SYMBOL OUTPUT.c
 *
 * Runs at build time, on the machine that builds: libseccomp knows the numbers of every architecture and compiles the
 * filters, so the launcher needs neither the library nor the time. Six programs come out, each small and with one
 * purpose; the kernel runs all that are installed and takes the strictest answer:
 *
 *	base       by number alone (the kernel caches such answers): allow, refuse; what is to be recorded is answered with
 *	           SECCOMP_RET_TRACE, which is ENOSYS, unless `notify` lies above it
 *	args       refuses some arguments of allowed calls
 *	notify     hands recorded calls and renames to the supervisor: USER_NOTIF is stricter than TRACE
 *	affinity   refuses sched_setaffinity, where a CPU limit rests on it
 *	alone      refuses what is not harmless without namespaces; what is to be recorded or done by somebody else, as `base`
 *	alone_notify  in place of notify, then: recorded calls and those of files' modes and times, and no renames
 *
 * A call without a row is ENOSYS. Another architecture's entry points (i386, x32) kill the process.
 *
 * All but `base` are libseccomp's. That one knows hundreds of numbers, and neighbours mostly have the same answer: as a search
 * through ranges of them it is a fourth of what libseccomp makes of it, and what the kernel takes to install it, at the start of
 * every sandbox, grows with its length.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	ROWS_MAX = 1024,
	LINE_MAX_BYTES = 512,
	FIELDS_MAX = 9,
	PROGRAM_MAX = 4096,
	CALL_NUMBERS_MAX = 4096,	/* above every number that an architecture gives out */
	X32_SYSCALL_BIT = 0x40000000,
};

struct row {
	char fields[FIELDS_MAX][LINE_MAX_BYTES];
};

struct table {
	struct row *rows;
	size_t count;
};

struct programs {
	uint32_t base[CALL_NUMBERS_MAX];	/* SECCOMP_RET_* by number */
	scmp_filter_ctx args, notify, affinity, alone, alone_notify;
	uint32_t arch;
};

static const char *const rename_calls[] = { "rename", "renameat", "renameat2" };

static const struct {
	const char *name;
	int number;
} errno_names[] = {
	{ "EPERM", EPERM }, { "ENOSYS", ENOSYS }, { "EAFNOSUPPORT", EAFNOSUPPORT },
	{ "EPROTONOSUPPORT", EPROTONOSUPPORT }, { "EOPNOTSUPP", EOPNOTSUPP },
	{ "EINVAL", EINVAL },
};

static int errno_of(const char *name)
{
	for (size_t i = 0; i < sizeof(errno_names) / sizeof(errno_names[0]); i++)
		if (!strcmp(errno_names[i].name, name))
			return errno_names[i].number;
	errx(1, "'%s' is no errno that the tables use", name);
}

/* The last field takes the rest of the line, commas and all. */
static void split(char *line, struct row *row, size_t fields)
{
	for (size_t i = 0; i < fields; i++) {
		char *end = i + 1 < fields ? strchr(line, ',') : NULL;

		if (!end && i + 1 < fields)
			errx(1, "'%s': %zu fields wanted", row->fields[0], fields);
		if (end)
			*end = '\0';
		snprintf(row->fields[i], sizeof(row->fields[i]), "%s", line);
		line = end ? end + 1 : line;
	}
}

static struct table load(const char *path, size_t fields)
{
	struct table table = { .rows = calloc(ROWS_MAX, sizeof(struct row)) };
	FILE *file = fopen(path, "re");
	char line[LINE_MAX_BYTES];
	bool header = true;

	if (!file || !table.rows)
		err(1, "%s", path);
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (!line[0] || line[0] == '#')
			continue;
		if (header) {
			header = false;
			continue;
		}
		if (table.count == ROWS_MAX)
			errx(1, "%s: too many rows", path);
		split(line, &table.rows[table.count++], fields);
	}
	fclose(file);
	return table;
}

/* The call's number, or -1 where the architecture has no such call. A name that libseccomp does not know is a mistake. */
static int resolve(uint32_t arch, const char *name)
{
	int number = seccomp_syscall_resolve_name_arch(arch, name);

	if (number == __NR_SCMP_ERROR)
		errx(1, "syscalls.csv: '%s' is no system call", name);
	return number < 0 ? -1 : number;
}

/* Rules are given in the numbers of the machine that builds; libseccomp translates them. */
static int native(const char *name)
{
	return seccomp_syscall_resolve_name(name);
}

static void must(int result, const char *what)
{
	if (result < 0)
		errx(1, "%s: %s", what, strerror(-result));
}

static void add(scmp_filter_ctx filter, uint32_t action, const char *name)
{
	must(seccomp_rule_add_exact_array(filter, action, native(name), 0, NULL), name);
}

static void add_call(struct programs *programs, const struct row *row)
{
	const char *name = row->fields[0], *action = row->fields[1];
	int number = resolve(programs->arch, name);

	if (number < 0)
		return;
	if (number >= CALL_NUMBERS_MAX)
		errx(1, "syscalls.csv: '%s': the number %d is too high", name, number);
	if (!strcmp(action, "allow")) {
		programs->base[number] = SECCOMP_RET_ALLOW;
	} else if (!strcmp(action, "record")) {
		programs->base[number] = SECCOMP_RET_TRACE;
		add(programs->notify, SCMP_ACT_NOTIFY, name);
		add(programs->alone_notify, SCMP_ACT_NOTIFY, name);
	} else if (!strcmp(action, "refuse")) {
		programs->base[number] = SECCOMP_RET_ERRNO | (uint32_t)errno_of(row->fields[2]);
	} else {
		errx(1, "syscalls.csv: '%s': no such action '%s'", name, action);
	}
}

static unsigned long number_of(const char *text, char **end)
{
	char *own_end;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &own_end, 0);
	if (errno || own_end == text || (!end && *own_end))
		errx(1, "syscall_args.csv: '%s' is no number", text);
	if (end)
		*end = own_end;
	return value;
}

static struct scmp_arg_cmp compare(const char *arg, const char *test, unsigned long value)
{
	struct scmp_arg_cmp cmp = { .arg = (unsigned)number_of(arg, NULL) };

	if (!strcmp(test, "is")) {
		cmp.op = SCMP_CMP_MASKED_EQ;
		cmp.datum_a = UINT32_MAX;
		cmp.datum_b = value;
	} else if (!strcmp(test, "bits")) {
		cmp.op = SCMP_CMP_MASKED_EQ;
		cmp.datum_a = cmp.datum_b = value;
	} else if (!strcmp(test, "above")) {
		cmp.op = SCMP_CMP_GT;
		cmp.datum_a = value;
	} else if (!strcmp(test, "isnot")) {
		cmp.op = SCMP_CMP_NE;
		cmp.datum_a = value;
	} else {
		errx(1, "syscall_args.csv: no such test '%s'", test);
	}
	return cmp;
}

static void add_compare(struct programs *programs, const struct row *row, struct scmp_arg_cmp first)
{
	const char *name = row->fields[0], *answer = row->fields[7];
	bool record = !strcmp(answer, "record");
	uint32_t action = record ? SCMP_ACT_TRACE(0) : SCMP_ACT_ERRNO((uint32_t)errno_of(answer));
	struct scmp_arg_cmp cmps[2] = { first };
	unsigned count = 1;

	if (resolve(programs->arch, name) < 0)
		return;
	if (row->fields[4][0])
		cmps[count++] = compare(row->fields[4], row->fields[5], number_of(row->fields[6], NULL));
	must(seccomp_rule_add_exact_array(programs->args, action, native(name), count, cmps), name);
	if (!record)
		return;
	must(seccomp_rule_add_exact_array(programs->notify, SCMP_ACT_NOTIFY, native(name), count, cmps),
		name);
	must(seccomp_rule_add_exact_array(programs->alone_notify, SCMP_ACT_NOTIFY, native(name), count, cmps),
		name);
}

/* What a row of syscalls_alone.csv answers and reports, or NULL where nobody is told. */
static const char *recorded_errno(const struct row *row)
{
	static const char prefix[] = "record ";

	return strncmp(row->fields[7], prefix, strlen(prefix)) ? NULL : row->fields[7] + strlen(prefix);
}

/* Whether a later row of the call takes it whatever its arguments are: this one is for the ledger then. */
static bool is_covered(const struct table *alone, size_t number)
{
	for (size_t i = number + 1; i < alone->count; i++)
		if (!strcmp(alone->rows[i].fields[0], alone->rows[number].fields[0]) &&
				!alone->rows[i].fields[1][0])
			return true;
	return false;
}

static void add_alone(struct programs *programs, const struct table *alone, size_t number)
{
	const struct row *row = &alone->rows[number];
	const char *name = row->fields[0], *arg = row->fields[1], *answer = row->fields[7];
	bool waits = !strcmp(answer, "mediate") || recorded_errno(row);
	struct scmp_arg_cmp cmp = { 0 };

	if (resolve(programs->arch, name) < 0 || is_covered(alone, number))
		return;
	if (arg[0])
		cmp = compare(arg, row->fields[2], number_of(row->fields[3], NULL));
	must(seccomp_rule_add_exact_array(programs->alone,
		waits ? SCMP_ACT_TRACE(0) : SCMP_ACT_ERRNO((uint32_t)errno_of(answer)), native(name),
		arg[0] != '\0', &cmp),
		name);
	if (waits)
		must(seccomp_rule_add_exact_array(programs->alone_notify, SCMP_ACT_NOTIFY, native(name),
			arg[0] != '\0', &cmp), name);
}

static void add_arg(struct programs *programs, const struct row *row)
{
	const char *arg = row->fields[1], *test = row->fields[2], *value = row->fields[3];
	char *rest;
	unsigned long first, last;

	if (strcmp(test, "range")) {
		add_compare(programs, row, compare(arg, test, number_of(value, NULL)));
		return;
	}
	first = number_of(value, &rest);
	last = number_of(rest + (*rest == '-'), NULL);
	for (unsigned long i = first; i <= last; i++)
		add_compare(programs, row, compare(arg, "is", i));
}

static scmp_filter_ctx new_filter(uint32_t default_action, uint32_t arch)
{
	scmp_filter_ctx filter = seccomp_init(default_action);

	if (!filter)
		errx(1, "seccomp_init");
	if (arch != seccomp_arch_native()) {
		must(seccomp_arch_remove(filter, SCMP_ARCH_NATIVE), "seccomp_arch_remove");
		must(seccomp_arch_add(filter, arch), "seccomp_arch_add");
	}
	must(seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS), "SCMP_FLTATR_ACT_BADARCH");
	must(seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2), "SCMP_FLTATR_CTL_OPTIMIZE");
	return filter;
}

/* ---- base ---- */

/* Made from its end, since jumps lead forward only: what is jumped to is there first, and is known by its place from the end. */
struct backwards {
	struct sock_filter code[PROGRAM_MAX];
	size_t count;
};

struct range {
	uint32_t first, answer;
};

static uint8_t distance(const struct backwards *program, size_t target)
{
	size_t offset = program->count - target - 1;

	if (offset > UINT8_MAX)
		errx(1, "base: a jump is too far");
	return (uint8_t)offset;
}

static size_t put(struct backwards *program, uint16_t code, uint32_t k)
{
	if (program->count == PROGRAM_MAX)
		errx(1, "base: the program is too long");
	program->code[program->count] = (struct sock_filter){ .code = code, .k = k };
	return program->count++;
}

static size_t put_jump(struct backwards *program, uint16_t test, uint32_t k, size_t if_true, size_t if_false)
{
	uint8_t jt = distance(program, if_true), jf = distance(program, if_false);
	size_t place = put(program, BPF_JMP | BPF_K | test, k);

	program->code[place].jt = jt;
	program->code[place].jf = jf;
	return place;
}

/* One that is near enough, also for a jump behind the next one, or another one. */
static size_t put_answer(struct backwards *program, uint32_t answer)
{
	for (size_t i = program->count; i-- > 0 && program->count - i < UINT8_MAX - 1;)
		if (program->code[i].code == (BPF_RET | BPF_K) && program->code[i].k == answer)
			return i;
	return put(program, BPF_RET | BPF_K, answer);
}

static size_t put_search(struct backwards *program, const struct range *ranges, size_t count)
{
	size_t middle = count / 2, high = 0, low = 0;

	if (count - middle > 1)
		high = put_search(program, ranges + middle, count - middle);
	if (middle > 1)
		low = put_search(program, ranges, middle);
	if (count - middle == 1)
		high = put_answer(program, ranges[middle].answer);
	if (middle == 1)
		low = put_answer(program, ranges[0].answer);
	return put_jump(program, BPF_JGE, ranges[middle].first, high, low);
}

static size_t find_ranges(const uint32_t answers[CALL_NUMBERS_MAX], struct range ret[CALL_NUMBERS_MAX])
{
	size_t count = 0;

	for (uint32_t i = 0; i < CALL_NUMBERS_MAX; i++)
		if (!count || ret[count - 1].answer != answers[i])
			ret[count++] = (struct range){ i, answers[i] };
	if (count < 2)
		errx(1, "base: all calls have one answer");
	return count;
}

static void make_base(const struct programs *programs, struct backwards *ret)
{
	static struct range ranges[CALL_NUMBERS_MAX];
	size_t kill = put_answer(ret, SECCOMP_RET_KILL_PROCESS), none = put_answer(ret, SECCOMP_RET_ERRNO | ENOSYS);
	size_t place = put_search(ret, ranges, find_ranges(programs->base, ranges));

	/* x32 has numbers of its own on x86-64; -1 is a call that a tracer has taken out. */
	if (programs->arch == SCMP_ARCH_X86_64) {
		size_t x32 = put_jump(ret, BPF_JEQ, UINT32_MAX, none, kill);

		(void)put_jump(ret, BPF_JGE, X32_SYSCALL_BIT, x32, place);
	}
	place = put(ret, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	(void)put_jump(ret, BPF_JEQ, programs->arch, place, kill);
	(void)put(ret, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
}

static void write_code(FILE *out, const char *name, const struct sock_filter *code, size_t count)
{
	fprintf(out, "static const struct sock_filter %s_code[] = {\n", name);
	for (size_t i = 0; i < count; i++)
		fprintf(out, "\t{ 0x%02x, %u, %u, 0x%08x },\n", code[i].code, code[i].jt, code[i].jf, code[i].k);
	fprintf(out, "};\n\n");
}

static void write_base(FILE *out, const struct programs *programs)
{
	static struct backwards made;
	static struct sock_filter code[PROGRAM_MAX];

	make_base(programs, &made);
	for (size_t i = 0; i < made.count; i++)
		code[i] = made.code[made.count - 1 - i];
	write_code(out, "base", code, made.count);
}

/* ---- the output ---- */

static void write_program(FILE *out, const char *name, scmp_filter_ctx filter)
{
	static struct sock_filter code[PROGRAM_MAX];
	int fd = memfd_create(name, MFD_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		err(1, "memfd_create");
	must(seccomp_export_bpf(filter, fd), name);
	n = pread(fd, code, sizeof(code), 0);
	close(fd);
	if (n <= 0 || n == sizeof(code) || (size_t)n % sizeof(code[0]))
		errx(1, "%s: unusable program", name);
	write_code(out, name, code, (size_t)n / sizeof(code[0]));
}

static void write_text(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

static bool has_arg_row(const struct table *args, const char *name)
{
	for (size_t i = 0; i < args->count; i++)
		if (!strcmp(args->rows[i].fields[0], name))
			return true;
	return false;
}

static bool is_rename(const char *name)
{
	for (size_t i = 0; i < sizeof(rename_calls) / sizeof(rename_calls[0]); i++)
		if (!strcmp(rename_calls[i], name))
			return true;
	return false;
}

/* How many calls the architecture has, as far as the library of the machine that builds knows. */
static unsigned count_known(uint32_t arch)
{
	unsigned count = 0;

	for (int number = 0; number < CALL_NUMBERS_MAX; number++) {
		char *name = seccomp_syscall_resolve_num_arch(arch, number);

		count += name != NULL;
		free(name);
	}
	return count;
}

/*
 * The row of syscalls_alone.csv that stands for a call: of several, the one for any arguments, which is the
 * last.
 */
static const struct row *find_alone(const struct table *alone, const char *name)
{
	const struct row *found = NULL;

	for (size_t i = 0; i < alone->count; i++)
		if (!strcmp(alone->rows[i].fields[0], name) && (!found || !alone->rows[i].fields[1][0]))
			found = &alone->rows[i];
	return found;
}

static void write_rows(FILE *out, const struct table *calls, const struct table *args,
	const struct table *alone, const struct programs *programs)
{
	fprintf(out, "static const struct jail_syscall rows[] = {\n");
	for (size_t i = 0; i < calls->count; i++) {
		const struct row *row = &calls->rows[i], *other = find_alone(alone, row->fields[0]);
		int number = resolve(programs->arch, row->fields[0]);
		char upper[LINE_MAX_BYTES] = "";

		if (number < 0)
			continue;
		fprintf(out, "\t{ \"%s\", %d, ", row->fields[0], number);
		for (const char *c = row->fields[1]; *c; c++)
			upper[c - row->fields[1]] = (char)toupper((unsigned char)*c);
		fprintf(out, "JAIL_SYSCALL_%s, ", upper);
		write_text(out, row->fields[3]);
		fprintf(out, ", %s, %s, ", has_arg_row(args, row->fields[0]) ? "true" : "false",
			is_rename(row->fields[0]) ? "true" : "false");
		write_text(out, other ? other->fields[8] : "");
		fprintf(out, ", %s },\n",
			other && (recorded_errno(other) || !strcmp(other->fields[7], "mediate")) ? "true" :
			"false");
	}
	fprintf(out, "};\n\n");
}

/* Of the preset without namespaces: by which row a refused call is told. */
static void write_refusals(FILE *out, const struct table *alone, uint32_t arch)
{
	fprintf(out, "static const struct jail_refusal refusals[] = {\n");
	for (size_t i = 0; i < alone->count; i++) {
		const struct row *row = &alone->rows[i];
		const char *arg = row->fields[1], *test = row->fields[2], *error = recorded_errno(row);
		int number = resolve(arch, row->fields[0]);

		if (!error || number < 0)
			continue;
		if (arg[0] && strcmp(test, "is") && strcmp(test, "isnot"))
			errx(1, "syscalls_alone.csv: '%s': what is recorded is told by is or isnot",
				row->fields[0]);
		fprintf(out, "\t{ %d, -%d, %ld, %s, %#lxu, ", number, errno_of(error),
			arg[0] ? (long)number_of(arg, NULL) : -1l, strcmp(test, "isnot") ? "false" : "true",
			arg[0] ? number_of(row->fields[3], NULL) : 0ul);
		write_text(out, row->fields[8]);
		fprintf(out, " },\n");
	}
	fprintf(out, "};\n\n");
}

static void write_all(char **argv, const struct table *calls, const struct table *args,
	const struct table *alone, struct programs *programs)
{
	const char *arch_name = argv[1], *symbol = argv[5], *path = argv[6];
	FILE *out = fopen(path, "we");

	if (!out)
		err(1, "%s", path);
	fprintf(out, "/* Generated from tables/syscalls.csv and tables/syscall_args.csv by tools/gen/seccomp.c for %s. */\n"
		"#include \"jail/seccomp_internal.h\"\n\n", arch_name);
	write_base(out, programs);
	write_program(out, "args", programs->args);
	write_program(out, "notify", programs->notify);
	write_program(out, "affinity", programs->affinity);
	write_program(out, "alone", programs->alone);
	write_program(out, "alone_notify", programs->alone_notify);
	write_rows(out, calls, args, alone, programs);
	write_refusals(out, alone, programs->arch);
	fprintf(out, "#define PROGRAM(name) { name##_code, sizeof(name##_code) / sizeof(name##_code[0]) }\n"
		"const struct jail_filters %s = {\n"
		"\t.arch = \"%s\",\n\t.audit_arch = 0x%08xu,\n"
		"\t.base = PROGRAM(base),\n\t.args = PROGRAM(args),\n\t.notify = PROGRAM(notify),\n"
		"\t.affinity = PROGRAM(affinity),\n\t.alone = PROGRAM(alone),\n"
		"\t.alone_notify = PROGRAM(alone_notify),\n"
		"\t.rows = rows,\n\t.row_count = sizeof(rows) / sizeof(rows[0]),\n"
		"\t.refusals = refusals,\n\t.refusal_count = sizeof(refusals) / sizeof(refusals[0]),\n\t.known_count = %u,\n};\n",
		symbol, arch_name, programs->arch, count_known(programs->arch));
	if (fclose(out))
		err(1, "%s", path);
}

int main(int argc, char **argv)
{
	static struct programs programs;
	struct table calls, args, alone;

	if (argc != 7)
		errx(2, "usage: gen-seccomp ARCH SYSCALLS.csv SYSCALL_ARGS.csv SYSCALLS_ALONE.csv SYMBOL OUTPUT.c");
	programs.arch = seccomp_arch_resolve_name(argv[1]);
	if (!programs.arch)
		errx(1, "'%s' is no architecture that libseccomp knows", argv[1]);
	calls = load(argv[2], 4);
	args = load(argv[3], 9);
	alone = load(argv[4], 9);
	for (size_t i = 0; i < CALL_NUMBERS_MAX; i++)
		programs.base[i] = SECCOMP_RET_ERRNO | ENOSYS;
	programs.args = new_filter(SCMP_ACT_ALLOW, programs.arch);
	programs.notify = new_filter(SCMP_ACT_ALLOW, programs.arch);
	programs.affinity = new_filter(SCMP_ACT_ALLOW, programs.arch);
	programs.alone = new_filter(SCMP_ACT_ALLOW, programs.arch);
	programs.alone_notify = new_filter(SCMP_ACT_ALLOW, programs.arch);
	for (size_t i = 0; i < calls.count; i++)
		add_call(&programs, &calls.rows[i]);
	for (size_t i = 0; i < args.count; i++)
		add_arg(&programs, &args.rows[i]);
	for (size_t i = 0; i < alone.count; i++)
		add_alone(&programs, &alone, i);
	for (size_t i = 0; i < sizeof(rename_calls) / sizeof(rename_calls[0]); i++)
		if (resolve(programs.arch, rename_calls[i]) >= 0)
			add(programs.notify, SCMP_ACT_NOTIFY, rename_calls[i]);
	add(programs.affinity, SCMP_ACT_ERRNO(EPERM), "sched_setaffinity");
	write_all(argv, &calls, &args, &alone, &programs);
	seccomp_release(programs.args);
	seccomp_release(programs.notify);
	seccomp_release(programs.affinity);
	seccomp_release(programs.alone);
	seccomp_release(programs.alone_notify);
	free(calls.rows);
	free(args.rows);
	free(alone.rows);
	return 0;
}
