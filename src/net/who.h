/* SPDX-License-Identifier: Apache-2.0 */
/*
 * who.h - which programs an entry is for, and which one asks
 *
 * An entry may end in " by=/usr/bin/git,sha256:HEX": it is for connections of these programs alone. A program
 * is told by the path of its file, as the sandbox sees it, or by the file's digest. What asks is a set of
 * programs, since several processes may hold one socket.
 *
 *   - A path is that of the file itself, with no link in it, and stands for it only where nobody in the
 *     sandbox can put another file there: on a mount that is read-only. A digest stands for its file wherever
 *     it is.
 *   - What allows, allows only if every program that holds the socket is one of the entry's. What denies,
 *     denies if one of them is, or may be: nobody was found, or a digest is not known.
 *
 * So whatever is not known is a no. It is no boundary against who may run the program: what a program does is
 * its arguments', its environment's and its debugger's choice (THREAT_MODEL.md).
 */
#pragma once

#include "base/hash.h"

#include <stdint.h>

enum {
	NET_BY_TEXT_MAX = 384,		/* bytes of all programs of an entry, with the commas */
	NET_BY_ITEMS_MAX = 8,
	NET_PROGRAM_SIZE = 256,		/* of a path, with its NUL */
	NET_WHO_PROGRAMS_MAX = 4,
};

/* In front of what an entry says of programs. */
#define NET_BY_MARK " by="

enum net_who_state {
	NET_WHO_UNKNOWN,		/* nobody was found, or more than can be told */
	NET_WHO_BUSY,			/* not yet: it may be asked again */
	NET_WHO_FOUND,
	NET_WHO_STATE_COUNT,
};

struct net_program {
	char path[NET_PROGRAM_SIZE];	/* "": it has none that an entry could have */
	struct digest digest;
	uint8_t has_digest;		/* 0 or 1 */
	/* 0 or 1: it is the file at that path for all of the sandbox, which cannot change it */
	uint8_t is_fixed;
	uint8_t zero[6];
};

/* Every program that holds a socket. */
struct net_who {
	uint32_t state;			/* enum net_who_state */
	uint32_t count;			/* 1..NET_WHO_PROGRAMS_MAX where it was found, or else 0 */
	struct net_program programs[NET_WHO_PROGRAMS_MAX];
	/* a process that lets nobody look into it, so that who asks is not known; 0: none, or it was found */
	uint32_t hidden_pid;
	uint32_t zero;
};

/**
 * net_by_check() - what is wrong with a list of programs
 * @by:     any bytes; "/usr/bin/git,sha256:HEX"
 * @ret_at: bytes in front of it
 *
 * Return: the end of a sentence about it, or NULL: it is one.
 */
const char *net_by_check(struct str by, size_t *ret_at);

/** net_by_path_check() - the same for one path; Return: the end of a sentence, or NULL */
const char *net_by_path_check(struct str path);

/** net_by_covers() - whether @narrow is for programs of @wide alone; an empty list is for all programs */
bool net_by_covers(struct str wide, struct str narrow);

/**
 * net_by_meet() - the programs that are of both lists
 * @a:   a list, or empty: all programs
 * @b:   likewise
 * @ret: they, which are NET_BY_TEXT_MAX bytes at most, without a NUL
 *
 * Return: how many bytes, or 0: there are none, or both are for all.
 */
size_t net_by_meet(struct str a, struct str b, char ret[NET_BY_TEXT_MAX]);

/** net_who_check() - whether this is one, as it came from another process */
bool net_who_check(const struct net_who *who);

/** net_who_is() - whether it is sure that all programs are of the list; NULL: nobody knows who */
bool net_who_is(const struct net_who *who, struct str by);

/** net_who_may_be() - whether one of the programs may be of the list; NULL: nobody knows who */
bool net_who_may_be(const struct net_who *who, struct str by);

/**
 * net_who_stranger() - the first program that is not of the list
 * @who: may be NULL
 * @by:  a list
 *
 * Return: it, or NULL: nobody knows, or there is none.
 */
const struct net_program *net_who_stranger(const struct net_who *who, struct str by);
