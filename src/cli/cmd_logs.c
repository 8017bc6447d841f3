// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_logs.c - `cordon logs ID`
 *
 * What the session's program printed on its terminal, as the supervisor kept it. On a terminal, whatever
 * would act on it is taken out: colours and cursor movements were meant for the terminal of then. What went
 * through pipes went past us.
 */
#include "cli/commands.h"

#include "base/fd.h"
#include "base/quote.h"
#include "cli/sessions.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>

enum {
	LOG_MAX_BYTES = 32 << 20,
};

/* The length of the escape sequence that @s begins with: CSI, OSC, or two bytes (ECMA-48, section 5). */
static size_t escape_length(struct str s)
{
	size_t i = 2;

	if (s.len < 2)
		return s.len;
	if (s.data[1] == '[') {
		while (i < s.len && (s.data[i] < 0x40 || s.data[i] > 0x7E))
			i++;
		return MIN(i + 1, s.len);
	}
	if (s.data[1] != ']')
		return 2;
	while (i < s.len && s.data[i] != '\a' && s.data[i] != 0x1B)
		i++;
	return i < s.len && s.data[i] == '\a' ? i + 1 : i;
}

static void print_plain(struct cli *cli, struct str text)
{
	while (text.len) {
		size_t run = 0;

		while (run < text.len && text.data[run] != 0x1B && text.data[run] != '\n' &&
				text.data[run] != '\r')
			run++;
		cli_quote(cli, (struct str){ text.data, run });
		if (run < text.len && text.data[run] == 0x1B)
			run += escape_length((struct str){ text.data + run, text.len - run });
		else if (run < text.len && text.data[run++] == '\n')
			cli_write(cli, STR("\n"));
		text = (struct str){ text.data + run, text.len - run };
	}
}

int cmd_logs(struct cli *cli, UNUSED int argc, char **argv)
{
	scoped(buf) struct buf text = BUF_INIT(LOG_MAX_BYTES);
	struct session session;
	struct error err = ERROR_INIT;
	int r, code = sessions_open(cli, argv[0], ~0u, &session);

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
	if (cli->is_terminal)
		print_plain(cli, (struct str){ buf_text(&text), text.len });
	else
		cli_write(cli, (struct str){ buf_text(&text), text.len });
	return CLI_OK;
}
