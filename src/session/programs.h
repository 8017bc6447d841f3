/* SPDX-License-Identifier: Apache-2.0 */
/*
 * programs.h - how our executables find each other
 *
 * No environment variable and no PATH has a say: an attacker who could set one would choose the supervisor.
 * The answer follows from the running executable alone: next to it in a build folder, or in the libexec
 * directory that the installation belongs to (bindir/../libexec/cordon).
 */
#pragma once

#include "base/error.h"

/**
 * programs_open() - open one of our executables
 * @name: "cordon-supervisor", "cordon-launcher", "cordon-checker", "cordon-committer", "cordon-differ",
 *        "cordon-gateway", "cordon-opa", "cordon-tls"
 * @err:  says where it was looked for
 *
 * Return: a descriptor (O_PATH | O_CLOEXEC) or negative errno.
 */
int programs_open(const char *name, struct error *err);
