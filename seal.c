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

#include <sys/types.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive/reseal.h"
#include "bytes.h"
#include "compat/compat.h"
#include "confine.h"
#include "log.h"
#include "seal.h"

/* Why the output came to an end, for the report. */
struct output {
	int error;
};

/* Has the parent closed its end, or died? */
static bool
unwanted(void)
{
	struct pollfd pfd = {.fd = SEAL_REPORT_FD};

	return (poll(&pfd, 1, 0) == 1 && (pfd.revents & POLLHUP) != 0);
}

static int
put(void *arg, const uint8_t *p, size_t len)
{
	struct output *out = arg;
	ssize_t n;

	if (unwanted()) {
		out->error = EPIPE;
		return (-1);
	}
	while (len > 0) {
		n = write(SEAL_OUTPUT_FD, p, len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0) {
			out->error = n == 0 ? EIO : errno;
			return (-1);
		}
		p += n;
		len -= (size_t)n;
	}
	return (0);
}

/*
 * A page that the disk cannot give is a SIGBUS and the end of us: the inputs
 * stay as they are.
 */
static enum seal_end
take(struct reseal *r, int fd, struct output *out)
{
	enum seal_end end = SEAL_DONE;
	struct stat st;
	void *p;

	if (fstat(fd, &st) == -1)
		return (SEAL_READ);
	if (st.st_size == 0)
		return (SEAL_DONE);
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return (SEAL_READ);
	(void)madvise(p, (size_t)st.st_size, MADV_SEQUENTIAL);
	if (reseal_segment(r, p, (size_t)st.st_size) == -1)
		end = out->error != 0 ? SEAL_WRITE : SEAL_MEMORY;
	munmap(p, (size_t)st.st_size);
	return (end);
}

static enum seal_end
work(struct reseal *r, int inputs, struct output *out)
{
	enum seal_end end;
	int i;

	for (i = 0; i < inputs; i++)
		if ((end = take(r, SEAL_INPUT_FD + i, out)) != SEAL_DONE)
			return (end);
	if (reseal_end(r) == -1)
		return (out->error != 0 ? SEAL_WRITE : SEAL_MEMORY);
	if (fsync(SEAL_OUTPUT_FD) == -1) {
		out->error = errno;
		return (SEAL_WRITE);
	}
	return (SEAL_DONE);
}

static int
report(enum seal_end end, int error, const struct reseal_totals *t)
{
	const uint64_t totals[] = {t->blocks_in, t->flows_in, t->bytes_in,
	    t->blocks_out, t->flows_out, t->bytes_out, t->damaged,
	    t->damaged_bytes, t->damaged_flows};
	uint8_t buf[SEAL_REPORT_LEN];
	struct wr wr = wr_init(buf, sizeof(buf));
	size_t i;

	(void)wr_u32(&wr, (uint32_t)end);
	(void)wr_u32(&wr, (uint32_t)error);
	for (i = 0; i < sizeof(totals) / sizeof(totals[0]); i++)
		(void)wr_u64(&wr, totals[i]);
	return (write(SEAL_REPORT_FD, buf, sizeof(buf)) == sizeof(buf) ? 0 : 1);
}

/* A number of the command line: it is the parent's, and small. */
static int
number(const char *text)
{
	char *end;
	long v = strtol(text, &end, 10);

	if (*text == '\0' || *end != '\0' || v < 0 || v > SEAL_INPUTS)
		fatalx("-Pseal: %s", text);
	return ((int)v);
}

int
seal_main(int argc, char **argv)
{
	struct output out = {0};
	struct reseal_totals none = {0};
	const struct reseal_totals *t = &none;
	struct reseal *r;
	enum seal_end end = SEAL_MEMORY;
	int inputs, level, status;

	log_init("flowd", 1, argc > 4);
	if (argc < 4)
		fatalx("-Pseal: level and inputs are missing");
	level = number(argv[2]);
	inputs = number(argv[3]);
	title_set("sealer");
	confine_signals();
	priority_low();
	confine_sealer((unsigned int)(SEAL_INPUT_FD + inputs));
	if ((r = reseal_new(level, put, &out)) != NULL) {
		errno = 0;
		end = work(r, inputs, &out);
		t = reseal_totals(r);
	}
	status = report(end, out.error != 0 ? out.error : errno, t);
	reseal_free(r);
	return (status);
}
