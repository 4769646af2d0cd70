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

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "decode/form.h"

/* A form in the making. */
struct making {
	unsigned int ncopies, nsame;
	struct copy copy[FLOW_NFIELDS];
	struct same same[FORM_SAME];
};

static bool
add_copy(struct making *m, struct copy c)
{
	if (m->ncopies == FLOW_NFIELDS)
		return (false);
	m->copy[m->ncopies++] = c;
	return (true);
}

static bool
add_same(struct making *m, uint16_t src, uint8_t len, bool zero)
{
	if (m->nsame == FORM_SAME)
		return (false);
	m->same[m->nsame++] = (struct same){src, len, zero};
	return (true);
}

/* Where the rate is 0 there may be another: of the exporter's options. */
static bool
add_field(struct making *m, struct copy c)
{
	if (c.field == FLOW_SAMPLING_RATE)
		return (add_same(m, c.src, c.len, false));
	return (add_copy(m, c));
}

static bool
is_width(uint8_t len)
{
	return (len == 1 || len == 2 || len == 4 || len == 8);
}

/* Of a number that is too wide for its member the rest is zero. */
static bool
add_uint(struct making *m, const struct op *op)
{
	const uint8_t size = op->len < op->arg ? op->len : op->arg;
	const uint8_t rest = (uint8_t)(op->len - size);

	if (!is_width(size))
		return (add_same(m, op->src, op->len, false));
	if (rest > 0 && !add_same(m, op->src, rest, true))
		return (false);
	return (add_field(m,
	    (struct copy){(uint16_t)(op->src + rest), size, COPY_NUMBER,
		op->field}));
}

static bool
add_time(struct making *m, const struct op *op)
{
	const bool seconds = op->code == OP_SECONDS;

	if (op->len != 8 && !(seconds && op->len == 4))
		return (false);
	return (add_copy(m,
	    (struct copy){op->src, op->len,
		seconds ? COPY_SECONDS : COPY_MSECONDS, op->field}));
}

/* A copy, or two. */
static bool
add_copies(struct making *m, const struct op *op)
{
	/* clang-format off */
	static const struct {
		uint8_t n, len, kind;
	} steps[OP_SAMPLING + 1] = {
		[OP_8_1] = { 1, 1, COPY_NUMBER },
		[OP_8_1_PAIR] = { 2, 1, COPY_NUMBER },
		[OP_16_1] = { 1, 1, COPY_NUMBER },
		[OP_16_1_PAIR] = { 2, 1, COPY_NUMBER },
		[OP_16_2] = { 1, 2, COPY_NUMBER },
		[OP_16_2_PAIR] = { 2, 2, COPY_NUMBER },
		[OP_32_2] = { 1, 2, COPY_NUMBER },
		[OP_32_2_PAIR] = { 2, 2, COPY_NUMBER },
		[OP_32_4] = { 1, 4, COPY_NUMBER },
		[OP_32_4_PAIR] = { 2, 4, COPY_NUMBER },
		[OP_64_4] = { 1, 4, COPY_NUMBER },
		[OP_64_4_PAIR] = { 2, 4, COPY_NUMBER },
		[OP_64_8] = { 1, 8, COPY_NUMBER },
		[OP_64_8_PAIR] = { 2, 8, COPY_NUMBER },
		[OP_V4] = { 1, 4, COPY_ADDR4 },
		[OP_V4_PAIR] = { 2, 4, COPY_ADDR4 },
		[OP_V6] = { 1, 16, COPY_ADDR6 },
		[OP_V6_PAIR] = { 2, 16, COPY_ADDR6 },
		[OP_MAC] = { 1, 6, COPY_MAC },
	};
	/* clang-format on */
	const uint8_t n = steps[op->code].n, len = steps[op->code].len;
	struct copy c = {op->src, len, steps[op->code].kind, op->field};

	if (n == 0 || !add_field(m, c))
		return (false);
	if (n == 1)
		return (true);
	c.src = (uint16_t)(c.src + len);
	c.field = op->arg;
	return (add_field(m, c));
}

/*
 * What depends on its own bytes alone is the same where they are.  False of all
 * that depends on other members, too.
 */
static bool
add_step(struct making *m, const struct op *op)
{
	switch (op->code) {
	case OP_UINT:
		return (add_uint(m, op));
	case OP_SECONDS:
	case OP_MILLISECONDS:
		return (add_time(m, op));
	case OP_MS_US:
	case OP_LABEL:
	case OP_APPID:
	case OP_TEXT:
	case OP_FLAGS:
	case OP_DSCP:
	case OP_SAMPLING:
		return (add_same(m, op->src, op->len, false));
	default:
		return (add_copies(m, op));
	}
}

/* The form of a whole program: false if there is none. */
static bool
collect(const struct program *pg, struct making *m)
{
	unsigned int i;

	m->ncopies = m->nsame = 0;
	/* One segment that is all of the record. */
	if (!pg->fixed || pg->parts || pg->nops < 2 ||
	    pg->op[0].code != OP_SEGMENT || pg->op[0].dst != pg->nops - 1)
		return (false);
	for (i = 1; i < pg->nops; i++)
		if (!add_step(m, &pg->op[i]))
			return (false);
	return (m->ncopies > 0);
}

static struct copy
find(const struct form *fm, uint8_t field)
{
	uint16_t i;

	for (i = 0; i < fm->ncopies; i++)
		if (fm->copy[i].field == field)
			return (fm->copy[i]);
	return ((struct copy){.len = 0});
}

/*
 * What start and end are made of has to be the same in each record: of
 * absolute times, or of two uptimes.
 */
static bool
note_times(struct formed *fd)
{
	const struct form *fm = &fd->form;
	const bool start = find(fm, FLOW_START).len != 0;
	const bool end = find(fm, FLOW_END).len != 0;
	const bool start_up = find(fm, FLOW_START_UPTIME).len != 0;
	const bool end_up = find(fm, FLOW_END_UPTIME).len != 0;
	uint16_t i;

	for (i = 0; i < fm->ncopies; i++)
		if (fm->copy[i].kind == COPY_SECONDS ||
		    fm->copy[i].kind == COPY_MSECONDS) {
			if (fd->ntimes == FORM_TIMES)
				return (false);
			fd->time[fd->ntimes++] = fm->copy[i];
		}
	fd->uptimes = start_up && end_up && !start && !end;
	return (fd->uptimes || (start && end) || (!start_up && !end_up));
}

int
forms_init(struct forms *fs)
{
	memset(fs, 0, sizeof(*fs));
	if (getentropy(&fs->seed, sizeof(fs->seed)) == -1 ||
	    getentropy(&fs->last, sizeof(fs->last)) == -1)
		return (-1);
	return (0);
}

static size_t
size_of(const struct making *m)
{
	return (sizeof(struct formed) + m->ncopies * sizeof(m->copy[0]));
}

size_t
form_bytes(const struct program *pg)
{
	struct making m;

	return (collect(pg, &m) ? size_of(&m) : 0);
}

static struct formed *
make(const struct program *pg)
{
	struct making m;
	struct formed *fd;

	if (!collect(pg, &m) || (fd = calloc(1, size_of(&m))) == NULL)
		return (NULL);
	fd->form.ncopies = (uint16_t)m.ncopies;
	memcpy(fd->form.copy, m.copy, m.ncopies * sizeof(m.copy[0]));
	fd->nsame = (uint8_t)m.nsame;
	memcpy(fd->same, m.same, m.nsame * sizeof(m.same[0]));
	if (!note_times(fd)) {
		free(fd);
		return (NULL);
	}
	fd->sampler = find(&fd->form, FLOW_SAMPLER_ID);
	fd->exporter = find(&fd->form, FLOW_EXPORTER);
	fd->in_if = find(&fd->form, FLOW_IN_IF);
	fd->out_if = find(&fd->form, FLOW_OUT_IF);
	fd->refs = 1;
	return (fd);
}

static void
number(struct forms *fs, struct formed *fd)
{
	if (++fs->last == 0)
		fs->last = 1;
	fd->form.id = fs->last;
}

struct formed *
form_new(struct forms *fs, const struct program *pg)
{
	struct formed *fd = make(pg);

	if (fd != NULL)
		number(fs, fd);
	return (fd);
}

/* There is no padding in either. */
_Static_assert(sizeof(struct copy) == 6, "copies are compared as bytes");
_Static_assert(sizeof(struct same) == 4, "and so is what is the same");

static bool
equal(const struct formed *a, const struct formed *b)
{
	return (a->form.ncopies == b->form.ncopies && a->nsame == b->nsame &&
	    memcmp(a->form.copy, b->form.copy,
		a->form.ncopies * sizeof(a->form.copy[0])) == 0 &&
	    memcmp(a->same, b->same, a->nsame * sizeof(a->same[0])) == 0);
}

static uint64_t
hash(const struct forms *fs, const struct form *fm)
{
	uint64_t h = fs->seed;
	uint16_t i;

	for (i = 0; i < fm->ncopies; i++) {
		const struct copy *c = &fm->copy[i];

		h = hash_add(h,
		    (uint32_t)c->src << 16 | (uint32_t)c->len << 8 | c->field);
	}
	return (h);
}

struct formed *
form_take(struct forms *fs, const struct program *pg, size_t *bytes)
{
	struct formed *fd = make(pg);
	struct hnode *n;

	if (fd == NULL)
		return (NULL);
	fd->node.hash = hash(fs, &fd->form);
	for (n = htable_first(&fs->table, fd->node.hash); n != NULL;
	     n = hnode_next(n)) {
		struct formed *other = (struct formed *)n;

		if (equal(fd, other)) {
			free(fd);
			other->refs++;
			return (other);
		}
	}
	if (htable_add(&fs->table, &fd->node, bytes) == -1) {
		free(fd);
		return (NULL);
	}
	number(fs, fd);
	return (fd);
}

void
form_drop(struct forms *fs, struct formed *fd)
{
	if (fd == NULL || --fd->refs > 0)
		return;
	htable_remove(&fs->table, &fd->node);
	free(fd);
}

static inline uint64_t
stamp(const uint8_t *p, uint8_t len)
{
	return (len == 8 ? be64(p) : be32(p));
}

/* A time that is none makes a flow without the field. */
static uint32_t
timely(const struct copy *c, const uint8_t *p, size_t len, uint32_t n)
{
	const uint64_t unit =
	    c->kind == COPY_SECONDS ? NSEC_PER_SEC : NSEC_PER_MSEC;
	const uint64_t least = (uint64_t)TIME_MIN / unit;
	const uint64_t range = INT64_MAX / unit - least;
	uint32_t i;

	for (i = 0; i < n; i++)
		if (stamp(p + c->src + i * len, c->len) - least > range)
			return (i);
	return (n);
}

static inline bool
differ(const uint8_t *a, const uint8_t *b, uint8_t len)
{
	switch (len) {
	case 1:
		return (*a != *b);
	case 2:
		return (memcmp(a, b, 2) != 0);
	case 4:
		return (memcmp(a, b, 4) != 0);
	default:
		return (memcmp(a, b, len) != 0);
	}
}

static uint32_t
constant(const uint8_t *p, uint8_t width, size_t len, uint32_t n)
{
	uint32_t i;

	for (i = 1; i < n; i++)
		if (differ(p, p + i * len, width))
			return (i);
	return (n);
}

uint32_t
form_constant(const struct copy *c, const uint8_t *p, size_t len, uint32_t n)
{
	return (c->len == 0 ? n : constant(p + c->src, c->len, len, n));
}

uint32_t
form_alike(const struct formed *fd, const uint8_t *p, size_t len, uint32_t n)
{
	static const uint8_t zeros[8];
	const struct same *s;
	uint8_t i;

	for (s = fd->same; s < fd->same + fd->nsame; s++) {
		if (s->zero && differ(p + s->src, zeros, s->len))
			return (0);
		n = constant(p + s->src, s->len, len, n);
	}
	for (i = 0; i < fd->ntimes; i++)
		n = timely(&fd->time[i], p, len, n);
	return (n);
}
