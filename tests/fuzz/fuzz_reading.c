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
 * Bytes as a file: logs, segments, compressed or not.  From memory and from a
 * file, and as the rows of a question, the same flows come, and the same is
 * told.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scan/reading.h"
#include "tests/unit/vecs.h"

#define LEN_MAX (256 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* What came, and what was told. */
struct came {
	uint64_t flows;
	uint64_t octets;
	uint64_t faults;
	uint64_t places; /* sum of the offsets */
};

static char path[] = "/tmp/fuzz_reading.XXXXXX";
static int fd = -1;

static void
forget(void)
{
	(void)unlink(path);
}

static void
tell(void *arg, enum scan_fault fault, const char *name, uint64_t offset,
    const char *what)
{
	struct came *c = arg;

	VECS_REQUIRE(fault <= SCAN_CUT && name != NULL && *what != '\0');
	c->faults++;
	c->places += offset;
}

static struct reading_options
options(struct came *c)
{
	*c = (struct came){0};
	return ((struct reading_options){.since = INT64_MIN,
	    .until = INT64_MAX,
	    .tell = tell,
	    .arg = c});
}

static void
take_all(struct reading *r, struct came *c)
{
	static struct flow f;
	const struct sel *sel;
	struct batch *b;
	uint32_t i;

	VECS_REQUIRE(r != NULL);
	while (reading_next(r, &b, &sel) == 1)
		for (i = 0; i < sel->n; i++) {
			VECS_REQUIRE(batch_row(b, sel_row(sel, i), NULL, &f) ==
			    BLOCK_OK);
			c->flows++;
			c->octets += flow_has(&f, FLOW_OCTETS) ? f.octets : 0;
		}
	VECS_REQUIRE(reading_totals(r)->matched == c->flows);
	reading_free(r);
}

static const char *
head(void *arg, const struct sheet_column *c, size_t n)
{
	(void)arg;
	(void)c;
	VECS_REQUIRE(n == FLOW_NFIELDS);
	return (NULL);
}

static const char *
row(void *arg, const struct cell *cells, size_t n)
{
	struct came *c = arg;

	VECS_REQUIRE(n == FLOW_NFIELDS);
	c->flows++;
	if (cells[FLOW_OCTETS].type == CELL_NUMBER)
		c->octets += cells[FLOW_OCTETS].u.number;
	return (NULL);
}

static void
ask_all(struct reading *r, struct came *c)
{
	const struct sheet_taker taker = {head, row, c};
	const struct question q = {.since = INT64_MIN,
	    .until = INT64_MAX,
	    .top = UINT64_MAX,
	    .threads = 1};

	VECS_REQUIRE(r != NULL && reading_ask(r, &q, &taker) == NULL);
	reading_free(r);
}

static void
write_file(const uint8_t *data, size_t len)
{
	if (fd == -1) {
		fd = mkstemp(path);
		VECS_REQUIRE(fd != -1);
		(void)atexit(forget);
	}
	VECS_REQUIRE(ftruncate(fd, 0) == 0);
	VECS_REQUIRE(pwrite(fd, data, len, 0) == (ssize_t)len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct came memory, file, asked;
	struct reading_options o;
	char *paths[] = {path};

	if (len > LEN_MAX)
		return (0);
	o = options(&memory);
	take_all(reading_bytes(data, len, "memory", &o), &memory);
	write_file(data, len);
	o = options(&file);
	take_all(reading_new(paths, 1, &o), &file);
	VECS_REQUIRE(memcmp(&memory, &file, sizeof(file)) == 0);
	o = options(&asked);
	ask_all(reading_bytes(data, len, "memory", &o), &asked);
	VECS_REQUIRE(asked.flows == memory.flows);
	VECS_REQUIRE(asked.octets == memory.octets);
	VECS_REQUIRE(asked.faults == memory.faults);
	return (0);
}
