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

#include <dirent.h>
#include <unistd.h>

#include "asked.h"
#include "query/derive.h"
#include "text.h"

static struct flow flows[ASKED_FLOWS];
static const struct asked_deal one = {1, 65536, true};
static const struct asked_deal deals[] = {
    {1, 100, true},
    {2, 500, true},
    {3, 77, false},
    {8, 1000, true},
};

/* The naive way: groups in a row, each flow compared with all of them. */
struct naive {
	char key[400];
	struct flow f; /* of the key */
	bool turned;
	int64_t step;
	bool has_step;
	uint64_t flows, packets, octets, records;
	uint64_t reverse_packets, reverse_octets;
	int64_t start, end;
	bool has_start, has_end;
};

static struct naive group[ASKED_FLOWS * 2];
static size_t ngroups;

static void
make(unsigned int missing, unsigned int v6)
{
	size_t i;

	for (i = 0; i < ASKED_FLOWS; i++)
		asked_flow(&flows[i], missing, v6);
}

static uint64_t
add(uint64_t a, uint64_t b)
{
	return (a > UINT64_MAX - b ? UINT64_MAX : a + b);
}

static void
mask(struct addr *a, unsigned int bits4, unsigned int bits6)
{
	unsigned int bits = a->family == ADDR_V4 ? bits4 : bits6, i;

	for (i = bits; i < (a->family == ADDR_V4 ? 32 : 128); i++)
		a->b[i / 8] &= (uint8_t) ~(0x80 >> i % 8);
}

/* A field of CSV. */
static size_t
cell(char *to, size_t room, const struct flow *f, const struct key *k)
{
	const enum flow_field bit = k->field->bit;
	const struct field *fd = &fields[bit];
	struct prefix p;
	const uint8_t *m;
	struct text t;

	to[0] = '\0';
	if (!flow_has(f, bit))
		return (0);
	if (fd->type == FT_ADDR) {
		memcpy(&p.addr, field_cptr(f, fd), sizeof(p.addr));
		p.len = p.addr.family == ADDR_V4 ? k->bits4 : k->bits6;
		if (p.len == addr_bits(&p.addr))
			addr_format(&p.addr, to);
		else
			prefix_format(&p, to);
		return (strlen(to));
	}
	if (fd->type == FT_MAC) {
		m = field_cptr(f, fd);
		return (
		    (size_t)snprintf(to, room, "%02x:%02x:%02x:%02x:%02x:%02x",
			m[0], m[1], m[2], m[3], m[4], m[5]));
	}
	if (fd->type == FT_TEXT) {
		text_init(&t, to, room);
		text_csv(&t, f->user_name.p, f->user_name.len);
		return (text_done(&t));
	}
	return ((size_t)snprintf(to, room, "%llu",
	    (unsigned long long)field_number(f, fd)));
}

static void
key_of(const struct question *q, const struct flow *f, char *to, size_t room)
{
	size_t i, n = 0;

	for (i = 0; i < q->nkeys; i++) {
		n += cell(to + n, room - n, f, &q->keys[i]);
		to[n++] = ',';
		to[n] = '\0';
	}
}

static struct naive *
find(const char *key, int64_t step, bool has_step)
{
	size_t i;

	for (i = 0; i < ngroups; i++)
		if (strcmp(group[i].key, key) == 0 && group[i].step == step &&
		    group[i].has_step == has_step)
			return (&group[i]);
	assert_true(ngroups < sizeof(group) / sizeof(group[0]));
	memset(&group[ngroups], 0, sizeof(group[0]));
	snprintf(group[ngroups].key, sizeof(group[0].key), "%s", key);
	group[ngroups].step = step;
	group[ngroups].has_step = has_step;
	return (&group[ngroups++]);
}

static void
count(struct naive *g, const struct flow *f)
{
	g->flows = add(g->flows, flow_has(f, FLOW_FLOWS) ? f->flows : 1);
	g->records++;
	g->packets = add(g->packets, f->packets);
	g->octets = add(g->octets, f->octets);
	if (flow_has(f, FLOW_START) && (!g->has_start || f->start < g->start))
		g->start = f->start;
	g->has_start = g->has_start || flow_has(f, FLOW_START);
	if (flow_has(f, FLOW_END) && (!g->has_end || f->end > g->end))
		g->end = f->end;
	g->has_end = g->has_end || flow_has(f, FLOW_END);
}

static void
prepare(const struct question *q, const struct flow *from, struct flow *f)
{
	size_t i;

	*f = *from;
	for (i = 0; i < q->nkeys; i++)
		if (q->keys[i].field->type == FT_ADDR)
			mask(field_ptr(f, q->keys[i].field), q->keys[i].bits4,
			    q->keys[i].bits6);
}

static void
swap(struct flow *f)
{
	struct flow g = *f;
	f->src_addr = g.dst_addr;
	f->dst_addr = g.src_addr;
	f->src_port = g.dst_port;
	f->dst_port = g.src_port;
	flow_unset(f, FLOW_SRC_ADDR);
	flow_unset(f, FLOW_DST_ADDR);
	flow_unset(f, FLOW_SRC_PORT);
	flow_unset(f, FLOW_DST_PORT);
	if (flow_has(&g, FLOW_DST_ADDR))
		flow_set(f, FLOW_SRC_ADDR);
	if (flow_has(&g, FLOW_SRC_ADDR))
		flow_set(f, FLOW_DST_ADDR);
	if (flow_has(&g, FLOW_DST_PORT))
		flow_set(f, FLOW_SRC_PORT);
	if (flow_has(&g, FLOW_SRC_PORT))
		flow_set(f, FLOW_DST_PORT);
}

static bool
either(const struct question *q)
{
	size_t i;

	for (i = 0; i < q->nkeys; i++)
		if (q->keys[i].either)
			return (true);
	return (false);
}

/* Does it have any of the ends that count? */
static bool
has_end(const struct question *q, const struct flow *f)
{
	size_t i;

	for (i = 0; i < q->nkeys; i++)
		if (q->keys[i].either && flow_has(f, q->keys[i].field->bit))
			return (true);
	return (false);
}

static int64_t
step_of(const struct question *q, const struct flow *f)
{
	return (!flow_has(f, FLOW_START) || q->every == 0
		? 0
		: f->start / q->every * q->every);
}

static void
count_either(const struct question *q, const struct flow *from)
{
	struct flow f, g = *from;
	char a[400], b[400];
	struct naive *n;

	prepare(q, from, &f);
	key_of(q, &f, a, sizeof(a));
	swap(&g);
	prepare(q, &g, &g);
	key_of(q, &g, b, sizeof(b));
	if (has_end(q, &f) || !has_end(q, &g)) {
		n = find(a, 0, false);
		if (n->records == 0)
			n->f = f;
		count(n, from);
	}
	if (has_end(q, &g) && strcmp(a, b) != 0) {
		n = find(b, 0, false);
		if (n->records == 0)
			n->f = g;
		count(n, from);
	}
}

static void
group_all(const struct question *q)
{
	char key[400];
	struct naive *n;
	struct flow f;
	size_t i;

	ngroups = 0;
	for (i = 0; i < ASKED_FLOWS; i++) {
		if (either(q)) {
			count_either(q, &flows[i]);
			continue;
		}
		prepare(q, &flows[i], &f);
		key_of(q, &f, key, sizeof(key));
		n = find(key, step_of(q, &f),
		    q->every > 0 && flow_has(&f, FLOW_START));
		if (n->records == 0)
			n->f = f;
		count(n, &f);
	}
}

static int
cmp_field(const struct flow *a, const struct flow *b, enum flow_field bit)
{
	const struct field *fd = &fields[bit];
	uint64_t x, y;
	size_t n;
	int c;

	if (flow_has(a, bit) != flow_has(b, bit))
		return (flow_has(a, bit) ? 1 : -1);
	if (!flow_has(a, bit))
		return (0);
	if (fd->type == FT_ADDR)
		return (addr_cmp(field_cptr(a, fd), field_cptr(b, fd)));
	if (fd->type == FT_MAC)
		return (memcmp(field_cptr(a, fd), field_cptr(b, fd), 6));
	if (fd->type == FT_TEXT) {
		n = a->user_name.len < b->user_name.len ? a->user_name.len
							: b->user_name.len;
		c = memcmp(a->user_name.p, b->user_name.p, n);
		return (c != 0 ? c : a->user_name.len - b->user_name.len);
	}
	x = field_number(a, fd);
	y = field_number(b, fd);
	return (x < y ? -1 : x > y);
}

static const struct question *sorted_for;

static uint64_t
quantity(const struct naive *n, enum quantity q)
{
	uint64_t duration = n->has_start && n->has_end && n->end > n->start
	    ? (uint64_t)(n->end - n->start)
	    : 0;

	switch (q) {
	case Q_FLOWS:
		return (n->flows);
	case Q_PACKETS:
		return (n->packets);
	case Q_OCTETS:
		return (n->octets);
	case Q_RECORDS:
		return (n->records);
	case Q_START:
		return (n->has_start ? (uint64_t)n->start : 0);
	case Q_END:
		return (n->has_end ? (uint64_t)n->end : 0);
	case Q_DURATION:
		return (duration);
	case Q_PPS:
		return (derive_divide(n->packets, NSEC_PER_SEC, duration));
	case Q_BPS:
		return (derive_divide(n->octets, 8 * NSEC_PER_SEC, duration));
	case Q_BPP:
		return (n->packets == 0 ? 0 : n->octets / n->packets);
	case Q_REVERSE_PACKETS:
	case Q_REVERSE_OCTETS:
	case Q_MAX:
	default:
		return (0);
	}
}

static int
cmp_naive(const void *x, const void *y)
{
	const struct naive *a = x, *b = y;
	const struct question *q = sorted_for;
	enum quantity by = q->norders > 0 ? q->orders[0].by : Q_OCTETS;
	bool ascending = q->norders > 0 && q->orders[0].ascending;
	uint64_t m, n;
	size_t i;
	int c = 0;

	if (a->has_step != b->has_step)
		return (a->has_step ? 1 : -1);
	if (a->step != b->step)
		return (a->step < b->step ? -1 : 1);
	if (by == Q_MAX)
		c = cmp_field(&a->f, &b->f, q->orders[0].field->bit);
	else {
		m = quantity(a, by);
		n = quantity(b, by);
		c = m < n ? -1 : m > n;
	}
	if (c != 0)
		return (ascending ? c : -c);
	for (i = 0; i < q->nkeys && c == 0; i++)
		c = cmp_field(&a->f, &b->f, q->keys[i].field->bit);
	return (c);
}

/* Rows as the sheet has them: keys, flows, packets, octets, what is sorted by.
 */
static char *
naive_text(const struct question *q)
{
	char *text = calloc(ngroups + 1, 500);
	const struct naive *n;
	size_t i, len = 0;
	enum quantity by = q->norders > 0 ? q->orders[0].by : Q_MAX;

	assert_non_null(text);
	sorted_for = q;
	qsort(group, ngroups, sizeof(group[0]), cmp_naive);
	for (i = 0; i < ngroups && (q->top == 0 || i < q->top); i++) {
		n = &group[i];
		len += (size_t)snprintf(text + len, 500, "%s%llu,%llu,%llu",
		    n->key, (unsigned long long)n->flows,
		    (unsigned long long)n->packets,
		    (unsigned long long)n->octets);
		if (by == Q_RECORDS || (by >= Q_PPS && by < Q_MAX))
			len += (size_t)snprintf(text + len, 30, ",%llu",
			    (unsigned long long)quantity(n, by));
		len += (size_t)snprintf(text + len, 3, "\n");
	}
	return (text);
}

static const char *
without_head(const struct asked *a)
{
	const char *p = strchr(a->text, '\n');

	return (p == NULL ? "" : p + 1);
}

static void
same_however_dealt(const struct question *q, const struct asked *want)
{
	struct asked a;
	size_t i;

	for (i = 0; i < sizeof(deals) / sizeof(deals[0]); i++) {
		a = asked_group(q, flows, ASKED_FLOWS, &deals[i]);
		asked_same(a.text, want->text);
		free(a.text);
	}
}

static void
check(const char *keys, const char *orders, uint64_t top)
{
	struct question q = {.threads = 1, .top = top};
	struct asked a;
	char bad[64], *want;

	assert_int_equal(question_keys(&q, keys, bad), 0);
	if (orders != NULL)
		assert_int_equal(question_orders(&q, orders, bad), 0);
	group_all(&q);
	want = naive_text(&q);
	a = asked_group(&q, flows, ASKED_FLOWS, &one);
	asked_same(without_head(&a), want);
	same_however_dealt(&q, &a);
	/* A little memory: all goes through files. */
	q.memory = 20000;
	q.tmpdir = "/tmp";
	q.threads = 2;
	same_however_dealt(&q, &a);
	free(a.text);
	free(want);
}

static void
groups_are_those_of_a_slow_search(void **state)
{
	(void)state;
	make(0, 0);
	check("src_addr", NULL, 0);
	check("src_addr", NULL, 10);
	check("dst_port", "flows", 3);
	check("src_addr,dst_addr", NULL, 0);
	check("src_addr,dst_addr,src_port,dst_port,protocol", NULL, 0);
	check("protocol,dst_port", "packets", 0);
	check("src_addr,protocol", "-src_addr", 0);
}

/* Of some batches packets have more than 32 bits, of some only all do. */
static void
large_numbers_are_summed_whole(void **state)
{
	size_t i;

	(void)state;
	make(0, 0);
	for (i = 0; i < ASKED_FLOWS; i += 150) {
		flows[i].packets = 3000000000;
		flows[i].octets = UINT32_MAX;
	}
	check("src_addr", NULL, 0);
	check("dst_port", "flows", 0);
	check("addr", "packets", 0);
	check("addr/16", NULL, 0);
	check("protocol", NULL, 0);
	for (i = 70; i < ASKED_FLOWS; i += 500)
		flows[i].octets = UINT64_MAX / 3;
	check("src_addr", NULL, 0);
	check("dst_port", NULL, 0);
	check("addr", NULL, 0);
}

static void
absent_fields_and_ipv6_are_groups_of_their_own(void **state)
{
	(void)state;
	make(20, 3);
	check("src_addr", NULL, 0);
	check("src_addr/16/32", NULL, 0);
	check("src_addr/0,dst_addr/8/64,protocol", NULL, 0);
	check("dst_port", NULL, 0);
	check("src_addr,dst_addr,src_port,dst_port,protocol", "flows", 50);
	check("in_src_mac", NULL, 0);
	check("user_name", NULL, 0);
	check("user_name,dst_addr,in_src_mac", "octets", 0);
	check("src_addr,user_name", "+src_addr", 0);
}

static void
either_end_counts_once(void **state)
{
	(void)state;
	make(0, 0);
	check("addr", NULL, 0);
	check("port", "flows", 3);
	check("addr,port", NULL, 0);
	check("addr,port,protocol", NULL, 20);
	make(10, 4);
	check("addr", NULL, 0);
	check("addr/16", NULL, 0);
	check("addr,port", "records", 0);
}

static void
rates_are_of_the_whole_group(void **state)
{
	(void)state;
	make(30, 4);
	check("src_addr", "bps", 0);
	check("src_addr", "pps:asc", 7);
	check("src_addr,dst_addr", "bpp", 0);
	check("dst_port", "-bps", 2);
}

static void
no_flows_make_no_groups(void **state)
{
	struct question q = {.threads = 1};
	struct asked a;
	char bad[64];

	(void)state;
	assert_int_equal(question_keys(&q, "src_addr,protocol", bad), 0);
	a = asked_group(&q, flows, 0, &one);
	asked_same(a.text, "src_addr,protocol,flows,packets,octets\n");
	free(a.text);
	q.distinct = true;
	a = asked_group(&q, flows, 0, &one);
	asked_same(a.text, "distinct\n0\n");
	free(a.text);
}

static void
distinct_values_are_counted(void **state)
{
	struct question q = {.threads = 1, .distinct = true};
	char bad[64], want[64];
	struct asked a;

	(void)state;
	make(9, 3);
	assert_int_equal(question_keys(&q, "src_addr,dst_port", bad), 0);
	group_all(&q);
	snprintf(want, sizeof(want), "distinct\n%zu\n", ngroups);
	a = asked_group(&q, flows, ASKED_FLOWS, &one);
	asked_same(a.text, want);
	same_however_dealt(&q, &a);
	q.memory = 10000;
	q.tmpdir = "/tmp";
	same_however_dealt(&q, &a);
	free(a.text);
}

static size_t
leftovers(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	size_t n = 0;

	assert_non_null(d);
	while ((e = readdir(d)) != NULL)
		n += e->d_name[0] != '.';
	closedir(d);
	return (n);
}

static void
what_does_not_fit_goes_to_files_without_names(void **state)
{
	char dir[] = "/tmp/group_test.XXXXXX", bad[64];
	struct question q = {.threads = 1, .memory = 20000};
	struct asked a, b;

	(void)state;
	make(0, 0);
	assert_non_null(mkdtemp(dir));
	assert_int_equal(question_keys(&q, "src_addr,dst_addr,src_port", bad),
	    0);
	q.tmpdir = dir;
	q.memory = 0;
	a = asked_group(&q, flows, ASKED_FLOWS, &one);
	q.memory = 20000;
	b = asked_group(&q, flows, ASKED_FLOWS, &one);
	asked_same(a.text, b.text);
	assert_int_equal(leftovers(dir), 0);
	assert_int_equal(rmdir(dir), 0);
	free(a.text);
	free(b.text);
}

static const char *
refused(struct question *q, struct consumer **c)
{
	struct rows *rows = rows_new(ASKED_FLOWS, NULL);
	struct batch *b = batch_new();
	struct sel sel = {0};
	const char *err;
	void *w;
	size_t i;

	*c = group_consumer(q, NULL);
	w = (*c)->begin((*c)->arg);
	for (i = 0; i < ASKED_FLOWS; i++)
		assert_true(rows_add(rows, &flows[i]));
	batch_set_rows(b, rows);
	sel.n = rows_count(rows);
	err = (*c)->take(w, b, &sel, NULL);
	(*c)->merge((*c)->arg, w);
	batch_free(b);
	rows_free(rows);
	return (err);
}

static void
no_place_for_files_is_an_error_that_says_what_to_do(void **state)
{
	struct question q = {.threads = 1, .memory = 20000};
	struct consumer *c;
	const char *err;
	char bad[64];

	(void)state;
	make(0, 0);
	assert_int_equal(question_keys(&q, "src_addr,dst_addr,src_port", bad),
	    0);
	q.tmpdir = "/nonexistent/dir";
	err = refused(&q, &c);
	assert_non_null(err);
	assert_non_null(strstr(err, "--memory"));
	assert_non_null(strstr(err, "--tmpdir"));
	assert_non_null(strstr(err, "/nonexistent/dir"));
	c->free(c);
	q.tmpdir = NULL;
	err = refused(&q, &c);
	assert_non_null(err);
	assert_non_null(strstr(err, "--tmpdir"));
	c->free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(groups_are_those_of_a_slow_search),
	    cmocka_unit_test(large_numbers_are_summed_whole),
	    cmocka_unit_test(absent_fields_and_ipv6_are_groups_of_their_own),
	    cmocka_unit_test(either_end_counts_once),
	    cmocka_unit_test(rates_are_of_the_whole_group),
	    cmocka_unit_test(no_flows_make_no_groups),
	    cmocka_unit_test(distinct_values_are_counted),
	    cmocka_unit_test(what_does_not_fit_goes_to_files_without_names),
	    cmocka_unit_test(
		no_place_for_files_is_an_error_that_says_what_to_do),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
