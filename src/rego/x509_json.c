// SPDX-License-Identifier: Apache-2.0
/*
 * x509_json.c - one function for each structure
 */
#include "rego/x509_json.h"

#include "base/base64.h"
#include "crypto/der.h"
#include "rego/address.h"
#include "rego/civil.h"
#include "rego/text.h"

enum {
	STEP_BYTES = 16,
	OID_NUMBER_MAX = INT32_MAX,	/* of a policy that is also given as a list */
	/* how Go counts kinds of keys */
	KEY_RSA = 1,
	KEY_EC = 3,
	KEY_ED25519 = 4,
};

static const struct json empty = { .type = JSON_OBJECT, .height = 1 };

/* ---- parts ---- */

const struct json *rego_x509_bytes(struct rego_call *call, struct str bytes)
{
	struct str text;

	if (!bytes.data)
		return json_new_null(call->arena);
	if (!rego_spend(call->budget, 1 + bytes.len / STEP_BYTES) ||
			base64_encode(call->arena, bytes, &text) < 0)
		return NULL;
	return json_new_string(call->arena, text);
}

static const struct json *number(struct rego_call *call, struct str bytes)
{
	const char *text = rego_spend(call->budget, 1 + bytes.len) ? x509_decimal(call->arena, bytes) : NULL;

	return text ? json_new_number(call->arena, str_from(text)) : NULL;
}

typedef const struct json *make(struct rego_call *call, struct str element);

/* Null where there are none. */
static const struct json *list(struct rego_call *call, const struct x509_list *items, make *one)
{
	struct json_array_builder builder;

	if (!items->count)
		return json_new_null(call->arena);
	json_array_begin(&builder, call->arena);
	for (size_t i = 0; i < items->count; i++)
		json_array_add(&builder, one(call, items->items[i]));
	return json_array_end(&builder);
}

static const struct json *oid(struct rego_call *call, struct str bytes)
{
	struct json_array_builder builder;
	bool is_first = true;
	uint64_t value;

	if (!rego_spend(call->budget, 1 + bytes.len))
		return NULL;
	json_array_begin(&builder, call->arena);
	while (der_oid_next(&bytes, &value)) {
		uint64_t root = MIN(value / 40, UINT64_C(2));

		if (is_first) {
			json_array_add(&builder, json_new_int(call->arena, (int64_t)root));
			value -= 40 * root;
		}
		json_array_add(&builder, json_new_int(call->arena, (int64_t)value));
		is_first = false;
	}
	return json_array_end(&builder);
}

static const struct json *oid_text(struct rego_call *call, struct str bytes)
{
	struct rego_text text = REGO_TEXT_INIT(call->arena);
	bool is_first = true;
	struct str all;
	uint64_t value;

	if (!rego_spend(call->budget, 1 + bytes.len))
		return NULL;
	while (der_oid_next(&bytes, &value)) {
		uint64_t root = MIN(value / 40, UINT64_C(2));

		if (is_first) {
			rego_text_add_int(&text, (int64_t)root, 0);
			value -= 40 * root;
		}
		rego_text_add_char(&text, '.');
		rego_text_add_int(&text, (int64_t)value, 0);
		is_first = false;
	}
	return rego_text_end(&text, &all) ? json_new_string(call->arena, all) : NULL;
}

static const struct json *time_of(struct rego_call *call, int64_t seconds)
{
	struct rego_civil at = rego_civil_at(seconds);

	return json_new_printf(call->arena, "%04d-%02d-%02dT%02d:%02d:%02dZ", (int)at.date.year,
		at.date.month, at.date.day, at.hour, at.minute, at.second);
}

/* ---- names ---- */

static const struct json *attribute(struct rego_call *call, const struct x509_attribute *from)
{
	struct json_object_builder builder;

	json_object_begin(&builder, call->arena);
	json_object_add(&builder, "Type", oid(call, from->type));
	json_object_add(&builder, "Value", json_new_string(call->arena, from->text));
	return json_object_end(&builder);
}

/* 2.5.4.@kind */
static bool is_kind(const struct x509_attribute *attribute, int kind)
{
	return attribute->type.len == 3 && attribute->type.data[0] == 0x55 && attribute->type.data[1] == 4 &&
		attribute->type.data[2] == kind;
}

static const struct json *texts_of_kind(struct rego_call *call, const struct x509_name *from, int kind)
{
	struct json_array_builder builder;
	bool is_there = false;

	json_array_begin(&builder, call->arena);
	for (size_t i = 0; i < from->count; i++) {
		if (!is_kind(&from->items[i], kind))
			continue;
		json_array_add(&builder, json_new_string(call->arena, from->items[i].text));
		is_there = true;
	}
	return is_there ? json_array_end(&builder) : json_new_null(call->arena);
}

/* The last one. */
static const struct json *text_of_kind(struct rego_call *call, const struct x509_name *from, int kind)
{
	struct str text = { 0 };

	for (size_t i = 0; i < from->count; i++)
		if (is_kind(&from->items[i], kind))
			text = from->items[i].text;
	return json_new_string(call->arena, text);
}

static const struct json *name(struct rego_call *call, const struct x509_name *from)
{
	static const struct {
		const char *name;
		int kind;
	} lists[] = {
		{ "Country", 6 }, { "Organization", 10 }, { "OrganizationalUnit", 11 }, { "Locality", 7 },
		{ "Province", 8 }, { "StreetAddress", 9 }, { "PostalCode", 17 },
	};
	struct json_object_builder builder;
	struct json_array_builder names;

	if (!rego_spend(call->budget, 1 + from->count * ARRAY_SIZE(lists)))
		return NULL;
	json_array_begin(&names, call->arena);
	for (size_t i = 0; i < from->count; i++)
		json_array_add(&names, attribute(call, &from->items[i]));
	json_object_begin(&builder, call->arena);
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		json_object_add(&builder, lists[i].name, texts_of_kind(call, from, lists[i].kind));
	json_object_add(&builder, "SerialNumber", text_of_kind(call, from, 5));
	json_object_add(&builder, "CommonName", text_of_kind(call, from, 3));
	json_object_add(&builder, "Names",
		from->count ? json_array_end(&names) : json_new_null(call->arena));
	json_object_add(&builder, "ExtraNames", json_new_null(call->arena));
	return json_object_end(&builder);
}

static void add_address(struct rego_text *text, struct str bytes)
{
	rego_address address = 0;

	for (size_t i = 0; i < bytes.len; i++)
		address = address << 8 | (unsigned char)bytes.data[i];
	if (bytes.len == 4)
		address |= (rego_address)0xffff << 32;
	rego_address_print(text, address);
}

static const struct json *address(struct rego_call *call, struct str bytes)
{
	struct rego_text text = REGO_TEXT_INIT(call->arena);
	struct str all;

	add_address(&text, bytes);
	return rego_text_end(&text, &all) ? json_new_string(call->arena, all) : NULL;
}

static const struct json *network(struct rego_call *call, struct str bytes)
{
	struct json_object_builder builder;
	size_t len = bytes.len / 2;

	json_object_begin(&builder, call->arena);
	json_object_add(&builder, "IP", address(call, (struct str){ bytes.data, len }));
	json_object_add(&builder, "Mask", rego_x509_bytes(call, (struct str){ bytes.data + len, len }));
	return json_object_end(&builder);
}

static const struct json *uri(struct rego_call *call, struct str text)
{
	struct rego_x509_uri parsed;

	return rego_x509_uri(call, text, &parsed) ? parsed.parts : NULL;
}

static const struct json *uri_text(struct rego_call *call, struct str text)
{
	struct rego_x509_uri parsed;

	return rego_x509_uri(call, text, &parsed) ? parsed.text : NULL;
}

bool rego_x509_uris(struct rego_call *call, const struct x509_names *names)
{
	for (size_t i = 0; i < names->uri.count; i++)
		if (!uri(call, names->uri.items[i]))
			return false;
	return true;
}

static void add_names(struct rego_call *call, struct json_object_builder *builder,
	const struct x509_names *names)
{
	json_object_add(builder, "DNSNames", list(call, &names->dns, rego_x509_text));
	json_object_add(builder, "EmailAddresses", list(call, &names->mail, rego_x509_text));
	json_object_add(builder, "IPAddresses", list(call, &names->ip, address));
	json_object_add(builder, "URIs", list(call, &names->uri, uri));
}

/* ---- keys ---- */

static int64_t key_kind(const struct crypto_key *key)
{
	return key->kind == CRYPTO_KEY_RSA ? KEY_RSA : key->kind == CRYPTO_KEY_EC ? KEY_EC :
		key->kind == CRYPTO_KEY_ED25519 ? KEY_ED25519 : 0;
}

static void add_public(struct rego_call *call, struct json_object_builder *builder,
	const struct crypto_key *key)
{
	if (key->kind == CRYPTO_KEY_RSA) {
		json_object_add(builder, "N", number(call, key->rsa.n));
		json_object_add(builder, "E", number(call, key->rsa.e));
		return;
	}
	json_object_add(builder, "Curve", &empty);
	json_object_add(builder, "X", number(call, key->ec.x));
	json_object_add(builder, "Y", number(call, key->ec.y));
}

static const struct json *public_key(struct rego_call *call, const struct crypto_key *key)
{
	struct json_object_builder builder;

	if (key->kind == CRYPTO_KEY_ED25519)
		return rego_x509_bytes(call, key->ed.x);
	if (key->kind != CRYPTO_KEY_RSA && key->kind != CRYPTO_KEY_EC)
		return json_new_null(call->arena);
	json_object_begin(&builder, call->arena);
	add_public(call, &builder, key);
	return json_object_end(&builder);
}

static const struct json *precomputed(struct rego_call *call, const struct crypto_key *key)
{
	struct json_object_builder builder;
	struct json_array_builder others;

	json_array_begin(&others, call->arena);
	json_object_begin(&builder, call->arena);
	json_object_add(&builder, "Dp", number(call, key->rsa.dp));
	json_object_add(&builder, "Dq", number(call, key->rsa.dq));
	json_object_add(&builder, "Qinv", number(call, key->rsa.qi));
	json_object_add(&builder, "CRTValues", json_array_end(&others));
	return json_object_end(&builder);
}

/* The seed, and the public key behind it. */
static const struct json *private_ed25519(struct rego_call *call, const struct crypto_key *key)
{
	char both[64];

	if (key->ed.d.len + key->ed.x.len != sizeof(both))
		return NULL;
	memcpy(both, key->ed.d.data, key->ed.d.len);
	memcpy(both + key->ed.d.len, key->ed.x.data, key->ed.x.len);
	return rego_x509_bytes(call, (struct str){ both, sizeof(both) });
}

const struct json *rego_x509_private_key(struct rego_call *call, const struct crypto_key *key)
{
	struct json_object_builder builder;
	struct json_array_builder primes;

	if (key->kind == CRYPTO_KEY_ED25519)
		return private_ed25519(call, key);
	json_object_begin(&builder, call->arena);
	add_public(call, &builder, key);
	json_object_add(&builder, "D", number(call, key->kind == CRYPTO_KEY_RSA ? key->rsa.d : key->ec.d));
	if (key->kind == CRYPTO_KEY_RSA) {
		json_array_begin(&primes, call->arena);
		json_array_add(&primes, number(call, key->rsa.p));
		json_array_add(&primes, number(call, key->rsa.q));
		json_object_add(&builder, "Primes", json_array_end(&primes));
		json_object_add(&builder, "Precomputed", precomputed(call, key));
	}
	return json_object_end(&builder);
}

/* ---- extensions ---- */

static const struct json *extension(struct rego_call *call, const struct x509_extension *from)
{
	struct json_object_builder builder;

	json_object_begin(&builder, call->arena);
	json_object_add(&builder, "Id", oid(call, from->id));
	json_object_add_bool(&builder, "Critical", from->is_critical);
	json_object_add(&builder, "Value", rego_x509_bytes(call, from->value));
	return json_object_end(&builder);
}

static const struct json *extensions(struct rego_call *call, const struct x509_extension *items, size_t count)
{
	struct json_array_builder builder;

	if (!count)
		return json_new_null(call->arena);
	json_array_begin(&builder, call->arena);
	for (size_t i = 0; i < count; i++)
		json_array_add(&builder, extension(call, &items[i]));
	return json_array_end(&builder);
}

static void add_limit(struct json_object_builder *builder, const char *what, const char *zero,
	const struct x509_limit *limit)
{
	json_object_add_int(builder, what, limit->is_there ? limit->value : 0);
	json_object_add_bool(builder, zero, limit->is_there && !limit->value);
}

static void add_usages(struct rego_call *call, struct json_object_builder *builder,
	const struct x509_list *usages)
{
	struct json_array_builder known, unknown;
	size_t known_count = 0, unknown_count = 0;

	json_array_begin(&known, call->arena);
	json_array_begin(&unknown, call->arena);
	for (size_t i = 0; i < usages->count; i++) {
		int usage = x509_usage_find(usages->items[i]);

		if (usage >= 0)
			json_array_add(&known, json_new_int(call->arena, usage));
		else
			json_array_add(&unknown, oid(call, usages->items[i]));
		*(usage >= 0 ? &known_count : &unknown_count) += 1;
	}
	json_object_add(builder, "ExtKeyUsage",
		known_count ? json_array_end(&known) : json_new_null(call->arena));
	json_object_add(builder, "UnknownExtKeyUsage",
		unknown_count ? json_array_end(&unknown) : json_new_null(call->arena));
}

static const struct json *mappings(struct rego_call *call, const struct x509_list *pairs)
{
	struct json_array_builder builder;
	struct json_object_builder pair;

	if (!pairs->count)
		return json_new_null(call->arena);
	json_array_begin(&builder, call->arena);
	for (size_t i = 0; i + 1 < pairs->count; i += 2) {
		json_object_begin(&pair, call->arena);
		json_object_add(&pair, "IssuerDomainPolicy", oid_text(call, pairs->items[i]));
		json_object_add(&pair, "SubjectDomainPolicy", oid_text(call, pairs->items[i + 1]));
		json_array_add(&builder, json_object_end(&pair));
	}
	return json_array_end(&builder);
}

static void add_policies(struct rego_call *call, struct json_object_builder *builder,
	const struct x509_certificate *cert)
{
	struct json_array_builder lists;

	json_array_begin(&lists, call->arena);
	for (size_t i = 0; i < cert->policies.count; i++)
		if (der_oid_is_valid(cert->policies.items[i], OID_NUMBER_MAX))
			json_array_add(&lists, oid(call, cert->policies.items[i]));
	json_object_add(builder, "PolicyIdentifiers",
		cert->has_policies ? json_array_end(&lists) : json_new_null(call->arena));
	json_object_add(builder, "Policies", list(call, &cert->policies, oid_text));
	json_object_add(builder, "PolicyMappings", mappings(call, &cert->mappings));
	add_limit(builder, "InhibitAnyPolicy", "InhibitAnyPolicyZero", &cert->inhibit_any);
	add_limit(builder, "InhibitPolicyMapping", "InhibitPolicyMappingZero", &cert->inhibit_mapping);
	add_limit(builder, "RequireExplicitPolicy", "RequireExplicitPolicyZero", &cert->explicit_policy);
}

static void add_subtrees(struct rego_call *call, struct json_object_builder *builder,
	const struct x509_certificate *cert)
{
	const struct x509_names *permitted = &cert->permitted, *excluded = &cert->excluded;

	json_object_add_bool(builder, "PermittedDNSDomainsCritical", cert->are_subtrees_critical);
	json_object_add(builder, "PermittedDNSDomains", list(call, &permitted->dns, rego_x509_text));
	json_object_add(builder, "ExcludedDNSDomains", list(call, &excluded->dns, rego_x509_text));
	json_object_add(builder, "PermittedIPRanges", list(call, &permitted->ip, network));
	json_object_add(builder, "ExcludedIPRanges", list(call, &excluded->ip, network));
	json_object_add(builder, "PermittedEmailAddresses", list(call, &permitted->mail, rego_x509_text));
	json_object_add(builder, "ExcludedEmailAddresses", list(call, &excluded->mail, rego_x509_text));
	json_object_add(builder, "PermittedURIDomains", list(call, &permitted->uri, rego_x509_text));
	json_object_add(builder, "ExcludedURIDomains", list(call, &excluded->uri, rego_x509_text));
}

static void add_extensions(struct rego_call *call, struct json_object_builder *builder,
	const struct x509_certificate *cert)
{
	const struct x509_limit *path = &cert->path_length;

	json_object_add(builder, "Extensions", extensions(call, cert->extensions, cert->extension_count));
	json_object_add(builder, "ExtraExtensions", json_new_null(call->arena));
	json_object_add(builder, "UnhandledCriticalExtensions", list(call, &cert->unhandled, oid));
	json_object_add_int(builder, "KeyUsage", cert->key_usage);
	add_usages(call, builder, &cert->usages);
	json_object_add_bool(builder, "BasicConstraintsValid", cert->has_constraints);
	json_object_add_bool(builder, "IsCA", cert->is_ca);
	json_object_add_int(builder, "MaxPathLen",
		path->is_there ? path->value : cert->has_constraints ? -1 : 0);
	json_object_add_bool(builder, "MaxPathLenZero", path->is_there && !path->value);
	json_object_add(builder, "SubjectKeyId", rego_x509_bytes(call, cert->subject_key_id));
	json_object_add(builder, "AuthorityKeyId", rego_x509_bytes(call, cert->authority_key_id));
	json_object_add(builder, "OCSPServer", list(call, &cert->ocsp, rego_x509_text));
	json_object_add(builder, "IssuingCertificateURL", list(call, &cert->issuers, rego_x509_text));
	json_object_add(builder, "CRLDistributionPoints", list(call, &cert->revocations, rego_x509_text));
	add_names(call, builder, &cert->names);
	add_subtrees(call, builder, cert);
	add_policies(call, builder, cert);
}

/* ---- certificates and requests ---- */

const struct json *rego_x509_certificate(struct rego_call *call, const struct x509_certificate *cert,
	bool with_strings)
{
	struct json_object_builder builder;

	json_object_begin(&builder, call->arena);
	json_object_add(&builder, "Raw", rego_x509_bytes(call, cert->whole));
	json_object_add(&builder, "RawTBSCertificate", rego_x509_bytes(call, cert->signed_part));
	json_object_add(&builder, "RawSubjectPublicKeyInfo", rego_x509_bytes(call, cert->key_info));
	json_object_add(&builder, "RawSubject", rego_x509_bytes(call, cert->subject_whole));
	json_object_add(&builder, "RawIssuer", rego_x509_bytes(call, cert->issuer_whole));
	json_object_add(&builder, "Signature", rego_x509_bytes(call, cert->signature));
	json_object_add_int(&builder, "SignatureAlgorithm", cert->algorithm);
	json_object_add_int(&builder, "PublicKeyAlgorithm", key_kind(&cert->key));
	json_object_add(&builder, "PublicKey", public_key(call, &cert->key));
	json_object_add_int(&builder, "Version", cert->version);
	json_object_add(&builder, "SerialNumber", number(call, cert->serial));
	json_object_add(&builder, "Issuer", name(call, &cert->issuer));
	json_object_add(&builder, "Subject", name(call, &cert->subject));
	json_object_add(&builder, "NotBefore", time_of(call, cert->not_before));
	json_object_add(&builder, "NotAfter", time_of(call, cert->not_after));
	add_extensions(call, &builder, cert);
	if (with_strings)
		json_object_add(&builder, "URIStrings", list(call, &cert->names.uri, uri_text));
	return json_object_end(&builder);
}

/* What Go makes of an extension that it reads as an attribute: of two elements, the second. */
static const struct json *asked_for(struct rego_call *call, const struct x509_extension *from)
{
	struct json_object_builder builder;

	json_object_begin(&builder, call->arena);
	json_object_add(&builder, "Type", oid(call, from->id));
	json_object_add(&builder, "Value", from->is_critical ? json_new_bool(call->arena, true) :
		rego_x509_bytes(call, from->value));
	return json_object_end(&builder);
}

/* Only extensions that are asked for have a form that is an attribute to Go. */
static const struct json *attributes(struct rego_call *call, const struct x509_request *request)
{
	struct json_array_builder all, sets, items;
	struct json_object_builder builder;

	if (!request->extension_count)
		return json_new_null(call->arena);
	json_array_begin(&items, call->arena);
	for (size_t i = 0; i < request->extension_count; i++)
		json_array_add(&items, asked_for(call, &request->extensions[i]));
	json_array_begin(&sets, call->arena);
	json_array_add(&sets, json_array_end(&items));
	json_object_begin(&builder, call->arena);
	json_object_add(&builder, "Type", oid(call, STR("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x0e")));
	json_object_add(&builder, "Value", json_array_end(&sets));
	json_array_begin(&all, call->arena);
	json_array_add(&all, json_object_end(&builder));
	return json_array_end(&all);
}

const struct json *rego_x509_request(struct rego_call *call, const struct x509_request *request)
{
	struct json_object_builder builder;

	json_object_begin(&builder, call->arena);
	json_object_add(&builder, "Raw", rego_x509_bytes(call, request->whole));
	json_object_add(&builder, "RawTBSCertificateRequest", rego_x509_bytes(call, request->signed_part));
	json_object_add(&builder, "RawSubjectPublicKeyInfo", rego_x509_bytes(call, request->key_info));
	json_object_add(&builder, "RawSubject", rego_x509_bytes(call, request->subject_whole));
	json_object_add(&builder, "Version", json_new_int(call->arena, request->version));
	json_object_add(&builder, "Signature", rego_x509_bytes(call, request->signature));
	json_object_add_int(&builder, "SignatureAlgorithm", request->algorithm);
	json_object_add_int(&builder, "PublicKeyAlgorithm", key_kind(&request->key));
	json_object_add(&builder, "PublicKey", public_key(call, &request->key));
	json_object_add(&builder, "Subject", name(call, &request->subject));
	json_object_add(&builder, "Attributes", attributes(call, request));
	json_object_add(&builder, "Extensions",
		extensions(call, request->extensions, request->extension_count));
	json_object_add(&builder, "ExtraExtensions", json_new_null(call->arena));
	add_names(call, &builder, &request->names);
	return json_object_end(&builder);
}
