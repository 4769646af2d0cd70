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
 * Printing from the inside: what the files print*.c share.
 *
 * A batch is printed in three steps.  Each column is looked at once, and its
 * distinct values, where there are fewer than rows, become texts.  Each shape
 * gets a plan: the columns that its flows have, and the words between them.
 * Then the rows are copied together, by plan.
 */

#ifndef PRINT_STATE_H
#define PRINT_STATE_H

#include "query/consumer.h"
#include "query/derive.h"
#include "query/print.h"
#include "query/stamp.h"
#include "query/value.h"

/* Bytes that may be written behind an end, or read. */
#define PRINT_SLACK 64

/* Which text a value becomes. */
enum cell_text {
	AS_NUMBER,
	AS_TIME,
	AS_TIME_MS,  /* of a table: always of one length */
	AS_SECONDS,  /* a duration */
	AS_DURATION, /* one for people */
	AS_HUMAN,    /* 12.3K */
	AS_PROTOCOL, /* by name */
	AS_FLAGS,    /* CEUAPRSF */
	AS_ADDR,
	AS_BYTES,
};

/* Where a row finds it. */
enum cell_from {
	FROM_NONE,   /* no flow has it */
	FROM_CONST,  /* the text of code 0 */
	FROM_SLOTS,  /* the short text of its code */
	FROM_NARROW, /* the short number of its code */
	FROM_SMALL,  /* the short text of its number, which serves as a code */
	FROM_TEXTS,  /* the text of its code */
	FROM_U32,    /* a number as it is */
	FROM_U64,
	FROM_TIME,    /* of 64 bits, as in FROM_U64 */
	FROM_SECONDS, /* likewise a duration */
	FROM_CODES,   /* the number of its code */
	FROM_OTHER,   /* print_number() */
	FROM_WORDS,   /* of a plan: none, only words */
	FROM_END,     /* of a plan */
};

/* A short text: up to 15 bytes, and how many; of a number up to 7. */
#define SLOT 16
#define NARROW 8

/* A column of the batch at hand. */
struct print_cells {
	const struct vec *vec;
	enum cell_from from;
	enum cell_text as;
	bool quoted;  /* it stands between quotes, which are words */
	size_t most;  /* bytes of a text, at most */
	uint32_t *at; /* where the text of a code begins, 0: nowhere */
	uint32_t maxat;
	struct outbuf texts; /* each: its length in two bytes, then itself */
	struct outbuf slots; /* SLOT or NARROW bytes for each code */
};

#define STEP_WORDS 16

/* A step of a plan: some words, and then a column's value. */
struct print_step {
	enum cell_from from;
	uint32_t column;
	char words[STEP_WORDS];
	size_t len;	/* of them */
	const void *of; /* rows' codes or numbers */
	const char *slots;
	const uint64_t *num; /* of codes */
};

struct print_plan {
	bool made;
	uint32_t first; /* step */
	size_t most;	/* bytes of a row */
};

/*
 * A dictionary that is larger than the nearest cache: what rows need of it is
 * fetched some rows ahead, for else each would wait for it.
 */
struct print_far {
	const uint16_t *codes;
	const char *base;
	size_t stride;
};

#define PRINT_AHEAD 32 /* rows */

/* A column of a table. */
struct print_place {
	uint16_t column;
	uint16_t at; /* where it begins, or ends if it is of numbers */
	uint16_t width;
	bool left;
	bool port; /* the column behind it, too: an address's port */
};

/* A worker. */
struct printer {
	const struct print *print;
	struct derive *derive;
	struct stamp stamp;
	char octets[256][4]; /* of IPv4 addresses: "10", "255" */
	uint8_t octetlen[256];
	struct print_cells *cells; /* one for each column */
	struct print_far *far;	   /* at most one for each */
	size_t nfar;
	struct print_plan *plans; /* one for each shape */
	struct print_step *steps;
	size_t nsteps, maxsteps;
	struct outbuf words;	    /* of the plan being made */
	struct print_place *places; /* of a table */
	size_t nplaces;
	const struct flow_set *shape; /* whose are these */
	bool present[PRINT_COLUMNS];
};

static inline char *
print_copy(char *to, const char *from, size_t len)
{
	memcpy(to, from, 16);
	if (len > 16) {
		memcpy(to + 16, from + 16, 16);
		if (len > 32)
			memcpy(to + 32, from + 32, len - 32);
	}
	return (to + len);
}

/* The rows behind the next ones. */
static inline void
print_ahead(const struct printer *w, const struct sel *sel, uint32_t from)
{
	const struct print_far *f;
	uint32_t i, first, end = from + 2 * PRINT_AHEAD;

	if (from % PRINT_AHEAD != 0)
		return;
	first = from == 0 ? 0 : from + PRINT_AHEAD;
	if (end > sel->n)
		end = sel->n;
	for (f = w->far; f < w->far + w->nfar; f++)
		for (i = first; i < end; i++)
			__builtin_prefetch(
			    f->base + f->codes[sel_row(sel, i)] * f->stride);
}

static inline char *
print_slot(char *to, const char *slots, uint32_t code)
{
	const char *p = slots + (size_t)code * SLOT;

	memcpy(to, p, SLOT);
	return (to + (uint8_t)p[SLOT - 1]);
}

static inline char *
print_narrow(char *to, const char *slots, uint32_t code)
{
	const char *p = slots + (size_t)code * NARROW;

	memcpy(to, p, NARROW);
	return (to + (uint8_t)p[NARROW - 1]);
}

/* The text of a code: its bytes, and how many. */
static inline const char *
print_text(const struct print_cells *c, uint32_t code, size_t *len)
{
	const char *p = c->texts.p + c->at[code];
	uint16_t n;

	memcpy(&n, p, sizeof(n));
	*len = n;
	return (p + sizeof(n));
}

/*
 * print-cells.c: all columns of a batch, for those rows.  NULL, or what is
 * wrong.
 */
int print_cells_init(struct printer *);
void print_cells_free(struct printer *);
const char *print_prepare(struct printer *, struct batch *, const struct sel *);
/* The value of a row, that is no text.  Returns the end. */
char *print_number(struct printer *, const struct print_cells *, uint32_t row,
    char *to);

/*
 * print-plan.c: that of a shape, made if it is not yet.  NULL: no memory.
 */
int print_plans_init(struct printer *);
void print_plans_free(struct printer *);
/* Plans of another batch are worth nothing. */
void print_plans_clear(struct printer *);
const struct print_plan *print_plan(struct printer *, uint32_t shape,
    const struct flow_set *has);
/* Has a flow of that shape something in a column? */
bool print_present(const struct printer *, const struct flow_set *has,
    size_t column);
const char *print_column_name(const struct print_column *);

/*
 * print-table.c: there are at most as many places as columns.  A row and the
 * head return their end; there is room for print_table_most().
 */
size_t print_table_layout(const struct print *, struct print_place *);
char *print_table_head(const struct print *, const struct print_place *,
    size_t n, char *line);
char *print_table_row(struct printer *, const struct flow_set *has,
    uint32_t row, char *line);
size_t print_table_most(const struct printer *);

#endif /* PRINT_STATE_H */
