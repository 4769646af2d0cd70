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

#include "bindings/perl/perllog.h"

#include "format.h"

#define MY_CXT_KEY "Flowd::_guts" XS_VERSION
typedef struct {
	SV **keys;
} my_cxt_t;
START_MY_CXT

/* Seconds that have a calendar. */
#define TIME_MAX INT64_C(253402300799)

static int64_t
seconds_of(pTHX_ SV *sv)
{
	NV t;

	SvGETMAGIC(sv);
	if (!SvOK(sv) || SvROK(sv))
		croak("missing argument");
	t = SvNV_nomg(sv);
	if (!(t >= -(NV)TIME_MAX && t <= (NV)TIME_MAX))
		croak("no time that can be");
	return ((int64_t)Perl_floor(t));
}

static uint64_t
interval_of(pTHX_ SV *sv, uint64_t max)
{
	NV t;

	SvGETMAGIC(sv);
	if (!SvOK(sv) || SvROK(sv))
		croak("missing argument");
	t = SvNV_nomg(sv);
	if (!(t >= 0 && t <= (NV)max))
		croak("no interval that can be");
	return ((uint64_t)t);
}

/* The bytes of a text; croaks if it has characters that are none. */
static struct rd
bytes_of(pTHX_ SV *sv)
{
	STRLEN len;
	const char *p;

	if (!is_there(aTHX_ sv))
		croak("bytes are wanted");
	p = SvPVbyte(sv, len);
	return (rd_init(p, len));
}

/* What of a hash in either kind of names is written. */
static uint32_t
flow_to_write(pTHX_ SV *sv, struct store_record *rec)
{
	/* clang-format off */
	static const uint32_t addresses[] = {
		STORE_AGENT_ADDR, STORE_SRC_ADDR, STORE_DST_ADDR,
		STORE_GATEWAY_ADDR,
	};
	/* clang-format on */
	HV *hv = hash_at(aTHX_ sv, "flow");
	uint32_t mask = STORE_CRC32;
	size_t i;

	if (!hv_exists(hv, "fields", 6)) {
		flow_of_hash(aTHX_ hv, &rec->flow);
		return (STORE_ALL);
	}
	record_of_hash(aTHX_ hv, STORE_ALL, rec);
	/* The address tells its family. */
	for (i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++)
		if (rec->fields & addresses[i])
			mask |= addresses[i];
	return (mask | rec->fields);
}

static SV *
fault_sv(pTHX_ const struct fault *f)
{
	HV *hv = newHV();

	(void)hv_stores(hv, "kind", newSVpv(f->kind, 0));
	(void)hv_stores(hv, "path", newSVpv(f->path, 0));
	(void)hv_stores(hv, "offset", number_sv(aTHX_ f->offset));
	(void)hv_stores(hv, "text", newSVpv(f->what, 0));
	return (newRV_noinc((SV *)hv));
}

static SV *
totals_sv(pTHX_ struct source *source)
{
	struct source_total t[SOURCE_TOTALS];
	HV *hv = newHV();
	int i;

	source_totals(source, t);
	for (i = 0; i < SOURCE_TOTALS; i++)
		(void)hv_store(hv, t[i].name, (I32)strlen(t[i].name),
		    number_sv(aTHX_ t[i].v), 0);
	return (newRV_noinc((SV *)hv));
}

MODULE = Flowd		PACKAGE = Flowd

PROTOTYPES: DISABLE

BOOT:
{
	MY_CXT_INIT;
	MY_CXT.keys = keys_new(aTHX);
}

void
CLONE(...)
    CODE:
	MY_CXT_CLONE;
	MY_CXT.keys = keys_new(aTHX);
	PERL_UNUSED_VAR(items);

void
_read_old(SV *self, SV *path)
    CODE:
	perllog_open_old(aTHX_
	    perllog_new(aTHX_ self, perllog_path(aTHX_ path)));

void
_read(SV *self, SV *paths, SV *filter, SV *since, SV *until, SV *columns, bool scale, bool strict)
    PREINIT:
	struct perllog_ask ask;
    CODE:
	ask = (struct perllog_ask){paths, filter, since, until, columns,
	    scale, strict};
	perllog_open(aTHX_ perllog_new(aTHX_ self, "the log"), &ask);

void
_write(SV *self, SV *path, SV *mode, SV *version, SV *mask, SV *level)
    PREINIT:
	struct target_ask ask;
	struct perllog *lg;
	const char *to;
    CODE:
	to = perllog_path(aTHX_ path);
	ask.mode = *perllog_path(aTHX_ mode);
	ask.version = (unsigned int)number_of(aTHX_ version, 255, "version");
	ask.fields = (uint32_t)number_of(aTHX_ mask, UINT32_MAX, "fields");
	ask.level = (int)number_of(aTHX_ level, 22, "compress");
	lg = perllog_new(aTHX_ self, to);
	if ((lg->target = target_open(to, &ask)) == NULL)
		croak("open(%s): %s", to, Strerror(errno));

SV *
read_flow(SV *self)
    PREINIT:
	dMY_CXT;
	struct store_record rec;
	struct flow f;
    CODE:
	if (perllog_next(aTHX_ perllog_of(aTHX_ self), &f, &rec))
		RETVAL = newRV_noinc((SV *)hash_of_record(aTHX_ MY_CXT.keys,
		    &rec));
	else
		RETVAL = newSViv(0);
    OUTPUT:
	RETVAL

SV *
next(SV *self, ...)
    PREINIT:
	dMY_CXT;
	struct perllog *lg;
	struct flow f;
    CODE:
	lg = perllog_of(aTHX_ self);
	if (perllog_next(aTHX_ lg, &f, NULL))
		RETVAL = newRV_noinc((SV *)hash_of_flow(aTHX_ MY_CXT.keys, &f,
		    &lg->columns));
	else
		RETVAL = &PL_sv_undef;
    OUTPUT:
	RETVAL

void
write(SV *self, SV *flow)
    PREINIT:
	struct store_record rec;
	struct perllog *lg;
    CODE:
	(void)flow_to_write(aTHX_ flow, &rec);
	lg = perllog_of(aTHX_ self);
	if (lg->target == NULL)
		croak("the log is closed, or is one that is read");
	lg->pid = getpid();
	if (target_flow(lg->target, &rec.flow) == -1)
		croak("write(%s): %s", lg->path, Strerror(errno));

void
flush(SV *self)
    PREINIT:
	struct perllog *lg;
    CODE:
	lg = perllog_of(aTHX_ self);
	if (lg->target != NULL && target_flush(lg->target) == -1)
		croak("write(%s): %s", lg->path, Strerror(errno));

SV *
written(SV *self)
    PREINIT:
	struct perllog *lg;
    CODE:
	lg = perllog_of(aTHX_ self);
	RETVAL = number_sv(aTHX_ lg->target == NULL
	    ? 0 : target_written(lg->target));
    OUTPUT:
	RETVAL

void
finish(SV *self)
    CODE:
	perllog_finish(aTHX_ perllog_of(aTHX_ self));

void
faults(SV *self)
    PREINIT:
	const struct fault *f;
	struct perllog *lg;
	size_t i;
    PPCODE:
	lg = perllog_of(aTHX_ self);
	for (i = 0; lg->source != NULL && GIMME_V == G_SCALAR &&
	    source_fault(lg->source, i) != NULL;)
		i++;
	if (GIMME_V == G_SCALAR)
		XSRETURN_IV((IV)i);
	for (i = 0; lg->source != NULL &&
	    (f = source_fault(lg->source, i)) != NULL; i++)
		mXPUSHs(fault_sv(aTHX_ f));

SV *
faults_total(SV *self)
    PREINIT:
	struct perllog *lg;
    CODE:
	lg = perllog_of(aTHX_ self);
	RETVAL = number_sv(aTHX_ lg->source == NULL
	    ? 0 : source_faults(lg->source));
    OUTPUT:
	RETVAL

SV *
totals(SV *self)
    PREINIT:
	struct perllog *lg;
    CODE:
	lg = perllog_of(aTHX_ self);
	if (lg->source == NULL)
		croak("only logs of Flowd->open have totals");
	RETVAL = totals_sv(aTHX_ lg->source);
    OUTPUT:
	RETVAL

SV *
format(SV *self, SV *mask, SV *utc, SV *flow)
    PREINIT:
	char line[FORMAT_MAX];
	struct store_record rec;
	uint32_t groups;
    CODE:
	PERL_UNUSED_VAR(self);
	groups = (uint32_t)number_of(aTHX_ mask, UINT32_MAX, "mask");
	record_of_hash(aTHX_ hash_at(aTHX_ flow, "flow"), groups & STORE_ALL,
	    &rec);
	RETVAL = newSVpvn(line, format_classic(line, sizeof(line), &rec,
	    STORE_ALL, is_there(aTHX_ utc) && SvTRUE(utc)));
    OUTPUT:
	RETVAL

int
header_length(...)
    CODE:
	PERL_UNUSED_VAR(items);
	RETVAL = STORE_HDRLEN;
    OUTPUT:
	RETVAL

int
flow_length(SV *header)
    PROTOTYPE: $
    PREINIT:
	struct rd rd;
    CODE:
	rd = bytes_of(aTHX_ header);
	if (rd.left < STORE_HDRLEN)
		croak("Supplied header is too short");
	if (STORE_MAJOR(rd.p[0]) != 3)
		croak("Unsupported version");
	if (STORE_MINOR(rd.p[0]) == 0 &&
	    (be32(rd.p + 4) & ~STORE_ALL) != 0)
		croak("Unsupported fields in flow header");
	RETVAL = rd.p[1] * 4;
    OUTPUT:
	RETVAL

SV *
deserialise(SV *bytes)
    PROTOTYPE: $
    PREINIT:
	dMY_CXT;
	struct store_record rec;
	enum store_err err;
	struct rd rd;
    CODE:
	rd = bytes_of(aTHX_ bytes);
	if (rd.left < STORE_HDRLEN)
		croak("supplied length is too small");
	if ((err = store_read(&rd, &rec)) == STORE_SHORT)
		croak("incomplete flow record supplied");
	if (err != STORE_OK)
		croak("%s", store_strerror(err));
	RETVAL = newRV_noinc((SV *)hash_of_record(aTHX_ MY_CXT.keys, &rec));
    OUTPUT:
	RETVAL

SV *
serialise(SV *flow)
    PREINIT:
	uint8_t bytes[STORE_WRITEMAX];
	struct store_record rec;
	struct wr wr;
	uint32_t mask;
    CODE:
	mask = flow_to_write(aTHX_ flow, &rec);
	wr = wr_init(bytes, sizeof(bytes));
	(void)store_write(&wr, &rec.flow, mask);
	RETVAL = newSVpvn((const char *)bytes, sizeof(bytes) - wr.left);
    OUTPUT:
	RETVAL

SV *
iso_time(SV *t, SV *utc = &PL_sv_undef)
    PREINIT:
	char buf[64];
	int64_t sec;
    CODE:
	sec = seconds_of(aTHX_ t);
	RETVAL = newSVpvn(buf, format_iso_time(buf, sizeof(buf), sec,
	    is_there(aTHX_ utc) && SvTRUE(utc)));
    OUTPUT:
	RETVAL

SV *
interval_time(SV *t)
    PREINIT:
	char buf[64];
	size_t n;
    CODE:
	n = format_interval(buf, sizeof(buf),
	    (uint32_t)interval_of(aTHX_ t, UINT32_MAX));
	RETVAL = newSVpvn(buf, n);
    OUTPUT:
	RETVAL

SV *
interval_time_ms(SV *ms)
    PREINIT:
	char buf[64];
	uint64_t t;
    CODE:
	t = interval_of(aTHX_ ms, UINT64_C(1000) * UINT32_MAX);
	(void)format_interval(buf, sizeof(buf), (uint32_t)(t / 1000));
	RETVAL = newSVpvf("%s.%03u", buf, (unsigned int)(t % 1000));
    OUTPUT:
	RETVAL

void
fields(...)
    PREINIT:
	int i;
    PPCODE:
	PERL_UNUSED_VAR(items);
	if (GIMME_V == G_SCALAR)
		XSRETURN_IV(FLOW_NFIELDS);
	EXTEND(SP, FLOW_NFIELDS);
	for (i = 0; i < FLOW_NFIELDS; i++)
		mPUSHp(fields[i].name, strlen(fields[i].name));
