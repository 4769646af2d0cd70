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
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/fuzz/selection.h"

/* Rules by chance; of one, it may be such as the language refuses. */
static struct filter *
some_filter(struct selection *s)
{
	struct filter *f;
	char *text;

	do {
		text = upto(s, 2) ? some_rules(s) : some_clauses(s);
		f = parse_rules(text);
		free(text);
	} while (f == NULL);
	return (f);
}

/* What became of a flow. */
struct fate {
	enum filter_verdict verdict;
	bool tagged;
	uint32_t tag;
};

static struct fate
fate_of(struct filter *f, struct flow flow)
{
	struct fate fate;

	fate.verdict = filter_match(f, &flow);
	fate.tagged = flow_has(&flow, FLOW_TAG);
	fate.tag = fate.tagged ? flow.tag : 0;
	return (fate);
}

/* Another value, another presence, or both. */
static void
scramble(struct selection *s, struct flow *f, const struct field *fd)
{
	uint8_t *m = field_ptr(f, fd);
	size_t i, size = field_size(fd->type);

	if (upto(s, 2) == 0) {
		if (flow_has(f, fd->bit))
			flow_unset(f, fd->bit);
		else
			flow_set(f, fd->bit);
	}
	if (fd->type == FT_TEXT)
		some_text((struct flow_text *)m, upto(s, 100));
	else if (upto(s, 4) != 0)
		for (i = 0; i < size; i++)
			m[i] = (uint8_t)chance(s);
}

static void
check_fields(struct selection *s, struct filter *f, const struct flow_set *set,
    const struct flow *flow)
{
	struct flow other = *flow;
	struct fate a, b;
	size_t i;

	for (i = 0; i < FLOW_NFIELDS; i++)
		if (!(set->w[i / 64] >> i % 64 & 1) && i != FLOW_TAG)
			scramble(s, &other, &fields[i]);
	a = fate_of(f, *flow);
	b = fate_of(f, other);
	assert_int_equal(a.verdict, b.verdict);
	assert_int_equal(a.tagged, b.tagged);
	assert_int_equal(a.tag, b.tag);
	if (set->w[FLOW_TAG / 64] >> FLOW_TAG % 64 & 1)
		return;
	scramble(s, &other, &fields[FLOW_TAG]);
	assert_int_equal(filter_match(f, &other), a.verdict);
}

static void
no_other_field_changes_what_becomes_of_a_flow(void **state)
{
	struct selection s = {.seed = 1};
	struct flow_set set;
	struct filter *f;
	struct flow flow;
	struct kind k;
	int round, i;

	(void)state;
	for (round = 0; round < 500; round++) {
		f = some_filter(&s);
		memset(&set, 0, sizeof(set));
		filter_fields(f, &set);
		k = some_kind(&s);
		for (i = 0; i < 100; i++) {
			some_flow(&s, &k, (uint32_t)i, &flow);
			check_fields(&s, f, &set, &flow);
		}
		filter_free(f);
	}
}

static struct flow_set
fields_of(const char *text)
{
	struct filter *f = parse_rules(text);
	struct flow_set s = {{0}};

	assert_non_null(f);
	filter_fields(f, &s);
	filter_free(f);
	return (s);
}

static void
rules_look_at_few_fields(void **state)
{
	struct flow_set s = fields_of("");

	(void)state;
	assert_true(s.w[0] == 0 && s.w[1] == 0);
	s = fields_of("discard all\naccept tag 3 all\n");
	assert_true(s.w[0] == 0 && s.w[1] == 0);
	s = fields_of("discard dst port 80\naccept src 10.0.0.0/8\n");
	assert_true(s.w[1] == 0 &&
	    s.w[0] ==
		(UINT64_C(1) << FLOW_PROTOCOL | UINT64_C(1) << FLOW_DST_PORT |
		    UINT64_C(1) << FLOW_SRC_ADDR |
		    UINT64_C(1) << FLOW_SRC_PREFIX));
	s = fields_of("accept duration > 3 days mon\n");
	assert_true(s.w[1] == 0 &&
	    s.w[0] ==
		(UINT64_C(1) << FLOW_START | UINT64_C(1) << FLOW_END |
		    UINT64_C(1) << FLOW_RECV_TIME));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_other_field_changes_what_becomes_of_a_flow),
	    cmocka_unit_test(rules_look_at_few_fields),
	};

	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
