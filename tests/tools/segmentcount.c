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
 * segmentcount [-l] file ...: what segments of an archive have, a line of each
 * and one of all: flows, damaged places, and flows that were received at
 * another time than the name of the file says.  A .seal counts for those whose
 * place it takes.  -l: a line for each flow
 * instead, which no other flow of the same exporter has.
 */

#include <sys/types.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive/batch.h"
#include "archive/block.h"
#include "archive/segname.h"

struct tally {
	uint64_t flows, damaged, elsewhere;
};

static bool list;

static void
print_flow(const struct flow *f)
{
	char src[ADDR_STRLEN], dst[ADDR_STRLEN], agent[ADDR_STRLEN];

	printf("%s %" PRIu32 " %s:%u %s:%u %u %" PRIu64 " %" PRIu64 " %" PRIu32
	       " %" PRIu32 "\n",
	    addr_format(&f->agent, agent), f->sequence,
	    addr_format(&f->src_addr, src), f->src_port,
	    addr_format(&f->dst_addr, dst), f->dst_port, f->protocol,
	    f->packets, f->octets, f->start_uptime, f->end_uptime);
}

static void
count_block(struct batch *b, const struct block *block,
    const struct segname *name, struct tally *t)
{
	struct flow f;
	uint32_t i;
	unsigned int id;
	int64_t second;

	if (batch_check(b, block, &id) != BLOCK_OK) {
		t->damaged++;
		return;
	}
	for (i = 0; i < batch_flows(b); i++) {
		if (batch_row(b, i, NULL, &f) != BLOCK_OK)
			errx(1, "a row that its check did not find");
		second = f.recv_time / NSEC_PER_SEC;
		t->flows++;
		t->elsewhere += second < name->start ||
		    second >= name->start + (int64_t)name->span;
		if (list)
			print_flow(&f);
	}
}

static void
count_bytes(struct rd *rd, const struct segname *name, struct tally *t)
{
	static struct block block;
	struct batch *b = batch_new();
	enum block_err e;
	bool lost = false;

	if (b == NULL)
		err(1, NULL);
	while (rd->left > 0) {
		if ((e = block_read(rd, &block)) == BLOCK_OK) {
			lost = false;
			count_block(b, &block, name, t);
			continue;
		}
		t->damaged += !lost;
		lost = true;
		if (rd_skip(rd, block_resync(rd)) == -1)
			break;
	}
	batch_free(b);
}

static struct segname
name_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct segname name;

	if (segname_parse(slash == NULL ? path : slash + 1, &name) == -1)
		errx(1, "%s: no segment's name", path);
	return (name);
}

/* One of the others takes its place. */
static bool
is_replaced(const char *path, char **others, int n)
{
	struct segname name = name_of(path), other;

	for (; n > 0; n--, others++) {
		other = name_of(*others);
		if (segname_covers(&other, &name))
			return (true);
	}
	return (false);
}

static struct tally
count_file(const char *path)
{
	struct segname name = name_of(path);
	struct tally t = {.flows = 0};
	struct stat st;
	struct rd rd;
	void *p;
	int fd;

	if ((fd = open(path, O_RDONLY)) == -1 || fstat(fd, &st) == -1)
		err(1, "%s", path);
	if (st.st_size > 0) {
		p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd,
		    0);
		if (p == MAP_FAILED)
			err(1, "%s", path);
		rd = rd_init(p, (size_t)st.st_size);
		count_bytes(&rd, &name, &t);
		munmap(p, (size_t)st.st_size);
	}
	close(fd);
	return (t);
}

static void
tell(const char *what, const struct tally *t)
{
	if (!list)
		printf("%s: flows %" PRIu64 " damaged %" PRIu64
		       " elsewhere %" PRIu64 "\n",
		    what, t->flows, t->damaged, t->elsewhere);
}

int
main(int argc, char **argv)
{
	struct tally all = {.flows = 0}, t;
	int i;

	if (argc > 1 && strcmp(argv[1], "-l") == 0) {
		list = true;
		argc--;
		argv++;
	}
	for (i = 1; i < argc; i++) {
		if (is_replaced(argv[i], argv + 1, argc - 1))
			continue;
		t = count_file(argv[i]);
		tell(argv[i], &t);
		all.flows += t.flows;
		all.damaged += t.damaged;
		all.elsewhere += t.elsewhere;
	}
	tell("all", &all);
	return (0);
}
