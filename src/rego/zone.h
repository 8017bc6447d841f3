/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zone.h - time zones, out of the bytes of compiled zone files
 *
 * The engine does no I/O, so who loads a policy reads the files of the zones that it wants to offer (those of
 * /usr/share/zoneinfo, "Europe/Paris" and so on) and adds them here by name. The bytes are checked once,
 * whole, when they are added, and only looked into afterwards: they are borrowed and must outlive the set.
 * They may come from anybody; what is not a zone is refused and nothing in it is believed.
 *
 * A file is in the format of RFC 9636, version 2 or later: a table of the moments at which clocks changed,
 * and behind it a rule in the form of POSIX's TZ for all the time after the last of them. Leap seconds are
 * not known here, as they are not to POSIX: a file that counts them is refused.
 *
 * Source: RFC 9636 (TZif); POSIX.1-2017, 8.3 "Other Environment Variables" (TZ)
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

enum {
	REGO_ZONES_MAX = 4096,		/* the world has about 600, under some names more */
	REGO_ZONE_FILE_MAX = 256 << 10,	/* bytes; the largest there is has about 4,000 */
	REGO_ZONE_NAME_MAX = 255,	/* bytes of "America/Argentina/ComodRivadavia" */
};

struct rego_zones;
struct rego_zone;

/* What clocks in a zone show at some moment. */
struct rego_zone_time {
	int32_t offset;			/* seconds east of UTC, less than 26 hours */
	struct str name;		/* "CEST", "-03"; borrowed from the zone */
};

/** rego_zones_new() - an empty set, in @arena; Return: it, or NULL when the arena is full */
struct rego_zones *rego_zones_new(struct arena *arena);

/**
 * rego_zones_add() - one zone more
 * @zones: the set
 * @name:  as policies call it; borrowed
 * @bytes: of the file; borrowed
 * @err:   what is wrong with the file; may be NULL
 *
 * Errors: -EBADMSG no zone; -EOPNOTSUPP an old version, or one with leap seconds; -EEXIST the name is there;
 * -EINVAL no name that a zone can have; -EMSGSIZE a file or a set that is too large, or the arena is full.
 * Return: 0 or negative errno.
 */
int rego_zones_add(struct rego_zones *zones, struct str name, struct str bytes, struct error *err);

/* Who has the bytes of zones that are not in a set; they need to live only until the next call. */
struct rego_zone_reader {
	bool (*read)(void *data, struct str name, struct str *ret);
	void *data;
};

/** rego_zones_set_reader() - whom to ask for zones that are not there; @reader is copied */
void rego_zones_set_reader(struct rego_zones *zones, const struct rego_zone_reader *reader);

/**
 * rego_zones_find() - a zone by name; what the reader has becomes one of the set
 * @zones: NULL: none
 * @name:  any bytes
 *
 * Return: it, or NULL where there is none, or its file is no zone.
 */
const struct rego_zone *rego_zones_find(struct rego_zones *zones, struct str name);

/** rego_zone_look() - what clocks show; @zone NULL is UTC, @seconds are since the epoch and any number */
struct rego_zone_time rego_zone_look(const struct rego_zone *zone, int64_t seconds);
