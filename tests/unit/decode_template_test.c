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

#include "wire.h"

static struct msg m;
static const uint16_t src_only[][2] = {{8, 4}};
static const uint16_t proto_only[][2] = {{4, 1}, {5, 3}};

static void
begin(uint16_t version, uint32_t domain)
{
	if (version == 9)
		v9_begin(&m, 1000, 1700000000, 0, domain);
	else
		ipfix_begin(&m, 1700000000, 0, domain);
}

static enum dec_result
learn(struct rx *rx, uint16_t version, uint32_t domain, uint16_t id)
{
	begin(version, domain);
	template_set(&m, version == 9 ? 0 : 2, id, src_only, 1);
	return (rx_msg(rx, &m));
}

static enum dec_result
data(struct rx *rx, uint16_t version, uint32_t domain, uint16_t id)
{
	begin(version, domain);
	set_begin(&m, id);
	put(&m, 0x06000000, 4);
	set_end(&m);
	return (rx_msg(rx, &m));
}

static uint32_t
count(const struct rx *rx)
{
	struct dec_usage u;

	decode_usage(rx->d, &u);
	return (u.templates);
}

static void
templates_are_of_an_exporter_a_version_and_a_domain(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	assert_int_equal(data(rx, 9, 1, 256), DEC_NOTEMPLATE);
	assert_int_equal(learn(rx, 9, 1, 256), DEC_OK);
	assert_int_equal(rx->report.templates, 1);
	assert_int_equal(data(rx, 9, 1, 256), DEC_OK);
	assert_int_equal(rx->n, 1);
	assert_int_equal(data(rx, 9, 2, 256), DEC_NOTEMPLATE);
	assert_int_equal(data(rx, 10, 1, 256), DEC_NOTEMPLATE);
	assert_int_equal(data(rx, 9, 1, 257), DEC_NOTEMPLATE);
	rx->src.agent.b[2]++;
	assert_int_equal(data(rx, 9, 1, 256), DEC_NOTEMPLATE);
	rx->src.agent.family = ADDR_V6;
	rx->src.agent.b[2]--;
	assert_int_equal(data(rx, 9, 1, 256), DEC_NOTEMPLATE);
	rx->src.agent.family = ADDR_V4;
	assert_int_equal(data(rx, 9, 1, 256), DEC_OK);
	rx_free(rx);
}

static void
newest_definition_counts(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	learn(rx, 10, 1, 256);
	begin(10, 1);
	template_set(&m, 2, 256, proto_only, 2);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(count(rx), 1);
	assert_int_equal(data(rx, 10, 1, 256), DEC_OK);
	assert_int_equal(rx->f[0].protocol, 6);
	assert_false(flow_has(&rx->f[0], FLOW_SRC_ADDR));
	rx_free(rx);
}

static void
the_same_definition_again_is_no_other(void **state)
{
	struct rx *rx = rx_new(NULL);
	struct dec_usage a, b;
	int i;

	(void)state;
	learn(rx, 9, 1, 256);
	decode_usage(rx->d, &a);
	for (i = 0; i < 100; i++)
		learn(rx, 9, 1, 256);
	decode_usage(rx->d, &b);
	assert_memory_equal(&a, &b, sizeof(a));
	assert_int_equal(rx->report.templates, 1);
	rx_free(rx);
}

static void
a_refused_definition_deletes_its_predecessor(void **state)
{
	static const uint16_t none[][2] = {{8, 0}};
	struct rx *rx = rx_new(NULL);

	(void)state;
	learn(rx, 10, 1, 256);
	begin(10, 1);
	template_set(&m, 2, 256, none, 1);
	assert_int_equal(rx_msg(rx, &m), DEC_BADTEMPLATE);
	assert_int_equal(rx->report.templates_refused, 1);
	assert_int_equal(count(rx), 0);
	assert_int_equal(data(rx, 10, 1, 256), DEC_NOTEMPLATE);
	/* The same for one that is cut off by its set. */
	learn(rx, 9, 1, 256);
	begin(9, 1);
	set_begin(&m, 0);
	put(&m, 256, 2);
	put(&m, 2, 2);
	put(&m, 0x00080004, 4);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_BADTEMPLATE);
	assert_int_equal(count(rx), 0);
	rx_free(rx);
}

static void
withdraw(struct rx *rx, uint16_t setid, uint16_t id)
{
	begin(10, 1);
	set_begin(&m, setid);
	put(&m, id, 2);
	put(&m, 0, 2);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
}

static void
ipfix_templates_are_withdrawn_one_or_all(void **state)
{
	struct rx *rx = rx_new(NULL);
	uint16_t id;

	(void)state;
	for (id = 256; id < 266; id++)
		learn(rx, 10, 1, id);
	learn(rx, 10, 2, 256);
	begin(10, 1);
	set_begin(&m, 3);
	put(&m, 300, 2);
	put(&m, 1, 2);
	put(&m, 1, 2);
	put(&m, 0x00950004, 4);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(count(rx), 12);
	withdraw(rx, 2, 260);
	assert_int_equal(rx->report.templates_withdrawn, 1);
	assert_int_equal(data(rx, 10, 1, 260), DEC_NOTEMPLATE);
	withdraw(rx, 2, 260);
	assert_int_equal(rx->report.templates_withdrawn, 0);
	withdraw(rx, 2, 2);
	assert_int_equal(rx->report.templates_withdrawn, 9);
	assert_int_equal(count(rx), 2);
	assert_int_equal(data(rx, 10, 1, 300), DEC_OK);
	assert_int_equal(rx->report.options, 1);
	withdraw(rx, 3, 3);
	assert_int_equal(count(rx), 1);
	assert_int_equal(data(rx, 10, 2, 256), DEC_OK);
	rx_free(rx);
}

static void
ids_below_256_are_refused(void **state)
{
	struct rx *rx = rx_new(NULL);
	uint16_t id;

	(void)state;
	for (id = 0; id < 256; id++) {
		assert_int_equal(learn(rx, 9, 1, id), DEC_BADTEMPLATE);
		assert_int_equal(learn(rx, 10, 1, id), DEC_BADTEMPLATE);
	}
	assert_int_equal(count(rx), 0);
	rx_free(rx);
}

static void
several_templates_stand_in_a_set_and_behind_their_data(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	learn(rx, 9, 1, 256);
	begin(9, 1);
	set_begin(&m, 256);
	put(&m, 0x0a000001, 4);
	set_end(&m);
	set_begin(&m, 0);
	put(&m, 256, 2); /* from here on */
	put(&m, 1, 2);
	put(&m, 0x000c0004, 4);
	put(&m, 257, 2);
	put(&m, 1, 2);
	put(&m, 0x00010004, 4);
	put(&m, 0, 8); /* padding */
	set_end(&m);
	set_begin(&m, 256);
	put(&m, 0x0a000002, 4);
	set_end(&m);
	set_begin(&m, 257);
	put(&m, 99, 4);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->report.templates, 2);
	assert_int_equal(rx->n, 3);
	assert_true(flow_has(&rx->f[0], FLOW_SRC_ADDR));
	assert_true(flow_has(&rx->f[1], FLOW_DST_ADDR));
	assert_int_equal(rx->f[2].octets, 99);
	rx_free(rx);
}

static void
v9_options_are_told_from_flows(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	begin(9, 1);
	set_begin(&m, 1);
	put(&m, 300, 2);
	put(&m, 4, 2); /* bytes of scopes, one of length 0: Juniper SRX */
	put(&m, 8, 2);
	put(&m, 0x00010000, 4);
	put(&m, 0x00220004, 4);
	put(&m, 0x00230001, 4);
	put(&m, 0, 2);
	set_end(&m);
	set_begin(&m, 300);
	put(&m, 1000, 4);
	put(&m, 2, 1);
	put(&m, 2000, 4);
	put(&m, 1, 1);
	put(&m, 0, 2);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->report.templates, 1);
	assert_int_equal(rx->report.options, 2);
	assert_int_equal(rx->n, 0);
	/* The id can become that of a flow template. */
	learn(rx, 9, 1, 300);
	assert_int_equal(count(rx), 1);
	data(rx, 9, 1, 300);
	assert_int_equal(rx->n, 1);
	rx_free(rx);
}

static void
ipfix_options_need_as_many_fields_as_scopes(void **state)
{
	struct rx *rx = rx_new(NULL);
	uint16_t scope;

	(void)state;
	for (scope = 0; scope < 4; scope++) {
		begin(10, 1);
		set_begin(&m, 3);
		put(&m, 300, 2);
		put(&m, 2, 2);
		put(&m, scope, 2);
		put(&m, 0x00950004, 4);
		put(&m, 0x00a00008, 4);
		set_end(&m);
		assert_int_equal(rx_msg(rx, &m),
		    scope > 2 ? DEC_BADTEMPLATE : DEC_OK);
	}
	assert_int_equal(count(rx), 0);
	rx_free(rx);
}

static void
oldest_unconfigured_domain_makes_room(void **state)
{
	const struct dec_limits limits = {.domains = 4};
	struct rx *rx = rx_new(&limits);
	struct dec_usage u;
	uint32_t i;

	(void)state;
	rx->src.configured = true;
	learn(rx, 9, 0, 256);
	rx->src.configured = false;
	for (i = 1; i < 100; i++) {
		rx->src.agent.b[3] = (uint8_t)(i + 1);
		assert_int_equal(learn(rx, 9, i, 256), DEC_OK);
		decode_usage(rx->d, &u);
		assert_true(u.domains <= 4 && u.templates <= 4);
	}
	assert_int_equal(u.evicted, 96);
	/* The last three and the configured one are there. */
	for (i = 97; i < 100; i++) {
		rx->src.agent.b[3] = (uint8_t)(i + 1);
		assert_int_equal(data(rx, 9, i, 256), DEC_OK);
	}
	rx->src.agent.b[3] = 1;
	rx->src.configured = true;
	assert_int_equal(data(rx, 9, 0, 256), DEC_OK);
	rx_free(rx);
}

static void
configured_exporters_are_never_evicted(void **state)
{
	const struct dec_limits limits = {.domains = 4};
	struct rx *rx = rx_new(&limits);
	uint32_t i;

	(void)state;
	rx->src.configured = true;
	for (i = 0; i < 4; i++)
		assert_int_equal(learn(rx, 10, i, 256), DEC_OK);
	assert_int_equal(learn(rx, 10, 4, 256), DEC_OK);
	assert_int_equal(rx->report.templates_refused, 1);
	assert_int_equal(rx->report.templates, 0);
	rx->src.agent.b[3]++;
	rx->src.configured = false;
	learn(rx, 10, 0, 256);
	assert_int_equal(rx->report.templates_refused, 1);
	assert_int_equal(data(rx, 10, 0, 256), DEC_NOTEMPLATE);
	rx->src.agent.b[3]--;
	/* A reload took them off the list: now they are like any other. */
	for (i = 0; i < 4; i++)
		assert_int_equal(data(rx, 10, i, 256), DEC_OK);
	rx->src.agent.b[3]++;
	assert_int_equal(learn(rx, 10, 0, 256), DEC_OK);
	assert_int_equal(rx->report.templates, 1);
	rx_free(rx);
}

static void
an_exporter_has_its_share_of_domains(void **state)
{
	const struct dec_limits limits = {.domains_exporter = 3};
	struct rx *rx = rx_new(&limits);
	struct dec_usage u;
	uint32_t i;

	(void)state;
	for (i = 0; i < 10; i++)
		learn(rx, 9, i, 256);
	decode_usage(rx->d, &u);
	assert_int_equal(u.domains, 3);
	assert_int_equal(data(rx, 9, 9, 256), DEC_OK);
	assert_int_equal(data(rx, 9, 0, 256), DEC_NOTEMPLATE);
	rx_free(rx);
}

static void
templates_are_limited_per_domain_and_in_all(void **state)
{
	const struct dec_limits limits = {.templates = 20,
	    .templates_domain = 8,
	    .templates_exporter = 20};
	struct rx *rx = rx_new(&limits);
	uint32_t dom;
	uint16_t id;

	(void)state;
	for (dom = 0; dom < 10; dom++)
		for (id = 256; id < 300; id++) {
			learn(rx, 10, dom, id);
			assert_int_equal(rx->report.templates, id < 264);
			assert_true(count(rx) <= 20);
		}
	assert_int_equal(data(rx, 10, 9, 263), DEC_OK);
	assert_int_equal(data(rx, 10, 0, 256), DEC_NOTEMPLATE);
	rx_free(rx);
}

static void
bytes_stay_below_the_limit(void **state)
{
	const struct dec_limits limits = {.bytes = 200000};
	struct rx *rx = rx_new(&limits);
	struct dec_usage u;
	uint32_t i, n;

	(void)state;
	for (i = 0; i < 3000; i++) {
		rx->src.agent.b[1] = (uint8_t)(i >> 8);
		rx->src.agent.b[2] = (uint8_t)i;
		begin(10, i);
		set_begin(&m, 2);
		put(&m, 256, 2);
		put(&m, i % 1000 + 1, 2);
		for (n = 0; n <= i % 1000; n++)
			put(&m, 0x7000ffff, 4);
		set_end(&m);
		assert_int_equal(rx_msg(rx, &m), DEC_OK);
		decode_usage(rx->d, &u);
		assert_true(u.bytes <= limits.bytes);
		assert_true(u.domains > 0);
	}
	rx_free(rx);
}

static void
forgetting_an_exporter_leaves_the_others(void **state)
{
	struct rx *rx = rx_new(NULL);
	struct dec_usage u;
	struct addr gone = rx->src.agent;
	uint32_t i;

	(void)state;
	for (i = 0; i < 5; i++)
		learn(rx, 9, i, 256);
	rx->src.agent.b[3]++;
	learn(rx, 9, 0, 256);
	decode_forget(rx->d, &gone, 0);
	decode_forget(rx->d, &gone, 0);
	decode_usage(rx->d, &u);
	assert_int_equal(u.domains, 1);
	assert_int_equal(u.templates, 1);
	assert_int_equal(data(rx, 9, 0, 256), DEC_OK);
	rx->src.agent = gone;
	assert_int_equal(data(rx, 9, 0, 256), DEC_NOTEMPLATE);
	rx_free(rx);
}

static void
an_error_in_one_set_does_not_lose_the_others(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	learn(rx, 10, 1, 256);
	begin(10, 1);
	set_begin(&m, 256);
	put(&m, 0x0a000001, 4);
	set_end(&m);
	set_begin(&m, 2);
	put(&m, 257, 2);
	put(&m, 1, 2); /* a field that is not there */
	set_end(&m);
	set_begin(&m, 256);
	put(&m, 0x0a000002, 4);
	set_end(&m);
	put(&m, 0x01000400, 4); /* a set that is longer than the message */
	assert_int_equal(rx_msg(rx, &m), DEC_BADTEMPLATE);
	assert_int_equal(rx->n, 2);
	assert_int_equal(rx->report.flows, 2);
	rx_free(rx);
}

static void
no_template_is_the_result_only_if_nothing_else_was(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	learn(rx, 10, 1, 256);
	begin(10, 1);
	set_begin(&m, 999);
	put(&m, 1, 4);
	set_end(&m);
	set_begin(&m, 256);
	put(&m, 0x0a000002, 4);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->report.sets_no_template, 1);
	assert_int_equal(rx->n, 1);
	rx_free(rx);
}

/* 100,000 exporters with a template each, then one with as many. */
static void
a_flood_costs_what_a_datagram_costs(void **state)
{
	struct rx *rx = rx_new(NULL);
	struct dec_usage u;
	uint32_t i;

	(void)state;
	for (i = 0; i < 100000; i++) {
		rx->src.agent.b[1] = (uint8_t)(i >> 16);
		rx->src.agent.b[2] = (uint8_t)(i >> 8);
		rx->src.agent.b[3] = (uint8_t)i;
		learn(rx, 9, 0, 256);
	}
	for (i = 0; i < 100000; i++)
		learn(rx, 9, i >> 12, (uint16_t)(256 + (i & 0xfff)));
	decode_usage(rx->d, &u);
	/* The domains of the last, less what went for its share. */
	assert_in_range(u.domains, 16384 - 25, 16384);
	assert_in_range(u.templates, 16384, 16384 + 131072 / 4);
	assert_true(u.bytes < 64 * 1024 * 1024);
	rx_free(rx);
}

static void
pass(struct rx *rx, int seconds)
{
	rx->src.recv_time += seconds * NSEC_PER_SEC;
}

static void
what_is_not_confirmed_in_time_is_forgotten(void **state)
{
	const struct dec_limits limits = {.expire_ipfix = 60};
	struct rx *rx = rx_new(&limits);
	struct dec_usage u;

	(void)state;
	learn(rx, 9, 1, 256);
	learn(rx, 10, 1, 256);
	learn(rx, 10, 1, 257);
	pass(rx, 40);
	assert_int_equal(learn(rx, 10, 1, 257), DEC_OK);
	pass(rx, 20);
	assert_int_equal(data(rx, 10, 1, 256), DEC_OK);
	pass(rx, 1);
	/* Use is no confirmation. */
	assert_int_equal(data(rx, 10, 1, 256), DEC_NOTEMPLATE);
	assert_int_equal(rx->report.templates_expired, 1);
	assert_int_equal(data(rx, 10, 1, 257), DEC_OK);
	assert_int_equal(rx->report.templates_expired, 0);
	assert_int_equal(data(rx, 9, 1, 256), DEC_OK);
	assert_int_equal(count(rx), 2);
	/* Those that nobody asks for go when their domain learns another. */
	pass(rx, 100);
	learn(rx, 10, 1, 300);
	assert_int_equal(rx->report.templates_expired, 1);
	assert_int_equal(count(rx), 2);
	decode_usage(rx->d, &u);
	assert_int_equal(u.expired, 2);
	/* A clock that steps back expires nothing. */
	pass(rx, -100000);
	assert_int_equal(data(rx, 10, 1, 300), DEC_OK);
	rx_free(rx);
}

static void
ids_of_an_hour_ago_make_room_and_those_in_use_stay(void **state)
{
	const struct dec_limits limits = {.templates_domain = 4};
	struct rx *rx = rx_new(&limits);
	uint16_t id;

	(void)state;
	rx->src.configured = true;
	for (id = 256; id < 260; id++)
		learn(rx, 9, 1, id);
	pass(rx, 1800);
	learn(rx, 9, 1, 260);
	assert_int_equal(rx->report.templates_refused, 1);
	assert_int_equal(data(rx, 9, 1, 256), DEC_OK);
	pass(rx, 1801);
	learn(rx, 9, 1, 260);
	assert_int_equal(rx->report.templates_refused, 0);
	assert_int_equal(count(rx), 4);
	assert_int_equal(data(rx, 9, 1, 256), DEC_OK);
	assert_int_equal(data(rx, 9, 1, 257), DEC_NOTEMPLATE);
	rx_free(rx);
}

/* Nobody's flood keeps a configured exporter from being understood. */
static void
memory_full_of_strangers_has_room_for_the_configured(void **state)
{
	const struct dec_limits limits = {.bytes = 300000};
	struct rx *rx = rx_new(&limits);
	struct dec_usage u;
	uint32_t i;

	(void)state;
	for (i = 0; i < 5000; i++) {
		rx->src.agent.b[2] = (uint8_t)(i >> 8);
		rx->src.agent.b[3] = (uint8_t)i;
		learn(rx, 9, 0, 256);
	}
	decode_usage(rx->d, &u);
	assert_true(u.evicted > 1000 && u.hits[DEC_CAP_BYTES] > 1000);
	rx->src.agent.b[1] = 7;
	rx->src.configured = true;
	for (i = 256; i < 456; i++) {
		assert_int_equal(learn(rx, 9, 0, (uint16_t)i), DEC_OK);
		assert_int_equal(rx->report.templates_refused, 0);
	}
	decode_usage(rx->d, &u);
	assert_true(u.bytes <= limits.bytes);
	for (i = 256; i < 456; i++)
		assert_int_equal(data(rx, 9, 0, (uint16_t)i), DEC_OK);
	rx_free(rx);
}

static void
one_exporter_takes_no_more_than_its_share(void **state)
{
	const struct dec_limits limits = {.bytes = 1000000};
	struct rx *rx = rx_new(&limits);
	struct dec_usage u;
	uint32_t i;

	(void)state;
	for (i = 0; i < 20; i++) {
		rx->src.agent.b[3] = (uint8_t)i;
		learn(rx, 9, 0, 256);
	}
	rx->src.agent.b[1] = 9;
	for (i = 0; i < 20000; i++)
		learn(rx, 9, i / 1000, (uint16_t)(256 + i % 1000));
	decode_usage(rx->d, &u);
	assert_true(u.bytes < 500000);
	rx->src.agent.b[1] = 0;
	for (i = 0; i < 20; i++) {
		rx->src.agent.b[3] = (uint8_t)i;
		assert_int_equal(data(rx, 9, 0, 256), DEC_OK);
	}
	rx_free(rx);
}

static void
smaller_limits_count_at_once(void **state)
{
	struct dec_limits limits = {.bytes = 4000000};
	struct rx *rx = rx_new(&limits);
	struct dec_usage u;
	uint32_t i;

	(void)state;
	rx->src.agent.b[1] = 1;
	rx->src.configured = true;
	learn(rx, 9, 0, 256);
	rx->src.configured = false;
	rx->src.agent.b[1] = 0;
	for (i = 0; i < 5000; i++) {
		rx->src.agent.b[2] = (uint8_t)(i >> 8);
		rx->src.agent.b[3] = (uint8_t)i;
		learn(rx, 9, 0, 256);
	}
	limits.bytes = 100000;
	decode_limit(rx->d, &limits);
	decode_usage(rx->d, &u);
	assert_true(u.bytes <= 100000);
	/* The tables shrink, too: there is room for some. */
	assert_true(u.templates > 100);
	assert_int_equal(data(rx, 9, 0, 256), DEC_OK);
	limits.domains = 10;
	decode_limit(rx->d, &limits);
	decode_usage(rx->d, &u);
	assert_int_equal(u.domains, 10);
	decode_reserve(rx->d, 99000);
	limits.domains = 20;
	decode_limit(rx->d, &limits);
	decode_usage(rx->d, &u);
	assert_int_equal(u.domains, 1);
	rx->src.agent.b[2] = 0;
	rx->src.agent.b[3] = 1;
	rx->src.agent.b[1] = 1;
	rx->src.configured = true;
	assert_int_equal(data(rx, 9, 0, 256), DEC_OK);
	rx_free(rx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		templates_are_of_an_exporter_a_version_and_a_domain),
	    cmocka_unit_test(newest_definition_counts),
	    cmocka_unit_test(the_same_definition_again_is_no_other),
	    cmocka_unit_test(a_refused_definition_deletes_its_predecessor),
	    cmocka_unit_test(ipfix_templates_are_withdrawn_one_or_all),
	    cmocka_unit_test(ids_below_256_are_refused),
	    cmocka_unit_test(
		several_templates_stand_in_a_set_and_behind_their_data),
	    cmocka_unit_test(v9_options_are_told_from_flows),
	    cmocka_unit_test(ipfix_options_need_as_many_fields_as_scopes),
	    cmocka_unit_test(oldest_unconfigured_domain_makes_room),
	    cmocka_unit_test(configured_exporters_are_never_evicted),
	    cmocka_unit_test(an_exporter_has_its_share_of_domains),
	    cmocka_unit_test(templates_are_limited_per_domain_and_in_all),
	    cmocka_unit_test(bytes_stay_below_the_limit),
	    cmocka_unit_test(forgetting_an_exporter_leaves_the_others),
	    cmocka_unit_test(an_error_in_one_set_does_not_lose_the_others),
	    cmocka_unit_test(
		no_template_is_the_result_only_if_nothing_else_was),
	    cmocka_unit_test(a_flood_costs_what_a_datagram_costs),
	    cmocka_unit_test(smaller_limits_count_at_once),
	    cmocka_unit_test(one_exporter_takes_no_more_than_its_share),
	    cmocka_unit_test(
		memory_full_of_strangers_has_room_for_the_configured),
	    cmocka_unit_test(
		ids_of_an_hour_ago_make_room_and_those_in_use_stay),
	    cmocka_unit_test(what_is_not_confirmed_in_time_is_forgotten),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
