// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_logs.c - `cordon logs ID`
 *
 * What the session's program printed on its terminal, as the supervisor kept it. On a terminal, whatever
 * would act on it is taken out, and so are colours and cursor movements, which were meant for the terminal of
 * then; into a file it goes as it is. What went through pipes went past us.
 */
#include "cli/commands.h"

#include "base/fd.h"
#include "cli/guard.h"
#include "cli/sessions.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>

enum {
	LOG_MAX_BYTES = 32 << 20,
};

/* Lines and tabulators: everything else was meant for the terminal of then. */
static void print_plain(struct cli *cli, struct str text)
{
	scoped(buf) struct buf shown = BUF_INIT(2 * LOG_MAX_BYTES);
	struct term_filter filter = { .only_text = true };

	(void)term_filter_feed(&filter, text, &shown);
	(void)term_filter_finish(&filter, &shown);
	cli_write(cli, (struct str){ buf_text(&shown), shown.len });
}

int cmd_logs(struct cli *cli, UNUSED int argc, char **argv)
{
	scoped(buf) struct buf text = BUF_INIT(LOG_MAX_BYTES);
	struct session session;
	struct error err = ERROR_INIT;
	int r, code = sessions_open(cli, argv[0], ~0u, &session);
	bool is_unfiltered = code == CLI_OK && guard_is_off(&session, logs_options(cli)->terminal_filter);

	r = code == CLI_OK ? kern_read_file(session.dirfd, "console.log", &text) : 0;
	if (r < 0 && r != -ENOENT) {
		error_sys(&err, r, "session '%s': reading what it printed", session.id);
		code = cli_fail(cli, CLI_FAILED, &err);
	}
	session_fini(&session);
	if (code != CLI_OK)
		return code;
	if (cli->json) {
		cli_print_json(cli, json_new_bytes(&cli->arena, (struct str){ buf_text(&text), text.len }));
		return CLI_OK;
	}
	cli_page(cli);
	if (cli->is_terminal && !is_unfiltered)
		print_plain(cli, (struct str){ buf_text(&text), text.len });
	else
		cli_write(cli, (struct str){ buf_text(&text), text.len });
	return CLI_OK;
}
