/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codec.h - bytes as text and values as text, for more than one family of built-ins
 */
#pragma once

#include "rego/builtin.h"

/**
 * rego_base64url_decode() - what base64url.decode() takes, as bytes
 * @call:      spends; its arena owns the bytes
 * @text:      with padding or without
 * @ret:       the bytes, which need be no text
 * @ret_wrong: "illegal base64 data at input byte 3"; NULL: nothing is wrong
 *
 * Return: false where the evaluation is over.
 */
bool rego_base64url_decode(struct rego_call *call, struct str text, struct str *ret, const char **ret_wrong);

/** rego_base64_decode() - what base64.decode() takes, as bytes; Return: as above */
bool rego_base64_decode(struct rego_call *call, struct str text, struct str *ret, const char **ret_wrong);

/** rego_base64url_encode() - without padding; Return: false where the evaluation is over */
bool rego_base64url_encode(struct rego_call *call, struct str bytes, struct str *ret);

/** rego_marshal() - a value as json.marshal() writes it; Return: false where the evaluation is over */
bool rego_marshal(struct rego_call *call, const struct json *value, struct str *ret);
