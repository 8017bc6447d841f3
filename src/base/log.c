// SPDX-License-Identifier: Apache-2.0
/*
 * log.c - one process-wide sink
 *
 * The only global of this layer: set before the event loop starts, read afterwards.
 */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

enum {
	LINE_MAX_BYTES = 1024,
};

static struct {
	log_sink_fn *sink;
	enum log_level level;
	void *context;
} log_state;

void log_set_sink(log_sink_fn *sink, enum log_level level, void *context)
{
	log_state.sink = sink;
	log_state.level = level;
	log_state.context = context;
}

void log_line(enum log_level level, const char *fmt, ...)
{
	char line[LINE_MAX_BYTES];
	va_list args;

	if (!log_state.sink || level > log_state.level)
		return;
	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	log_state.sink(level, line, log_state.context);
}
