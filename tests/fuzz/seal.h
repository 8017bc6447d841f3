/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seal.h - a digest cannot be guessed, so what a fuzzer wrote is sealed before it is read
 */
#pragma once

#include "json/json.h"

/** seal_changeset() - the object with the digest that it should have; whatever else it is stays as it is */
const struct json *seal_changeset(struct arena *arena, const struct json *value);
