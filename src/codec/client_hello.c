// SPDX-License-Identifier: Apache-2.0
/*
 * client_hello.c - the first message of TLS
 *
 * Records first: their heads are looked at as they come, until together they hold the message. Then the
 * message is read once, from its beginning to its end, by a reader that goes bad at the first length that
 * does not fit and gives nothing but zeros from there on; so each part is read without a look back, and
 * whether all of it was well-formed is asked where the part ends.
 */
#include "codec/client_hello.h"

#include "net/name.h"

enum {
	RECORD_HEAD_BYTES = 5,
	RECORD_MAX = 1 << 14,
	RECORD_HANDSHAKE = 22,
	RECORD_ALERT = 21,
	MESSAGE_HEAD_BYTES = 4,
	CLIENT_HELLO = 1,
	RANDOM_BYTES = 32,
	SESSION_ID_MAX = 32,
	HOST_NAME = 0,
	ECH_OUTER = 0,
	ALERT_FATAL = 2,
};

/* Versions as they stand on the wire. */
enum {
	WIRE_1_0 = 0x0301,
	WIRE_1_2 = 0x0303,
	WIRE_1_3 = 0x0304,
};

/* Extensions that are looked at. */
enum {
	EXT_SERVER_NAME = 0,
	EXT_ALPN = 16,
	EXT_PRE_SHARED_KEY = 41,
	EXT_SUPPORTED_VERSIONS = 43,
	EXT_ECH_OUTER_EXTENSIONS = 0xfd00,
	EXT_ECH = 0xfe0d,
};

/* ---- reading ---- */

struct reader {
	const uint8_t *data;
	size_t len;
	bool is_bad;
};

static struct reader reader_of(struct str bytes)
{
	return (struct reader){ .data = (const uint8_t *)bytes.data, .len = bytes.len };
}

static struct str take(struct reader *reader, size_t len)
{
	struct str taken = { 0 };

	if (reader->is_bad || len > reader->len) {
		*reader = (struct reader){ .is_bad = true };
		return taken;
	}
	taken = (struct str){ (const char *)reader->data, len };
	reader->data += len;
	reader->len -= len;
	return taken;
}

/* A number of @len bytes, the largest first. */
static unsigned take_number(struct reader *reader, size_t len)
{
	const struct str bytes = take(reader, len);
	unsigned number = 0;

	for (size_t i = 0; i < bytes.len; i++)
		number = number << 8 | (unsigned char)bytes.data[i];
	return number;
}

/* What stands behind its own length, which has @len bytes. */
static struct str take_vector(struct reader *reader, size_t len)
{
	return take(reader, take_number(reader, len));
}

static bool is_done(const struct reader *reader)
{
	return !reader->is_bad && !reader->len;
}

/* ---- records ---- */

static enum client_hello_step malformed(struct client_hello_refusal *ret, const char *why)
{
	*ret = (struct client_hello_refusal){ TLS_ALERT_DECODE_ERROR, why };
	return CLIENT_HELLO_MALFORMED;
}

/* Of the record whose head stands at hello->record; Return: the length of what is in it, or 0 */
static size_t check_record(const struct client_hello *hello, struct str bytes,
	struct client_hello_refusal *ret)
{
	struct reader reader = reader_of((struct str){ bytes.data + hello->record, RECORD_HEAD_BYTES });
	const unsigned type = take_number(&reader, 1), version = take_number(&reader, 2);
	const unsigned len = take_number(&reader, 2);

	if (type != RECORD_HANDSHAKE)
		malformed(ret, "a record of another kind stands within the ClientHello");
	else if (version < WIRE_1_0 || version > WIRE_1_2)
		malformed(ret, "a record has a version that none may have");
	else if (!len || len > RECORD_MAX)
		malformed(ret, "a record is empty, or longer than one may be");
	else
		return len;
	return 0;
}

/* The bytes of the message that stand in whole records, put together; @len of them at most */
static void gather(const struct client_hello *hello, struct str bytes, char *ret, size_t len)
{
	size_t at = 0, used = 0;

	while (at < hello->record && used < len) {
		struct reader reader = reader_of((struct str){ bytes.data + at + 3, 2 });
		const size_t record_len = take_number(&reader, 2);

		memcpy(ret + used, bytes.data + at + RECORD_HEAD_BYTES, MIN(record_len, len - used));
		used += MIN(record_len, len - used);
		at += RECORD_HEAD_BYTES + record_len;
	}
}

/* How long the message is, once its head is there; Return: 0 while it is not */
static size_t message_length(const struct client_hello *hello, struct str bytes,
	struct client_hello_refusal *ret)
{
	char head[MESSAGE_HEAD_BYTES] = { 0 };
	struct reader reader = reader_of((struct str){ head, sizeof(head) });
	size_t len;

	if (hello->message_bytes < sizeof(head))
		return 0;
	gather(hello, bytes, head, sizeof(head));
	if (take_number(&reader, 1) != CLIENT_HELLO) {
		malformed(ret, "the first message is no ClientHello");
		return 0;
	}
	len = MESSAGE_HEAD_BYTES + take_number(&reader, 3);
	if (len > CLIENT_HELLO_MAX)
		malformed(ret, "the ClientHello is too long");
	else if (hello->message_bytes > len)
		malformed(ret, "something stands behind the ClientHello in its record");
	else
		return len;
	return 0;
}

/* As many records as are there, until they hold the message. */
static enum client_hello_step read_records(struct client_hello *hello, struct str bytes,
	struct client_hello_refusal *ret)
{
	size_t wanted = 0;

	while (!wanted || hello->message_bytes < wanted) {
		size_t len;

		if (bytes.len - hello->record < RECORD_HEAD_BYTES)
			return CLIENT_HELLO_MORE;
		len = check_record(hello, bytes, ret);
		if (!len)
			return CLIENT_HELLO_MALFORMED;
		if (hello->record + RECORD_HEAD_BYTES + len > CLIENT_HELLO_WIRE_MAX)
			return malformed(ret, "the ClientHello is too long");
		if (bytes.len - hello->record - RECORD_HEAD_BYTES < len)
			return CLIENT_HELLO_MORE;
		hello->record += RECORD_HEAD_BYTES + len;
		hello->message_bytes += len;
		hello->record_count++;
		wanted = message_length(hello, bytes, ret);
		if (!wanted && hello->message_bytes >= MESSAGE_HEAD_BYTES)
			return CLIENT_HELLO_MALFORMED;
	}
	return CLIENT_HELLO_DONE;
}

/* ---- extensions ---- */

/* RFC 6066, 3: one name, of the one kind that there is, in ASCII and without a dot at its end */
static const char *read_server_name(struct client_hello *hello, struct arena *arena, struct str data)
{
	struct reader reader = reader_of(data), list;
	unsigned type;
	struct str name;

	list = reader_of(take_vector(&reader, 2));
	type = take_number(&list, 1);
	name = take_vector(&list, 2);
	if (list.is_bad || !is_done(&reader))
		return "the extension server_name is malformed";
	if (list.len)
		return "the extension server_name holds more than one name";
	if (type != HOST_NAME)
		return "the extension server_name holds another thing than a name";
	for (size_t i = 0; i < name.len; i++)
		if ((unsigned char)name.data[i] >= 0x80)
			return "the server's name is not in ASCII";
	if (name.len && name.data[name.len - 1] == '.')
		return "the server's name ends in a dot";
	return net_name_read(arena, name, &hello->server_name) ? "the server's name is none" : NULL;
}

static const char *read_alpn(struct client_hello *hello, struct str data)
{
	struct reader reader = reader_of(data), list;

	list = reader_of(take_vector(&reader, 2));
	if (!is_done(&reader) || !list.len)
		return "the extension for protocols (ALPN) is malformed";
	while (list.len) {
		const struct str name = take_vector(&list, 1);

		if (!name.len)
			return "the extension for protocols (ALPN) is malformed";
		if (hello->alpn_count == CLIENT_HELLO_ALPN_MAX)
			return "the extension for protocols (ALPN) names too many";
		hello->alpn[hello->alpn_count++] = name;
	}
	return NULL;
}

static const char *read_versions(struct client_hello *hello, struct str data)
{
	struct reader reader = reader_of(data), list;

	list = reader_of(take_vector(&reader, 1));
	if (!is_done(&reader) || !list.len)
		return "the extension supported_versions is malformed";
	hello->versions = 0;
	while (list.len) {
		const unsigned version = take_number(&list, 2);

		if (version >= WIRE_1_0 && version <= WIRE_1_3)
			hello->versions |= 1u << (version - WIRE_1_0);
	}
	return list.is_bad ? "the extension supported_versions is malformed" : NULL;
}

/*
 * RFC 9849, 5: what only the hello within has, or a server behind the one that is spoken to, is no client's.
 */
static const char *read_ech(struct client_hello *hello, struct str data)
{
	struct reader reader = reader_of(data);
	const unsigned type = take_number(&reader, 1);

	hello->has_ech = true;
	if (!reader.is_bad && type != ECH_OUTER)
		return "an inner ClientHello stands where none is encrypted";
	take(&reader, 2 + 2 + 1);	/* two algorithms, the configuration */
	take_vector(&reader, 2);
	if (!take_vector(&reader, 2).len || !is_done(&reader))
		return "the extension encrypted_client_hello is malformed";
	return NULL;
}

/* What encrypted the name before there was a standard: the drafts of ESNI and ECH. */
static bool is_old_ech(unsigned type)
{
	return (type >= 0xfe08 && type <= 0xfe0c) || type == 0xff02 || type == 0xff03 || type == 0xffce;
}

static const char *read_extension(struct client_hello *hello, struct arena *arena, unsigned type,
	struct str data)
{
	switch (type) {
	case EXT_SERVER_NAME:
		return read_server_name(hello, arena, data);
	case EXT_ALPN:
		return read_alpn(hello, data);
	case EXT_SUPPORTED_VERSIONS:
		return read_versions(hello, data);
	case EXT_ECH:
		return read_ech(hello, data);
	case EXT_ECH_OUTER_EXTENSIONS:
		return "an inner ClientHello stands where none is encrypted";
	default:
		hello->has_ech = hello->has_ech || is_old_ech(type);
		return NULL;
	}
}

static const char *read_extensions(struct client_hello *hello, struct arena *arena, struct str data)
{
	uint16_t seen[CLIENT_HELLO_EXTENSIONS_MAX];
	struct reader reader = reader_of(data);
	unsigned count = 0;

	while (reader.len) {
		const unsigned type = take_number(&reader, 2);
		const struct str body = take_vector(&reader, 2);
		const char *why;

		if (reader.is_bad)
			return "an extension is longer than what there is of it";
		if (count == CLIENT_HELLO_EXTENSIONS_MAX)
			return "there are too many extensions";
		for (unsigned i = 0; i < count; i++)
			if (seen[i] == type)
				return "an extension stands there twice";
		seen[count++] = (uint16_t)type;
		if (type == EXT_PRE_SHARED_KEY && reader.len)
			return "something stands behind the extension that has to be the last (pre_shared_key)";
		why = read_extension(hello, arena, type, body);
		if (why)
			return why;
	}
	return NULL;
}

/* ---- the message ---- */

static bool has_null_compression(struct str methods)
{
	return methods.len && memchr(methods.data, 0, methods.len);
}

static const char *read_message(struct client_hello *hello, struct arena *arena, struct str message)
{
	struct reader reader = reader_of(message);
	struct str session, ciphers, compressions, extensions;
	unsigned version;

	take(&reader, MESSAGE_HEAD_BYTES);
	version = take_number(&reader, 2);
	take(&reader, RANDOM_BYTES);
	session = take_vector(&reader, 1);
	ciphers = take_vector(&reader, 2);
	compressions = take_vector(&reader, 1);
	if (reader.is_bad)
		return "the ClientHello is shorter than what it holds";
	if (version < WIRE_1_0 || version > WIRE_1_2)
		return "the ClientHello has a version that none may have";
	if (session.len > SESSION_ID_MAX)
		return "the session of the ClientHello is too long";
	if (!ciphers.len || ciphers.len % 2)
		return "the ciphers of the ClientHello are malformed";
	if (!has_null_compression(compressions))
		return "the ClientHello wants to be compressed";
	hello->versions = (2u << (version - WIRE_1_0)) - 1;
	if (!reader.len)
		return NULL;
	extensions = take_vector(&reader, 2);
	if (!is_done(&reader))
		return "the extensions do not end where the ClientHello does";
	return read_extensions(hello, arena, extensions);
}

enum client_hello_step client_hello_read(struct client_hello *hello, struct arena *arena, struct str bytes,
	struct client_hello_refusal *ret)
{
	struct str message;
	enum client_hello_step step;
	const char *why;
	char *copy;

	if ((bytes.len > 0 && bytes.data[0] != RECORD_HANDSHAKE) || (bytes.len > 1 && bytes.data[1] != 3))
		return CLIENT_HELLO_NOT_TLS;
	step = read_records(hello, bytes, ret);
	if (step != CLIENT_HELLO_DONE)
		return step;
	hello->bytes = hello->record;
	message = (struct str){ bytes.data + RECORD_HEAD_BYTES, hello->message_bytes };
	if (hello->record_count > 1) {
		copy = arena_alloc_raw(arena, hello->message_bytes);
		if (!copy)
			return malformed(ret, "the ClientHello is too long");
		gather(hello, bytes, copy, hello->message_bytes);
		message.data = copy;
	}
	why = read_message(hello, arena, message);
	if (!why)
		return CLIENT_HELLO_DONE;
	malformed(ret, why);
	return CLIENT_HELLO_MALFORMED;
}

void tls_alert_write(enum tls_alert alert, char ret[TLS_ALERT_BYTES])
{
	const char record[TLS_ALERT_BYTES] = {
		RECORD_ALERT, WIRE_1_2 >> 8, WIRE_1_2 & 0xff, 0, 2, ALERT_FATAL, (char)alert,
	};

	memcpy(ret, record, sizeof(record));
}
