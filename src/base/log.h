/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.h - lines for operators; may be lost
 *
 * What must not be lost is evidence and goes to the ledger. The sink is set once, in main; until then,
 * nothing is printed. Levels follow syslog(3).
 */
#pragma once

#include "base/macro.h"

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
};

typedef void log_sink_fn(enum log_level level, const char *line, void *context);

/** log_set_sink() - where lines at @level and more urgent ones go; NULL turns logging off */
void log_set_sink(log_sink_fn *sink, enum log_level level, void *context);

/** log_line() - one line to the sink, cut where it is very long; the macros below say the level */
void log_line(enum log_level level, const char *fmt, ...) PRINTF_LIKE(2, 3);

#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...) log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)
