/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asker.h - which program of the sandbox asked for a connection
 *
 * The gateway says between which two ends a connection is. The sandbox's socket tables say which socket the
 * program's end is (jail/diag.h), and its /proc who holds that socket and what file they execute
 * (jail/holders.h). The program waits for the answer meanwhile, so one that is honest is found; one that was
 * refused has its answer already and may be gone.
 *
 * The digest is over the file that is executed. A small file is hashed at once, a large one piece by piece
 * between other work: what asks until then is recorded without a digest, and why.
 *
 * Invariants: what an agent can make this cost is bounded. One search may take so much processor time; all of
 * them together have a share of each second, and who comes behind it is not looked for. What was not found
 * out is recorded as such.
 */
#pragma once

#include "base/hash.h"
#include "base/path.h"
#include "jail/diag.h"
#include "jail/holders.h"
#include "json/json.h"
#include "loop/loop.h"
#include "net/who.h"

struct supervisor;

enum {
	ASKER_DIGESTS_MAX = 64,		/* files whose digest is remembered */
};

/* A file that was executed, as it was then. */
struct asker_file {
	dev_t dev;
	ino_t ino;			/* 0: free */
	uint64_t size_bytes;
	struct timespec changed, written;
	uint64_t used;			/* when it was last asked for, counted */
	int fd;				/* owned: being hashed; -1: done */
	bool is_young;			/* it could change once more and look as it does */
	struct hash hash;
	struct digest digest;
};

struct asker {
	int diag_fd;			/* owned; -1: the kernel has no such tables */
	int root_fd;			/* owned: the sandbox's root; -1: not looked for yet */
	uint32_t sequence;
	struct jail_processes view;
	struct jail_recent recent;
	uint64_t second_ns, spent_ns;	/* of the share of this second */
	uint64_t all_ns;		/* what it cost last to look at all processes */
	uint64_t used;
	struct asker_file files[ASKER_DIGESTS_MAX];
	struct loop_timer hashing;
};

/** asker_init() - nobody can be found yet */
void asker_init(struct asker *asker);

/** asker_fini() - close it */
void asker_fini(struct asker *asker);

/** asker_take() - the sandbox's socket tables; @fd is owned from here on */
void asker_take(struct asker *asker, int fd);

/**
 * asker_add() - find who asked, and say so in a record
 * @s:      the session
 * @pair:   both ends; without an address, nothing is added
 * @fields: of the record: program, pid, digest, not_hashed, holders, holders_more
 *
 * Blocks: some 100 us, and a few ms of processor time at most.
 */
void asker_add(struct supervisor *s, const struct jail_diag_pair *pair, struct json_object_builder *fields);

/**
 * asker_who() - every program that holds a connection, for rules that are for some programs (net/who.h)
 * @s:    the session
 * @pair: both ends
 * @ret:  set; where something is still to be found out, it is to be asked again
 *
 * Other than for a record, all processes of the sandbox are looked at.
 *
 * Blocks: as asker_add(), 125 ms of processor time at most, as about 6,000 processes take.
 */
void asker_who(struct supervisor *s, const struct jail_diag_pair *pair, struct net_who *ret);

/**
 * asker_check() - whether a rule for these programs means what it says
 * @s:      the session
 * @by:     a list of programs (net/who.h)
 * @denies: what denies may name a file that the sandbox can change
 * @err:    which of them is a link, or could be replaced, and what to say instead
 *
 * A program that is not there is not looked at: it may come.
 *
 * Return: 0 or -EPERM.
 */
int asker_check(struct supervisor *s, struct str by, bool denies, struct error *err);
