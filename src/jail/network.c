// SPDX-License-Identifier: Apache-2.0
/*
 * network.c - the way out of a sandbox that has none
 */
#include "jail/network.h"

#include "base/fd.h"
#include "base/macro.h"
#include "jail/netlink.h"
#include "kern/kern.h"
#include "kern/tcp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <string.h>

enum {
	BACKLOG = 4096,
	MANGLE_PRIORITY = -150,		/* NF_IP_PRI_MANGLE, where tproxy belongs */
	LOOPBACK_INDEX = 1,
	V4_BYTES = 4,
	V6_BYTES = 16,
	V4_DESTINATION = 16,		/* in the header of IP */
	V6_DESTINATION = 24,
};

/* What differs between the two families. */
static const struct family {
	int family;
	uint8_t protocol;		/* NFPROTO_* */
	uint8_t len;			/* of an address */
	uint8_t destination;		/* where it stands in a packet's header */
	uint8_t here[V6_BYTES];		/* the loopback address that is listened on */
	uint8_t mask[V6_BYTES];		/* of the addresses that stay what they are */
	uint8_t kept[V6_BYTES];
} families[] = {
	{
		.family = AF_INET, .protocol = NFPROTO_IPV4, .len = V4_BYTES, .destination = V4_DESTINATION,
		.here = { 127, 0, 0, 1 }, .mask = { 255 }, .kept = { 127 },
	},
	{
		.family = AF_INET6, .protocol = NFPROTO_IPV6, .len = V6_BYTES, .destination = V6_DESTINATION,
		.here = { [V6_BYTES - 1] = 1 }, .kept = { [V6_BYTES - 1] = 1 },
		.mask = { 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255 },
	},
};

/* ---- sockets ---- */

static const struct socket_kind {
	int type;
	uint16_t port;
	bool is_transparent;
} kinds[JAIL_SOCKET_COUNT] = {
#define KIND(name, socket_type, socket_port, transparent) \
	[JAIL_SOCKET_##name] = { socket_type, socket_port, transparent },
	JAIL_SOCKETS(KIND)
#undef KIND
};

static int bind_to(int fd, const struct family *family, uint16_t port)
{
	const struct sockaddr_in v4 = {
		.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	const struct sockaddr_in6 v6 = {
		.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = IN6ADDR_LOOPBACK_INIT,
	};

	return family->family == AF_INET ? kern_bind(fd, (const struct sockaddr *)&v4, sizeof(v4)) :
		kern_bind(fd, (const struct sockaddr *)&v6, sizeof(v6));
}

static int open_socket(const struct family *family, const struct socket_kind *kind, bool catches)
{
	scoped(fd) int fd = kern_socket(family->family, kind->type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool is_v4 = family->family == AF_INET;
	const int on = 1;
	int r = fd;

	if (r >= 0 && kind->is_transparent && catches)
		r = kern_setsockopt(fd, is_v4 ? IPPROTO_IP : IPPROTO_IPV6,
			is_v4 ? IP_TRANSPARENT : IPV6_TRANSPARENT, &on, sizeof(on));
	if (r >= 0)
		r = bind_to(fd, family, kind->port);
	if (r >= 0 && kind->type == SOCK_STREAM) {
		kern_tcp_hurry(fd);
		r = kern_tcp_refuse_urgent(fd);
	}
	if (r >= 0 && kind->type == SOCK_STREAM)
		r = kern_listen(fd, BACKLOG);
	return r < 0 ? r : TAKE_FD(fd);
}

static void close_all(int fds[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		fds[i] = fd_close(fds[i]);
}

static int open_sockets(const struct family *family, bool catches, int ret_fds[JAIL_SOCKET_COUNT])
{
	for (size_t i = 0; i < JAIL_SOCKET_COUNT; i++) {
		ret_fds[i] = open_socket(family, &kinds[i], catches);
		if (ret_fds[i] < 0) {
			int r = ret_fds[i];

			close_all(ret_fds, i);
			return r;
		}
	}
	return 0;
}

size_t jail_network_make_sockets(int *ret, size_t max)
{
	size_t count = 0;

	while (count < max) {
		ret[count] = kern_socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		if (ret[count] == -EAFNOSUPPORT)
			ret[count] = kern_socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		if (ret[count] < 0)
			break;
		count++;
	}
	return count;
}

/* ---- routes ---- */

static int route(const struct family *family)
{
	static struct jail_netlink batch;
	const struct rtmsg body = {
		.rtm_family = (unsigned char)family->family, .rtm_table = RT_TABLE_LOCAL,
		.rtm_protocol = RTPROT_STATIC, .rtm_scope = RT_SCOPE_HOST, .rtm_type = RTN_LOCAL,
	};
	const uint32_t interface = LOOPBACK_INDEX;

	batch = (struct jail_netlink){ 0 };
	jail_netlink_begin(&batch, RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &body, sizeof(body));
	jail_netlink_put(&batch, RTA_OIF, &interface, sizeof(interface));
	return jail_netlink_talk(&batch, NETLINK_ROUTE);
}

/* ---- nf_tables ---- */

#define TABLE "cordon"
#define CHAIN "way-out"

static void begin(struct jail_netlink *batch, unsigned type, unsigned flags, uint8_t protocol)
{
	const struct nfgenmsg body = { .nfgen_family = protocol, .version = NFNETLINK_V0 };

	jail_netlink_begin(batch, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), (uint16_t)(NLM_F_ACK | flags),
		&body, sizeof(body));
}

/* All between these two is done, or nothing of it. */
static void mark(struct jail_netlink *batch, uint16_t type)
{
	const struct nfgenmsg body = { .version = NFNETLINK_V0, .res_id = htons(NFNL_SUBSYS_NFTABLES) };

	jail_netlink_begin(batch, type, 0, &body, sizeof(body));
}

static void begin_expression(struct jail_netlink *batch, const char *name)
{
	jail_netlink_nest(batch, NFTA_LIST_ELEM);
	jail_netlink_put_text(batch, NFTA_EXPR_NAME, name);
	jail_netlink_nest(batch, NFTA_EXPR_DATA);
}

static void end_expression(struct jail_netlink *batch)
{
	jail_netlink_end(batch);
	jail_netlink_end(batch);
}

static void put_value(struct jail_netlink *batch, uint16_t type, const void *value, size_t len)
{
	jail_netlink_nest(batch, type);
	jail_netlink_put(batch, NFTA_DATA_VALUE, value, len);
	jail_netlink_end(batch);
}

static void load_meta(struct jail_netlink *batch, uint32_t key)
{
	begin_expression(batch, "meta");
	jail_netlink_put_be32(batch, NFTA_META_DREG, NFT_REG_1);
	jail_netlink_put_be32(batch, NFTA_META_KEY, key);
	end_expression(batch);
}

static void compare(struct jail_netlink *batch, uint32_t how, const void *value, size_t len)
{
	begin_expression(batch, "cmp");
	jail_netlink_put_be32(batch, NFTA_CMP_SREG, NFT_REG_1);
	jail_netlink_put_be32(batch, NFTA_CMP_OP, how);
	put_value(batch, NFTA_CMP_DATA, value, len);
	end_expression(batch);
}

/* The packet's destination, as far as the mask goes. */
static void load_destination(struct jail_netlink *batch, const struct family *family)
{
	static const uint8_t nothing[V6_BYTES];

	begin_expression(batch, "payload");
	jail_netlink_put_be32(batch, NFTA_PAYLOAD_DREG, NFT_REG_1);
	jail_netlink_put_be32(batch, NFTA_PAYLOAD_BASE, NFT_PAYLOAD_NETWORK_HEADER);
	jail_netlink_put_be32(batch, NFTA_PAYLOAD_OFFSET, family->destination);
	jail_netlink_put_be32(batch, NFTA_PAYLOAD_LEN, family->len);
	end_expression(batch);
	begin_expression(batch, "bitwise");
	jail_netlink_put_be32(batch, NFTA_BITWISE_SREG, NFT_REG_1);
	jail_netlink_put_be32(batch, NFTA_BITWISE_DREG, NFT_REG_1);
	jail_netlink_put_be32(batch, NFTA_BITWISE_LEN, family->len);
	put_value(batch, NFTA_BITWISE_MASK, family->mask, family->len);
	put_value(batch, NFTA_BITWISE_XOR, nothing, family->len);
	end_expression(batch);
}

static void load_constant(struct jail_netlink *batch, uint32_t reg, const void *value, size_t len)
{
	begin_expression(batch, "immediate");
	jail_netlink_put_be32(batch, NFTA_IMMEDIATE_DREG, reg);
	put_value(batch, NFTA_IMMEDIATE_DATA, value, len);
	end_expression(batch);
}

static void hand_over(struct jail_netlink *batch, const struct family *family)
{
	const uint8_t port[] = { JAIL_PORT_TRANSPARENT >> 8, JAIL_PORT_TRANSPARENT & 255 };

	load_constant(batch, NFT_REG_1, family->here, family->len);
	load_constant(batch, NFT_REG_2, port, sizeof(port));
	begin_expression(batch, "tproxy");
	jail_netlink_put_be32(batch, NFTA_TPROXY_FAMILY, family->protocol);
	jail_netlink_put_be32(batch, NFTA_TPROXY_REG_ADDR, NFT_REG_1);
	jail_netlink_put_be32(batch, NFTA_TPROXY_REG_PORT, NFT_REG_2);
	end_expression(batch);
}

/* meta l4proto tcp, destination is not kept: tproxy */
static void put_rule(struct jail_netlink *batch, const struct family *family)
{
	const uint8_t tcp = IPPROTO_TCP;

	begin(batch, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, family->protocol);
	jail_netlink_put_text(batch, NFTA_RULE_TABLE, TABLE);
	jail_netlink_put_text(batch, NFTA_RULE_CHAIN, CHAIN);
	jail_netlink_nest(batch, NFTA_RULE_EXPRESSIONS);
	load_meta(batch, NFT_META_L4PROTO);
	compare(batch, NFT_CMP_EQ, &tcp, sizeof(tcp));
	load_destination(batch, family);
	compare(batch, NFT_CMP_NEQ, family->kept, family->len);
	hand_over(batch, family);
	jail_netlink_end(batch);
}

static void put_chain(struct jail_netlink *batch, const struct family *family)
{
	begin(batch, NFT_MSG_NEWTABLE, NLM_F_CREATE, family->protocol);
	jail_netlink_put_text(batch, NFTA_TABLE_NAME, TABLE);
	begin(batch, NFT_MSG_NEWCHAIN, NLM_F_CREATE, family->protocol);
	jail_netlink_put_text(batch, NFTA_CHAIN_TABLE, TABLE);
	jail_netlink_put_text(batch, NFTA_CHAIN_NAME, CHAIN);
	jail_netlink_put_text(batch, NFTA_CHAIN_TYPE, "filter");
	jail_netlink_nest(batch, NFTA_CHAIN_HOOK);
	jail_netlink_put_be32(batch, NFTA_HOOK_HOOKNUM, NF_INET_PRE_ROUTING);
	jail_netlink_put_be32(batch, NFTA_HOOK_PRIORITY, (uint32_t)MANGLE_PRIORITY);
	jail_netlink_end(batch);
}

static int catch_connections(size_t family_count)
{
	static struct jail_netlink batch;

	batch = (struct jail_netlink){ 0 };
	mark(&batch, NFNL_MSG_BATCH_BEGIN);
	for (size_t i = 0; i < family_count; i++) {
		put_chain(&batch, &families[i]);
		put_rule(&batch, &families[i]);
	}
	mark(&batch, NFNL_MSG_BATCH_END);
	return jail_netlink_talk(&batch, NETLINK_NETFILTER);
}

/* ---- all of it ---- */

static int fail_to_catch(int code, struct error *err)
{
	(void)error_sys(err, code, "cannot catch the connections of programs that know no proxy");
	error_hint(err,
		"This kernel has no nf_tables, or not its tproxy (CONFIG_NFT_TPROXY): have the module nft_tproxy loaded, set network.transparent to false, or leave network.allow empty.");
	return code;
}

/* Whether the kernel has this family at all: one that was started without IPv6 has no ::1. */
static bool is_missing(int code)
{
	return code == -EAFNOSUPPORT || code == -EADDRNOTAVAIL;
}

int jail_network_open(bool catches, int ret_fds[JAIL_SOCKETS_MAX], size_t *ret_count, struct error *err)
{
	size_t count = 0;
	int r = 0;

	for (size_t i = 0; i < JAIL_SOCKETS_MAX; i++)
		ret_fds[i] = -1;
	for (size_t i = 0; i < ARRAY_SIZE(families) && r >= 0; i++) {
		r = open_sockets(&families[i], catches, ret_fds + i * JAIL_SOCKET_COUNT);
		if (i && is_missing(r)) {
			r = 0;
			break;
		}
		if (r >= 0 && catches)
			r = route(&families[i]);
		count++;
	}
	if (r < 0)
		(void)error_sys(err, r, "cannot make the sandbox's way out");
	if (r >= 0 && catches) {
		r = catch_connections(count);
		if (r < 0)
			(void)fail_to_catch(r, err);
	}
	if (r < 0)
		close_all(ret_fds, JAIL_SOCKETS_MAX);
	*ret_count = count * JAIL_SOCKET_COUNT;
	return r;
}
