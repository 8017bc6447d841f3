// SPDX-License-Identifier: Apache-2.0
/*
 * input.c - the documents of what is asked while an agent runs: exec, net, file
 *
 * Each of them is waited for, so they are built in well under a microsecond. A program is the same record
 * wherever it stands: the one that wants to run, its parents, the one that connects or opens.
 */
#include "policy/input.h"

#include "policy/input_internal.h"

/* Its members up to "parents": so the program that wants to run can have more of them behind. */
static void add_program(struct input_record *record, const struct policy_program *program)
{
	if (program->argv)
		input_add(record, INPUT_ARGV, input_words(record->maker, program->argv, program->argc));
	input_add_text(record, INPUT_CWD, program->cwd);
	if (program->digest)
		input_add_digest(record, INPUT_DIGEST, program->digest);
	if (program->file) {
		const struct json *file = input_text(record->maker, str_from(program->file));

		input_add(record, INPUT_FILE, file);
		input_add(record, INPUT_NAME, input_name(record->maker, file));
	}
}

static void add_pid(struct input_record *record, const struct policy_program *program)
{
	if (program->pid)
		input_add_int(record, INPUT_PID, program->pid);
}

static const struct json *program_value(struct input_maker *maker, const struct policy_program *program)
{
	UNINITIALIZED struct input_record record;

	input_begin(&record, maker);
	add_program(&record, program);
	add_pid(&record, program);
	return input_end(&record);
}

static const struct json *parents_value(struct input_maker *maker, const struct policy_exec *question)
{
	size_t count = MIN(question->parent_count, (size_t)POLICY_PARENTS_MAX);
	struct json_array_builder list;

	if (!count)
		return input_empty_list();
	json_array_begin(&list, maker->arena);
	json_array_reserve(&list, count);
	for (size_t i = 0; i < count; i++)
		json_array_add(&list, program_value(maker, &question->parents[i]));
	return json_array_end(&list);
}

const struct json *policy_input_exec(struct arena *arena, const struct policy_exec *question)
{
	struct input_maker of_document = INPUT_MAKER(arena), *maker = &of_document;
	UNINITIALIZED struct input_record record;

	input_begin(&record, maker);
	add_program(&record, &question->program);
	input_add(&record, INPUT_PARENTS, parents_value(maker, question));
	add_pid(&record, &question->program);
	input_add_text(&record, INPUT_SCRIPT, question->script);
	return input_document(maker, question->session, "exec", INPUT_EXEC, input_end(&record));
}

const struct json *policy_input_net(struct arena *arena, const struct policy_net *question)
{
	struct input_maker of_document = INPUT_MAKER(arena), *maker = &of_document;
	UNINITIALIZED struct input_record record;

	input_begin(&record, maker);
	input_add_text(&record, INPUT_ADDRESS, question->address);
	input_add_text(&record, INPUT_METHOD, question->method);
	input_add_text(&record, INPUT_NAME, question->name);
	input_add_text(&record, INPUT_PATH, question->path);
	if (question->port)
		input_add_int(&record, INPUT_PORT, question->port);
	if (question->program)
		input_add(&record, INPUT_PROGRAM, program_value(maker, question->program));
	input_add_text(&record, INPUT_PROTOCOL, question->protocol);
	input_add_count(&record, INPUT_RECEIVED_BYTES, question->received_bytes);
	input_add_count(&record, INPUT_SENT_BYTES, question->sent_bytes);
	return input_document(maker, question->session, "net", INPUT_NET, input_end(&record));
}

const struct json *policy_input_file(struct arena *arena, const struct policy_file_access *question)
{
	struct input_maker of_document = INPUT_MAKER(arena), *maker = &of_document;
	UNINITIALIZED struct input_record record;

	input_begin(&record, maker);
	input_add_text(&record, INPUT_ACCESS, question->access);
	if (question->path) {
		const struct json *path = input_text(maker, str_from(question->path));

		input_add(&record, INPUT_NAME, input_name(maker, path));
		input_add(&record, INPUT_PATH, path);
	}
	if (question->program)
		input_add(&record, INPUT_PROGRAM, program_value(maker, question->program));
	return input_document(maker, question->session, "file", INPUT_FILE, input_end(&record));
}
