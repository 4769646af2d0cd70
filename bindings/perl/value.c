/*
 * Copyright (c) 2026 The flowd authors
 *
 * Permission to use, copy, modify, and distribute this software for any
 * purpose with or without fee is hereby granted, provided that the above
 * copyright notice and this permission notice appear in all copies.
 *
 * THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES
 * WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF
 * MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR
 * ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES
 * WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN
 * ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF
 * OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.
 */

/* Values of Perl: numbers, addresses, references. */

#include "bindings/perl/perlflow.h"
#include "text.h"

SV *
number_sv(pTHX_ uint64_t v)
{
	char buf[24];
	struct text o;

	if (v <= UV_MAX)
		return (newSVuv((UV)v));
	text_init(&o, buf, sizeof(buf));
	text_uint(&o, v);
	return (newSVpvn(buf, text_done(&o)));
}

SV *
signed_sv(pTHX_ int64_t v)
{
	SV *digits;

	if (v >= IV_MIN && v <= IV_MAX)
		return (newSViv((IV)v));
	if (v >= 0)
		return (number_sv(aTHX_(uint64_t) v));
	digits = newSVpvs("-");
	sv_catsv(digits, sv_2mortal(number_sv(aTHX_ - (uint64_t)v)));
	return (digits);
}

/* A text of digits, which may be more than an integer of this perl holds. */
static bool
is_digits(const char *s, STRLEN len, uint64_t *v)
{
	STRLEN i;

	*v = 0;
	for (i = 0; i < len && s[i] >= '0' && s[i] <= '9'; i++) {
		if (*v > (UINT64_MAX - (unsigned int)(s[i] - '0')) / 10)
			return (false);
		*v = *v * 10 + (unsigned int)(s[i] - '0');
	}
	return (len > 0 && i == len);
}

/* Any other number, if it is one that can be. */
static bool
is_number(pTHX_ SV *sv, uint64_t *v)
{
	NV real = SvNV_nomg(sv);

	if (SvIOK(sv) && !SvIsUV(sv) && SvIVX(sv) < 0)
		return (false);
	if (SvIOK(sv)) {
		*v = SvUVX(sv);
		return (true);
	}
	/* Neither is true of what is no number. */
	if (!(real >= 0 && real < 18446744073709551616.0))
		return (false);
	*v = (uint64_t)real;
	return (true);
}

uint64_t
number_of(pTHX_ SV *sv, uint64_t max, const char *what)
{
	bool good;
	uint64_t v;

	SvGETMAGIC(sv);
	if (SvROK(sv) || !SvOK(sv) || !looks_like_number(sv))
		croak("%s: not a number", what);
	good = (SvPOK(sv) && is_digits(SvPVX(sv), SvCUR(sv), &v)) ||
	    is_number(aTHX_ sv, &v);
	if (!good || v > max)
		croak("%s: %" SVf " is out of range", what, SVfARG(sv));
	return (v);
}

HV *
hash_at(pTHX_ SV *sv, const char *what)
{
	SvGETMAGIC(sv);
	if (!SvROK(sv) || SvTYPE(SvRV(sv)) != SVt_PVHV)
		croak("%s: a reference to a hash is wanted", what);
	/* It stays, whatever its values do when they are asked. */
	return ((HV *)sv_2mortal(SvREFCNT_inc(SvRV(sv))));
}

SV *
addr_sv(pTHX_ const struct addr *a)
{
	char buf[ADDR_STRLEN];
	struct text o;

	text_init(&o, buf, sizeof(buf));
	text_addr(&o, a);
	return (newSVpvn(buf, text_done(&o)));
}

bool
is_there(pTHX_ SV *sv)
{
	SvGETMAGIC(sv);
	return (SvOK(sv));
}

void
addr_of(pTHX_ SV *sv, struct addr *a, const char *what)
{
	STRLEN len;
	const char *s;

	/* Before it is asked: objects answer by code, which may free them. */
	if (SvROK(sv))
		croak("Invalid \"%s\"", what);
	s = SvPV_nomg(sv, len);
	if (strlen(s) != len || addr_parse(s, a) == -1)
		croak("Invalid \"%s\"", what);
}

void
hash_put(pTHX_ HV *hv, SV *key, SV *value)
{
	if (hv_store_ent(hv, key, value, SvSHARED_HASH(key)) == NULL)
		SvREFCNT_dec(value);
}
