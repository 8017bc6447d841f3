// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_policy_bundle.c - `cordon policy build` and `cordon policy sign`
 *
 * A bundle is built out of what was read once: the files that are compiled are those that are packed and
 * signed. What of a directory is no policy and no data of a bundle is left out of the archive, and a note
 * says so; a signature is over all files of what it lies beside.
 */
#include "cli/commands.h"

#include "base/fd.h"
#include "base/path.h"
#include "base/quote.h"
#include "cli/policies.h"
#include "kern/clock.h"
#include "kern/file.h"
#include "policy/manifest.h"
#include "policy/pack.h"

#include <errno.h>
#include <fcntl.h>

enum {
	BUNDLE_BYTES_MAX = 256 << 20,
	CLAIMS_BYTES_MAX = 1 << 20,
	SEED_BYTES = 32,
};

static int say_full(struct cli *cli)
{
	return cli_failf(cli, CLI_USAGE, "the bundle is larger than the memory that it may have");
}

static void note(void *context, const char *text)
{
	cli_note(context, "%s", text);
}

static void begin(struct cli *cli, const struct policy_verification *verification,
	struct policy_sources *sources)
{
	const struct policy_source_options options = {
		.flags = POLICY_SOURCE_WITH_TESTS | POLICY_SOURCE_IN_ORDER, .writer = POLICY_WRITER_ANYBODY,
		.files_max = POLICY_SOURCE_FILES_MAX, .bytes_max = BUNDLE_BYTES_MAX,
		.verification = verification, .note = note, .context = cli,
	};

	policy_sources_begin(sources, &cli->arena, &options);
}

/* ---- signing ---- */

/* What options say; each may be NULL. */
struct wanted {
	const char *key, *algorithm, *claims;
};

static int read_key(struct cli *cli, const struct wanted *wanted, struct policy_signing *ret)
{
	const struct crypto_key *keys;
	struct error err = ERROR_INIT;
	struct crypto_key *secret = arena_alloc(&cli->arena, sizeof(*secret));
	size_t count = 1;
	struct str text;
	int code = policies_read_text(cli, wanted->key, CRYPTO_KEY_BYTES_MAX, &text), r;

	if (code != CLI_OK || !secret)
		return code != CLI_OK ? code : say_full(cli);
	if (crypto_algorithm_kind(ret->algorithm) == CRYPTO_KEY_SECRET) {
		r = crypto_key_secret(text, secret);
		keys = secret;
	} else {
		r = crypto_keys_read(&cli->arena, text, 0, &keys, &count, &err);
	}
	if (r >= 0 && count > 1)
		r = error_set(&err, -EINVAL, "it is a set of several keys");
	if (r < 0) {
		error_wrap(&err, r, "the key '%s'", quote_cstr(wanted->key).text);
		error_hint(&err,
			"Name a private key: openssl genpkey -algorithm ED25519 -out FILE makes one (PEM, or a JWK).");
		return cli_fail(cli, CLI_USAGE, &err);
	}
	ret->key = keys;
	return CLI_OK;
}

static int read_signing(struct cli *cli, const struct wanted *wanted, struct policy_signing *ret)
{
	unsigned char *seed = arena_alloc(&cli->arena, SEED_BYTES);
	struct str text;
	int code = policies_find_algorithm(cli, wanted->algorithm, &ret->algorithm);

	if (code == CLI_OK)
		code = read_key(cli, wanted, ret);
	if (code == CLI_OK && wanted->claims) {
		code = policies_read_text(cli, wanted->claims, CLAIMS_BYTES_MAX, &text);
		if (code == CLI_OK)
			code = policies_read_value(cli, wanted->claims, text, &ret->claims);
	}
	if (code != CLI_OK || !seed)
		return code != CLI_OK ? code : say_full(cli);
	kern_random(seed, SEED_BYTES);
	ret->seed = (struct str){ (const char *)seed, SEED_BYTES };
	return CLI_OK;
}

static int make_signature(struct cli *cli, const struct policy_entries *entries,
	const struct policy_signing *signing, struct str *ret)
{
	struct error err = ERROR_INIT;
	int r = policy_signature_make(&cli->arena, entries, signing, ret, &err);

	return r < 0 ? cli_fail(cli, CLI_USAGE, &err) : CLI_OK;
}

/* Only a program wants to hear that it went well. */
static int tell_written(struct cli *cli, const char *path)
{
	struct json_object_builder object;

	json_object_begin(&object, &cli->arena);
	json_object_add(&object, "path", json_new_bytes(&cli->arena, str_from(path)));
	if (cli->json)
		cli_print_json(cli, json_object_end(&object));
	return CLI_OK;
}

static int write_file(struct cli *cli, const char *path, struct str text)
{
	const char *name = path_name(path);
	const char *dir = name > path ? arena_copy(&cli->arena, path, (size_t)(name - path)) : ".";
	scoped(fd) int dirfd = dir ? kern_open(AT_FDCWD, dir, O_PATH | O_DIRECTORY, 0) : -ENOMEM;
	struct error err = ERROR_INIT;
	int r = dirfd < 0 ? dirfd : kern_write_file(dirfd, name, text, 0644, false);

	if (r >= 0)
		return tell_written(cli, path);
	error_sys(&err, r, "writing '%s'", quote_cstr(path).text);
	error_hint(&err, "Name a file in a directory that you can write: --output.");
	return cli_fail(cli, CLI_FAILED, &err);
}

/* ---- build ---- */

/* A bundle on its way into an archive. */
struct building {
	struct cli *cli;
	const struct policy_build_options *options;
	const char *path;
	struct policy_entries entries;
};

static bool is_policy(const char *name)
{
	static const char *const names[] = { ".manifest", "data.json", "data.yaml", "data.yml" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(path_name(name), names[i]) && (i || !strcmp(name, names[i])))
			return true;
	return str_ends_with(str_from(name), STR(".rego"));
}

/* Of what was read, what belongs into a bundle; its manifest comes anew. */
static int choose(struct building *b, const struct policy_entries *all, struct str manifest)
{
	struct error err = ERROR_INIT;
	int r = policy_entries_add(&b->cli->arena, &b->entries, ".manifest", manifest, &err);

	for (size_t i = 0; r >= 0 && i < all->count; i++) {
		const struct policy_entry *entry = &all->items[i];

		if (!strcmp(entry->name, ".manifest") || !strcmp(entry->name, POLICY_SIGNATURES_FILE))
			continue;
		if (is_policy(entry->name))
			r = policy_entries_add(&b->cli->arena, &b->entries, entry->name, entry->content,
				&err);
		else
			cli_note(b->cli, "'%s' is neither policy nor data of a bundle, and was left out",
				quote_cstr(entry->name).text);
	}
	if (r >= 0)
		r = policy_entries_sort(&b->entries, &err);
	return r < 0 ? cli_fail(b->cli, CLI_USAGE, &err) : CLI_OK;
}

/* What there was, with the revision that is wanted; what is not said in it is said as `opa build` does. */
static const struct json *make_manifest(struct arena *arena, const struct json *old, const char *revision)
{
	struct json_object_builder object;
	struct json_array_builder roots;

	json_object_begin(&object, arena);
	for (size_t i = 0; old && i < old->object.count; i++)
		if (!revision || !str_eq(old->object.members[i].key->text, STR("revision")))
			json_object_add_value(&object, old->object.members[i].key,
				old->object.members[i].value);
	if (revision || !json_get(old, "revision"))
		json_object_add_text(&object, "revision", revision ? revision : "");
	if (!json_get(old, "roots")) {
		json_array_begin(&roots, arena);
		json_array_add(&roots, json_new_text(arena, ""));
		json_object_add(&object, "roots", json_array_end(&roots));
	}
	if (!json_get(old, "rego_version"))
		json_object_add_int(&object, "rego_version", 1);
	return json_object_end(&object);
}

static int write_manifest(struct building *b, const struct policy_entry *entry, struct str *ret)
{
	scoped(buf) struct buf text = BUF_INIT(JSON_TEXT_MAX);
	struct arena *arena = &b->cli->arena;
	struct policy_manifest manifest;
	const struct json *old = NULL;
	struct error err = ERROR_INIT;
	int r = policy_manifest_read(arena, entry ? entry->content : (struct str){ 0 }, &manifest, &err);

	if (r >= 0 && entry)
		r = json_read(arena, entry->content, JSON_READ_STRICT, &old, &err);
	if (r < 0) {
		error_wrap(&err, r, "the bundle '%s'", quote_cstr(b->path).text);
		return cli_fail(b->cli, CLI_USAGE, &err);
	}
	if (json_write(&text, make_manifest(arena, old, b->options->revision), JSON_WRITE_CANONICAL) < 0)
		return say_full(b->cli);
	ret->data = arena_copy(arena, text.data, text.len);
	ret->len = text.len;
	return ret->data ? CLI_OK : say_full(b->cli);
}

static int read_verified(struct building *b, struct policy_entries *ret)
{
	const struct policies_keys keys = { b->options->verification_key, b->options->verification_key_id,
		b->options->signing_alg, b->options->scope, b->options->skip_verify };
	struct policy_verification verification = { 0 };
	struct policy_sources sources;
	struct error err = ERROR_INIT;
	int code = policies_read_verification(b->cli, &keys, &verification), r;

	if (code != CLI_OK)
		return code;
	begin(b->cli, &verification, &sources);
	r = policy_sources_read_entries(&sources, b->path, ret, &err);
	if (r >= 0) {
		r = policy_signature_check(&b->cli->arena, ret, &verification, &err);
		if (r < 0)
			error_wrap(&err, r, "the bundle '%s'", quote_cstr(b->path).text);
	}
	return r < 0 ? cli_fail(b->cli, CLI_USAGE, &err) : CLI_OK;
}

/* Whether it is what a reader will take: its roots, its data, its modules. */
static int check(struct building *b)
{
	struct policy_sources sources;
	struct policies policies = { 0 };
	struct policy_layer layer;
	struct regoc_report *report = NULL;
	struct regoc_policy *policy = NULL;
	struct error err = ERROR_INIT;
	int code, r;

	begin(b->cli, NULL, &sources);
	r = policy_sources_add_entries(&sources, b->path, &b->entries, &err);
	if (r >= 0)
		r = policy_sources_end(&sources, &layer, &err);
	if (r < 0)
		return cli_fail(b->cli, CLI_USAGE, &err);
	code = policies_keep(b->cli, &layer, &policies);
	if (code != CLI_OK || !policies.count)
		return code;
	code = policies_compile(&policies, 0, &policy, &report) == CLI_OK ? CLI_OK : CLI_NO;
	if (code != CLI_OK)
		cli_tell_text(b->cli, str_from(regoc_report_text(report)));
	regoc_report_free(report);
	regoc_policy_free(policy);
	return code;
}

static int add_signature(struct building *b)
{
	const struct policy_build_options *options = b->options;
	const struct wanted wanted = { options->signing_key, options->signing_alg, options->claims_file };
	struct policy_signing signing = {
		.id = str_from(options->verification_key_id ? options->verification_key_id : "default"),
	};
	struct error err = ERROR_INIT;
	struct str text;
	int code = read_signing(b->cli, &wanted, &signing), r;

	if (code == CLI_OK)
		code = make_signature(b->cli, &b->entries, &signing, &text);
	if (code != CLI_OK)
		return code;
	r = policy_entries_add(&b->cli->arena, &b->entries, POLICY_SIGNATURES_FILE, text, &err);
	if (r >= 0)
		r = policy_entries_sort(&b->entries, &err);
	return r < 0 ? cli_fail(b->cli, CLI_USAGE, &err) : CLI_OK;
}

static int pack(struct building *b)
{
	scoped(buf) struct buf archive = BUF_INIT(BUNDLE_BYTES_MAX);
	const char *output = b->options->output ? b->options->output : "bundle.tar.gz";
	struct error err = ERROR_INIT;
	int r = policy_pack(&b->entries, &archive, &err);

	if (r < 0)
		return cli_fail(b->cli, CLI_USAGE, &err);
	return write_file(b->cli, output, (struct str){ archive.data, archive.len });
}

int cmd_policy_build(struct cli *cli, UNUSED int argc, char **argv)
{
	struct building b = { .cli = cli, .options = policy_build_options(cli), .path = argv[0],
		.entries = { .bytes_max = BUNDLE_BYTES_MAX } };
	struct policy_entries all;
	struct str manifest = { 0 };
	int code;

	if (!b.options->signing_key && b.options->claims_file)
		return cli_usage(cli, "--claims-file needs --signing-key: claims stand in a signature");
	code = read_verified(&b, &all);
	if (code == CLI_OK)
		code = write_manifest(&b, policy_entries_find(&all, ".manifest"), &manifest);
	if (code == CLI_OK)
		code = choose(&b, &all, manifest);
	if (code == CLI_OK)
		code = check(&b);
	if (code == CLI_OK && b.options->signing_key)
		code = add_signature(&b);
	return code == CLI_OK ? pack(&b) : code;
}

/* ---- sign ---- */

int cmd_policy_sign(struct cli *cli, UNUSED int argc, char **argv)
{
	const struct policy_sign_options *options = policy_sign_options(cli);
	const struct wanted wanted = { options->signing_key, options->signing_alg, options->claims_file };
	const char *dir = options->output_file_path ? options->output_file_path : ".";
	const char *output = arena_printf(&cli->arena, "%s/%s", dir, POLICY_SIGNATURES_FILE);
	struct policy_signing signing = { 0 };
	struct policy_entries entries;
	struct policy_sources sources;
	struct error err = ERROR_INIT;
	struct str text;
	int code;

	if (!wanted.key)
		return cli_usage(cli, "--signing-key is missing: the file of the private key");
	if (!output)
		return say_full(cli);
	begin(cli, NULL, &sources);
	if (policy_sources_read_entries(&sources, argv[0], &entries, &err) < 0)
		return cli_fail(cli, CLI_USAGE, &err);
	code = read_signing(cli, &wanted, &signing);
	if (code == CLI_OK)
		code = make_signature(cli, &entries, &signing, &text);
	return code == CLI_OK ? write_file(cli, output, text) : code;
}
