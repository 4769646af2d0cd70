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

/* A step as one copy or two, or none: 0. */
static unsigned int
copies_of(const struct op *op, struct copy *c)
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
		[OP_SECONDS] = { 1, 0, COPY_SECONDS },
		[OP_MILLISECONDS] = { 1, 0, COPY_MSECONDS },
		[OP_UINT] = { 1, 0, COPY_NUMBER },
	};
	/* clang-format on */
	const uint8_t kind = steps[op->code].kind;
	const unsigned int n = steps[op->code].n;
	const uint8_t len = steps[op->code].len ? steps[op->code].len : op->len;

	if ((kind == COPY_SECONDS && len != 4 && len != 8) ||
	    (kind == COPY_MSECONDS && len != 8))
		return (0);
	/* A wider number has to be clamped. */
	if (op->code == OP_UINT &&
	    (len > op->arg || (len != 1 && len != 2 && len != 4)))
		return (0);
	c[0] = (struct copy){op->src, len, kind, op->field};
	if (n == 2)
		c[1] = (struct copy){(uint16_t)(op->src + len), len, kind,
		    op->arg};
	return (n);
}

/* Those of a whole program, or none. */
static uint16_t
copies(const struct program *pg, struct copy c[FLOW_NFIELDS])
{
	struct copy two[2];
	unsigned int i, k, n = 0;

	/* One segment that is all of the record. */
	if (!pg->fixed || pg->labels || pg->parts || pg->sampling ||
	    pg->nops < 2 || pg->op[0].code != OP_SEGMENT ||
	    pg->op[0].dst != pg->nops - 1)
		return (0);
	for (i = 1; i < pg->nops; i++) {
		k = copies_of(&pg->op[i], two);
		if (k == 0 || n + k > FLOW_NFIELDS)
			return (0);
		memcpy(c + n, two, k * sizeof(*c));
		n += k;
	}
	return ((uint16_t)n);
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

size_t
form_bytes(const struct program *pg)
{
	struct copy c[FLOW_NFIELDS];
	const uint16_t n = copies(pg, c);

	return (n == 0 ? 0 : sizeof(struct formed) + n * sizeof(c[0]));
}

static struct formed *
make(const struct program *pg)
{
	struct copy c[FLOW_NFIELDS];
	const uint16_t n = copies(pg, c);
	struct formed *fd;

	if (n == 0 || (fd = calloc(1, sizeof(*fd) + n * sizeof(c[0]))) == NULL)
		return (NULL);
	fd->form.ncopies = n;
	memcpy(fd->form.copy, c, n * sizeof(c[0]));
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

static bool
same(const struct copy *a, const struct copy *b)
{
	return (a->src == b->src && a->len == b->len && a->kind == b->kind &&
	    a->field == b->field);
}

static bool
equal(const struct form *a, const struct form *b)
{
	uint16_t i;

	if (a->ncopies != b->ncopies)
		return (false);
	for (i = 0; i < a->ncopies; i++)
		if (!same(&a->copy[i], &b->copy[i]))
			return (false);
	return (true);
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

		if (equal(&fd->form, &other->form)) {
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

uint32_t
form_timely(const struct formed *fd, const uint8_t *p, size_t len, uint32_t n)
{
	const struct copy *c;
	uint64_t unit, least, range;
	uint32_t i;

	for (c = fd->time; c < fd->time + fd->ntimes; c++) {
		unit = c->kind == COPY_SECONDS ? NSEC_PER_SEC : NSEC_PER_MSEC;
		least = (uint64_t)TIME_MIN / unit;
		range = INT64_MAX / unit - least;
		for (i = 0; i < n; i++)
			if (stamp(p + c->src + i * len, c->len) - least > range)
				n = i;
	}
	return (n);
}

uint32_t
form_constant(const struct copy *c, const uint8_t *p, size_t len, uint32_t n)
{
	uint32_t i;

	for (i = 1; c->len > 0 && i < n; i++)
		if (memcmp(p + c->src, p + c->src + i * len, c->len) != 0)
			return (i);
	return (n);
}
