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
 * Bytes as a log of version 3, as one of version 2, and as a heap of garbage
 * in which to find the next record.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "store.h"
#include "tests/unit/flatrow.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define REQUIRE(x)               \
	do {                     \
		if (!(x))        \
			abort(); \
	} while (0)

/* All the texts of a record: never more than the room, always terminated. */
static void
print(const struct store_record *rec)
{
	static char line[FORMAT_MAX];
	static struct format_columns all;
	const size_t size = sizeof(line);

	if (all.n == 0)
		format_columns_all(&all);
	REQUIRE(format_classic(line, size, rec, UINT32_MAX, true) < size - 1);
	REQUIRE(format_flowtools(line, size, rec) < size - 1);
	REQUIRE(format_csv(line, size, &rec->flow, &all) < size - 1);
	REQUIRE(format_text(line, size, &rec->flow, &all, true) < size - 1);
	REQUIRE(format_json(line, size, &rec->flow, &all) < size - 1);
	REQUIRE(line[0] == '{' && line[strlen(line) - 1] == '}');
}

/* What was written once is written the same again. */
static void
write_again(const struct store_record *rec)
{
	uint8_t one[STORE_WRITEMAX], two[STORE_WRITEMAX];
	struct store_record again;
	struct wr wr = wr_init(one, sizeof(one));
	struct rd rd;
	size_t len;

	REQUIRE(store_write(&wr, &rec->flow, rec->fields) == STORE_OK);
	len = sizeof(one) - wr.left;
	rd = rd_init(one, len);
	REQUIRE(store_read(&rd, &again) == STORE_OK);
	REQUIRE(rd.left == 0);
	REQUIRE(again.fields == rec->fields);
	wr = wr_init(two, sizeof(two));
	REQUIRE(store_write(&wr, &again.flow, again.fields) == STORE_OK);
	REQUIRE(sizeof(two) - wr.left == len);
	REQUIRE(memcmp(one, two, len) == 0);
}

static void
read_v3(const uint8_t *data, size_t size)
{
	struct rd rd = rd_init(data, size);
	struct store_record rec;
	enum store_err e;
	size_t left, skip;

	for (;;) {
		left = rd.left;
		if ((e = store_read(&rd, &rec)) == STORE_OK) {
			REQUIRE(rd.left + STORE_HDRLEN <= left);
			print(&rec);
			write_again(&rec);
			continue;
		}
		REQUIRE(rd.left == left && e < STORE_MAX);
		REQUIRE((e == STORE_EOF) == (left == 0));
		if (left == 0)
			break;
		skip = store_resync(&rd);
		REQUIRE(skip > 0 && rd_skip(&rd, skip) == 0);
		if (rd.left > 0) {
			REQUIRE(store_read(&rd, &rec) == STORE_OK);
			print(&rec);
		}
	}
}

static void
read_v2(const uint8_t *data, size_t size)
{
	struct rd rd = rd_init(data, size);
	struct store_record rec;
	uint32_t start;

	store_v2_header(&rd, &start);
	while (store_v2_read(&rd, &rec) == STORE_OK) {
		print(&rec);
		write_again(&rec);
	}
}

/* Columns say what the records say, as far, and why no further. */
static void
take_columns(const uint8_t *data, size_t size)
{
	static const struct flow_set keep = {{UINT64_MAX, UINT64_MAX}};
	const struct flow_set all = store_flow_fields();
	struct flat *t = flat_new(61, &keep, &all);
	struct store_taker *x = store_taker_new();
	struct rd rd = rd_init(data, size), ref = rd;
	struct store_record rec;
	struct flow f;
	enum store_err e;
	uint32_t i;

	REQUIRE(t != NULL && x != NULL);
	do {
		flat_clear(t);
		e = store_take(x, &rd, t, UINT32_MAX);
		for (i = 0; i < t->n; i++) {
			REQUIRE(read_sure(&ref, &rec) == STORE_OK);
			f = flat_row(t, i);
			REQUIRE(memcmp(&f, &rec.flow, sizeof(f)) == 0);
		}
		REQUIRE(rd.p == ref.p && rd.left == ref.left);
	} while (e == STORE_NOSPACE);
	REQUIRE(read_sure(&ref, &rec) == e);
	store_taker_free(x);
	flat_free(t);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_v3(data, size);
	read_v2(data, size);
	take_columns(data, size);
	return (0);
}
