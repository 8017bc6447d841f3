/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_build.h - from what was asked for to a plan
 *
 * The inputs are neutral: lists of paths and numbers, no configuration, no session. jail_plan_build() asks
 * the system nothing; what it must know of the host is in struct jail_host, which jail_host_read() fills.
 *
 * All paths are absolute, clean, and on the host without a symbolic link in them (whoever makes the inputs
 * resolves what a person wrote).
 */
#pragma once

#include "jail/plan.h"

/* A system directory as it is on the host. */
struct jail_host_dir {
	const char *path;
	const char *link;		/* where it is a symbolic link: its text; NULL: a directory */
};

struct jail_host {
	const struct jail_host_dir *dirs;	/* of those that sandboxes see: the ones that exist */
	size_t dir_count;
	struct str passwd, group;	/* text of /etc/passwd and /etc/group */
	const char *resolver;		/* where /etc/resolv.conf leads to; NULL: nowhere */
	bool has_hosts;			/* there is an /etc/hosts */
};

/* A directory that the agent may change. */
struct jail_branch {
	const char *path;
	const char *upper, *work;	/* NULL when live, and at the level "landlock" */
	const char *copy;		/* at that level: the directory to work in; NULL when live */
	bool live;			/* writes go straight through */
	/* of the directory on disk; counts where the agent is not the starter */
	uid_t owner_uid;
	gid_t owner_gid;
};

struct jail_paths {
	const char *const *items;
	size_t count;
};

struct jail_inputs {
	enum jail_level level;
	const char *session;		/* [A-Za-z0-9_-]+ */
	const char *hostname;
	struct jail_identity identity;
	uid_t starter_uid;		/* who runs cordon; differs from identity.uid when root does */
	gid_t starter_gid;
	const struct jail_host *host;
	const struct jail_branch *branches;	/* the first is the workspace */
	size_t branch_count;
	struct jail_paths reads;	/* further host paths that the agent may read */
	struct jail_paths denies;	/* visible, cannot be opened */
	struct jail_paths hides;	/* look absent where the kernel can do it, else as denies */
	struct jail_paths shielded;	/* see struct jail_plan */
	const char *home_dir;		/* directory on the host that is the agent's $HOME; NULL: a tmpfs */
	/* at the level "landlock": directories on the host for TMPDIR and XDG_RUNTIME_DIR; else NULL */
	const char *tmp_dir, *run_dir;
	uint64_t scratch_bytes;		/* size of /tmp, of /var/tmp and of $HOME where it is a tmpfs */
	uint64_t shm_bytes;		/* size of /dev/shm */
	uint64_t run_bytes;		/* size of /run */
	struct jail_limits limits;
	enum jail_preset preset;
	bool notify, gateway, proxies_only;
	struct jail_tcp tcp_bind, tcp_connect;
	struct jail_command command;	/* complete but for env */
	const char *const *environment;	/* of the starter, ends in NULL */
	/* of the system's certificates, shown with @bundle in it; NULL: as they are */
	const char *bundle_path;
	struct str bundle;
	struct jail_paths env_pass;	/* names, in which `*` is any text, taken from environment */
	struct jail_paths env_set;	/* "NAME=value"; wins over what is passed */
};

/**
 * jail_host_read() - learn what a plan must know of this host
 * @arena: owns the result
 * @ret:   set on success
 * @err:   may be NULL
 *
 * Return: 0 or negative errno.
 */
int jail_host_read(struct arena *arena, struct jail_host *ret, struct error *err);

/**
 * jail_plan_build() - make the plan
 * @arena:  owns what is new in it; the inputs' own texts are borrowed and must live as long
 * @inputs: see above
 * @ret:    set on success; not checked yet
 * @err:    may be NULL
 *
 * Denies and hides that lie in nothing visible are left out: nothing is there to be taken away.
 *
 * At the level "landlock" the host's directories are looked at, since Landlock can grant but not take away:
 * where something in a directory is denied, its neighbours are granted one by one (plan_alone.c).
 *
 * Errors: -EINVAL a list names what cannot be; -EMSGSIZE too many paths; -ENOMEM the arena's limit.
 * Return: 0 or negative errno.
 */
int jail_plan_build(struct arena *arena, const struct jail_inputs *inputs, struct jail_plan *ret,
	struct error *err);
