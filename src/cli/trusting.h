/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trusting.h - a person's word about a project's file, in their own ledger
 */
#pragma once

#include "cli/cli.h"
#include "config/load.h"

/**
 * trusting_record() - before it takes effect: trusted, or (@trusted is false) no more; Return: 0 or negative
 * errno
 */
int trusting_record(struct cli *cli, const char *state_dir, const struct config_trust *trust, bool trusted,
	struct error *err);
