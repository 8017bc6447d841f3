// SPDX-License-Identifier: Apache-2.0
/*
 * builtin_x509.c - crypto.x509.parse_certificates, parse_certificate_request, parse_and_verify_certificates*
 *
 * Certificates come as one text: PEM blocks, or base64 of such or of DER. To verify, the first is the one
 * that is trusted, the last the one in question, and those between may be on the way. What cannot be read
 * does not verify, and so does what is too much; only who has nothing left to spend gets no answer.
 *
 * Source: OPA, v1/topdown/crypto.go
 */
#include "base/str_case.h"
#include "crypto/pem.h"
#include "rego/address.h"
#include "rego/builtin_table.h"
#include "rego/codec.h"
#include "rego/jwt.h"
#include "rego/x509_json.h"

#include <errno.h>

enum {
	STEP_BYTES = 16,
	CERTIFICATE_STEPS = 1000,	/* of reading one: its key is held against its curve */
	COMPARISONS_MAX = 250000,
};

#define PEM_BEGIN STR("-----BEGIN")

struct certificates {
	struct x509_certificate *items;
	size_t count, room;
};

/* ---- reading ---- */

/* A full arena is no error of the text. */
static bool refuse(struct rego_call *call, int code, const struct error *err)
{
	if (code != -EMSGSIZE)
		(void)rego_fail(call, "%s", err->text);
	return false;
}

static bool add_certificates(struct rego_call *call, struct str der, struct certificates *certs)
{
	struct x509_certificate *items;
	struct error err = ERROR_INIT;
	int r;

	while (der.len) {
		if (certs->count == X509_CERTIFICATES_MAX) {
			(void)rego_fail(call, "x509: more than %d certificates", X509_CERTIFICATES_MAX);
			return false;
		}
		items = arena_grow(call->arena, certs->items, certs->count, &certs->room, sizeof(*items));
		if (!items || !rego_spend(call->budget, CERTIFICATE_STEPS))
			return false;
		certs->items = items;
		r = x509_read(call->arena, &der, &items[certs->count], &err);
		if (r < 0)
			return refuse(call, r, &err);
		if (!rego_x509_uris(call, &items[certs->count++].names))
			return false;
	}
	return true;
}

static bool read_pem(struct rego_call *call, struct str text, struct certificates *certs)
{
	struct str label, der;

	while (text.len) {
		int r = pem_take(call->arena, &text, &label, &der);

		if (r == -EBADMSG)
			(void)rego_fail(call, "x509: malformed PEM block");
		if (r < 0)
			return false;
		if (!label.len)
			break;
		if (!str_eq(label, STR("CERTIFICATE"))) {
			(void)rego_fail(call, "PEM block type is '%.*s', expected CERTIFICATE",
				STR_FMT(label));
			return false;
		}
		if (!add_certificates(call, der, certs))
			return false;
	}
	return true;
}

static bool decode(struct rego_call *call, struct str text, struct str *ret)
{
	const char *wrong;

	if (!rego_base64_decode(call, text, ret, &wrong))
		return false;
	if (wrong)
		(void)rego_fail(call, "%s", wrong);
	return !wrong;
}

static bool read_certificates(struct rego_call *call, struct str text, struct certificates *ret)
{
	*ret = (struct certificates){ 0 };
	if (text.len > X509_TEXT_MAX) {
		(void)rego_fail(call, "x509: more than %d bytes", X509_TEXT_MAX);
		return false;
	}
	if (!rego_spend(call->budget, 1 + text.len / STEP_BYTES))
		return false;
	if (!str_starts_with(text, PEM_BEGIN) && !decode(call, text, &text))
		return false;
	return str_starts_with(text, PEM_BEGIN) ? read_pem(call, text, ret) :
		add_certificates(call, text, ret);
}

bool rego_x509_chain(struct rego_call *call, struct str text, const struct x509_certificate **ret,
	size_t *ret_count)
{
	struct certificates certs;

	if (!read_certificates(call, text, &certs))
		return false;
	*ret = certs.items;
	*ret_count = certs.count;
	return true;
}

enum rego_answer rego_do_crypto_x509_parse_certificates(struct rego_call *call)
{
	struct json_array_builder answer;
	struct certificates certs;
	struct str text;

	if (!rego_take_string(call, 0, &text) || !read_certificates(call, text, &certs))
		return rego_failed(call);
	json_array_begin(&answer, call->arena);
	for (size_t i = 0; i < certs.count; i++)
		json_array_add(&answer, rego_x509_certificate(call, &certs.items[i], true));
	return rego_give(call, json_array_end(&answer));
}

enum rego_answer rego_do_crypto_x509_parse_certificate_request(struct rego_call *call)
{
	struct x509_request request;
	struct error err = ERROR_INIT;
	struct str text, der, label = { 0 };
	int r = 0;

	if (!rego_take_string(call, 0, &text))
		return rego_failed(call);
	if (!str_starts_with(text, STR("-----BEGIN CERTIFICATE REQUEST-----")) && !decode(call, text, &text))
		return rego_failed(call);
	if (!rego_spend(call->budget, CERTIFICATE_STEPS + text.len / STEP_BYTES))
		return rego_stopped(call);
	der = text;
	if (str_starts_with(text, PEM_BEGIN)) {
		r = pem_take(call->arena, &text, &label, &der);
		if (r >= 0 && !str_eq(label, STR("CERTIFICATE REQUEST")))
			return rego_fail(call, "invalid PEM-encoded certificate signing request");
	}
	if (r >= 0)
		r = x509_read_request(call->arena, der, &request, &err);
	if (r == -EBADMSG)
		return rego_fail(call, "asn1: structure error: %s",
			*err.text ? err.text : "malformed PEM block");
	if (r < 0)
		(void)refuse(call, r, &err);
	return r >= 0 && rego_x509_uris(call, &request.names) ?
		rego_give(call, rego_x509_request(call, &request)) :
		rego_failed(call);
}

/* ---- options ---- */

struct options {
	struct x509_options verify;
	struct str host;
};

static struct str trim_quotes(struct str text)
{
	while (text.len && text.data[0] == '"')
		text = (struct str){ text.data + 1, text.len - 1 };
	while (text.len && text.data[text.len - 1] == '"')
		text.len--;
	return text;
}

static int find_usage(struct str name)
{
	static const char *const names[] = {
		[X509_USAGE_ANY] = "KeyUsageAny",
		[X509_USAGE_SERVER] = "KeyUsageServerAuth",
		[X509_USAGE_CLIENT] = "KeyUsageClientAuth",
		[X509_USAGE_CODE] = "KeyUsageCodeSigning",
		[X509_USAGE_MAIL] = "KeyUsageEmailProtection",
		[X509_USAGE_IPSEC_END] = "KeyUsageIPSECEndSystem",
		[X509_USAGE_IPSEC_TUNNEL] = "KeyUsageIPSECTunnel",
		[X509_USAGE_IPSEC_USER] = "KeyUsageIPSECUser",
		[X509_USAGE_TIME] = "KeyUsageTimeStamping",
		[X509_USAGE_OCSP] = "KeyUsageOCSPSigning",
		[X509_USAGE_MICROSOFT_SERVER] = "KeyUsageMicrosoftServerGatedCrypto",
		[X509_USAGE_NETSCAPE_SERVER] = "KeyUsageNetscapeServerGatedCrypto",
		[X509_USAGE_MICROSOFT_CODE] = "KeyUsageMicrosoftCommercialCodeSigning",
		[X509_USAGE_MICROSOFT_KERNEL] = "KeyUsageMicrosoftKernelCodeSigning",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (str_eq(name, str_from(names[i])))
			return (int)i;
	return -1;
}

static bool take_usages(struct rego_call *call, const struct json *value, struct options *options)
{
	struct rego_text wrong = REGO_TEXT_INIT(call->arena);
	struct str all;

	if (value->type != JSON_ARRAY && value->type != JSON_SET) {
		(void)rego_fail(call, "'KeyUsages' should be an Array or Set");
		return false;
	}
	if (!rego_spend(call->budget, X509_USAGE_COUNT * value->array.count))
		return false;
	for (size_t i = 0; i < value->array.count; i++) {
		const struct json *name = value->array.items[i];
		int usage = name->type == JSON_STRING ? find_usage(trim_quotes(name->text)) :
							X509_USAGE_COUNT;

		if (usage >= 0 && usage < X509_USAGE_COUNT)
			options->verify.usages |= 1u << usage;
		if (usage >= 0)
			continue;
		if (wrong.len)
			rego_text_add_char(&wrong, ' ');
		rego_text_add_str(&wrong, trim_quotes(name->text));
	}
	if (!rego_text_end(&wrong, &all))
		return false;
	if (all.len)
		(void)rego_fail(call, "invalid entries for 'KeyUsages' found: [%.*s]", STR_FMT(all));
	return !all.len;
}

static bool take_int(struct rego_call *call, const char *name, const char *what, const struct json *value,
	int64_t *ret)
{
	if (value->type == JSON_INT)
		*ret = value->integer;
	else if (value->type == JSON_NUMBER)
		(void)rego_fail(call, "'%s' should be a valid %s", name, what);
	else
		(void)rego_fail(call, "'%s' should be a number", name);
	return value->type == JSON_INT;
}

static bool take_option(struct rego_call *call, const struct json_member *member, struct options *options)
{
	const struct json *value = member->value;
	struct str name = member->key->text;

	if (str_eq(name, STR("CurrentTime")))
		return take_int(call, "CurrentTime", "int64 number", value, &options->verify.now_ns);
	if (str_eq(name, STR("KeyUsages")))
		return take_usages(call, value, options);
	if (str_eq(name, STR("MaxConstraintComparisons"))) {
		if (!take_int(call, "MaxConstraintComparisons", "number", value,
				&options->verify.comparisons_max))
			return false;
		/* as zero is what is usual */
		if (!options->verify.comparisons_max)
			options->verify.comparisons_max = COMPARISONS_MAX;
		return true;
	}
	if (!str_eq(name, STR("DNSName"))) {
		(void)rego_fail(call, "invalid key option");
		return false;
	}
	if (value->type != JSON_STRING) {
		(void)rego_fail(call, "'DNSName' should be a string");
		return false;
	}
	options->host = trim_quotes(value->text);
	return true;
}

/* Keys that are no strings are passed over. */
static bool take_options(struct rego_call *call, const struct json *object, struct options *options)
{
	for (size_t i = 0; i < object->object.count; i++)
		if (object->object.members[i].key->type == JSON_STRING &&
				!take_option(call, &object->object.members[i], options))
			return false;
	return true;
}

/* ---- names of hosts ---- */

static bool is_host(struct str name, bool is_pattern)
{
	size_t label = 0;

	if (!is_pattern && str_ends_with(name, STR(".")))
		name.len--;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.data[i];
		bool is_star = is_pattern && !i && c == '*' && (name.len == 1 || name.data[1] == '.');

		if (c == '.' ? !label : !is_star && !ascii_is_alnum(c) && c != '_' && (c != '-' || !label))
			return false;
		label = c == '.' ? 0 : label + 1;
	}
	return label;
}

/* A star is one label, and the first. */
static bool matches(struct str pattern, struct str host)
{
	const char *point = memchr(host.data, '.', host.len);

	if (!str_starts_with(pattern, STR("*.")) || !point)
		return str_eq_no_case(pattern, host);
	return str_eq_no_case((struct str){ pattern.data + 1, pattern.len - 1 },
		(struct str){ point, host.len - (size_t)(point - host.data) });
}

static bool has_host(const struct x509_names *names, struct str host)
{
	bool is_good = is_host(host, false);
	struct str plain = host;

	if (is_good && str_ends_with(host, STR(".")))
		plain.len--;
	for (size_t i = 0; i < names->dns.count; i++) {
		struct str name = names->dns.items[i];

		if (!name.len || str_eq(name, STR(".")))
			continue;
		if (is_good && is_host(name, true) ? matches(name, plain) : str_eq_no_case(name, host))
			return true;
	}
	return false;
}

static bool has_address(const struct x509_names *names, rego_address wanted)
{
	for (size_t i = 0; i < names->ip.count; i++) {
		struct str bytes = names->ip.items[i];
		rego_address address = 0;

		for (size_t j = 0; j < bytes.len; j++)
			address = address << 8 | (unsigned char)bytes.data[j];
		if (bytes.len == 4)
			address |= (rego_address)0xffff << 32;
		if (address == wanted)
			return true;
	}
	return false;
}

static bool is_for_host(const struct x509_certificate *cert, struct str host)
{
	struct str inside = host;
	rego_address address;

	if (!host.len)
		return true;
	if (host.len >= 3 && host.data[0] == '[' && host.data[host.len - 1] == ']')
		inside = (struct str){ host.data + 1, host.len - 2 };
	return rego_address_parse(inside, &address) ? has_address(&cert->names, address) :
		has_host(&cert->names, host);
}

/* ---- verifying ---- */

static bool may(void *context, const struct crypto_key *key, size_t count)
{
	struct rego_call *call = context;
	struct crypto_key with;

	if (!key)
		return rego_spend(call->budget, count);
	with = *key;
	if (with.kind == CRYPTO_KEY_RSA)
		with.bits = (unsigned)(8 * with.rsa.n.len);
	return rego_jwt_spend(call, &with, (struct str){ NULL, count }, false);
}

static const struct json *no_chain(struct rego_call *call)
{
	struct json_array_builder answer, none;

	json_array_begin(&none, call->arena);
	json_array_begin(&answer, call->arena);
	json_array_add(&answer, json_new_bool(call->arena, false));
	json_array_add(&answer, json_array_end(&none));
	return json_array_end(&answer);
}

static const struct json *give_chain(struct rego_call *call, const struct x509_chain *chain,
	bool with_strings)
{
	struct json_array_builder answer, certs;

	json_array_begin(&certs, call->arena);
	for (size_t i = 0; i < chain->count; i++)
		json_array_add(&certs, rego_x509_certificate(call, chain->items[i], with_strings));
	json_array_begin(&answer, call->arena);
	json_array_add(&answer, json_new_bool(call->arena, true));
	json_array_add(&answer, json_array_end(&certs));
	return json_array_end(&answer);
}

static enum rego_answer verify(struct rego_call *call, const struct certificates *certs,
	const struct options *options, bool with_strings)
{
	struct x509_chain chain;
	size_t names = 0;
	int r;

	if (certs->count < 2)
		return rego_give(call, no_chain(call));
	names = certs->items[certs->count - 1].names.dns.count +
		certs->items[certs->count - 1].names.ip.count;
	if (!rego_spend(call->budget, certs->count * certs->count + names))
		return rego_stopped(call);
	if (!is_for_host(&certs->items[certs->count - 1], options->host))
		return rego_give(call, no_chain(call));
	r = x509_verify(call->arena, certs->items, certs->count, &options->verify, &chain);
	if (r == -EKEYREJECTED)
		return rego_give(call, no_chain(call));
	return r < 0 ? rego_stopped(call) : rego_give(call, give_chain(call, &chain, with_strings));
}

/* What cannot be read does not verify. Return: false where nothing is left to spend. */
static bool take_certificates(struct rego_call *call, struct str text, struct certificates *ret,
	bool *ret_good)
{
	*ret_good = read_certificates(call, text, ret);
	if (*ret_good)
		return true;
	if (!call->error)
		return false;
	call->error = NULL;
	call->is_type_error = false;
	return true;
}

static struct options usual(struct rego_call *call)
{
	return (struct options){
		.verify = {
			.now_ns = call->moment->now_ns, .comparisons_max = COMPARISONS_MAX, .may = may,
			.context = call,
		},
	};
}

enum rego_answer rego_do_crypto_x509_parse_and_verify_certificates(struct rego_call *call)
{
	struct options options = usual(call);
	struct certificates certs;
	struct str text;
	bool is_good;

	if (!rego_take_string(call, 0, &text) || !take_certificates(call, text, &certs, &is_good))
		return rego_failed(call);
	return is_good ? verify(call, &certs, &options, true) : rego_give(call, no_chain(call));
}

enum rego_answer rego_do_crypto_x509_parse_and_verify_certificates_with_options(struct rego_call *call)
{
	struct options options = usual(call);
	struct certificates certs;
	struct str text;
	bool is_good;

	if (!rego_take_string(call, 0, &text) || !rego_take(call, 1, JSON_OBJECT) ||
			!take_certificates(call, text, &certs, &is_good))
		return rego_failed(call);
	if (!is_good)
		return rego_give(call, no_chain(call));
	return take_options(call, call->operands[1], &options) ? verify(call, &certs, &options, false) :
		rego_failed(call);
}
