// SPDX-License-Identifier: Apache-2.0
/*
 * regoc_report.c - mistakes, as whoever uses the library reads them
 *
 * A report copies what it says, since the object that it is about is gone when it is read. Where there is no
 * room for all of it, there is less of it, but never none: that would be no mistake.
 */
#include "rego/regoc_internal.h"

#include <stdlib.h>
#include <string.h>

struct regoc_report {
	struct arena arena;
	struct regoc_diagnostic items[REGO_DIAGS_MAX + 1];
	size_t count;
	const char *text;
};

static const char *kept(struct regoc_report *report, const char *text)
{
	const char *copy = text ? arena_copy(&report->arena, text, strlen(text)) : NULL;

	return copy || !text ? copy : "...";
}

static void take_diag(struct regoc_report *report, const struct rego_diag *diag)
{
	report->items[report->count++] = (struct regoc_diagnostic){
		.code = rego_code_name(diag->code), .message = kept(report, diag->text),
		.hint = kept(report, diag->hint),
		.file = kept(report, diag->at.source ? diag->at.source->name : ""),
		.line = diag->at.line, .column = diag->at.column,
	};
}

static struct regoc_report *report_new(void)
{
	struct regoc_report *report = rego_api_new(sizeof(*report));

	report->arena = (struct arena)ARENA_INIT(REGOC_REPORT_BYTES);
	report->text = "";
	return report;
}

void rego_api_report(const struct rego_diags *diags, struct regoc_report **ret)
{
	scoped(buf) struct buf buf = BUF_INIT(REGOC_REPORT_BYTES / 2);
	struct regoc_report *report;

	if (!ret || !diags->count)
		return;
	report = report_new();
	for (const struct rego_diag *diag = diags->first; diag; diag = diag->next)
		take_diag(report, diag);
	(void)rego_diags_print(diags, &buf);
	report->text = buf.len ? arena_copy(&report->arena, buf.data, buf.len) : NULL;
	report->text = report->text ? report->text : "there are mistakes, and too many to show\n";
	*ret = report;
}

void rego_api_report_json(const struct error *err, struct regoc_report **ret)
{
	struct regoc_report *report;

	if (!ret)
		return;
	report = report_new();
	report->items[0] = (struct regoc_diagnostic){
		.code = "json_error", .message = kept(report, err->text), .file = "",
	};
	report->count = 1;
	report->text = arena_printf(&report->arena, "%s\n", err->text);
	report->text = report->text ? report->text : "it is no document, and there is no room to say more\n";
	*ret = report;
}

size_t regoc_report_count(const struct regoc_report *report)
{
	return report ? report->count : 0;
}

const struct regoc_diagnostic *regoc_report_at(const struct regoc_report *report, size_t index)
{
	return index < regoc_report_count(report) ? &report->items[index] : NULL;
}

const char *regoc_report_text(const struct regoc_report *report)
{
	return report ? report->text : "";
}

void regoc_report_free(struct regoc_report *report)
{
	if (report)
		arena_fini(&report->arena);
	free(report);
}
