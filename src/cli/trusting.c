// SPDX-License-Identifier: Apache-2.0
/*
 * trusting.c - a person's word about a project's file, in their own ledger
 */
#include "cli/trusting.h"

#include "base/fd.h"
#include "base/quote.h"
#include "kern/file.h"
#include "ledger/ledger.h"
#include "session/dirs.h"

#include <fcntl.h>

int trusting_record(struct cli *cli, const char *state_dir, const struct config_trust *trust, bool trusted,
	struct error *err)
{
	const char *user = dirs_user_name(&cli->arena);
	const char *file = arena_printf(&cli->arena, "%s/%s", trust->workspace, trust->file);
	struct ledger ledger = LEDGER_INIT;
	struct json_object_builder fields;
	char digest[DIGEST_HEX_SIZE];
	scoped(fd) int dirfd = -1;
	int r = kern_mkdir_all(state_dir);

	if (r >= 0)
		r = dirfd = kern_open(AT_FDCWD, state_dir, O_RDONLY | O_DIRECTORY, 0);
	if (r < 0)
		return error_sys(err, r, "opening '%s'", quote_cstr(state_dir).text);
	digest_to_hex(&trust->digest, digest);
	json_object_begin(&fields, &cli->arena);
	json_object_add(&fields, "file", file ? json_new_bytes(&cli->arena, str_from(file)) : NULL);
	json_object_add_text(&fields, "digest", digest);
	json_object_add_text(&fields, "user", user);
	json_object_add_int(&fields, "uid", kern_getuid());
	json_object_add_bool(&fields, "trusted", trusted);
	r = ledger_open_user(&ledger, dirfd, "cli", user, kern_getuid(), err);
	if (r >= 0)
		r = ledger_append(&ledger, LEDGER_CONFIG_TRUSTED, json_object_end(&fields), LEDGER_SYNC, err);
	if (r >= 0)
		r = ledger_close(&ledger, err);
	ledger_fini(&ledger);
	return r;
}
