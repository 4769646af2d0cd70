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
 * The largest flows, from two samples of a meter: how fast each is, as a
 * table.
 */

#ifndef METER_TOP_H
#define METER_TOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define TOP_ROWS_MAX 12800 /* of 64 meters */
#define TOP_ADDR 46

struct top_row {
	char addr[2][TOP_ADDR]; /* the initiator's first */
	uint64_t octets[2];
	uint64_t packets[2];
	int64_t first; /* ns since 1970 */
	int64_t last;
	double octets_rate; /* a second, both ways; see top_rates */
	double packets_rate;
	uint16_t port[2];
	uint8_t protocol;
};

struct top {
	bool has_totals;
	int64_t clock; /* ns, when this was so */
	int64_t now;   /* ns since 1970, as the meter has it */
	uint64_t packets;
	uint64_t octets;
	uint64_t active;
	uint64_t dropped;
	double octets_rate;
	double packets_rate;
	double dropped_rate;
	size_t n, room;
	struct top_row *rows;
};

void top_clear(struct top *);
/* A line of the reply to "top".  What is none of its rows is left out. */
void top_line(struct top *, const char *line);
/*
 * Rates since an earlier sample, and the fastest first.  What was not in it is
 * as fast as its whole life tells.
 */
void top_rates(struct top *, struct top *before);

struct top_view {
	size_t rows;
	int width; /* columns; 0: as wide as it gets, numbers in full */
	bool ansi; /* redraw a screen */
};
void top_print(FILE *, const struct top *, const struct top_view *);

#endif /* METER_TOP_H */
