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

/* Flows as hashes in the names of fields. */

#include "bindings/perl/perlflow.h"
#include "format.h"

SV **
keys_new(pTHX)
{
	const char *name;
	size_t n = FLOW_NFIELDS, i;
	SV **keys;

	while (old_key_name(n - FLOW_NFIELDS) != NULL)
		n++;
	Newxz(keys, n + 1, SV *);
	for (i = 0; i < n; i++) {
		name = i < FLOW_NFIELDS ? fields[i].name
					: old_key_name(i - FLOW_NFIELDS);
		keys[i] = newSVpvn_share(name, (I32)strlen(name), 0);
	}
	return (keys);
}

void
keys_free(pTHX_ SV **keys)
{
	size_t i;

	for (i = 0; keys[i] != NULL; i++)
		SvREFCNT_dec(keys[i]);
	Safefree(keys);
}

static SV *
text_sv(pTHX_ const struct flow_text *t)
{
	SV *sv = newSVpvn(t->p == NULL ? "" : t->p, t->len);

	/* Text if it is; else the bytes as they came. */
	(void)sv_utf8_decode(sv);
	return (sv);
}

/* As columns of text print it. */
static SV *
printed_sv(pTHX_ const struct flow *f, const struct field *fd)
{
	const struct format_columns one = {1, {fd}};
	char buf[FORMAT_MAX];
	size_t len = format_csv(buf, sizeof(buf), f, &one);

	return (newSVpvn(buf, len));
}

static SV *
labels_sv(pTHX_ const uint32_t *label)
{
	AV *av = newAV();
	int i;

	for (i = 0; i < FLOW_MPLS_MAX && label[i] != 0; i++)
		av_push(av, newSVuv(label[i]));
	return (newRV_noinc((SV *)av));
}

static SV *
field_sv(pTHX_ const struct flow *f, const struct field *fd)
{
	const void *p = field_cptr(f, fd);

	switch (fd->type) {
	case FT_TIME:
		return (signed_sv(aTHX_ * (const int64_t *)p));
	case FT_ADDR:
		return (addr_sv(aTHX_ p));
	case FT_LABELS:
		return (labels_sv(aTHX_ p));
	case FT_TEXT:
		return (text_sv(aTHX_ p));
	case FT_MAC:
	case FT_APPID:
		return (printed_sv(aTHX_ f, fd));
	default:
		return (number_sv(aTHX_ field_number(f, fd)));
	}
}

HV *
hash_of_flow(pTHX_ SV **keys, const struct flow *f, const struct flow_set *set)
{
	HV *hv = newHV();
	uint64_t left;
	int w, i, n = 0;

	for (w = 0; w < FLOW_WORDS; w++)
		n += __builtin_popcountll(f->has.w[w] & set->w[w]);
	if (n > 8)
		hv_ksplit(hv, n);
	for (w = 0; w < FLOW_WORDS; w++)
		for (left = f->has.w[w] & set->w[w]; left != 0;
		     left &= left - 1) {
			i = w * 64 + __builtin_ctzll(left);
			hash_put(aTHX_ hv, keys[i],
			    field_sv(aTHX_ f, &fields[i]));
		}
	return (hv);
}

static void
mac_of(pTHX_ SV *sv, uint8_t *mac, const char *what)
{
	STRLEN len = 0;
	const char *s = SvROK(sv) ? NULL : SvPV_nomg(sv, len), *colon;
	int i, hi, lo;

	if (s == NULL || len != 17)
		croak("Invalid \"%s\"", what);
	for (i = 0; i < 6; i++, s += 3) {
		hi = isXDIGIT(s[0]) ? XDIGIT_VALUE(s[0]) : -1;
		lo = isXDIGIT(s[1]) ? XDIGIT_VALUE(s[1]) : -1;
		colon = i < 5 ? ":" : "";
		if (hi == -1 || lo == -1 || s[2] != *colon)
			croak("Invalid \"%s\"", what);
		mac[i] = (uint8_t)(hi << 4 | lo);
	}
}

/* Two digits a byte. */
static void
appid_of(pTHX_ SV *sv, uint8_t *id, const char *what)
{
	STRLEN len = 0, i;
	const char *s = SvROK(sv) ? NULL : SvPV_nomg(sv, len);

	if (s == NULL || len % 2 != 0 || len > 2 * FLOW_APPID_MAX)
		croak("Invalid \"%s\"", what);
	for (i = 0; i < len; i++)
		if (!isXDIGIT(s[i]))
			croak("Invalid \"%s\"", what);
	id[0] = (uint8_t)(len / 2);
	for (i = 0; i < len; i += 2)
		id[1 + i / 2] =
		    (uint8_t)(XDIGIT_VALUE(s[i]) << 4 | XDIGIT_VALUE(s[i + 1]));
}

static void
labels_of(pTHX_ SV *sv, uint32_t *label, const char *what)
{
	SSize_t n, i;
	SV **one;
	AV *av;

	if (!SvROK(sv) || SvTYPE(SvRV(sv)) != SVt_PVAV)
		croak("%s: a reference to an array is wanted", what);
	/* It stays, whatever its elements do when they are asked. */
	av = (AV *)sv_2mortal(SvREFCNT_inc(SvRV(sv)));
	if ((n = av_len(av) + 1) > FLOW_MPLS_MAX)
		croak("%s: %d at most", what, FLOW_MPLS_MAX);
	for (i = 0; i < n; i++) {
		if ((one = av_fetch(av, i, 0)) == NULL)
			croak("%s: not a number", what);
		label[i] = (uint32_t)number_of(aTHX_ * one, 0xfffff, what);
	}
}

static void
text_of(pTHX_ SV *sv, struct flow_text *t, const char *what)
{
	STRLEN len;

	if (SvROK(sv))
		croak("%s: a text is wanted", what);
	/* What other values do when they are asked must not change it. */
	t->p = SvPV_nomg(sv_mortalcopy(sv), len);
	if (len > FLOW_TEXT_MAX)
		croak("%s: longer than %d bytes", what, FLOW_TEXT_MAX);
	t->len = (uint16_t)len;
}

static void
time_of(pTHX_ SV *sv, int64_t *ns, const char *what)
{
	*ns = (int64_t)number_of(aTHX_ sv, INT64_MAX, what);
}

static void
number_take(pTHX_ SV *sv, void *p, const struct field *fd)
{
	const size_t size = field_size(fd->type);
	const uint64_t max = UINT64_MAX >> (64 - 8 * size);
	uint64_t v = number_of(aTHX_ sv, max, fd->name);

	switch (size) {
	case 1:
		*(uint8_t *)p = (uint8_t)v;
		break;
	case 2:
		*(uint16_t *)p = (uint16_t)v;
		break;
	case 4:
		*(uint32_t *)p = (uint32_t)v;
		break;
	default:
		*(uint64_t *)p = v;
		break;
	}
}

static void
field_take(pTHX_ SV *sv, struct flow *f, const struct field *fd)
{
	void *p = field_ptr(f, fd);

	switch (fd->type) {
	case FT_TIME:
		time_of(aTHX_ sv, p, fd->name);
		break;
	case FT_ADDR:
		addr_of(aTHX_ sv, p, fd->name);
		break;
	case FT_MAC:
		mac_of(aTHX_ sv, p, fd->name);
		break;
	case FT_APPID:
		appid_of(aTHX_ sv, p, fd->name);
		break;
	case FT_LABELS:
		labels_of(aTHX_ sv, p, fd->name);
		break;
	case FT_TEXT:
		text_of(aTHX_ sv, p, fd->name);
		break;
	default:
		number_take(aTHX_ sv, p, fd);
		break;
	}
}

void
flow_of_hash(pTHX_ HV *hv, struct flow *f)
{
	SV **sv;
	int i;

	flow_clear(f);
	for (i = 0; i < FLOW_NFIELDS; i++) {
		sv = hv_fetch(hv, fields[i].name, (I32)strlen(fields[i].name),
		    0);
		if (sv == NULL || !is_there(aTHX_ * sv))
			continue;
		field_take(aTHX_ * sv, f, &fields[i]);
		flow_set(f, fields[i].bit);
	}
}
