// SPDX-License-Identifier: Apache-2.0
/*
 * builtin_aws.c - providers.aws.sign_req
 *
 * A request is written in the one way in which both sides write it, that text is hashed, and the hash is
 * signed together with day, region and service. Nothing is sent: the answer is the request with more headers.
 *
 * A header of the request that has the name of one of AWS's is what is signed, and AWS's is what is given
 * back, as OPA has it: such a request holds where both say the same. Names of headers are put into lower case
 * as far as they are ASCII, which names of headers are.
 *
 * Sources: AWS, "Signature Version 4 signing process"; OPA, v1/topdown/providers.go and
 * internal/providers/aws (what is an error, and which headers are signed)
 */
#include "crypto/crypto.h"
#include "rego/builtin_table.h"
#include "rego/civil.h"
#include "rego/codec.h"
#include "rego/uri.h"

#include <stdio.h>

enum {
	SHA256_BYTES = 32,
	STEP_BYTES = 16,
};

/* Parts of texts that are signed, as one word of each language. */
#define ALGORITHM "AWS4-HMAC-SHA256"
#define REQUEST "aws4_request"
#define UNSIGNED "UNSIGNED-PAYLOAD"
#define CONTENT_HEADER "x-amz-content-sha256"

/* ---- what is to be signed ---- */

struct order {
	const struct json *request, *headers;
	struct str method, host, path, query;
	struct str access_key, secret_key, region, service, token;
	struct str content;		/* the digest of the body, in hexadecimal digits */
	char day[16], time[32];		/* 20151228, 20151228T140825Z */
};

/* ---- operands ---- */

static const struct json empty = { .type = JSON_OBJECT, .height = 1 };

static struct str text_of(const struct json *value)
{
	return value && value->type == JSON_STRING ? value->text : (struct str){ 0 };
}

/* "{"method", "url"}": the names that something is wrong with, in the order of @names, which is theirs */
struct names {
	struct rego_text text;
	size_t count;
};

static void add_name(struct names *names, struct str name)
{
	rego_text_add_text(&names->text, names->count++ ? ", " : "{");
	rego_text_add_quoted(&names->text, name);
}

/* Return: whether there are none; otherwise the error is set. */
static bool are_none(struct rego_call *call, size_t index, const char *what, struct names *names)
{
	struct str text;

	if (!names->count)
		return true;
	rego_text_add_char(&names->text, '}');
	if (rego_text_end(&names->text, &text))
		(void)rego_operand_fail(call, index, "%s: %.*s", what, STR_FMT(text));
	return false;
}

static bool has_members(struct rego_call *call, size_t index, const char *const *wanted, size_t count,
	const char *what)
{
	struct names names = { REGO_TEXT_INIT(call->arena), 0 };

	for (size_t i = 0; i < count; i++)
		if (!json_get(call->operands[index], wanted[i]))
			add_name(&names, str_from(wanted[i]));
	return are_none(call, index, what, &names);
}

static bool are_texts(struct rego_call *call, size_t index, const char *const *wanted, size_t count,
	const char *what)
{
	struct names names = { REGO_TEXT_INIT(call->arena), 0 };

	for (size_t i = 0; i < count; i++)
		if (json_get(call->operands[index], wanted[i])->type != JSON_STRING)
			add_name(&names, str_from(wanted[i]));
	return are_none(call, index, what, &names);
}

static bool take_config(struct rego_call *call, struct order *order)
{
	static const char *const wanted[] = {
		"aws_access_key", "aws_region", "aws_secret_access_key", "aws_service",
	};
	const struct json *config = call->operands[1];

	if (!rego_take(call, 1, JSON_OBJECT) ||
			!has_members(call, 1, wanted, ARRAY_SIZE(wanted),
				"missing required AWS config parameters(s)") ||
			!are_texts(call, 1, wanted, ARRAY_SIZE(wanted),
				"invalid values for required AWS config parameters(s)"))
		return false;
	order->access_key = text_of(json_get(config, "aws_access_key"));
	order->region = text_of(json_get(config, "aws_region"));
	order->secret_key = text_of(json_get(config, "aws_secret_access_key"));
	order->service = text_of(json_get(config, "aws_service"));
	order->token = text_of(json_get(config, "aws_session_token"));
	return true;
}

static bool take_time(struct rego_call *call, struct order *order)
{
	const struct json *value = call->operands[2];
	struct rego_civil at;

	if (value->type != JSON_INT && value->type != JSON_NUMBER) {
		(void)rego_operand(call, 2, "number");
		return false;
	}
	if (value->type != JSON_INT) {
		(void)rego_operand_fail(call, 2, "could not convert time_ns value into a unix timestamp");
		return false;
	}
	at = rego_civil_at(rego_instant_from_ns(value->integer).seconds);
	(void)snprintf(order->day, sizeof(order->day), "%04d%02d%02d", (int)at.date.year, at.date.month,
		at.date.day);
	(void)snprintf(order->time, sizeof(order->time), "%sT%02d%02d%02dZ", order->day, at.hour, at.minute,
		at.second);
	return true;
}

static bool is_parameter(const struct json *key)
{
	/* those of http.send, sorted */
	static const char *const known[] = {
		"body", "cache", "cache_ignored_headers", "caching_mode", "enable_redirect", "force_cache",
		"force_cache_duration_seconds", "force_json_decode", "force_yaml_decode", "headers",
		"max_retry_attempts", "method", "raise_error", "raw_body", "timeout", "tls_ca_cert",
		"tls_ca_cert_env_variable", "tls_ca_cert_file", "tls_client_cert",
		"tls_client_cert_env_variable", "tls_client_cert_file", "tls_client_key",
		"tls_client_key_env_variable", "tls_client_key_file", "tls_insecure_skip_verify",
		"tls_server_name", "tls_use_system_certs", "url",
	};

	for (size_t i = 0; i < ARRAY_SIZE(known) && key->type == JSON_STRING; i++)
		if (str_eq(key->text, str_from(known[i])))
			return true;
	return false;
}

static bool are_parameters(struct rego_call *call, const struct json *request)
{
	struct names names = { REGO_TEXT_INIT(call->arena), 0 };

	if (!rego_spend(call->budget, 1 + request->object.count))
		return false;
	for (size_t i = 0; i < request->object.count; i++) {
		const struct json *key = request->object.members[i].key;

		if (!is_parameter(key))
			add_name(&names, key->type == JSON_STRING ? key->text :
				str_from(rego_type_name(key)));
	}
	return are_none(call, 0, "invalid request parameters(s)", &names);
}

/* ---- the address ---- */

static bool take_url(struct rego_call *call, struct str text, struct order *order)
{
	struct rego_text host = REGO_TEXT_INIT(call->arena), path = REGO_TEXT_INIT(call->arena);
	struct rego_uri uri;
	const char *error;

	if (!rego_spend(call->budget, 1 + text.len / STEP_BYTES))
		return false;
	if (rego_uri_parse(call->arena, text, &uri, &error) < 0) {
		if (error)
			(void)rego_fail(call, "%s", error);
		return false;
	}
	if (uri.host.len && memchr(uri.host.data, ':', uri.host.len)) {
		rego_text_add_char(&host, '[');
		rego_text_add_str(&host, uri.host);
		rego_text_add_char(&host, ']');
	} else {
		rego_text_add_str(&host, uri.host);
	}
	if (uri.port.len) {
		rego_text_add_char(&host, ':');
		rego_text_add_str(&host, uri.port);
	}
	rego_uri_add_path(&path, &uri);
	order->query = uri.raw_query;
	return rego_text_end(&host, &order->host) && rego_text_end(&path, &order->path);
}

/* ---- the request ---- */

static bool digest_hex(struct rego_call *call, struct str bytes, struct str *ret)
{
	unsigned char digest[CRYPTO_HASH_BYTES_MAX];
	char *hex = arena_alloc(call->arena, 2 * SHA256_BYTES + 1);

	if (!hex || !rego_spend(call->budget, 1 + bytes.len / STEP_BYTES))
		return false;
	(void)crypto_hash(CRYPTO_SHA256, bytes, digest);
	for (size_t i = 0; i < SHA256_BYTES; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	*ret = (struct str){ hex, (size_t)2 * SHA256_BYTES };
	return true;
}

static bool take_body(struct rego_call *call, struct order *order)
{
	const struct json *unsign = json_get(call->operands[1], "disable_payload_signing");
	const struct json *raw = json_get(order->request, "raw_body"),
			  *body = json_get(order->request, "body");
	struct str bytes = text_of(raw);

	if (unsign && unsign->type != JSON_BOOL) {
		(void)rego_operand_fail(call, 1,
			"invalid value for 'disable_payload_signing' in AWS config");
		return false;
	}
	if (unsign && unsign->boolean) {
		order->content = STR(UNSIGNED);
		return true;
	}
	if (!raw && body && !rego_marshal(call, body, &bytes))
		return false;
	return digest_hex(call, bytes, &order->content);
}

static bool take_request(struct rego_call *call, struct order *order)
{
	static const char *const wanted[] = { "method", "url" };

	order->request = call->operands[0];
	if (!are_parameters(call, order->request) ||
			!has_members(call, 0, wanted, ARRAY_SIZE(wanted),
				"missing required request parameters(s)"))
		return false;
	order->headers = json_get(order->request, "headers");
	if (order->headers && order->headers->type != JSON_OBJECT) {
		(void)rego_operand_fail(call, 0, "must have headers that are an object but got %s",
			rego_type_name(order->headers));
		return false;
	}
	order->headers = order->headers ? order->headers : &empty;
	if (!are_texts(call, 0, wanted, ARRAY_SIZE(wanted),
			"invalid values for required request parameters(s)"))
		return false;
	order->method = text_of(json_get(order->request, "method"));
	return rego_spend(call->budget, order->headers->object.count) &&
		take_url(call, text_of(json_get(order->request, "url")), order) && take_body(call, order);
}

/* ---- headers ---- */

static void add_aws_headers(const struct order *order, struct json_object_builder *builder)
{
	struct arena *arena = builder->arena;

	json_object_add(builder, "host", json_new_string(arena, order->host));
	json_object_add_text(builder, "x-amz-date", order->time);
	if (str_eq(order->service, STR("s3")) || str_eq(order->service, STR("glacier")))
		json_object_add(builder, CONTENT_HEADER, json_new_string(arena, order->content));
	if (order->token.len)
		json_object_add(builder, "x-amz-security-token", json_new_string(arena, order->token));
}

static const struct json *lower(struct rego_call *call, struct str name)
{
	struct rego_text text = REGO_TEXT_INIT(call->arena);
	struct str all;

	for (size_t i = 0; i < name.len; i++)
		rego_text_add_char(&text, (char)ascii_lower(name.data[i]));
	if (!rego_spend(call->budget, 1 + name.len / STEP_BYTES) || !rego_text_end(&text, &all))
		return NULL;
	return json_new_string(call->arena, all);
}

/* What others on the way may change. */
static bool is_left_out(struct str name)
{
	return str_eq(name, STR("authorization")) || str_eq(name, STR("user-agent")) ||
		str_eq(name, STR("x-amzn-trace-id"));
}

/* The headers that are signed, sorted. */
static const struct json *signed_headers(struct rego_call *call, const struct order *order)
{
	struct json_object_builder builder;

	json_object_begin(&builder, call->arena);
	add_aws_headers(order, &builder);
	for (size_t i = 0; i < order->headers->object.count; i++) {
		const struct json_member *header = &order->headers->object.members[i];
		const struct json *name = lower(call, text_of(header->key));

		if (!name)
			return NULL;
		if (!is_left_out(name->text))
			json_object_add_value(&builder, name,
				json_new_string(call->arena, text_of(header->value)));
	}
	return json_object_end_last(&builder);
}

/* ---- the signature ---- */

static void add_names(struct rego_text *text, const struct json *headers)
{
	for (size_t i = 0; i < headers->object.count; i++) {
		if (i)
			rego_text_add_char(text, ';');
		rego_text_add_str(text, headers->object.members[i].key->text);
	}
}

static void add_scope(struct rego_text *text, const struct order *order)
{
	rego_text_add_text(text, order->day);
	rego_text_add_char(text, '/');
	rego_text_add_str(text, order->region);
	rego_text_add_char(text, '/');
	rego_text_add_str(text, order->service);
	rego_text_add_text(text, "/" REQUEST);
}

static void add_line(struct rego_text *text, struct str line)
{
	rego_text_add_str(text, line);
	rego_text_add_char(text, '\n');
}

/* The digest of the request as both sides write it. */
static bool digest_request(struct rego_call *call, const struct order *order, const struct json *headers,
	struct str *ret)
{
	struct rego_text text = REGO_TEXT_INIT(call->arena);
	struct str all;

	add_line(&text, order->method);
	add_line(&text, order->path);
	add_line(&text, order->query);
	for (size_t i = 0; i < headers->object.count; i++) {
		rego_text_add_str(&text, headers->object.members[i].key->text);
		rego_text_add_char(&text, ':');
		add_line(&text, headers->object.members[i].value->text);
	}
	rego_text_add_char(&text, '\n');
	add_names(&text, headers);
	rego_text_add_char(&text, '\n');
	rego_text_add_str(&text, order->content);
	return rego_text_end(&text, &all) && digest_hex(call, all, ret);
}

static bool text_to_sign(struct rego_call *call, const struct order *order, const struct json *headers,
	struct str *ret)
{
	struct rego_text text = REGO_TEXT_INIT(call->arena);
	struct str request;

	if (!digest_request(call, order, headers, &request))
		return false;
	add_line(&text, STR(ALGORITHM));
	add_line(&text, str_from(order->time));
	add_scope(&text, order);
	rego_text_add_char(&text, '\n');
	rego_text_add_str(&text, request);
	return rego_text_end(&text, ret);
}

/* A key for one day, region and service, made of the secret; and with it, the signature. */
static bool sign(struct rego_call *call, const struct order *order, struct str text,
	unsigned char ret[CRYPTO_HASH_BYTES_MAX])
{
	const struct str steps[] = {
		str_from(order->day), order->region, order->service, STR(REQUEST), text,
	};
	struct rego_text secret = REGO_TEXT_INIT(call->arena);
	unsigned char key[CRYPTO_HASH_BYTES_MAX];
	struct str with;

	rego_text_add_text(&secret, "AWS4");
	rego_text_add_str(&secret, order->secret_key);
	if (!rego_text_end(&secret, &with))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		if (!rego_spend(call->budget, 4 + (with.len + steps[i].len) / STEP_BYTES))
			return false;
		(void)crypto_hmac(CRYPTO_SHA256, with, steps[i], ret);
		memcpy(key, ret, SHA256_BYTES);
		with = (struct str){ (const char *)key, SHA256_BYTES };
	}
	return true;
}

static const struct json *authorization(struct rego_call *call, const struct order *order)
{
	const struct json *headers = signed_headers(call, order);
	struct rego_text text = REGO_TEXT_INIT(call->arena);
	unsigned char signature[CRYPTO_HASH_BYTES_MAX];
	struct str all;

	if (!headers || !text_to_sign(call, order, headers, &all) || !sign(call, order, all, signature))
		return NULL;
	rego_text_add_text(&text, ALGORITHM " Credential=");
	rego_text_add_str(&text, order->access_key);
	rego_text_add_char(&text, '/');
	add_scope(&text, order);
	rego_text_add_text(&text, ",SignedHeaders=");
	add_names(&text, headers);
	rego_text_add_text(&text, ",Signature=");
	for (size_t i = 0; i < SHA256_BYTES; i++) {
		char hex[3];

		(void)snprintf(hex, sizeof(hex), "%02x", signature[i]);
		rego_text_add_text(&text, hex);
	}
	return rego_text_end(&text, &all) ? json_new_string(call->arena, all) : NULL;
}

static const struct json *all_headers(struct rego_call *call, const struct order *order)
{
	struct json_object_builder builder;

	json_object_begin(&builder, call->arena);
	for (size_t i = 0; i < order->headers->object.count; i++)
		json_object_add_str(&builder, text_of(order->headers->object.members[i].key),
			json_new_string(call->arena, text_of(order->headers->object.members[i].value)));
	json_object_add(&builder, "Authorization", authorization(call, order));
	add_aws_headers(order, &builder);
	return json_object_end_last(&builder);
}

enum rego_answer rego_do_providers_aws_sign_req(struct rego_call *call)
{
	struct json_object_builder builder;
	struct order order = { .request = NULL };

	if (!rego_take(call, 0, JSON_OBJECT) || !take_config(call, &order) || !take_time(call, &order) ||
			!take_request(call, &order))
		return rego_failed(call);
	json_object_begin(&builder, call->arena);
	for (size_t i = 0; i < order.request->object.count; i++)
		json_object_add_value(&builder, order.request->object.members[i].key,
			order.request->object.members[i].value);
	json_object_add(&builder, "headers", all_headers(call, &order));
	return rego_give(call, json_object_end_last(&builder));
}
