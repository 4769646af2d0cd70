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

#include <sys/resource.h>
#include <sys/stat.h>

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#include "conf.h"
#include "scan/reading.h"
#include "tests/unit/numbered.h"

#define N 1000
#define FAULTS 64
#define NOBODY 65534

struct fault {
	enum scan_fault kind;
	char path[256];
	uint64_t offset;
	char what[128];
};

static struct fault fault[FAULTS];
static size_t nfaults;
static char dir[64], path[128];
static struct reading_options options;
static uint64_t flows, sum; /* of read_all() */
static unsigned int stops;  /* questions that are answered by no */
static struct totals totals;

static void
tell(void *arg, enum scan_fault kind, const char *name, uint64_t offset,
    const char *what)
{
	struct fault *f = &fault[nfaults++];

	(void)arg;
	assert_true(nfaults < FAULTS);
	f->kind = kind;
	f->offset = offset;
	(void)snprintf(f->path, sizeof(f->path), "%s", name);
	(void)snprintf(f->what, sizeof(f->what), "%s", what);
}

static bool
stop(void *arg)
{
	(void)arg;
	return (stops-- == 0);
}

static int
setup(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof(dir), "/tmp/reading_test.XXXXXX");
	if (mkdtemp(dir) == NULL)
		return (-1);
	(void)snprintf(path, sizeof(path), "%s/log", dir);
	options = (struct reading_options){.since = INT64_MIN,
	    .until = INT64_MAX,
	    .tell = tell};
	nfaults = 0;
	return (0);
}

static int
teardown(void **state)
{
	char command[128];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -rf %s", dir);
	return (system(command));
}

/* In the directory; good until the next call but three. */
static char *
file(const char *name)
{
	static char names[4][128];
	static unsigned int at;
	char *to = names[at++ % 4];

	(void)snprintf(to, sizeof(names[0]), "%s/%s", dir, name);
	return (to);
}

static int
take_all(struct reading *r)
{
	const struct sel *sel;
	const struct vec *v;
	struct batch *b;
	uint32_t i;
	int result;

	flows = sum = 0;
	while ((result = reading_next(r, &b, &sel)) == 1) {
		assert_int_equal(batch_column(b, FLOW_OCTETS, &v), BLOCK_OK);
		assert_non_null(v);
		flows += sel->n;
		for (i = 0; i < sel->n; i++)
			sum += vec_number(v, sel_row(sel, i));
	}
	totals = *reading_totals(r);
	reading_free(r);
	return (result);
}

static void
read_paths(char *const *paths, size_t n)
{
	struct reading *r = reading_new(paths, n, &options);

	assert_non_null(r);
	assert_int_equal(take_all(r), 0);
}

static void
read_path(char *name)
{
	read_paths(&name, 1);
}

static void
read_blob(const struct blob *b)
{
	struct reading *r = reading_bytes(b->p, b->len, "bytes", &options);

	assert_non_null(r);
	assert_int_equal(take_all(r), 0);
}

/* That flows from 0 to n - 1 were read. */
static void
assert_flows(uint64_t n)
{
	assert_int_equal(flows, n);
	assert_int_equal(sum, n * (n - 1) / 2);
}

static struct blob
made(const char *name, unsigned int version, uint64_t n)
{
	struct blob b;

	assert_int_equal(numbered_file(file(name), version, 0, n), 0);
	b = blob_of(file(name));
	assert_non_null(b.p);
	return (b);
}

static void
a_file_and_its_bytes_give_the_same_flows(void **state)
{
	unsigned int version;
	struct blob b;

	(void)state;
	for (version = 3; version <= 4; version++) {
		b = made("log", version, N);
		read_path(path);
		assert_flows(N);
		read_blob(&b);
		assert_flows(N);
		assert_int_equal(totals.bytes, b.len);
		free(b.p);
	}
	assert_int_equal(nfaults, 0);
}

static void
groups_of_records_are_known(void **state)
{
	struct blob b = made("log", 3, N);
	struct reading *r = reading_bytes(b.p, b.len, "bytes", &options);
	const struct sel *sel;
	struct batch *batch;

	(void)state;
	assert_int_equal(reading_store_fields(r), 0);
	assert_int_equal(reading_next(r, &batch, &sel), 1);
	/* The addresses are of IPv4. */
	assert_int_equal(reading_store_fields(r),
	    STORE_RECV_TIME | STORE_PROTO_FLAGS_TOS | STORE_SRC_ADDR4 |
		STORE_DST_ADDR4 | STORE_PACKETS | STORE_OCTETS | STORE_CRC32);
	reading_free(r);
	free(b.p);
}

static void
compressed_files_are_read(void **state)
{
	unsigned int version;
	struct blob b;
	gzFile gz;

	(void)state;
	for (version = 3; version <= 4; version++) {
		b = made("log", version, N);
		gz = gzopen(file("gz"), "wb");
		assert_int_equal(gzwrite(gz, b.p, (unsigned int)b.len), b.len);
		assert_int_equal(gzclose(gz), Z_OK);
		free(b.p);
		read_path(file("gz"));
		assert_flows(N);
		b = blob_of(file("gz"));
		read_blob(&b);
		assert_flows(N);
		assert_int_equal(nfaults, 0);
		b.len -= 20;
		read_blob(&b);
		assert_int_not_equal(nfaults, 0);
		assert_string_equal(fault[nfaults - 1].what,
		    "gzip data ends early");
		nfaults = 0;
		free(b.p);
	}
}

static void
a_missing_file_is_told_and_others_are_read(void **state)
{
	char *paths[] = {file("none"), path};

	(void)state;
	free(made("log", 3, N).p);
	read_paths(paths, 2);
	assert_flows(N);
	assert_int_equal(nfaults, 1);
	assert_int_equal(fault[0].kind, SCAN_UNREAD);
	assert_string_equal(fault[0].path, paths[0]);
	assert_int_equal(fault[0].offset, 0);
	assert_string_equal(fault[0].what, "No such file or directory");
}

static void
a_directory_that_may_not_be_read_is_told(void **state)
{
	char *paths[] = {file("closed"), path};

	(void)state;
	free(made("log", 3, N).p);
	assert_int_equal(chmod(dir, 0755), 0);
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(mkdir(paths[0], 0), 0);
	if (geteuid() == 0 && seteuid(NOBODY) == -1)
		skip();
	read_paths(paths, 2);
	assert_int_equal(seteuid(getuid()), 0);
	assert_flows(N);
	assert_int_equal(nfaults, 1);
	assert_int_equal(fault[0].kind, SCAN_UNREAD);
	assert_string_equal(fault[0].path, paths[0]);
	assert_string_equal(fault[0].what, "Permission denied");
}

static void
a_directory_without_flows_is_told(void **state)
{
	(void)state;
	assert_int_equal(blob_put(file("text"), "no flows", 8), 0);
	read_path(dir);
	assert_flows(0);
	assert_int_equal(nfaults, 1);
	assert_int_equal(fault[0].kind, SCAN_UNREAD);
}

static void
a_damaged_record_is_stepped_over_at_its_offset(void **state)
{
	struct blob b = made("log", 3, N);
	size_t one = b.len / N;

	(void)state;
	b.p[one * 500 + 10] ^= 0x40;
	assert_int_equal(blob_put(path, b.p, b.len), 0);
	read_path(path);
	assert_int_equal(flows, N - 1);
	assert_int_equal(sum, N * (N - 1) / 2 - 500);
	assert_int_equal(nfaults, 1);
	assert_int_equal(fault[0].kind, SCAN_DAMAGED);
	assert_string_equal(fault[0].path, path);
	assert_int_equal(fault[0].offset, one * 500);
	assert_int_equal(totals.damaged, 1);
	assert_int_equal(totals.damaged_bytes, one);
	free(b.p);
}

static void
a_cut_record_is_told_at_its_offset(void **state)
{
	struct blob b = made("log", 3, N);
	size_t one = b.len / N;

	(void)state;
	b.len -= 5;
	read_blob(&b);
	assert_flows(N - 1);
	assert_int_equal(nfaults, 1);
	assert_int_equal(fault[0].kind, SCAN_CUT);
	assert_int_equal(fault[0].offset, one * (N - 1));
	options.strict = true;
	read_blob(&b);
	assert_int_equal(nfaults, 2);
	assert_int_equal(fault[1].kind, SCAN_DAMAGED);
	free(b.p);
}

/* A segment of blocks, each of so many flows: the offset of each. */
static void
append_blocks(const char *to, unsigned int blocks, uint64_t flows_each,
    uint64_t *offset)
{
	FILE *fp = fopen(to, "w");
	struct blob b;
	unsigned int i;

	assert_non_null(fp);
	for (i = 0; i < blocks; i++) {
		assert_int_equal(numbered_file(file("block"), 4, i * flows_each,
				     (i + 1) * flows_each),
		    0);
		b = blob_of(file("block"));
		offset[i] = (uint64_t)ftell(fp);
		assert_int_equal(fwrite(b.p, 1, b.len, fp), b.len);
		free(b.p);
	}
	offset[blocks] = (uint64_t)ftell(fp);
	assert_int_equal(fclose(fp), 0);
	assert_int_equal(unlink(file("block")), 0);
}

static void
a_damaged_block_is_stepped_over_wherever_it_is(void **state)
{
	uint64_t at[5];
	struct blob b;
	unsigned int i;
	size_t bad[] = {9, 0}; /* in its header, at the end of its columns */

	(void)state;
	append_blocks(path, 4, N, at);
	for (i = 0; i < 2; i++) {
		b = blob_of(path);
		bad[1] = (size_t)(at[2] - at[1]) - 9;
		b.p[at[1] + bad[i]] ^= 0x10;
		nfaults = 0;
		read_blob(&b);
		assert_int_equal(flows, 3 * N);
		assert_int_equal(blob_put(file("bad"), b.p, b.len), 0);
		read_path(file("bad"));
		assert_int_equal(flows, 3 * N);
		/* Mapped, copied and read: the same is told. */
		assert_int_equal(nfaults, 2);
		assert_int_equal(fault[0].kind, SCAN_DAMAGED);
		assert_int_equal(fault[1].kind, SCAN_DAMAGED);
		assert_int_equal(fault[0].offset, at[1]);
		assert_int_equal(fault[1].offset, at[1]);
		assert_string_equal(fault[0].what, fault[1].what);
		free(b.p);
	}
}

static void
a_block_that_is_not_complete_is_told(void **state)
{
	uint64_t at[4];

	(void)state;
	append_blocks(path, 3, N, at);
	assert_int_equal(truncate(path, (off_t)(at[3] - 1)), 0);
	read_path(path);
	assert_flows(2 * N);
	assert_int_equal(nfaults, 1);
	assert_int_equal(fault[0].offset, at[2]);
}

static void
a_file_that_is_cut_while_it_is_read_is_told(void **state)
{
	uint64_t at[5];
	struct reading *r;
	struct batch *b;
	const struct sel *sel;
	char *paths[] = {path};

	(void)state;
	append_blocks(path, 4, N, at);
	r = reading_new(paths, 1, &options);
	assert_int_equal(reading_next(r, &b, &sel), 1);
	assert_int_equal(truncate(path, (off_t)at[1]), 0);
	assert_int_equal(take_all(r), 0);
	assert_int_equal(flows, 0);
	assert_true(nfaults > 0);
	assert_int_equal(fault[nfaults - 1].kind, SCAN_UNREAD);
}

static void
only_flows_of_the_times_and_the_filter_come(void **state)
{
	(void)state;
	free(made("log", 3, N).p);
	options.since = NUMBERED_SINCE + 100 * NSEC_PER_SEC;
	options.until = NUMBERED_SINCE + 200 * NSEC_PER_SEC;
	options.clauses = conf_parse_clauses("proto tcp", NULL, NULL);
	assert_non_null(options.clauses);
	read_path(path);
	/* 100, 102, ..., 198 */
	assert_int_equal(flows, 50);
	assert_int_equal(sum, 50 * 149);
	assert_int_equal(totals.records, N);
	assert_int_equal(totals.matched, 50);
	filter_free(options.clauses);
}

static void
a_reading_that_is_stopped_ends(void **state)
{
	uint64_t at[11];

	(void)state;
	append_blocks(path, 10, N, at);
	options.stop = stop;
	stops = 4;
	read_path(path);
	assert_true(flows > 0 && flows < 10 * N);
	assert_true(totals.interrupted);
	assert_int_equal(nfaults, 0);
}

static void
a_log_that_is_stopped_is_not_said_to_be_cut(void **state)
{
	(void)state;
	free(made("log", 3, 50 * N).p);
	options.stop = stop;
	stops = 3;
	read_path(path);
	assert_true(totals.interrupted);
	assert_int_equal(nfaults, 0);
}

/* Whatever a byte is, a reading ends, and has no more flows than there were. */
static void
no_byte_does_harm(void **state)
{
	unsigned int version, bit;
	struct blob b;
	size_t i;

	(void)state;
	options.tell = NULL;
	for (version = 3; version <= 4; version++) {
		b = made("log", version, 20);
		for (i = 0; i < b.len; i++)
			for (bit = 0; bit < 8; bit += 3) {
				b.p[i] ^= (uint8_t)(1 << bit);
				read_blob(&b);
				assert_true(flows <= 20);
				b.p[i] ^= (uint8_t)(1 << bit);
			}
		free(b.p);
	}
}

static void
memory_does_not_grow_with_the_file(void **state)
{
	struct rusage before, after;

	(void)state;
	free(made("log", 3, 300 * N).p);
	options.needs.w[FLOW_OCTETS / 64] |= (uint64_t)1 << FLOW_OCTETS % 64;
	getrusage(RUSAGE_SELF, &before);
	read_path(path);
	getrusage(RUSAGE_SELF, &after);
	assert_flows(300 * N);
	/* The file has 18 MB; kilobytes here. */
	assert_true(after.ru_maxrss - before.ru_maxrss < 8 * 1024);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(a_file_and_its_bytes_give_the_same_flows),
	    T(groups_of_records_are_known),
	    T(compressed_files_are_read),
	    T(a_missing_file_is_told_and_others_are_read),
	    T(a_directory_that_may_not_be_read_is_told),
	    T(a_directory_without_flows_is_told),
	    T(a_damaged_record_is_stepped_over_at_its_offset),
	    T(a_cut_record_is_told_at_its_offset),
	    T(a_damaged_block_is_stepped_over_wherever_it_is),
	    T(a_block_that_is_not_complete_is_told),
	    T(a_file_that_is_cut_while_it_is_read_is_told),
	    T(only_flows_of_the_times_and_the_filter_come),
	    T(a_reading_that_is_stopped_ends),
	    T(a_log_that_is_stopped_is_not_said_to_be_cut),
	    T(no_byte_does_harm),
	    T(memory_does_not_grow_with_the_file),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
