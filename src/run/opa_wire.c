// SPDX-License-Identifier: Apache-2.0
/*
 * opa_wire.c - what we and cordon-opa say to each other
 */
#include "run/opa_wire.h"

#include "base/macro.h"

#include <errno.h>
#include <string.h>

static_assert(sizeof(struct opa_ask) == 48 && sizeof(struct opa_told) == 24 + OPA_TEXT_SIZE,
	"packets have no holes");

static void add_bytes(struct json_object_builder *object, struct arena *arena, const char *key,
	const char *text)
{
	if (text)
		json_object_add(object, key, json_new_bytes(arena, str_from(text)));
}

const struct json *opa_settings_to_json(struct arena *arena, const struct opa_settings *settings)
{
	struct json_object_builder object;

	json_object_begin(&object, arena);
	json_object_add_int(&object, "version", OPA_WIRE_VERSION);
	json_object_add_text(&object, "base", settings->base);
	add_bytes(&object, arena, "socket", settings->socket);
	add_bytes(&object, arena, "host", settings->host);
	json_object_add_bool(&object, "is_name", settings->is_name);
	json_object_add_bool(&object, "is_tls", settings->is_tls);
	json_object_add_int(&object, "port", settings->port);
	add_bytes(&object, arena, "token", settings->token);
	add_bytes(&object, arena, "ca", settings->ca);
	add_bytes(&object, arena, "cert", settings->cert);
	add_bytes(&object, arena, "key", settings->key);
	return json_object_end(&object);
}

/* A member that may be missing, and is a text without a NUL where it is there. */
static bool read_bytes(struct arena *arena, const struct json *object, const char *key, const char **ret)
{
	const struct json *value = json_get(object, key);
	struct str text;

	*ret = NULL;
	if (!value)
		return true;
	if (json_to_bytes(arena, value, &text) < 0 || !text.len || memchr(text.data, '\0', text.len))
		return false;
	*ret = arena_copy(arena, text.data, text.len);
	return *ret;
}

int opa_settings_read(struct arena *arena, const struct json *value, struct opa_settings *ret,
	struct error *err)
{
	int64_t port = json_get_int(value, "port", -1);
	bool fine = json_get_int(value, "version", 0) == OPA_WIRE_VERSION && port >= 0 && port <= UINT16_MAX;

	*ret = (struct opa_settings){
		.base = json_get_text(value, "base"), .is_name = json_get_bool(value, "is_name", false),
		.is_tls = json_get_bool(value, "is_tls", false), .port = (uint16_t)port,
	};
	fine = fine && ret->base && read_bytes(arena, value, "socket", &ret->socket) &&
		read_bytes(arena, value, "host", &ret->host) &&
		read_bytes(arena, value, "token", &ret->token) && read_bytes(arena, value, "ca", &ret->ca) &&
		read_bytes(arena, value, "cert", &ret->cert) && read_bytes(arena, value, "key", &ret->key);
	if (!fine || !ret->socket == !ret->host)
		return error_set(err, -EBADMSG, "the settings are none");
	return 0;
}

void opa_told_say(struct opa_told *told, const char *text)
{
	size_t len = strnlen(text, sizeof(told->text) - 1);

	memcpy(told->text, text, len);
	told->text[len] = '\0';
}

int opa_told_read(const void *data, size_t len, uint64_t body_max, struct opa_told *ret)
{
	struct opa_told told;

	if (len != sizeof(told))
		return -EBADMSG;
	memcpy(&told, data, sizeof(told));
	if (told.version != OPA_WIRE_VERSION || told.kind >= OPA_KINDS || told.body_bytes > body_max ||
			!memchr(told.text, '\0', sizeof(told.text)))
		return -EBADMSG;
	*ret = told;
	return 0;
}
