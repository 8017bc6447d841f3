// SPDX-License-Identifier: Apache-2.0
/*
 * format.c - lines and comments, and a module from the package to the last rule
 *
 * Source: OPA, v1/format/format.go (which layout; what it does where comments have no place)
 */
#include "rego/format.h"
#include "rego/format_internal.h"

#include <errno.h>
#include <stdlib.h>

/* ---- places ---- */

int format_end_row(const struct rego_span *at)
{
	struct str rest = format_text(at), line;
	int row = format_row(at);

	while (str_cut(rest, '\n', &line, &rest))
		row++;
	return row;
}

/* How long what begins at the start of a text is, where brackets in it mean nothing: a string, a comment. */
static size_t opaque_length(struct str text)
{
	char first = text.data[0];
	size_t i;

	if (first != '"' && first != '`' && first != '#')
		return 0;
	for (i = 1; i < text.len; i++) {
		if (text.data[i] == (first == '#' ? '\n' : first))
			break;
		if (text.data[i] == '\\' && first == '"')
			i++;
	}
	return MIN(first == '#' ? i : i + 1, text.len);
}

int format_closing_row(const struct rego_span *at, char open, char close)
{
	struct str text = format_text(at);
	int row = format_row(at), depth = 0;

	for (size_t i = 0; i < text.len; i++) {
		size_t length = opaque_length((struct str){ .data = text.data + i, .len = text.len - i });

		for (size_t end = i + length; i < end; i++)
			row += text.data[i] == '\n';
		if (i == text.len)
			break;
		row += text.data[i] == '\n';
		depth += text.data[i] == open;
		if (depth && text.data[i] == close && !--depth)
			return row;
	}
	return FORMAT_NO_ROW;
}

/* ---- lines ---- */

void format_write(struct formatter *f, const char *text)
{
	buf_append_str(f->out, text);
}

void format_write_str(struct formatter *f, struct str text)
{
	buf_append(f->out, text.data, text.len);
}

void format_start_line(struct formatter *f)
{
	f->in_line = true;
	for (unsigned i = 0; i < f->level; i++)
		format_write(f, "\t");
}

static void write_comment(struct formatter *f, const struct rego_comment *comment)
{
	struct str text = comment->text;

	while (text.len && ascii_is_space(text.data[text.len - 1]))
		text.len--;
	format_write(f, "#");
	format_write_str(f, text);
}

void format_end_line(struct formatter *f)
{
	f->in_line = false;
	if (f->line_end && !f->delays_line_end) {
		format_write(f, " ");
		write_comment(f, f->line_end);
		f->line_end = NULL;
	}
	f->delays_line_end = false;
	format_write(f, "\n");
}

void format_blank_line(struct formatter *f)
{
	if (f->in_line)
		format_end_line(f);
	format_write(f, "\n");
}

/* ---- comments ---- */

size_t format_comments_above(const struct formatter *f, int row)
{
	size_t count = 0;

	while (f->next + count < f->comment_count && format_row(&f->comments[f->next + count]->at) < row)
		count++;
	return count;
}

static bool is_metadata(const struct rego_comment *comment)
{
	struct str text = comment->text;

	while (text.len && ascii_is_space(*text.data)) {
		text.data++;
		text.len--;
	}
	return str_starts_with(text, STR("METADATA"));
}

void format_write_comments(struct formatter *f, size_t count)
{
	bool in_metadata = false;

	for (size_t i = 0; i < count; i++) {
		const struct rego_comment *comment = f->comments[f->next++];
		int gap = i ? format_row(&comment->at) - format_row(&f->comments[f->next - 2]->at) : 0;

		if (gap > 1 || (gap == 1 && in_metadata && is_metadata(comment))) {
			format_blank_line(f);
			in_metadata = false;
		}
		in_metadata |= is_metadata(comment);
		if (!f->in_line)
			format_start_line(f);
		write_comment(f, comment);
		format_end_line(f);
	}
}

int format_comments(struct formatter *f, int row)
{
	size_t above = format_comments_above(f, row);
	const struct rego_comment *comment;

	format_write_comments(f, above);
	if (above && row - format_row(&f->comments[f->next - 1]->at) > 1)
		format_blank_line(f);
	if (f->next == f->comment_count || format_row(&f->comments[f->next]->at) != row)
		return 0;
	comment = f->comments[f->next++];
	if (f->line_end) {
		f->line_end = NULL;
		return FORMAT_LOST;
	}
	f->line_end = comment;
	return 0;
}

/*
 * The text of the original, which has its comments in it; Return: whether the one behind it was written too
 */
static bool write_as_it_was(struct formatter *f, const struct rego_span *at)
{
	int end = format_end_row(at);

	format_write_str(f, format_text(at));
	f->next += format_comments_above(f, end);
	if (!f->takes_last_comment || f->next == f->comment_count ||
			format_row(&f->comments[f->next]->at) != end)
		return false;
	format_write(f, " ");
	write_comment(f, f->comments[f->next++]);
	return true;
}

struct format_mark format_mark(const struct formatter *f)
{
	return (struct format_mark){ .length = f->out->len, .state = *f };
}

int format_go_back(struct formatter *f, const struct format_mark *mark, const struct rego_span *at)
{
	const struct rego_comment *comment = mark->state.line_end;
	bool takes_comment;

	buf_truncate(f->out, mark->length);
	*f = mark->state;
	/* a comment in the text is written with it */
	if (comment && comment->at.offset >= at->offset && comment->at.offset < at->offset + at->length)
		f->line_end = NULL;
	takes_comment = write_as_it_was(f, at);
	return takes_comment && f->line_end ? FORMAT_LOST : FORMAT_AS_IS;
}


/* ---- package and imports ---- */

static void write_package(struct formatter *f)
{
	format_comments(f, format_row(&f->module->package_at));
	format_start_line(f);
	format_write(f, "package ");
	format_ref(f, f->module->package, 1);
	format_blank_line(f);
}

static size_t path_length(const struct rego_import *import)
{
	return import->path->type == REGO_TERM_VAR ? 1 : import->path->list.count;
}

static struct str path_item(const struct rego_import *import, size_t index)
{
	if (import->path->type == REGO_TERM_VAR)
		return import->path->name;
	return index ? import->path->list.items[index]->value->text : import->path->list.items[0]->name;
}

static int compare_imports(const struct rego_import *one, const struct rego_import *other)
{
	size_t one_length = path_length(one), other_length = path_length(other);

	for (size_t i = 0; i < one_length && i < other_length; i++) {
		int r = str_compare(path_item(one, i), path_item(other, i));

		if (r)
			return r;
	}
	if (one_length != other_length)
		return one_length < other_length ? -1 : 1;
	return str_compare(one->alias, other->alias);
}

static bool imports_v1(const struct rego_module *module)
{
	for (size_t i = 0; i < module->import_count; i++)
		if (path_length(&module->imports[i]) == 2 &&
				str_eq(path_item(&module->imports[i], 0), STR("rego")))
			return true;
	return false;
}

/*
 * future.keywords.x where x is a keyword of v1, which `import rego.v1` says already; and where it is wanted,
 * that one, too. `import future.keywords` stays: it says more.
 */
static bool is_redundant(const struct formatter *f, const struct rego_import *import)
{
	if (f->drops_v0_imports && path_length(import) == 2 && str_eq(path_item(import, 0), STR("rego")))
		return true;
	return (f->imports_v1 || f->drops_v0_imports) && path_length(import) == 3 &&
		str_eq(path_item(import, 0), STR("future")) &&
		!str_eq(path_item(import, 2), STR("not")) && !str_eq(path_item(import, 2), STR("and")) &&
		!str_eq(path_item(import, 2), STR("or"));
}

static void write_import(struct formatter *f, const struct rego_import *import,
	const struct rego_comment *comment)
{
	format_start_line(f);
	format_write(f, "import ");
	format_ref(f, import->path, 0);
	if (import->alias.len) {
		format_write(f, " as ");
		format_write_str(f, import->alias);
	}
	if (comment) {
		format_write(f, " ");
		write_comment(f, comment);
	}
	format_end_line(f);
}

struct import_line {
	const struct rego_import *import;
	const struct rego_comment *comment;
};

static int compare_lines(const void *a, const void *b)
{
	return compare_imports(((const struct import_line *)a)->import,
		((const struct import_line *)b)->import);
}

/* The comment behind an import moves with it. */
static void take_comments(struct formatter *f, struct import_line *lines, size_t count)
{
	size_t line = 0, kept = f->next;

	for (size_t i = f->next; i < f->comment_count; i++) {
		int row = format_row(&f->comments[i]->at);

		while (line < count && format_row(&lines[line].import->at) < row)
			line++;
		if (line < count && format_row(&lines[line].import->at) == row)
			lines[line].comment = f->comments[i];
		else
			f->comments[kept++] = f->comments[i];
	}
	f->comment_count = kept;
}

/* Imports on lines that follow each other are sorted. */
static void write_import_group(struct formatter *f, struct import_line *lines, size_t count)
{
	format_comments(f, format_row(&lines[0].import->at));
	qsort(lines, count, sizeof(*lines), compare_lines);
	for (size_t i = 0; i < count; i++)
		write_import(f, lines[i].import, lines[i].comment);
	format_blank_line(f);
}

static void write_imports(struct formatter *f, struct import_line *lines, size_t count)
{
	int last = count ? format_row(&lines[0].import->at) : 0;
	size_t first = 0;

	take_comments(f, lines, count);
	for (size_t i = 1; count && i <= count; i++) {
		int row = i < count ? format_row(&lines[i].import->at) : 0;

		if (i < count && row - last <= 1) {
			last = row;
			continue;
		}
		write_import_group(f, lines + first, i - first);
		first = i;
		last = row;
	}
}

/* ---- rules ---- */

static void write_rules(struct formatter *f, const struct rego_rule *const *rules, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		format_comments(f, format_row(&rules[i]->at));
		format_rule(f, rules[i]);
		if (i + 1 < count && format_is_one_line(rules[i]) && format_is_one_line(rules[i + 1]) &&
				rules[i + 1]->at.line == rules[i]->at.line + 1)
			continue;
		format_blank_line(f);
	}
}

static bool needs_ref_heads(const struct rego_module *module)
{
	for (size_t i = 0; i < module->rule_count; i++) {
		const struct rego_rule *rule = module->rules[i];
		size_t count = rule->ref->type == REGO_TERM_REF ? rule->ref->list.count : 1;

		if (count > 2 || (count == 2 && rule->contains))
			return true;
	}
	return false;
}

/* ---- the whole ---- */

static bool comes_first(const struct rego_span *one, const struct rego_span *other)
{
	return one->offset < other->offset;
}

/* Runs of imports and of rules, as they come. */
static void write_statements(struct formatter *f, struct import_line *lines)
{
	const struct rego_module *module = f->module;
	size_t import = 0, rule = 0;

	while (import < module->import_count || rule < module->rule_count) {
		size_t count = 0, first = rule;

		for (; import < module->import_count && (rule == module->rule_count ||
				comes_first(&module->imports[import].at, &module->rules[rule]->at)); import++)
			if (!is_redundant(f, &module->imports[import]))
				lines[count++] = (struct import_line){ .import = &module->imports[import] };
		write_imports(f, lines, count);
		while (rule < module->rule_count && (import == module->import_count ||
				comes_first(&module->rules[rule]->at, &module->imports[import].at)))
			rule++;
		if (rule > first)
			write_rules(f, module->rules + first, rule - first);
	}
}

static void write_module(struct formatter *f, struct import_line *lines)
{
	write_package(f);
	write_statements(f, lines);
	while (f->next < f->comment_count) {
		if (!f->in_line)
			format_start_line(f);
		write_comment(f, f->comments[f->next++]);
		format_end_line(f);
	}
}

/* One newline at the end, however many were due. */
static void squash_end(struct buf *buf, size_t start)
{
	while (buf->len > start + 1 && buf->data[buf->len - 1] == '\n' && buf->data[buf->len - 2] == '\n')
		buf_truncate(buf, buf->len - 1);
}

/*
 * A formatter that loses something is worse than none: what it wrote has to be a module again, with as many
 * rules and as many comments. Comments can stand where no line would be theirs.
 */
static int check(const struct rego_module *module, struct str text, unsigned flags, struct arena *arena,
	struct rego_diags *diags)
{
	struct rego_diags unused = REGO_DIAGS_INIT(arena);
	struct rego_source source = { .name = "formatted", .text = text };
	const struct rego_module *again = rego_parse_module(&source, flags, arena, &unused);
	struct rego_diag *diag;

	if (again && again->rule_count == module->rule_count && again->comment_count == module->comment_count)
		return 0;
	diag = rego_diag_add(diags, REGO_CODE_PARSE, module->package_at,
		"cannot be formatted: a comment stands where it would be lost");
	if (diag)
		diag->hint = "put comments on lines of their own, or behind whole expressions";
	return -EINVAL;
}

static int format_module(const struct rego_module *module, unsigned flags, struct arena *arena,
	struct buf *ret)
{
	struct formatter f = { .out = ret, .module = module, .comment_count = module->comment_count };
	struct import_line *lines = arena_alloc_array(arena, module->import_count, sizeof(*lines));

	f.comments = arena_alloc_array(arena, module->comment_count, sizeof(*f.comments));
	if (!f.comments || !lines)
		return -EMSGSIZE;
	for (size_t i = 0; i < module->comment_count; i++)
		f.comments[i] = &module->comments[i];
	f.imports_v1 = imports_v1(module);
	f.drops_v0_imports = flags & REGO_FORMAT_DROP_V0_IMPORTS;
	f.writes_ref_heads = needs_ref_heads(module);
	write_module(&f, lines);
	return buf_failed(ret) ? -EMSGSIZE : 0;
}

int rego_format(const struct rego_source *source, unsigned flags, struct arena *arena,
	struct rego_diags *diags, struct buf *ret)
{
	const struct rego_module *module = rego_parse_module(source, flags, arena, diags);
	size_t start = ret->len;
	int r;

	if (!module)
		return -EINVAL;
	r = format_module(module, flags, arena, ret);
	if (r < 0)
		return r;
	squash_end(ret, start);
	r = check(module, (struct str){ .data = ret->data + start, .len = ret->len - start }, flags, arena,
		diags);
	if (r < 0)
		buf_truncate(ret, start);
	return r;
}
