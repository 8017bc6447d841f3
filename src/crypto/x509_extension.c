// SPDX-License-Identifier: Apache-2.0
/*
 * x509_extension.c - what the extensions of a certificate say
 *
 * One function for each extension that is known; it returns 0, -EBADMSG for what is not in its form, -E2BIG
 * for too much of it, -EMSGSIZE where the arena is full, or 1 where the extension says something that nobody
 * here looks at. What is critical and unknown, or was not looked at, is kept in the list of those (RFC 5280,
 * 4.2).
 *
 * Source: RFC 5280, 4.2.1 and 4.2.2
 */
#include "crypto/der.h"
#include "crypto/x509_internal.h"

#include <errno.h>

enum {
	NOT_LOOKED_AT = 1,
	IPV4_BYTES = 4,
	IPV6_BYTES = 16,
};

/* ---- names ---- */

static bool is_ascii(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.data[i] & 0x80)
			return false;
	return true;
}

bool x509_is_domain(struct str name, bool is_constraint)
{
	size_t label = 0;

	if (!name.len)
		return true;
	if (is_constraint && name.data[0] == '.')
		name = (struct str){ name.data + 1, name.len - 1 };
	for (size_t i = 0; i < name.len; i++) {
		if (name.data[i] <= ' ' || name.data[i] > '~')
			return false;
		if (name.data[i] == '.' && !label)
			return false;
		label = name.data[i] == '.' ? 0 : label + 1;
	}
	return label > 0;
}

/* RFC 5321, 4.1.2, without quoted names: those hold in no constraint, and in no name below one */
bool x509_mail_domain(struct str mail, struct str *ret)
{
	const char *at = mail.len ? memrchr(mail.data, '@', mail.len) : NULL;
	struct str name = { mail.data, at ? (size_t)(at - mail.data) : 0 };

	if (!name.len || name.data[0] == '.' || name.data[name.len - 1] == '.' ||
			memmem(name.data, name.len, "..", 2))
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (!ascii_is_alnum(name.data[i]) &&
				(!name.data[i] || !strchr("!#$%&'*+-/=?^_`{|}~.", name.data[i])))
			return false;
	*ret = (struct str){ at + 1, mail.len - name.len - 1 };
	return x509_is_domain(*ret, false);
}

static int add_name(struct arena *arena, unsigned char tag, struct str name, struct x509_names *names)
{
	if (tag == DER_CHOICE_7)
		return name.len == IPV4_BYTES || name.len == IPV6_BYTES ?
			x509_add(arena, &names->ip, name) : -EBADMSG;
	if (tag != DER_CHOICE_1 && tag != DER_CHOICE_2 && tag != DER_CHOICE_6)
		return 0;
	if (!is_ascii(name))
		return -EBADMSG;
	return x509_add(arena, tag == DER_CHOICE_1 ? &names->mail : tag == DER_CHOICE_2 ? &names->dns :
		&names->uri, name);
}

int x509_read_names(struct arena *arena, struct str value, struct x509_names *names)
{
	struct str list, name;
	unsigned char tag;
	int r = 0;

	if (!der_take(&value, DER_SEQUENCE, &list) || value.len)
		return -EBADMSG;
	while (list.len && r >= 0)
		r = der_take_any(&list, &tag, &name) ? add_name(arena, tag, name, names) : -EBADMSG;
	return r;
}

static int take_names(struct arena *arena, struct str value, struct x509_certificate *cert)
{
	const struct x509_names *names = &cert->names;
	int r = x509_read_names(arena, value, &cert->names);

	cert->has_names = true;
	if (r < 0)
		return r;
	return names->dns.count || names->mail.count || names->ip.count || names->uri.count ? 0 :
		NOT_LOOKED_AT;
}

/* ---- constraints of names ---- */

static bool is_mask(const unsigned char *mask, size_t len)
{
	bool is_over = false;

	for (size_t bit = 0; bit < 8 * len; bit++) {
		bool is_set = mask[bit / 8] & (0x80 >> bit % 8);

		if (is_set && is_over)
			return false;
		is_over |= !is_set;
	}
	return true;
}

/* The mapped addresses of IPv4 are not written so. */
static bool is_mapped(const unsigned char *ip)
{
	static const unsigned char prefix[12] = { [10] = 0xff, [11] = 0xff };

	return !memcmp(ip, prefix, sizeof(prefix));
}

static bool is_network(struct str text)
{
	const unsigned char *in = (const unsigned char *)text.data;
	size_t len = text.len / 2;

	return (text.len == 2 * IPV4_BYTES || (text.len == 2 * IPV6_BYTES && !is_mapped(in))) &&
		is_mask(in + len, len);
}

/* "10.0.0.1", or something with a colon */
static bool looks_like_address(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] == ':')
			return true;
	for (size_t i = 0; i < text.len; i++)
		if (!ascii_is_digit(text.data[i]) && text.data[i] != '.')
			return false;
	return text.len && memchr(text.data, '.', text.len);
}

static int add_subtree(struct arena *arena, unsigned char tag, struct str base, struct x509_names *names)
{
	struct str domain;

	switch (tag) {
	case DER_CHOICE_1:
		if (!is_ascii(base) || !(base.len && memchr(base.data, '@', base.len) ?
			x509_mail_domain(base, &domain) : x509_is_domain(base, true)))
			return -EBADMSG;
		return x509_add(arena, &names->mail, base);
	case DER_CHOICE_2:
		return x509_is_domain(base, true) ? x509_add(arena, &names->dns, base) : -EBADMSG;
	case DER_CHOICE_6:
		return x509_is_domain(base, true) && !looks_like_address(base) ?
			x509_add(arena, &names->uri, base) : -EBADMSG;
	case DER_CHOICE_7:
		return is_network(base) ? x509_add(arena, &names->ip, base) : -EBADMSG;
	default:
		return NOT_LOOKED_AT;
	}
}

/*
 * minimum and maximum, which nobody uses, may stand behind the base only where they are what is assumed:
 * never
 */
static int read_subtrees(struct arena *arena, struct str list, struct x509_names *names)
{
	struct str subtree, base;
	unsigned char tag;
	int r = 0;

	if (!list.len)
		return -EBADMSG;
	while (list.len) {
		int added = der_take(&list, DER_SEQUENCE, &subtree) && der_take_any(&subtree, &tag, &base) &&
			!subtree.len ? add_subtree(arena, tag, base, names) : -EBADMSG;

		if (added < 0)
			return added;
		r |= added;
	}
	return r;
}

static int take_subtrees(struct arena *arena, const struct x509_extension *extension,
	struct x509_certificate *cert)
{
	struct str value = extension->value, inside, permitted, excluded;
	int a = 0, b = 0;

	if (!der_take(&value, DER_SEQUENCE, &inside) || value.len || !inside.len)
		return -EBADMSG;
	if (der_take(&inside, DER_CONTEXT_0, &permitted))
		a = read_subtrees(arena, permitted, &cert->permitted);
	if (a >= 0 && der_take(&inside, DER_CONTEXT_1, &excluded))
		b = read_subtrees(arena, excluded, &cert->excluded);
	if (a < 0 || b < 0)
		return a < 0 ? a : b;
	cert->has_subtrees = true;
	cert->are_subtrees_critical = extension->is_critical;
	return inside.len ? -EBADMSG : a | b;
}

/* ---- what the key is for ---- */

static int take_key_usage(struct str value, struct x509_certificate *cert)
{
	const unsigned char *in;
	struct str bits;

	if (!der_take(&value, DER_BITS, &bits) || value.len || !bits.len)
		return -EBADMSG;
	in = (const unsigned char *)bits.data;
	if (in[0] > 7 || (bits.len == 1 && in[0]) || in[bits.len - 1] & ((1u << in[0]) - 1))
		return bits.len == 1 && !in[0] ? 0 : -EBADMSG;
	for (unsigned i = 0; i < 9 && 1 + i / 8 < bits.len; i++)
		if (in[1 + i / 8] & (0x80u >> i % 8))
			cert->key_usage |= 1u << i;
	return 0;
}

int x509_usage_find(struct str oid)
{
	static const char ours[] = "\x2b\x06\x01\x05\x05\x07\x03";
	static const struct {
		const char *oid;
		enum x509_usage usage;
	} others[] = {
		{ "\x2b\x06\x01\x04\x01\x82\x37\x0a\x03\x03", X509_USAGE_MICROSOFT_SERVER },
		{ "\x60\x86\x48\x01\x86\xf8\x42\x04\x01", X509_USAGE_NETSCAPE_SERVER },
		{ "\x2b\x06\x01\x04\x01\x82\x37\x02\x01\x16", X509_USAGE_MICROSOFT_CODE },
		{ "\x2b\x06\x01\x04\x01\x82\x37\x3d\x01\x01", X509_USAGE_MICROSOFT_KERNEL },
	};

	if (str_eq(oid, STR("\x55\x1d\x25\0")))
		return X509_USAGE_ANY;
	if (oid.len == sizeof(ours) && str_starts_with(oid, str_from(ours)) &&
			oid.data[sizeof(ours) - 1] >= 1 && oid.data[sizeof(ours) - 1] <= X509_USAGE_OCSP)
		return oid.data[sizeof(ours) - 1];
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (str_eq(oid, str_from(others[i].oid)))
			return (int)others[i].usage;
	return -1;
}

static int take_usages(struct arena *arena, struct str value, struct x509_certificate *cert)
{
	struct str list, oid;

	if (!der_take(&value, DER_SEQUENCE, &list) || value.len)
		return -EBADMSG;
	while (list.len) {
		int usage;

		if (!der_take(&list, DER_OID, &oid) || !der_oid_is_valid(oid, X509_OID_MAX))
			return -EBADMSG;
		usage = x509_usage_find(oid);
		cert->usage_bits |= usage >= 0 ? 1u << usage : 0;
		if (x509_add(arena, &cert->usages, oid) < 0)
			return -EMSGSIZE;
	}
	return 0;
}

static int take_basic(struct str value, struct x509_certificate *cert)
{
	struct str inside;

	if (!der_take(&value, DER_SEQUENCE, &inside) || value.len)
		return -EBADMSG;
	(void)der_take_bool(&inside, &cert->is_ca);
	cert->path_length.is_there = der_take_int(&inside, DER_INTEGER, &cert->path_length.value);
	cert->has_constraints = true;
	return inside.len ? -EBADMSG : 0;
}

/* ---- which key ---- */

static int take_subject_id(const struct x509_extension *extension, struct x509_certificate *cert)
{
	struct str value = extension->value;

	return !extension->is_critical && der_take(&value, DER_BYTES, &cert->subject_key_id) && !value.len ?
		0 : -EBADMSG;
}

/* Something that may be there is there, and could not be taken. */
static bool is_broken(struct str rest, unsigned char tag)
{
	return rest.len && (unsigned char)rest.data[0] == tag;
}

/* The issuer's name and number may stand behind the identifier, and are not looked at. */
static int take_authority_id(const struct x509_extension *extension, struct x509_certificate *cert)
{
	struct str value = extension->value, inside;

	if (extension->is_critical || !der_take(&value, DER_SEQUENCE, &inside) || value.len)
		return -EBADMSG;
	if (!der_take(&inside, DER_CHOICE_0, &cert->authority_key_id) && is_broken(inside, DER_CHOICE_0))
		return -EBADMSG;
	return 0;
}

/* ---- policies ---- */

static int take_policies(struct arena *arena, struct str value, struct x509_certificate *cert)
{
	struct str list, policy, oid;

	if (!der_take(&value, DER_SEQUENCE, &list) || value.len)
		return -EBADMSG;
	cert->has_policies = true;
	while (list.len) {
		if (!der_take(&list, DER_SEQUENCE, &policy) || !der_take(&policy, DER_OID, &oid) ||
				!der_oid_is_valid(oid, UINT64_MAX))
			return -EBADMSG;
		for (size_t i = 0; i < cert->policies.count; i++)
			if (str_eq(cert->policies.items[i], oid))
				return -EBADMSG;
		if (cert->policies.count == X509_POLICIES_MAX)
			return -E2BIG;
		if (x509_add(arena, &cert->policies, oid) < 0)
			return -EMSGSIZE;
	}
	return 0;
}

static int take_mappings(struct arena *arena, struct str value, struct x509_certificate *cert)
{
	struct str list, pair, issuer, subject;

	if (!der_take(&value, DER_SEQUENCE, &list) || value.len)
		return -EBADMSG;
	while (list.len) {
		if (!der_take(&list, DER_SEQUENCE, &pair) || !der_take(&pair, DER_OID, &issuer) ||
				!der_take(&pair, DER_OID, &subject) || pair.len ||
				!der_oid_is_valid(issuer, UINT64_MAX) ||
				!der_oid_is_valid(subject, UINT64_MAX))
			return -EBADMSG;
		if (x509_add(arena, &cert->mappings, issuer) < 0 ||
				x509_add(arena, &cert->mappings, subject) < 0)
			return -EMSGSIZE;
	}
	return 0;
}

static int take_policy_constraints(struct str value, struct x509_certificate *cert)
{
	struct str inside;

	if (!der_take(&value, DER_SEQUENCE, &inside) || value.len)
		return -EBADMSG;
	cert->explicit_policy.is_there = der_take_int(&inside, DER_CHOICE_0, &cert->explicit_policy.value);
	cert->inhibit_mapping.is_there = der_take_int(&inside, DER_CHOICE_1, &cert->inhibit_mapping.value);
	return inside.len ? -EBADMSG : 0;
}

static int take_inhibit_any(struct str value, struct x509_certificate *cert)
{
	cert->inhibit_any.is_there = der_take_int(&value, DER_INTEGER, &cert->inhibit_any.value);
	return cert->inhibit_any.is_there && !value.len ? 0 : -EBADMSG;
}

/* ---- addresses ---- */

/* Of a point that has names: the addresses among them, up to the first that is none. */
static int take_point(struct arena *arena, struct str point, struct x509_certificate *cert)
{
	struct str name, full, uri;

	if (!der_take(&point, DER_CONTEXT_0, &name))
		return is_broken(point, DER_CONTEXT_0) ? -EBADMSG : 0;
	if (!der_take(&name, DER_CONTEXT_0, &full))
		return -EBADMSG;
	while (der_take(&full, DER_CHOICE_6, &uri))
		if (x509_add(arena, &cert->revocations, uri) < 0)
			return -EMSGSIZE;
	return is_broken(full, DER_CHOICE_6) ? -EBADMSG : 0;
}

static int take_revocations(struct arena *arena, struct str value, struct x509_certificate *cert)
{
	struct str list, point;
	int r = 0;

	if (!der_take(&value, DER_SEQUENCE, &list) || value.len)
		return -EBADMSG;
	while (list.len && r >= 0)
		r = der_take(&list, DER_SEQUENCE, &point) ? take_point(arena, point, cert) : -EBADMSG;
	return r;
}

static int take_access(struct arena *arena, const struct x509_extension *extension,
	struct x509_certificate *cert)
{
	struct str value = extension->value, list, access, method, uri;
	int r = 0;

	if (extension->is_critical || !der_take(&value, DER_SEQUENCE, &list) || value.len)
		return -EBADMSG;
	while (list.len && r >= 0) {
		if (!der_take(&list, DER_SEQUENCE, &access) || !der_take(&access, DER_OID, &method) ||
				!der_oid_is_valid(method, X509_OID_MAX))
			return -EBADMSG;
		if (!der_take(&access, DER_CHOICE_6, &uri)) {
			if (is_broken(access, DER_CHOICE_6))
				return -EBADMSG;
			continue;
		}
		if (str_eq(method, STR("\x2b\x06\x01\x05\x05\x07\x30\x01")))
			r = x509_add(arena, &cert->ocsp, uri);
		else if (str_eq(method, STR("\x2b\x06\x01\x05\x05\x07\x30\x02")))
			r = x509_add(arena, &cert->issuers, uri);
	}
	return r;
}

/* ---- all of them ---- */

int x509_read_extension(struct str inside, struct x509_extension *ret)
{
	struct x509_extension extension = { .is_critical = false };

	if (!der_take(&inside, DER_OID, &extension.id) || !der_oid_is_valid(extension.id, X509_OID_MAX))
		return -EBADMSG;
	(void)der_take_bool(&inside, &extension.is_critical);
	if (!der_take(&inside, DER_BYTES, &extension.value) || inside.len)
		return -EBADMSG;
	*ret = extension;
	return 0;
}

static int take_one(struct arena *arena, const struct x509_extension *extension,
	struct x509_certificate *cert)
{
	struct str id = extension->id, value = extension->value;

	if (str_eq(id, STR("\x2b\x06\x01\x05\x05\x07\x01\x01")))
		return take_access(arena, extension, cert);
	/* 2.5.29.N */
	if (id.len != 3 || id.data[0] != 0x55 || id.data[1] != 0x1d)
		return NOT_LOOKED_AT;
	switch (id.data[2]) {
	case 14:
		return take_subject_id(extension, cert);
	case 15:
		return take_key_usage(value, cert);
	case 17:
		return take_names(arena, value, cert);
	case 19:
		return take_basic(value, cert);
	case 30:
		return take_subtrees(arena, extension, cert);
	case 31:
		return take_revocations(arena, value, cert);
	case 32:
		return take_policies(arena, value, cert);
	case 33:
		return take_mappings(arena, value, cert);
	case 35:
		return take_authority_id(extension, cert);
	case 36:
		return take_policy_constraints(value, cert);
	case 37:
		return take_usages(arena, value, cert);
	case 54:
		return take_inhibit_any(value, cert);
	default:
		return NOT_LOOKED_AT;
	}
}

int x509_take_extensions(struct arena *arena, struct x509_certificate *cert, struct error *err)
{
	for (size_t i = 0; i < cert->extension_count; i++) {
		int r = take_one(arena, &cert->extensions[i], cert);

		if (r == NOT_LOOKED_AT && cert->extensions[i].is_critical)
			r = x509_add(arena, &cert->unhandled, cert->extensions[i].id);
		if (r < 0)
			return x509_refuse(err, r, "extension");
	}
	return 0;
}
