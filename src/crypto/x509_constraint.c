// SPDX-License-Identifier: Apache-2.0
/*
 * x509_constraint.c - the names that an authority may vouch for
 *
 * Every name of a certificate below is compared with all constraints of its kind: where some are permitted it
 * has to be one of these, and in any case none of those that are excluded. A name that cannot be weighed (an
 * address without a host name, somebody quoted) is not permitted, whatever the constraints.
 *
 * Sources: RFC 5280, 4.2.1.10; Go, crypto/x509 (a constraint of DNS that begins with a point, and names that
 * begin with *)
 */
#include "base/str_case.h"
#include "crypto/x509_internal.h"

#include <errno.h>

/* ".b.c" of "a.b.c"; empty where there is no point */
static struct str behind_label(struct str name)
{
	const char *point = name.len ? memchr(name.data, '.', name.len) : NULL;

	return point ? (struct str){ point, name.len - (size_t)(point - name.data) } : (struct str){ 0 };
}

/* ---- one name, one constraint ---- */

static bool is_below(struct str name, struct str constraint)
{
	struct str end;

	if (!constraint.len)
		return true;
	if (name.len < constraint.len)
		return false;
	end = (struct str){ name.data + name.len - constraint.len, constraint.len };
	if (!str_eq_no_case(end, constraint))
		return false;
	/* whole labels; of ".b.c" something has to stand in front */
	if (constraint.data[0] == '.')
		return name.len > constraint.len;
	return name.len == constraint.len || name.data[name.len - constraint.len - 1] == '.';
}

static bool is_domain_excluded(struct str name, struct str constraint)
{
	struct str parent = behind_label(constraint);

	if (is_below(name, constraint))
		return true;
	/* "*.b.c" is also a.b.c */
	return name.len && name.data[0] == '*' && parent.len && str_eq_no_case(behind_label(name), parent);
}

/* A mailbox is itself, as far as its domain goes in any case. */
static bool is_mail(struct str mail, struct str constraint, bool (*matches)(struct str, struct str))
{
	struct str domain = { 0 }, other;
	size_t name;

	if (!x509_mail_domain(mail, &domain))
		return false;
	if (!constraint.len || !memchr(constraint.data, '@', constraint.len))
		return matches(domain, constraint);
	name = mail.len - domain.len;
	return x509_mail_domain(constraint, &other) && str_eq_no_case(domain, other) &&
		str_eq((struct str){ mail.data, name },
			(struct str){ constraint.data, constraint.len - other.len });
}

static bool is_mail_permitted(struct str mail, struct str constraint)
{
	return is_mail(mail, constraint, is_below);
}

static bool is_mail_excluded(struct str mail, struct str constraint)
{
	return is_mail(mail, constraint, is_domain_excluded);
}

static bool is_in_network(struct str ip, struct str network)
{
	if (network.len != 2 * ip.len)
		return false;
	for (size_t i = 0; i < ip.len; i++)
		if ((ip.data[i] ^ network.data[i]) & network.data[ip.len + i])
			return false;
	return true;
}

/* ---- the name of a host in an address ---- */

static bool is_number(struct str host)
{
	for (size_t i = 0; i < host.len; i++)
		if (!ascii_is_digit(host.data[i]) && host.data[i] != '.')
			return false;
	return true;
}

/* scheme://user@HOST:port/; what has no such name, or escapes in it, or an address, cannot be weighed */
static bool take_host(struct str uri, struct str *ret)
{
	const char *begin = uri.len ? memmem(uri.data, uri.len, "://", 3) : NULL, *at;
	struct str host;

	if (!begin || begin == uri.data)
		return false;
	for (const char *c = uri.data; c < begin; c++)
		if (!ascii_is_alnum(*c) && *c != '+' && *c != '-' && *c != '.')
			return false;
	host = (struct str){ begin + 3, uri.len - (size_t)(begin + 3 - uri.data) };
	for (size_t i = 0; i < host.len; i++)
		if (host.data[i] == '/' || host.data[i] == '?' || host.data[i] == '#')
			host.len = i;
	at = host.len ? memrchr(host.data, '@', host.len) : NULL;
	if (at)
		host = (struct str){ at + 1, host.len - (size_t)(at + 1 - host.data) };
	at = host.len ? memchr(host.data, ':', host.len) : NULL;
	if (at)
		host.len = (size_t)(at - host.data);
	*ret = host;
	return host.len && x509_is_domain(host, false) && !is_number(host) && host.data[0] != '[' &&
		!memchr(host.data, '%', host.len) && !memchr(host.data, '\\', host.len);
}

/* ---- all names ---- */

struct kind {
	const struct x509_list *permitted, *excluded;
	bool (*is_permitted)(struct str name, struct str constraint);
	bool (*is_excluded)(struct str name, struct str constraint);
};

static bool matches(const struct x509_list *constraints, struct str name,
	bool (*match)(struct str name, struct str constraint))
{
	for (size_t i = 0; i < constraints->count; i++)
		if (match(name, constraints->items[i]))
			return true;
	return false;
}

static int check_name(const struct x509_options *options, const struct kind *kind, struct str name,
	int64_t *left)
{
	size_t count = kind->permitted->count + kind->excluded->count;

	if (*left < (int64_t)count)
		return -EKEYREJECTED;
	*left -= (int64_t)count;
	if (options->may && !options->may(options->context, NULL, 1 + count))
		return -ECANCELED;
	if (kind->permitted->count && !matches(kind->permitted, name, kind->is_permitted))
		return -EKEYREJECTED;
	return matches(kind->excluded, name, kind->is_excluded) ? -EKEYREJECTED : 0;
}

static int check_names(const struct x509_options *options, const struct kind *kind,
	const struct x509_list *names, int64_t *left)
{
	int r = 0;

	for (size_t i = 0; i < names->count && r >= 0; i++)
		r = check_name(options, kind, names->items[i], left);
	return r;
}

static int check_dns(const struct x509_options *options, const struct kind *kind,
	const struct x509_list *names, int64_t *left)
{
	for (size_t i = 0; i < names->count; i++)
		if (!x509_is_domain(names->items[i], false))
			return -EKEYREJECTED;
	return check_names(options, kind, names, left);
}

static int check_mail(const struct x509_options *options, const struct kind *kind,
	const struct x509_list *names, int64_t *left)
{
	struct str domain;

	for (size_t i = 0; i < names->count; i++)
		if (!x509_mail_domain(names->items[i], &domain))
			return -EKEYREJECTED;
	return check_names(options, kind, names, left);
}

static int check_uri(const struct x509_options *options, const struct kind *kind,
	const struct x509_list *names, int64_t *left)
{
	struct str host;
	int r = 0;

	for (size_t i = 0; i < names->count && r >= 0; i++)
		r = take_host(names->items[i], &host) ? check_name(options, kind, host, left) : -EKEYREJECTED;
	return r;
}

int x509_check_constraints(const struct x509_options *options, const struct x509_certificate *authority,
	const struct x509_certificate *cert, int64_t *left)
{
	const struct x509_names *permitted = &authority->permitted, *excluded = &authority->excluded;
	const struct kind ip = { &permitted->ip, &excluded->ip, is_in_network, is_in_network },
		dns = { &permitted->dns, &excluded->dns, is_below, is_domain_excluded },
		uri = { &permitted->uri, &excluded->uri, is_below, is_domain_excluded },
		mail = { &permitted->mail, &excluded->mail, is_mail_permitted, is_mail_excluded };
	int r = check_names(options, &ip, &cert->names.ip, left);

	if (r >= 0)
		r = check_dns(options, &dns, &cert->names.dns, left);
	if (r >= 0)
		r = check_uri(options, &uri, &cert->names.uri, left);
	return r < 0 ? r : check_mail(options, &mail, &cert->names.mail, left);
}
