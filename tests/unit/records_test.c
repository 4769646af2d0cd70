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

/*
 * Records that are taken together make the flows that they make one by one.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "bothways.h"
#include "wire.h"

#define SECS 1700000000
#define TEMPLATES 3000

static struct msg m;
static struct dec_source src = {.agent = {.family = ADDR_V4,
				    .b = {192, 0, 2, 1}},
    .recv_time = SECS * NSEC_PER_SEC};

static void
feed(struct bothways *b)
{
	const char *what;
	uint8_t *copy;

	/* Exact, so that a sanitizer sees each byte that is read too far. */
	if (m.b[1] == NF_IPFIX)
		poke16(&m, 2, m.len);
	if ((copy = malloc(m.len)) == NULL)
		abort();
	memcpy(copy, m.b, m.len);
	what = bothways_feed(b, &src, rd_init(copy, m.len));
	if (what != NULL)
		fail_msg("%s differs", what);
	free(copy);
}

static void
begin(uint16_t version, uint32_t secs)
{
	if (version == NF_V9)
		v9_begin(&m, 100000, secs, 0, 7);
	else
		ipfix_begin(&m, secs, 0, 7);
}

struct wanted {
	uint16_t id, len;
};

/* What routers send, mostly as they do, and some of what breaks a form. */
/* clang-format off */
static const struct wanted often[] = {
	{ 8, 4 }, { 12, 4 }, { 15, 4 }, { 27, 16 }, { 28, 16 }, { 10, 2 },
	{ 10, 4 }, { 14, 2 }, { 14, 4 }, { 2, 4 }, { 2, 8 }, { 1, 4 },
	{ 1, 8 }, { 7, 2 }, { 11, 2 }, { 4, 1 }, { 5, 1 }, { 6, 1 }, { 6, 2 },
	{ 16, 2 }, { 16, 4 }, { 17, 4 }, { 9, 1 }, { 13, 1 }, { 29, 1 },
	{ 32, 2 }, { 61, 1 }, { 56, 6 }, { 80, 6 }, { 58, 2 }, { 59, 2 },
	{ 89, 1 }, { 136, 1 }, { 176, 1 }, { 177, 1 }, { 18, 4 }, { 62, 16 },
	{ 1, 2 }, { 2, 1 }, { 234, 4 }, { 85, 8 }, { 225, 4 }, { 226, 4 },
	{ 227, 2 }, { 230, 1 }, { 44, 4 }, { 45, 4 }, { 4711, 3 },
};
static const struct wanted rarely[] = {
	{ 10, 8 }, { 1, 3 }, { 7, 1 }, { 195, 1 }, { 70, 3 }, { 34, 4 },
	{ 48, 1 }, { 48, 4 }, { 95, 4 }, { 158, 4 }, { 161, 4 }, { 154, 8 },
	{ 160, 8 }, { 31, 3 }, { 130, 4 }, { 82, 8 }, { 323, 8 }, { 322, 4 },
};
static const struct wanted times[] = {
	{ 22, 4 }, { 21, 4 }, { 150, 4 }, { 151, 4 }, { 152, 8 }, { 153, 8 },
	{ 151, 8 }, { 152, 4 },
};
/* clang-format on */
#define NELEM(a) (sizeof(a) / sizeof((a)[0]))

static size_t
any_template(uint16_t specs[][2])
{
	const struct wanted *w;
	size_t i, n = 1 + flows_random() % 25, at;

	for (i = 0; i < n; i++) {
		w = &often[flows_random() % NELEM(often)];
		if (flows_random() % 100 == 0)
			w = &rarely[flows_random() % NELEM(rarely)];
		specs[i][0] = w->id;
		specs[i][1] = w->len;
	}
	if (flows_random() % 4 == 0)
		return (n);
	/* Times come by twos. */
	at = flows_random() % (NELEM(times) / 2) * 2;
	for (i = 0; i < 1 + (flows_random() % 8 != 0); i++) {
		specs[n][0] = times[at + i].id;
		specs[n++][1] = times[at + i].len;
	}
	return (n);
}

static uint64_t
any_value(uint16_t id)
{
	const uint64_t r = flows_random();

	if (r % 512 == 0)
		return (r >> 16 & 1 ? UINT64_MAX : 0);
	if (id == 150 || id == 151 || id == 322)
		return (SECS - r % 1000);
	if (id == 152 || id == 153 || id == 323)
		return (SECS * UINT64_C(1000) - r % 1000000);
	return (r);
}

static void
any_records(const uint16_t specs[][2], size_t n, size_t reclen)
{
	size_t i, k, count = 1 + flows_random() % 40;

	set_begin(&m, 256);
	for (k = 0; k < count && m.len + reclen < 30000; k++)
		for (i = 0; i < n; i++) {
			if (specs[i][1] > 8)
				put(&m, flows_random(), specs[i][1] - 8U);
			put(&m, any_value(specs[i][0]),
			    specs[i][1] > 8 ? 8 : specs[i][1]);
		}
	put(&m, 0, flows_random() % 4); /* padding */
	set_end(&m);
}

/* Options data as some routers send them: how it samples. */
static void
sampler(uint16_t version)
{
	set_begin(&m, version == NF_V9 ? 1 : 3);
	put(&m, 300, 2);
	put(&m, version == NF_V9 ? 4 : 2, 2);
	put(&m, version == NF_V9 ? 4 : 1, 2);
	put(&m, UINT64_C(0x0030000400220004), 8);
	set_end(&m);
	set_begin(&m, 300);
	put(&m, flows_random() % 4, 4);
	put(&m, flows_random() % 100, 4);
	set_end(&m);
}

static void
random_templates(enum whim whim, uint64_t *flows, uint64_t *taken)
{
	uint16_t specs[32][2], version;
	struct bothways b;
	size_t i, k, n, reclen;

	*flows = *taken = 0;
	for (i = 0; i < TEMPLATES; i++) {
		bothways_init(&b, NULL);
		b.whim = whim;
		version = flows_random() % 2 == 0 ? NF_V9 : NF_IPFIX;
		src.trusted = flows_random() % 8 == 0;
		src.sampling = flows_random() % 8 == 0 ? 100 : 0;
		begin(version,
		    flows_random() % 16 == 0 ? (uint32_t)flows_random() : SECS);
		n = any_template(specs);
		for (k = reclen = 0; k < n; k++)
			reclen += specs[k][1];
		template_set(&m, version == NF_V9 ? 0 : 2, 256,
		    (const uint16_t(*)[2])specs, n);
		if (flows_random() % 8 == 0)
			sampler(version);
		any_records((const uint16_t(*)[2])specs, n, reclen);
		any_records((const uint16_t(*)[2])specs, n, reclen);
		feed(&b);
		*flows += b.flows;
		*taken += b.taken;
		bothways_clear(&b);
	}
	src.trusted = false;
	src.sampling = 0;
}

static void
flows_of_random_templates_are_the_same_both_ways(void **state)
{
	uint64_t flows, taken;

	(void)state;
	random_templates(TAKE_ALL, &flows, &taken);
	/* Something was tried. */
	assert_true(flows > 20 * TEMPLATES);
	assert_true(taken > flows / 3);
	random_templates(TAKE_SOME, &flows, &taken);
	assert_true(taken > flows / 8 && taken < flows);
	random_templates(TAKE_NONE, &flows, &taken);
	assert_int_equal(taken, 0);
}

/* The fixed formats: n records, one of them odd in what the tests say. */
static void
fixed(uint16_t version, uint16_t n, size_t pad)
{
	uint16_t i;

	m.len = 0;
	put(&m, version, 2);
	put(&m, n, 2);
	put(&m, 100000, 4);
	put(&m, SECS, 4);
	put(&m, 0, 4);
	if (version != 1)
		put(&m, 0, 8);
	for (i = 0; i < n; i++) {
		put(&m, UINT64_C(0x0a0000010a000002), 8);
		put(&m, UINT64_C(0x0a0000fe00030004), 8);
		put(&m, 1000U + i, 4);
		put(&m, 150000U + i, 4);
		put(&m, 90000U + i, 4);
		put(&m, 95000U + i, 4);
		put(&m, UINT64_C(0x040101bb), 4);
		put(&m, UINT64_C(0x001b06b8fc00fc01), 8);
		put(&m, UINT64_C(0x18190000), 4);
		put(&m, 0, pad);
	}
}

struct seen {
	uint64_t ids[4];
	uint32_t n[4];
	size_t len[4];
	unsigned int calls;
	unsigned int flows;
	struct flow last;
};

static void
see_flow(void *arg, struct flow *f)
{
	struct seen *s = arg;

	s->flows++;
	s->last = *f;
}

static uint32_t
see_records(void *arg, const struct records *r)
{
	struct seen *s = arg;

	assert_in_range(s->calls, 0, 3);
	s->ids[s->calls] = r->form->id;
	s->len[s->calls] = r->len;
	s->n[s->calls++] = r->n;
	records_flow(r, r->n - 1, &s->last);
	return (r->n);
}

static struct decoder *
seer(struct seen *s)
{
	struct decoder *d = decode_new(NULL, see_flow, s);

	assert_non_null(d);
	decode_records(d, see_records);
	memset(s, 0, sizeof(*s));
	return (d);
}

static struct dec_report
see(struct decoder *d)
{
	struct dec_report report;

	if (m.b[1] == NF_IPFIX)
		poke16(&m, 2, m.len);
	assert_int_equal(decode_packet(d, &src, rd_init(m.b, m.len), &report),
	    DEC_OK);
	return (report);
}

static void
fixed_records_come_in_one_piece(void **state)
{
	struct seen s;
	struct decoder *d = seer(&s);

	(void)state;
	fixed(NF_V5, 30, 0);
	assert_int_equal(see(d).flows, 30);
	assert_int_equal(s.calls, 1);
	assert_int_equal(s.n[0], 30);
	assert_int_equal(s.len[0], 48);
	assert_int_equal(s.flows, 0);
	assert_int_equal(s.last.packets, 1029);
	assert_int_equal(s.last.octets, 150029);
	assert_int_equal(s.last.src_addr.b[3], 1);
	assert_int_equal(s.last.dst_addr.b[3], 2);
	assert_int_equal(s.last.next_hop.b[3], 0xfe);
	assert_int_equal(s.last.in_if, 3);
	assert_int_equal(s.last.out_if, 4);
	assert_int_equal(s.last.src_port, 1025);
	assert_int_equal(s.last.dst_port, 443);
	assert_int_equal(s.last.tcp_flags, 0x1b);
	assert_int_equal(s.last.protocol, 6);
	assert_int_equal(s.last.tos, 0xb8);
	assert_int_equal(s.last.src_as, 0xfc00);
	assert_int_equal(s.last.dst_as, 0xfc01);
	assert_int_equal(s.last.src_mask, 24);
	assert_int_equal(s.last.dst_mask, 25);
	assert_true(s.last.start == SECS * NSEC_PER_SEC - 9971 * NSEC_PER_MSEC);
	assert_true(s.last.end == SECS * NSEC_PER_SEC - 4971 * NSEC_PER_MSEC);
	/* v7 has a word more, and v1 of some boxes four bytes. */
	fixed(NF_V7, 4, 4);
	see(d);
	assert_int_equal(s.len[1], 52);
	fixed(NF_V1, 5, 4);
	see(d);
	assert_int_equal(s.n[2], 5);
	assert_int_equal(s.len[2], 52);
	assert_true(s.ids[0] != s.ids[1] && s.ids[1] != s.ids[2]);
	/* Two are not worth it. */
	fixed(NF_V5, 2, 0);
	assert_int_equal(see(d).flows, 2);
	assert_int_equal(s.flows, 2);
	assert_int_equal(s.calls, 3);
	decode_free(d);
}

static void
records(const uint16_t (*specs)[2], size_t n, unsigned int count)
{
	size_t i;

	begin(NF_IPFIX, SECS);
	template_set(&m, 2, 256, specs, n);
	set_begin(&m, 256);
	while (count-- > 0)
		for (i = 0; i < n; i++)
			put(&m,
			    specs[i][0] == 152 || specs[i][0] == 153
				? SECS * UINT64_C(1000) + 1
				: specs[i][0],
			    specs[i][1]);
	set_end(&m);
}

static void
what_is_no_copy_goes_flow_by_flow(void **state)
{
	static const uint16_t odd[][2] = {{8, 4}, {152, 4}},
			      stacks[][2] = {{8, 4}, {27, 16}},
			      duration[][2] = {{152, 8}, {161, 4}},
			      one[][2] = {{22, 4}, {8, 4}},
			      mixed[][2] = {{152, 8}, {21, 4}};
	static const struct {
		const uint16_t (*specs)[2];
	} none[] = {{odd}, {stacks}, {duration}, {one}, {mixed}};
	struct seen s;
	struct decoder *d = seer(&s);
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(none); i++) {
		records(none[i].specs, 2, 10);
		assert_int_equal(see(d).flows, 10);
		assert_int_equal(s.calls, 0);
	}
	assert_int_equal(s.flows, 10 * NELEM(none));
	decode_free(d);
}

static void
numbers_of_usual_widths_are_copies(void **state)
{
	static const uint16_t specs[][2] = {{8, 4}, {12, 4}, {1, 2}, {2, 1},
	    {10, 1}, {14, 2}, {16, 4}, {6, 1}, {32, 2}, {56, 6}, {80, 6},
	    {152, 8}, {153, 8}, {62, 16}, {85, 8}};
	struct seen s;
	struct decoder *d = seer(&s);

	(void)state;
	records(specs, NELEM(specs), 4);
	see(d);
	assert_int_equal(s.calls, 1);
	assert_int_equal(s.n[0], 4);
	assert_int_equal(s.last.packets, 2);
	assert_int_equal(s.last.in_if, 10);
	assert_int_equal(s.last.out_if, 14);
	assert_int_equal(s.last.src_as, 16);
	assert_int_equal(s.last.tcp_flags, 6);
	assert_int_equal(s.last.icmp_type, 0);
	assert_int_equal(s.last.icmp_code, 32);
	assert_int_equal(s.last.in_src_mac[5], 56);
	assert_int_equal(s.last.in_dst_mac[5], 80);
	assert_int_equal(s.last.next_hop.family, ADDR_V6);
	assert_int_equal(s.last.next_hop.b[15], 62);
	assert_true(s.last.start == SECS * NSEC_PER_SEC + 1 * NSEC_PER_MSEC);
	decode_free(d);
}

/* Rates, labels and the like can be, if they are the first one's. */
static void
what_is_more_than_a_copy_is_the_same_in_all(void **state)
{
	static const uint16_t specs[][2] = {{8, 4}, {34, 4}, {195, 1}, {70, 3},
	    {89, 4}, {10, 8}};
	static const size_t at[] = {7, 8, 11, 14, 19};
	const size_t len = 24;
	struct bothways b;
	size_t i;

	(void)state;
	bothways_init(&b, NULL);
	records(specs, NELEM(specs), 20);
	feed(&b);
	assert_int_equal(b.taken, 20);
	assert_int_equal(b.f[19].sampling_rate, 34);
	assert_int_equal(b.f[19].sampling, SAMPLING_RECORD);
	assert_int_equal(b.f[19].tos, 195 << 2 & 0xff);
	assert_int_equal(b.f[19].mpls_labels[0], 70 >> 4);
	assert_int_equal(b.f[19].forwarding_status, 89);
	assert_int_equal(b.f[19].in_if, 10);
	/* The eleventh differs in one of them. */
	for (i = 0; i < NELEM(at); i++) {
		records(specs, NELEM(specs), 20);
		m.b[m.len - 10 * len + at[i]]++;
		b.taken = 0;
		feed(&b);
		assert_int_equal(b.taken, 10);
	}
	/* All have a number that is too much. */
	records(specs, NELEM(specs), 20);
	for (i = 1; i <= 20; i++)
		m.b[m.len - i * len + 19] = 1;
	b.taken = 0;
	feed(&b);
	assert_int_equal(b.taken, 0);
	assert_int_equal(b.f[19].in_if, UINT32_MAX);
	bothways_clear(&b);
}

static void
record_without_a_time_is_not_taken_with_others(void **state)
{
	static const uint16_t specs[][2] = {{152, 8}, {8, 4}};
	struct seen s;
	struct decoder *d = seer(&s);
	const size_t len = 12;

	(void)state;
	records(specs, 2, 10);
	/* The seventh has none: the six before it are alike. */
	memset(m.b + m.len - 4 * len, 0, 8);
	assert_int_equal(see(d).flows, 10);
	assert_int_equal(s.calls, 1);
	assert_int_equal(s.n[0], 6);
	assert_int_equal(s.flows, 4);
	/* The second: none are. */
	records(specs, 2, 10);
	memset(m.b + m.len - 9 * len, 0, 8);
	see(d);
	assert_int_equal(s.calls, 1);
	assert_int_equal(s.flows, 14);
	decode_free(d);
}

static void
forms_are_told_apart_by_their_ids(void **state)
{
	static const uint16_t a[][2] = {{8, 4}, {12, 4}},
			      b[][2] = {{12, 4}, {8, 4}};
	struct seen s;
	struct decoder *d = seer(&s);

	(void)state;
	records(a, 2, 4);
	see(d);
	records(b, 2, 4);
	see(d);
	records(a, 2, 4);
	src.agent.b[3]++;
	see(d);
	src.agent.b[3]--;
	see(d);
	assert_int_equal(s.calls, 4);
	assert_true(s.ids[0] != 0 && s.ids[1] != 0);
	assert_true(s.ids[0] != s.ids[1]);
	/* Two exporters have one while both have it, and then it is another. */
	assert_true(s.ids[2] == s.ids[3]);
	assert_true(s.ids[2] != s.ids[0]);
	decode_free(d);
}

static void
rates_of_samplers_are_those_of_each_flow(void **state)
{
	static const uint16_t specs[][2] = {{48, 4}, {8, 4}};
	struct bothways b;
	unsigned int i;

	(void)state;
	bothways_init(&b, NULL);
	begin(NF_V9, SECS);
	template_set(&m, 0, 256, specs, 2);
	set_begin(&m, 1);
	put(&m, UINT64_C(0x012c000400080001), 8);
	put(&m, UINT64_C(0x0004003000040022), 8);
	put(&m, UINT64_C(0x0004), 2);
	set_end(&m);
	set_begin(&m, 300);
	for (i = 1; i < 4; i++) {
		put(&m, 0, 4);
		put(&m, i, 4);
		put(&m, 100 * i, 4);
	}
	set_end(&m);
	set_begin(&m, 256);
	for (i = 0; i < 16; i++) {
		put(&m, i < 8 ? 2 : i % 4, 4);
		put(&m, i, 4);
	}
	set_end(&m);
	feed(&b);
	assert_int_equal(b.flows, 16);
	/* Those of one sampler are alike. */
	assert_int_equal(b.taken, 8);
	assert_int_equal(b.f[0].sampling_rate, 200);
	assert_int_equal(b.f[7].sampling_rate, 200);
	assert_int_equal(b.f[8].sampling_rate, 0);
	assert_int_equal(b.f[9].sampling_rate, 100);
	assert_int_equal(b.f[15].sampling_rate, 300);
	bothways_clear(&b);
}

/* Beside the number before it the rate is the half of a step. */
static void
rate_is_that_of_each_flow_wherever_it_stands(void **state)
{
	static const uint16_t specs[][3][2] = {{{17, 4}, {34, 4}, {8, 4}},
	    {{12, 4}, {34, 1}, {8, 4}}, {{12, 4}, {34, 8}, {8, 4}},
	    {{12, 4}, {50, 4}, {8, 4}}};
	struct bothways b;
	size_t i, len;

	(void)state;
	bothways_init(&b, NULL);
	src.sampling = 100;
	for (i = 0; i < NELEM(specs); i++) {
		records(specs[i], 3, 20);
		len = 8UL + specs[i][1][1];
		/* The eleventh says nothing: what is configured counts. */
		memset(m.b + m.len - 10 * len + 4, 0, len - 8);
		feed(&b);
		assert_int_equal(b.f[9].sampling_rate, specs[i][1][0]);
		assert_int_equal(b.f[10].sampling_rate, 100);
		assert_int_equal(b.f[10].sampling, SAMPLING_CONFIG);
		assert_int_equal(b.f[11].sampling_rate, specs[i][1][0]);
	}
	src.sampling = 0;
	bothways_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(flows_of_random_templates_are_the_same_both_ways),
	    cmocka_unit_test(fixed_records_come_in_one_piece),
	    cmocka_unit_test(what_is_no_copy_goes_flow_by_flow),
	    cmocka_unit_test(numbers_of_usual_widths_are_copies),
	    cmocka_unit_test(what_is_more_than_a_copy_is_the_same_in_all),
	    cmocka_unit_test(record_without_a_time_is_not_taken_with_others),
	    cmocka_unit_test(forms_are_told_apart_by_their_ids),
	    cmocka_unit_test(rates_of_samplers_are_those_of_each_flow),
	    cmocka_unit_test(rate_is_that_of_each_flow_wherever_it_stands),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
