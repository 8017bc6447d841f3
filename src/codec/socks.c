// SPDX-License-Identifier: Apache-2.0
/*
 * socks.c - SOCKS 5: where a program wants to be connected to
 */
#include "codec/socks.h"

#include "codec/http_internal.h"

enum {
	GREETING_HEAD_BYTES = 2,	/* version, how many ways follow */
	REQUEST_HEAD_BYTES = 4,		/* version, command, 0, kind of the address */
	PORT_BYTES = 2,
	WAY_NONE = 0,
	CONNECT = 1,
	UDP_ASSOCIATE = 3,
	KIND_V4 = 1,
	KIND_NAME = 3,
	KIND_V6 = 4,
};

static unsigned byte_at(struct str bytes, size_t at)
{
	return (unsigned char)bytes.data[at];
}

enum socks_step socks_greeting_read(struct str bytes, size_t *ret_bytes, const char **ret_why)
{
	size_t count;

	*ret_why = NULL;
	if (bytes.len && byte_at(bytes, 0) != SOCKS_VERSION)
		*ret_why = "this is not SOCKS 5";
	else if (bytes.len >= GREETING_HEAD_BYTES && !byte_at(bytes, 1))
		*ret_why = "the client offers no way to greet it";
	if (*ret_why)
		return SOCKS_REFUSED;
	if (bytes.len < GREETING_HEAD_BYTES || bytes.len < GREETING_HEAD_BYTES + byte_at(bytes, 1))
		return SOCKS_MORE;
	count = byte_at(bytes, 1);
	*ret_bytes = GREETING_HEAD_BYTES + count;
	if (memchr(bytes.data + GREETING_HEAD_BYTES, WAY_NONE, count))
		return SOCKS_DONE;
	*ret_why = "the client wants to say who it is, and nobody asks";
	return SOCKS_REFUSED;
}

static enum socks_step refuse(struct socks_refusal *ret, enum socks_answer answer, const char *why)
{
	*ret = (struct socks_refusal){ answer, why };
	return SOCKS_REFUSED;
}

/* What is wrong with the bytes in front of the address; Return: SOCKS_MORE when nothing is */
static enum socks_step check_head(struct str bytes, struct socks_refusal *ret)
{
	if (bytes.len > 0 && byte_at(bytes, 0) != SOCKS_VERSION)
		return refuse(ret, SOCKS_FAILED, "the request is not of SOCKS 5");
	if (bytes.len > 1 && byte_at(bytes, 1) > CONNECT && byte_at(bytes, 1) <= UDP_ASSOCIATE)
		return refuse(ret, SOCKS_NO_SUCH_COMMAND, "only connections out are made (CONNECT)");
	if (bytes.len > 1 && byte_at(bytes, 1) != CONNECT)
		return refuse(ret, SOCKS_NO_SUCH_COMMAND, "the request has a command that there is not");
	if (bytes.len > 2 && byte_at(bytes, 2))
		return refuse(ret, SOCKS_FAILED, "the request has something where nothing may stand");
	if (bytes.len > 3 && byte_at(bytes, 3) != KIND_V4 && byte_at(bytes, 3) != KIND_NAME &&
			byte_at(bytes, 3) != KIND_V6)
		return refuse(ret, SOCKS_NO_SUCH_ADDRESS, "the request has an address of no known kind");
	return SOCKS_MORE;
}

/* How long the address is, with its own length in front of a name; Return: 0 while that is not known */
static size_t address_length(struct str bytes)
{
	const unsigned kind = byte_at(bytes, 3);

	if (kind != KIND_NAME)
		return kind == KIND_V4 ? NET_V4_BYTES : NET_V6_BYTES;
	return bytes.len > REQUEST_HEAD_BYTES ? 1 + byte_at(bytes, REQUEST_HEAD_BYTES) : 0;
}

static const char *read_host(struct arena *arena, unsigned kind, struct str address, struct http_host *ret)
{
	char printed[NET_ADDRESS_SIZE];

	if (kind == KIND_NAME)
		return http_name_read(arena, (struct str){ address.data + 1, address.len - 1 }, ret);
	ret->address.len = (uint8_t)address.len;
	memcpy(ret->address.bytes, address.data, address.len);
	net_address_print(&ret->address, printed);
	ret->name = (struct str){ arena_copy(arena, printed, strlen(printed)), strlen(printed) };
	return ret->name.data ? NULL : "the host is too long";
}

enum socks_step socks_request_read(struct arena *arena, struct str bytes, struct http_host *ret_host,
	size_t *ret_bytes, struct socks_refusal *ret)
{
	struct http_host host = { .has_port = true };
	enum socks_step step = check_head(bytes, ret);
	size_t len, port_at;
	const char *why;

	if (step == SOCKS_REFUSED || bytes.len < REQUEST_HEAD_BYTES)
		return step;
	len = address_length(bytes);
	port_at = REQUEST_HEAD_BYTES + len;
	if (!len || bytes.len < port_at + PORT_BYTES)
		return SOCKS_MORE;
	host.port = (uint16_t)(byte_at(bytes, port_at) << 8 | byte_at(bytes, port_at + 1));
	if (!host.port)
		return refuse(ret, SOCKS_FAILED, "the request has no port");
	why = read_host(arena, byte_at(bytes, 3), (struct str){ bytes.data + REQUEST_HEAD_BYTES, len },
		&host);
	if (why)
		return refuse(ret, SOCKS_FAILED, why);
	*ret_host = host;
	*ret_bytes = port_at + PORT_BYTES;
	return SOCKS_DONE;
}

void socks_answer_write(enum socks_answer answer, char ret[SOCKS_ANSWER_BYTES])
{
	const char bytes[SOCKS_ANSWER_BYTES] = { SOCKS_VERSION, (char)answer, 0, KIND_V4 };

	memcpy(ret, bytes, sizeof(bytes));
}
