// SPDX-License-Identifier: Apache-2.0
/*
 * builtin_jwt_claims.c - io.jwt.decode_verify: the signature, and what the token says of itself
 *
 * The answer is [true, HEADER, PAYLOAD], or [false, {}, {}] where anything does not hold, so that nobody can
 * use what was not verified. A token in a token is verified like the one around it, with the same keys.
 *
 * Times of a token are seconds and may have fractions; the time that they are compared with is nanoseconds.
 * It is divided as a double, as OPA does, and compared by its shortest decimal, exactly.
 *
 * Source: RFC 7519, sections 4.1 and 7.2; OPA, v1/topdown/tokens.go
 */
#include "base/str_case.h"
#include "rego/builtin_table.h"
#include "rego/jwt.h"
#include "rego/number.h"

enum {
	DOUBLE_BITS = 53,
	DOUBLE_FRACTION_BITS = 52,
	DOUBLE_EXPONENT_MAX = 0x7ff,
	DOUBLE_BIAS = 1075,		/* of the last bit of the fraction */
	DOUBLE_REAL_EXPONENT_MAX = 1024 - 64,	/* where the mantissa has 64 bits */
};

/* ---- what is asked of a token ---- */

struct constraints {
	struct rego_jwt_keys keys;
	struct crypto_key secret;
	struct str alg, iss, aud;	/* empty: any */
	const struct json *seconds;
	bool has_keys, has_secret, has_time;
};

/* ---- times ---- */

/* Powers of two are exact; @a is no larger than a double can be. */
static double double_of(struct rego_float a)
{
	double value = (double)a.mantissa;

	for (int32_t e = a.exponent; e > 0; e--)
		value *= 2;
	for (int32_t e = a.exponent; e < 0 && value > 0; e++)
		value /= 2;
	return value;
}

static struct rego_float float_of(double value)
{
	uint64_t bits, fraction;
	int32_t exponent;

	static_assert(sizeof(bits) == sizeof(value), "a double has 64 bits");
	memcpy(&bits, &value, sizeof(bits));
	exponent = (int32_t)(bits >> DOUBLE_FRACTION_BITS) & DOUBLE_EXPONENT_MAX;
	fraction = bits & (((uint64_t)1 << DOUBLE_FRACTION_BITS) - 1);
	/* what is that close to 0 is 0 */
	if (!exponent)
		return (struct rego_float){ 0 };
	return (struct rego_float){
		.mantissa = (fraction | (uint64_t)1 << DOUBLE_FRACTION_BITS) << (64 - DOUBLE_BITS),
		.exponent = exponent - DOUBLE_BIAS - (64 - DOUBLE_BITS),
	};
}

static const struct json *number_of(struct rego_call *call, double value)
{
	struct rego_digits digits;
	const char *text;

	if (!rego_digits_shortest(call, float_of(value), DOUBLE_BITS, &digits))
		return NULL;
	if (!digits.count)
		return json_new_int(call->arena, 0);
	text = arena_printf(call->arena, "%.*se%d", (int)digits.count, digits.text,
		(int)digits.point - (int)digits.count);
	return text ? json_new_number(call->arena, str_from(text)) : NULL;
}

/* As strconv.ParseFloat: what is too small is 0, and what is too large is refused. */
static bool round_to_double(struct rego_float a, struct rego_float *ret)
{
	*ret = (struct rego_float){ 0 };
	return !a.mantissa || (rego_float_round(&a.mantissa, 1, a.exponent, false, DOUBLE_BITS, ret) &&
		ret->exponent <= DOUBLE_REAL_EXPONENT_MAX);
}

/* Nanoseconds as seconds. "unvalid" is OPA's own word, for which its users search. */
static bool take_time(struct rego_call *call, const struct json *value, struct constraints *constraints)
{
	struct rego_float rounded;
	struct rego_number number;
	const char *wrong = NULL;

	if (!rego_is_number(value)) {
		(void)rego_fail(call, "token time constraint: must be a number");
		return false;
	}
	if (!rego_number_read(call, value, &number))
		return false;
	if (!round_to_double(number.as_float, &rounded))
		wrong = "token time constraint: unvalid float64";
	else if (number.as_float.is_negative && number.as_float.mantissa)
		wrong = "token time constraint: must not be negative";
	if (wrong) {
		(void)rego_fail(call, "%s", wrong);
		return false;
	}
	constraints->seconds = number_of(call, double_of(rounded) / 1e9);
	constraints->has_time = true;
	return constraints->seconds;
}

/* ---- constraints ---- */

static bool take_text(struct rego_call *call, const char *name, const struct json *value, struct str *ret)
{
	if (value->type == JSON_STRING)
		*ret = value->text;
	else
		(void)rego_fail(call, "%s constraint: must be a string", name);
	return value->type == JSON_STRING;
}

static bool take_secret(struct rego_call *call, const struct json *value, struct constraints *constraints)
{
	struct str secret;

	if (!take_text(call, "secret", value, &secret))
		return false;
	constraints->has_secret = secret.len;
	if (crypto_key_secret(secret, &constraints->secret) >= 0)
		return true;
	(void)rego_fail(call, "secret constraint: it is longer than %d bytes", CRYPTO_SECRET_BYTES_MAX);
	return false;
}

static bool take_cert(struct rego_call *call, const struct json *value, struct constraints *constraints)
{
	struct str cert;

	constraints->has_keys = true;
	return take_text(call, "cert", value, &cert) && rego_jwt_read_keys(call, cert, &constraints->keys);
}

static bool take_constraint(struct rego_call *call, const struct json_member *member,
	struct constraints *constraints)
{
	struct str name = member->key->type == JSON_STRING ? member->key->text : STR("");

	if (str_eq(name, STR("alg")))
		return take_text(call, "alg", member->value, &constraints->alg);
	if (str_eq(name, STR("iss")))
		return take_text(call, "iss", member->value, &constraints->iss);
	if (str_eq(name, STR("aud")))
		return take_text(call, "aud", member->value, &constraints->aud);
	if (str_eq(name, STR("cert")))
		return take_cert(call, member->value, constraints);
	if (str_eq(name, STR("secret")))
		return take_secret(call, member->value, constraints);
	if (str_eq(name, STR("time")))
		return take_time(call, member->value, constraints);
	(void)rego_fail(call, "unknown token validation constraint: %.*s", STR_FMT(name));
	return false;
}

static bool take_constraints(struct rego_call *call, struct constraints *constraints)
{
	const struct json *object = call->operands[1], *now;

	if (!rego_take(call, 1, JSON_OBJECT))
		return false;
	for (size_t i = 0; i < object->object.count; i++)
		if (!take_constraint(call, &object->object.members[i], constraints))
			return false;
	if (!constraints->has_time) {
		now = json_new_int(call->arena, call->moment->now_ns);
		if (!now || !take_time(call, now, constraints))
			return false;
	}
	if (constraints->has_keys == constraints->has_secret) {
		(void)rego_fail(call,
			constraints->has_keys ? "duplicate key constraints" : "no key constraint");
		return false;
	}
	return true;
}

/* ---- the token ---- */

/* @ret: whether the header may be and the signature is right. */
static bool verify(struct rego_call *call, const struct constraints *constraints, struct rego_jwt *jwt,
	struct rego_jwt_header *header, bool *ret)
{
	const struct rego_jwt_keys secret = { &constraints->secret, 1 };
	struct str signature;

	*ret = false;
	if (!rego_jwt_read_header(call, jwt) || !rego_jwt_take_header(call, jwt, header))
		return false;
	if (!header->alg.len || header->wants_unknown ||
			(constraints->alg.len && !str_eq(constraints->alg, header->alg)))
		return true;
	return rego_jwt_decode(call, jwt->signature, "", &signature) &&
		rego_jwt_verify(call, jwt, header, constraints->has_keys ? &constraints->keys : &secret,
			crypto_algorithm_find(header->alg), signature, ret);
}

/* Down to the innermost token. */
static bool verify_all(struct rego_call *call, const struct constraints *constraints, struct str text,
	struct rego_jwt *jwt, const struct json **ret_claims, bool *ret)
{
	struct rego_jwt_header header;

	do {
		if (!rego_jwt_split(call, text, jwt) || !verify(call, constraints, jwt, &header, ret))
			return false;
		if (!*ret)
			return true;
		if (!rego_jwt_decode(call, jwt->payload, "JWT payload had invalid encoding: ", &text))
			return false;
	} while (str_eq_no_case(header.cty, STR("jwt")));
	return rego_jwt_read_payload(call, text, ret_claims);
}

/* ---- claims ---- */

static bool has_audience(const struct constraints *constraints, const struct json *aud)
{
	if (aud->type == JSON_STRING)
		return str_eq(aud->text, constraints->aud);
	for (size_t i = 0; aud->type == JSON_ARRAY && i < aud->array.count; i++)
		if (aud->array.items[i]->type == JSON_STRING &&
				str_eq(aud->array.items[i]->text, constraints->aud))
			return true;
	return false;
}

static bool is_for_us(const struct constraints *constraints, const struct json *claims)
{
	const struct json *iss = json_get(claims, "iss"), *aud = json_get(claims, "aud");

	if (constraints->iss.len &&
			(!iss || iss->type != JSON_STRING || !str_eq(iss->text, constraints->iss)))
		return false;
	return aud ? has_audience(constraints, aud) : !constraints->aud.len;
}

static bool take_instant(struct rego_call *call, const struct json *claims, const char *name,
	const struct json **ret)
{
	*ret = json_get(claims, name);
	if (!*ret || rego_is_number(*ret))
		return true;
	(void)rego_fail(call, "%s value must be a number", name);
	return false;
}

/* @ret: whether it holds now. What does not hold is not looked at further, also where it is no number. */
static bool check_claims(struct rego_call *call, const struct constraints *constraints,
	const struct json *claims, bool *ret)
{
	const struct json *exp, *nbf;

	*ret = is_for_us(constraints, claims);
	if (!*ret)
		return true;
	if (!take_instant(call, claims, "exp", &exp))
		return false;
	*ret = !exp || json_compare(constraints->seconds, exp) < 0;
	if (!*ret)
		return true;
	if (!take_instant(call, claims, "nbf", &nbf))
		return false;
	*ret = !nbf || json_compare(constraints->seconds, nbf) >= 0;
	return true;
}

enum rego_answer rego_do_io_jwt_decode_verify(struct rego_call *call)
{
	static const struct json nothing = { .type = JSON_OBJECT, .height = 1 };
	struct constraints constraints = { .has_time = false };
	const struct json *claims = &nothing;
	struct json_array_builder answer;
	struct rego_jwt jwt = { .fields = &nothing };
	bool is_valid;
	struct str text;

	if (!take_constraints(call, &constraints) || !rego_take_string(call, 0, &text) ||
			!verify_all(call, &constraints, text, &jwt, &claims, &is_valid) ||
			(is_valid && !check_claims(call, &constraints, claims, &is_valid)))
		return rego_failed(call);
	json_array_begin(&answer, call->arena);
	json_array_add(&answer, json_new_bool(call->arena, is_valid));
	json_array_add(&answer, is_valid ? jwt.fields : &nothing);
	json_array_add(&answer, is_valid ? claims : &nothing);
	return rego_give(call, json_array_end(&answer));
}
