/* SPDX-License-Identifier: Apache-2.0 */
/*
 * content_internal.h - between the files of the scanner
 */
#pragma once

#include "scan/content.h"

/** content_type_by_head() - the kind of file that begins so; Return: it, or CONTENT_UNKNOWN: text or data */
enum content_type content_type_by_head(struct str head);

/** content_entropy() - of @total bytes, that come so often; Return: in hundredths of a bit for each */
uint16_t content_entropy(const uint32_t counts[256], uint32_t total);
