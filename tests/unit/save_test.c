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

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "decode/memory.h"
#include "decode/save.h"
#include "wire.h"

#define NOW (INT64_C(1700000000) * NSEC_PER_SEC)

static struct msg m;
static const uint16_t src_only[][2] = {{8, 4}};

struct file {
	uint8_t b[1 << 20];
	size_t len;
};
static struct file file, other;

static int
append(void *arg, const void *p, size_t len)
{
	struct file *f = arg;

	assert_true(len <= sizeof(f->b) - f->len);
	memcpy(f->b + f->len, p, len);
	f->len += len;
	return (0);
}

static void
save(const struct rx *rx, struct file *f, bool clean)
{
	const struct state_info info = {.time = NOW, .clean = clean};

	f->len = 0;
	assert_int_equal(decode_save(rx->d, &info, append, f), 0);
}

static bool
anybody(void *arg, struct dec_source *src)
{
	(void)arg;
	(void)src;
	return (true);
}

static bool
nobody(void *arg, struct dec_source *src)
{
	(void)arg;
	(void)src;
	return (false);
}

/* An exact copy, so that a sanitizer sees each byte that is read too far. */
static enum state_result
load_with(struct rx *rx, const struct file *f, struct state_report *report,
    bool (*source)(void *, struct dec_source *))
{
	const struct state_reader how = {.time = NOW, .source = source};
	uint8_t *copy = malloc(f->len == 0 ? 1 : f->len);
	enum state_result r;

	assert_non_null(copy);
	memcpy(copy, f->b, f->len);
	r = decode_load(rx->d, rd_init(copy, f->len), &how, report);
	free(copy);
	return (r);
}

static enum state_result
load(struct rx *rx, const struct file *f, struct state_report *report)
{
	return (load_with(rx, f, report, anybody));
}

static enum dec_result
learn(struct rx *rx, uint32_t source_id, uint16_t id, uint32_t seq)
{
	v9_begin(&m, 1000, 1700000000, seq, source_id);
	template_set(&m, 0, id, src_only, 1);
	return (rx_msg(rx, &m));
}

static enum dec_result
data(struct rx *rx, uint32_t source_id, uint16_t id, uint32_t seq)
{
	v9_begin(&m, 2000, 1700000001, seq, source_id);
	set_begin(&m, id);
	put(&m, 0x0a000001, 4);
	set_end(&m);
	return (rx_msg(rx, &m));
}

static struct domain *
domain_of(struct rx *rx, uint16_t version, uint32_t source_id)
{
	return (domain_get(rx->d, &rx->src, version, source_id));
}

/* The bytes by hand.  The checksum of zlib, a bit at a time. */
static uint32_t
crc32_slow(const uint8_t *p, size_t len)
{
	uint32_t crc = UINT32_MAX;
	int bit;

	while (len-- > 0) {
		crc ^= *p++;
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320U : 0);
	}
	return (~crc);
}

static void
put_head(struct msg *out, unsigned int major, unsigned int flags)
{
	out->len = 0;
	put(out, 0x666c7374, 4);
	put(out, major, 1);
	put(out, 0, 1);
	put(out, flags, 2);
	put(out, (uint64_t)NOW, 8);
	put(out, crc32_slow(out->b, 16), 4);
}

static size_t
chunk_begin(struct msg *out, unsigned int kind)
{
	size_t at = out->len;

	put(out, 0xf10d, 2);
	put(out, kind, 2);
	put(out, 0, 12);
	return (at);
}

static void
chunk_end(struct msg *out, size_t at)
{
	size_t end = out->len;

	out->len = at + 4;
	put(out, end - at - 16, 4);
	put(out, crc32_slow(out->b + at + 16, end - at - 16), 4);
	put(out, crc32_slow(out->b + at, 12), 4);
	out->len = end;
}

static void
put_end(struct msg *out, uint32_t n)
{
	size_t at = chunk_begin(out, 2);

	put(out, n, 4);
	chunk_end(out, at);
}

/* 192.0.0.1, or if `six` that and twelve zeros as an IPv6 address. */
static void
put_key(struct msg *out, bool six, unsigned int version, uint32_t source_id)
{
	put(out, six ? 6 : 4, 1);
	put(out, 0xc0000001, 4);
	put(out, 0, 8);
	put(out, 0, 4);
	put(out, six ? 4739 : 0, 2);
	put(out, version, 2);
	put(out, source_id, 4);
}

static void
put_template(struct msg *out, unsigned int id, unsigned int nscope)
{
	put(out, 4, 2);
	put(out, 13 + 8, 2);
	put(out, (uint64_t)NOW - 5, 8);
	put(out, id, 2);
	put(out, nscope, 2);
	put(out, nscope > 0, 1);
	put(out, 0x00070002000b0002, 8);
}

static void
take(struct file *f, const struct msg *from)
{
	f->len = 0;
	append(f, from->b, from->len);
}

/* One of everything. */
static void
put_example(struct msg *out)
{
	size_t at;

	put_head(out, 1, 1);
	at = chunk_begin(out, 1);
	put_key(out, true, 9, 7);
	put(out, 1, 2); /* sequence */
	put(out, 18, 2);
	put(out, 0xfffffff0, 4);
	put(out, 2, 1);
	put(out, 1, 1);
	put(out, 123456, 4);
	put(out, (uint64_t)NOW - 9, 8);
	put(out, 2, 2); /* when it was switched on */
	put(out, 8, 2);
	put(out, 1699999999000000000, 8);
	put(out, 3, 2); /* the address it gives itself */
	put(out, 17, 2);
	put(out, 4, 1);
	put(out, 0xcb007105, 4);
	put(out, 0, 8);
	put(out, 0, 4);
	put_template(out, 300, 0);
	put(out, 5, 2); /* a sampler */
	put(out, 15, 2);
	put(out, 0, 1);
	put(out, 2, 1);
	put(out, 1000, 4);
	put(out, 8, 1);
	put(out, 77, 8);
	chunk_end(out, at);
	at = chunk_begin(out, 1);
	put_key(out, false, 10, 0xffffffff);
	put_template(out, 256, 1);
	put(out, 5, 2); /* the name of an interface */
	put(out, 15, 2);
	put(out, 4, 1);
	put(out, 0, 1);
	put(out, 0, 4);
	put(out, 4, 1);
	put(out, 3, 4);
	put_bytes(out, "eth3", 4);
	chunk_end(out, at);
	put_end(out, 2);
}

static void
the_format_is_as_written_down(void **state)
{
	struct rx *rx = rx_new(NULL);
	struct state_report report;
	struct domain *dom;
	const struct fact *f;
	const struct template *t;
	const uint8_t sampler[8] = {0, 0, 0, 0, 0, 0, 0, 77};
	const uint8_t eth3[4] = {0, 0, 0, 3};

	(void)state;
	put_example(&m);
	take(&file, &m);
	assert_int_equal(load(rx, &file, &report), STATE_OK);
	assert_int_equal(report.info.time, NOW);
	assert_true(report.info.clean);
	assert_int_equal(report.exporters, 2);
	assert_int_equal(report.domains, 2);
	assert_int_equal(report.templates, 2);
	assert_int_equal(report.facts, 2);
	assert_int_equal(report.damaged + report.unknown + report.unwanted +
		report.refused,
	    0);
	assert_false(report.cut);

	dom = domain_of(rx, NF_IPFIX, UINT32_MAX);
	assert_non_null(t = template_find(rx->d, dom, 256));
	assert_true(t->options);
	assert_int_equal(t->nscope, 1);
	assert_int_equal(t->heard, NOW - 5);
	f = fact_find(rx->d, dom, FACT_IF_NAME, eth3, 4);
	assert_non_null(f);
	assert_int_equal(f->textlen, 4);
	assert_memory_equal(f->text, "eth3", 4);

	rx->src.agent.family = ADDR_V6;
	rx->src.agent.b[3] = 1;
	rx->src.port = 4739;
	dom = domain_of(rx, NF_V9, 7);
	assert_non_null(t = template_find(rx->d, dom, 300));
	assert_false(t->options);
	assert_true(dom->sequence.known);
	assert_int_equal((uint32_t)dom->sequence.next, 0xfffffff0);
	assert_int_equal(dom->sequence.uptime, 123456);
	assert_int_equal(dom->sequence.export_time, NOW - 9);
	assert_int_equal(dom->sequence.unit, SEQ_FLOWS);
	assert_true(dom->sequence.uncounted);
	assert_true(dom->has_sysinit);
	assert_int_equal(dom->sysinit, 1699999999000000000);
	assert_int_equal(dom->named.family, ADDR_V4);
	assert_int_equal(dom->named.b[3], 5);
	f = fact_find(rx->d, dom, FACT_SAMPLER, sampler, 8);
	assert_non_null(f);
	assert_int_equal(f->rate, 1000);
	assert_int_equal(f->algorithm, 2);
	rx_free(rx);
}

static void
what_was_loaded_is_saved_byte_for_byte(void **state)
{
	struct rx *rx = rx_new(NULL);
	struct state_report report;

	(void)state;
	put_example(&m);
	take(&file, &m);
	assert_int_equal(load(rx, &file, &report), STATE_OK);
	save(rx, &other, true);
	assert_int_equal(other.len, file.len);
	assert_memory_equal(other.b, file.b, file.len);
	rx_free(rx);
}

static void
data_decode_with_templates_of_the_saved(void **state)
{
	struct rx *a = rx_new(NULL), *b = rx_new(NULL);
	struct state_report report;

	(void)state;
	assert_int_equal(learn(a, 1, 256, 10), DEC_OK);
	assert_int_equal(data(b, 1, 256, 11), DEC_NOTEMPLATE);
	save(a, &file, false);
	rx_free(b);
	b = rx_new(NULL);
	assert_int_equal(load(b, &file, &report), STATE_OK);
	assert_int_equal(data(b, 1, 256, 14), DEC_OK);
	assert_int_equal(b->n, 1);
	assert_int_equal(b->f[0].src_addr.b[3], 1);
	rx_free(a);
	rx_free(b);
}

static void
sequences_count_after_a_clean_end_only(void **state)
{
	struct rx *a = rx_new(NULL), *b = rx_new(NULL), *c = rx_new(NULL);
	struct state_report report;
	uint32_t crc;

	(void)state;
	assert_int_equal(learn(a, 1, 256, 10), DEC_OK);
	save(a, &file, true);
	assert_int_equal(load(b, &file, &report), STATE_OK);
	assert_int_equal(data(b, 1, 256, 14), DEC_OK);
	assert_int_equal(b->report.seq_lost, 3);
	save(a, &file, false);
	assert_int_equal(load(c, &file, &report), STATE_OK);
	assert_int_equal(data(c, 1, 256, 14), DEC_OK);
	assert_int_equal(c->report.seq_lost, 0);

	/* Even if a file has them that it should not have. */
	rx_free(c);
	c = rx_new(NULL);
	put_example(&m);
	m.b[7] = 0;
	crc = crc32_slow(m.b, 16);
	poke16(&m, 16, crc >> 16);
	poke16(&m, 18, crc & 0xffff);
	take(&file, &m);
	assert_int_equal(load(c, &file, &report), STATE_OK);
	c->src.agent.family = ADDR_V6;
	c->src.port = 4739;
	assert_false(domain_of(c, NF_V9, 7)->sequence.known);
	rx_free(a);
	rx_free(b);
	rx_free(c);
}

static void
a_file_cut_at_any_length_gives_what_is_whole(void **state)
{
	struct state_report report;
	struct rx *rx;
	size_t len;
	enum state_result r;

	(void)state;
	put_example(&m);
	take(&file, &m);
	len = file.len;
	for (file.len = 0; file.len < len; file.len++) {
		rx = rx_new(NULL);
		r = load(rx, &file, &report);
		if (file.len < STATE_HDRLEN)
			assert_int_equal(r,
			    file.len == 0 ? STATE_EMPTY : STATE_FOREIGN);
		else {
			assert_int_equal(r, STATE_OK);
			assert_true(report.cut);
			assert_int_equal(report.refused, 0);
			assert_true(report.templates == report.domains);
		}
		rx_free(rx);
	}
	assert_int_equal(report.domains, 2); /* only the end was missing */
}

static void
any_flipped_bit_costs_its_chunk_and_no_more(void **state)
{
	struct state_report report;
	struct rx *rx;
	size_t i;

	(void)state;
	put_example(&m);
	take(&file, &m);
	for (i = 0; i < file.len * 8; i++) {
		file.b[i / 8] ^= (uint8_t)(1 << i % 8);
		rx = rx_new(NULL);
		if (load(rx, &file, &report) == STATE_OK) {
			assert_true(i / 8 >= STATE_HDRLEN);
			assert_int_equal(report.damaged, 1);
			assert_true(report.domains >= 1);
			assert_int_equal(report.templates, report.domains);
			assert_int_equal(report.facts, report.domains);
			assert_int_equal(report.refused, 0);
		} else
			assert_true(i / 8 < STATE_HDRLEN);
		rx_free(rx);
		file.b[i / 8] ^= (uint8_t)(1 << i % 8);
	}
}

static void
bytes_in_between_are_passed_over(void **state)
{
	struct rx *rx = rx_new(NULL);
	struct state_report report;

	(void)state;
	put_example(&m);
	file.len = 0;
	append(&file, m.b, STATE_HDRLEN);
	append(&file, "\xf1\x0d\xf1\x0d and what not", 17);
	append(&file, m.b + STATE_HDRLEN, m.len - STATE_HDRLEN);
	assert_int_equal(load(rx, &file, &report), STATE_OK);
	assert_int_equal(report.damaged, 1);
	assert_int_equal(report.templates, 2);
	assert_false(report.cut);
	rx_free(rx);
}

static void
kinds_that_are_not_known_are_passed_over(void **state)
{
	struct rx *rx = rx_new(NULL);
	struct state_report report;
	size_t at;

	(void)state;
	put_head(&m, 1, 0);
	m.b[5] = 9; /* a later minor version */
	m.len = 16;
	put(&m, crc32_slow(m.b, 16), 4);
	at = chunk_begin(&m, 77);
	put_bytes(&m, "from days to come", 17);
	chunk_end(&m, at);
	at = chunk_begin(&m, 1);
	put_key(&m, false, 9, 1);
	put(&m, 0, 2);
	put(&m, 0, 2);
	put(&m, 6, 2);
	put(&m, 3, 2);
	put(&m, 0, 3);
	put_template(&m, 256, 0);
	put(&m, 0xffff, 2);
	put(&m, 1, 2);
	put(&m, 0, 1);
	chunk_end(&m, at);
	put_end(&m, 2);
	take(&file, &m);
	assert_int_equal(load(rx, &file, &report), STATE_OK);
	assert_int_equal(report.unknown, 4);
	assert_int_equal(report.templates, 1);
	assert_int_equal(report.refused + report.damaged, 0);
	assert_false(report.cut);
	rx_free(rx);
}

static void
a_later_major_version_is_refused(void **state)
{
	struct rx *rx = rx_new(NULL);
	struct state_report report;
	struct dec_usage u;

	(void)state;
	put_example(&m);
	m.b[4] = 2;
	take(&file, &m);
	assert_int_equal(load(rx, &file, &report), STATE_NEWER);
	m.b[4] = 0;
	take(&file, &m);
	assert_int_equal(load(rx, &file, &report), STATE_FOREIGN);
	memset(file.b, 0, 4096);
	file.len = 4096;
	assert_int_equal(load(rx, &file, &report), STATE_FOREIGN);
	decode_usage(rx->d, &u);
	assert_int_equal(u.domains, 0);
	rx_free(rx);
}

/* A chunk of one item of that kind, with what the message has from `at` on. */
static void
refuse_item(unsigned int version, unsigned int kind, const char *hex)
{
	struct rx *rx = rx_new(NULL);
	struct state_report report;
	size_t at, i;
	unsigned int byte;

	put_head(&m, 1, 1);
	at = chunk_begin(&m, 1);
	put_key(&m, false, version, 1);
	put(&m, kind, 2);
	put(&m, strlen(hex) / 2, 2);
	for (i = 0; hex[i] != '\0'; i += 2) {
		assert_int_equal(sscanf(hex + i, "%2x", &byte), 1);
		put(&m, byte, 1);
	}
	put_template(&m, 1000, 0);
	chunk_end(&m, at);
	put_end(&m, 1);
	take(&file, &m);
	assert_int_equal(load(rx, &file, &report), STATE_OK);
	assert_int_equal(report.refused, 1);
	assert_int_equal(report.facts, 0);
	assert_int_equal(report.templates, 1);
	assert_int_equal(report.damaged, 0);
	rx_free(rx);
}

#define T0 "0000000000000000" /* when */

static void
items_that_cannot_be_are_refused_alone(void **state)
{
	(void)state;
	refuse_item(9, STATE_SEQUENCE, "00000000");
	refuse_item(9, STATE_SEQUENCE, T0 T0 "000000");
	refuse_item(9, STATE_SEQUENCE,
	    "000000000400"
	    "00000000" T0); /* unit */
	refuse_item(9, STATE_SEQUENCE,
	    "000000000002"
	    "00000000" T0);
	refuse_item(9, STATE_SYSINIT, "");
	refuse_item(9, STATE_NAMED, "0500000000000000000000000000000000");
	/* An IPv4 address with something behind it. */
	refuse_item(9, STATE_NAMED, "0400000000000000000000000000000001");
	refuse_item(9, STATE_TEMPLATE, T0 "0100000000");	   /* empty */
	refuse_item(9, STATE_TEMPLATE, T0 "010000000000010004ff"); /* a rest */
	refuse_item(9, STATE_TEMPLATE, T0 "00ff00000000010004");   /* id */
	refuse_item(9, STATE_TEMPLATE, T0 "010000010000010004");   /* a scope */
	refuse_item(9, STATE_TEMPLATE, T0 "010000020100010004");   /* two */
	refuse_item(9, STATE_TEMPLATE, T0 "010000000200010004");   /* what? */
	refuse_item(10, STATE_TEMPLATE, T0 "010000000080010004");  /* PEN */
	refuse_item(9, STATE_TEMPLATE, T0 "010000000000010000"); /* no bytes */
	refuse_item(9, STATE_FACT, "0000000000");
	refuse_item(9, STATE_FACT, "ff000000000100"); /* kind */
	refuse_item(9, STATE_FACT,
	    "00000000000011"
	    "0000000000000000000000000000000000");
	refuse_item(9, STATE_FACT, "00000000000004000000");   /* key is cut */
	refuse_item(9, STATE_FACT, "00020000000a0400000007"); /* and short */
	refuse_item(9, STATE_FACT, "0002000000000800000000000000ff"); /* rate */
	refuse_item(9, STATE_FACT, "0400000000000400000003");	      /* name */
	refuse_item(9, STATE_FACT, "0400000000000400000003650033");   /* NUL */
}

static void
templates_are_of_protocols_that_have_them(void **state)
{
	struct rx *rx = rx_new(NULL);
	struct state_report report;
	size_t at;

	(void)state;
	put_head(&m, 1, 1);
	at = chunk_begin(&m, 1);
	put_key(&m, false, 5, 1);
	put_template(&m, 1000, 0);
	chunk_end(&m, at);
	put_end(&m, 1);
	take(&file, &m);
	assert_int_equal(load(rx, &file, &report), STATE_OK);
	assert_int_equal(report.refused, 1);
	assert_int_equal(report.templates, 0);
	rx_free(rx);
}

static void
exporters_that_may_not_send_are_dropped(void **state)
{
	struct rx *a = rx_new(NULL), *b = rx_new(NULL);
	struct state_report report;
	struct dec_usage u;

	(void)state;
	assert_int_equal(learn(a, 1, 256, 10), DEC_OK);
	assert_int_equal(learn(a, 2, 256, 10), DEC_OK);
	save(a, &file, false);
	assert_int_equal(load_with(b, &file, &report, nobody), STATE_OK);
	assert_int_equal(report.unwanted, 2);
	decode_usage(b->d, &u);
	assert_int_equal(u.domains, 0);
	rx_free(a);
	rx_free(b);
}

static bool
second_is_configured(void *arg, struct dec_source *src)
{
	(void)arg;
	src->configured = src->agent.b[3] == 2;
	return (true);
}

static void
a_limit_cuts_the_oldest_and_spares_the_configured(void **state)
{
	const struct dec_limits limits = {.domains = 3};
	struct rx *a = rx_new(NULL), *b = rx_new(&limits);
	struct state_report report;
	struct dec_usage u;
	unsigned int i;

	(void)state;
	for (i = 1; i <= 6; i++) {
		a->src.agent.b[3] = (uint8_t)i;
		a->src.configured = i == 2;
		assert_int_equal(learn(a, 1, 256, 10), DEC_OK);
	}
	save(a, &file, false);
	assert_int_equal(load_with(b, &file, &report, second_is_configured),
	    STATE_OK);
	assert_int_equal(report.domains, 3);
	assert_int_equal(report.refused, 3);
	/* 6, 5 and the configured 2 are known. */
	for (i = 1; i <= 6; i++) {
		b->src.agent.b[3] = (uint8_t)i;
		if (i == 2 || i >= 5)
			assert_int_equal(data(b, 1, 256, 11), DEC_OK);
	}
	/* The next one evicts the one heard least lately, which is 5. */
	decode_usage(b->d, &u);
	assert_int_equal(u.evicted, 0);
	rx_free(b);
	b = rx_new(&limits);
	assert_int_equal(load_with(b, &file, &report, second_is_configured),
	    STATE_OK);
	b->src.agent.b[3] = 9;
	assert_int_equal(learn(b, 1, 256, 10), DEC_OK);
	b->src.agent.b[3] = 6;
	assert_int_equal(data(b, 1, 256, 11), DEC_OK);
	b->src.agent.b[3] = 2;
	b->src.configured = true;
	assert_int_equal(data(b, 1, 256, 11), DEC_OK);
	b->src.agent.b[3] = 5;
	b->src.configured = false;
	assert_int_equal(data(b, 1, 256, 11), DEC_NOTEMPLATE);
	rx_free(a);
	rx_free(b);
}

static void
what_is_known_already_makes_no_room(void **state)
{
	const struct dec_limits limits = {.domains = 2, .domains_exporter = 1};
	struct rx *a = rx_new(NULL), *b = rx_new(&limits);
	struct state_report report;

	(void)state;
	assert_int_equal(learn(a, 1, 256, 10), DEC_OK);
	save(a, &file, false);
	assert_int_equal(learn(b, 7, 256, 10), DEC_OK);
	assert_int_equal(load(b, &file, &report), STATE_OK);
	assert_int_equal(report.refused, 1);
	assert_int_equal(data(b, 7, 256, 11), DEC_OK);
	rx_free(a);
	rx_free(b);
}

/* 4000 templates of one domain do not go into one chunk. */
static void
a_domain_may_take_several_chunks(void **state)
{
	struct rx *a = rx_new(NULL), *b = rx_new(NULL);
	struct state_report report;
	unsigned int i;

	(void)state;
	for (i = 0; i < 4000; i++)
		assert_int_equal(learn(a, 1, (uint16_t)(256 + i), i), DEC_OK);
	save(a, &file, true);
	assert_true(file.len > STATE_CHUNK_MAX / 2);
	assert_int_equal(load(b, &file, &report), STATE_OK);
	assert_int_equal(report.domains, 1);
	assert_int_equal(report.templates, 4000);
	assert_int_equal(report.refused, 0);
	assert_false(report.cut);
	for (i = 0; i < 4000; i++)
		assert_int_equal(data(b, 1, (uint16_t)(256 + i), 4000 + i),
		    DEC_OK);
	rx_free(a);
	rx_free(b);
}

static void
a_template_of_tomorrow_was_heard_today(void **state)
{
	struct rx *rx = rx_new(NULL);
	struct state_report report;
	const struct template *t;
	size_t at;

	(void)state;
	put_head(&m, 1, 0);
	at = chunk_begin(&m, 1);
	put_key(&m, false, 9, 1);
	put_template(&m, 256, 0);
	poke16(&m, m.len - 21, 0x3b00); /* the time's upper half */
	chunk_end(&m, at);
	put_end(&m, 1);
	take(&file, &m);
	assert_int_equal(load(rx, &file, &report), STATE_OK);
	t = template_find(rx->d, domain_of(rx, 9, 1), 256);
	assert_non_null(t);
	assert_int_equal(t->heard, NOW);
	rx_free(rx);
}

static int
full_disk(void *arg, const void *p, size_t len)
{
	int *left = arg;

	(void)p;
	(void)len;
	return ((*left)-- > 0 ? 0 : -1);
}

static void
a_failed_write_ends_the_saving(void **state)
{
	const struct state_info info = {.time = NOW};
	struct rx *rx = rx_new(NULL);
	int n, left;

	(void)state;
	assert_int_equal(learn(rx, 1, 256, 10), DEC_OK);
	for (n = 0; n < 3; n++) {
		left = n;
		assert_int_equal(decode_save(rx->d, &info, full_disk, &left),
		    -1);
		assert_int_equal(left, -1);
	}
	left = 3;
	assert_int_equal(decode_save(rx->d, &info, full_disk, &left), 0);
	rx_free(rx);
}

static void
nothing_learned_is_a_file_without_domains(void **state)
{
	struct rx *rx = rx_new(NULL);
	struct state_report report;

	(void)state;
	/* One that is known, but taught nothing. */
	assert_int_equal(data(rx, 1, 256, 10), DEC_NOTEMPLATE);
	save(rx, &file, false);
	assert_int_equal(file.len, STATE_HDRLEN + STATE_CHUNK_HDRLEN + 4);
	assert_int_equal(load(rx, &file, &report), STATE_OK);
	assert_false(report.cut);
	rx_free(rx);
}

static void
samplers_keep_their_order_through_a_restart(void **state)
{
	struct rx *rx = rx_new(NULL), *again = rx_new(NULL);
	struct state_report report;
	unsigned int id;

	(void)state;
	v9_begin(&m, 1000, 1700000000, 1, 1);
	set_begin(&m, 1);
	put(&m, 257, 2);
	put(&m, 0, 2);
	put(&m, 8, 2);
	put(&m, 0x00300001, 4); /* sampler id, of one byte */
	put(&m, 0x00220004, 4); /* and interval */
	set_end(&m);
	set_begin(&m, 257);
	for (id = 1; id <= 3; id++) {
		put(&m, id, 1);
		put(&m, 100 * id, 4);
	}
	put(&m, 0, 1);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->report.options, 3);
	save(rx, &file, true);
	assert_int_equal(load(again, &file, &report), STATE_OK);
	assert_int_equal(report.facts, 3);
	save(again, &other, true);
	assert_int_equal(other.len, file.len);
	assert_memory_equal(other.b, file.b, file.len);
	rx_free(again);
	rx_free(rx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_format_is_as_written_down),
	    cmocka_unit_test(what_was_loaded_is_saved_byte_for_byte),
	    cmocka_unit_test(data_decode_with_templates_of_the_saved),
	    cmocka_unit_test(sequences_count_after_a_clean_end_only),
	    cmocka_unit_test(a_file_cut_at_any_length_gives_what_is_whole),
	    cmocka_unit_test(any_flipped_bit_costs_its_chunk_and_no_more),
	    cmocka_unit_test(bytes_in_between_are_passed_over),
	    cmocka_unit_test(kinds_that_are_not_known_are_passed_over),
	    cmocka_unit_test(a_later_major_version_is_refused),
	    cmocka_unit_test(items_that_cannot_be_are_refused_alone),
	    cmocka_unit_test(templates_are_of_protocols_that_have_them),
	    cmocka_unit_test(exporters_that_may_not_send_are_dropped),
	    cmocka_unit_test(a_limit_cuts_the_oldest_and_spares_the_configured),
	    cmocka_unit_test(what_is_known_already_makes_no_room),
	    cmocka_unit_test(a_domain_may_take_several_chunks),
	    cmocka_unit_test(a_template_of_tomorrow_was_heard_today),
	    cmocka_unit_test(a_failed_write_ends_the_saving),
	    cmocka_unit_test(samplers_keep_their_order_through_a_restart),
	    cmocka_unit_test(nothing_learned_is_a_file_without_domains),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
