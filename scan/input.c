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
 * The bytes of a file or of standard input, inflated if they begin like gzip
 * or zstd.  Not gzread(3): it waits for a full buffer, and a pipe may trickle.
 */

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "compat/zst.h"
#include "scan/scan.h"

#define RAW_SIZE 65536
#define PEEK_LEAST 8
#define WAIT_MS 100
#define GZIP_ONLY (16 + MAX_WBITS)

enum packing { PACK_NONE, PACK_GZIP, PACK_ZSTD };

struct input {
	const struct scan *scan;
	const char *path; /* borrowed */
	int fd;		  /* -1: of bytes */
	struct rd bytes;
	bool regular; /* a read(2) of it does not wait */
	bool sniffed;
	enum packing packing;
	bool in_member; /* of gzip, a frame of zstd: begun and not ended */
	uint64_t taken; /* bytes of the file itself */
	const char *damage;
	z_stream z;
	struct zst *zst;
	bool pending;  /* the inflater may have more without more input */
	size_t peeked; /* bytes at the end of peek, not read yet */
	uint8_t peek[INPUT_PEEK];
	size_t pos, have; /* in raw */
	uint8_t raw[RAW_SIZE];
};

struct input *
input_open(const struct scan *scan, const char *path)
{
	struct input *in;
	struct stat st = {0};

	if ((in = calloc(1, sizeof(*in))) == NULL)
		return (NULL);
	in->scan = scan;
	in->path = path;
	if (strcmp(path, "-") == 0)
		in->fd = STDIN_FILENO;
	else
		in->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (in->fd == -1) {
		free(in);
		return (NULL);
	}
	in->regular = fstat(in->fd, &st) == 0 && S_ISREG(st.st_mode);
	if (!in->regular && S_ISDIR(st.st_mode)) {
		input_close(in);
		errno = EISDIR;
		return (NULL);
	}
	return (in);
}

struct input *
input_bytes(const uint8_t *p, size_t len)
{
	struct input *in;

	if ((in = calloc(1, sizeof(*in))) == NULL)
		return (NULL);
	in->fd = -1;
	in->bytes = rd_init(p, len);
	return (in);
}

void
input_close(struct input *in)
{
	if (in == NULL)
		return;
	if (in->packing == PACK_GZIP)
		inflateEnd(&in->z);
	zst_close(in->zst);
	if (in->fd != STDIN_FILENO && in->fd != -1)
		close(in->fd);
	free(in);
}

/*
 * Whatever thread gets the signal that ends it all: nobody sleeps for long in
 * read(2).  False: it came.
 */
static bool
wait_bytes(const struct input *in)
{
	struct pollfd pfd = {.fd = in->fd, .events = POLLIN};

	while (!scan_stopped(in->scan))
		if (poll(&pfd, 1, WAIT_MS) > 0)
			return (true);
	return (false);
}

static ssize_t
read_bytes(struct input *in, void *buf, size_t len)
{
	size_t n = in->bytes.left < len ? in->bytes.left : len;

	if (n > 0)
		memcpy(buf, in->bytes.p, n);
	(void)rd_skip(&in->bytes, n);
	in->taken += n;
	return ((ssize_t)n);
}

static ssize_t
read_some(struct input *in, void *buf, size_t len)
{
	ssize_t n;

	if (in->fd == -1)
		return (read_bytes(in, buf, len));
	if (!in->regular && !wait_bytes(in))
		return (0);
	do {
		n = read(in->fd, buf, len);
		if (n == -1 && errno == EINTR && scan_stopped(in->scan))
			return (0);
	} while (n == -1 && errno == EINTR);
	if (n > 0)
		in->taken += (uint64_t)n;
	return (n);
}

static const uint8_t magics[][4] = {
    [PACK_GZIP] = {0x1f, 0x8b},
    [PACK_ZSTD] = {0x28, 0xb5, 0x2f, 0xfd},
};
static const size_t magic_lens[] = {[PACK_GZIP] = 2, [PACK_ZSTD] = 4};

/* Do so many bytes begin, or could they go on, like that? */
static bool
begins_like(const struct input *in, enum packing packing, bool whole)
{
	size_t len = magic_lens[packing];

	if (in->have < len) {
		if (whole)
			return (false);
		len = in->have;
	}
	return (memcmp(in->raw, magics[packing], len) == 0);
}

static int
begin_inflating(struct input *in)
{
	if (begins_like(in, PACK_GZIP, true)) {
		if (inflateInit2(&in->z, GZIP_ONLY) != Z_OK) {
			errno = ENOMEM;
			return (-1);
		}
		in->packing = PACK_GZIP;
	} else if (begins_like(in, PACK_ZSTD, true)) {
		if ((in->zst = zst_open()) == NULL)
			return (-1);
		in->packing = PACK_ZSTD;
	}
	return (1);
}

/* Look how it is packed.  1; 0 if there are not bytes enough; -1. */
static int
sniff(struct input *in)
{
	ssize_t n;

	while (in->have == 0 ||
	    (in->have < 2 && begins_like(in, PACK_GZIP, false)) ||
	    (in->have < 4 && begins_like(in, PACK_ZSTD, false))) {
		n = read_some(in, in->raw + in->have, RAW_SIZE - in->have);
		if (n == -1)
			return (-1);
		if (n == 0)
			break;
		in->have += (size_t)n;
	}
	if (in->have == 0)
		return (0);
	in->sniffed = true;
	return (begin_inflating(in));
}

/* 1 if there is something to inflate, 0 at the end, -1. */
static int
refill(struct input *in)
{
	ssize_t n;

	if (in->pos < in->have)
		return (1);
	if ((n = read_some(in, in->raw, RAW_SIZE)) <= 0)
		return ((int)n);
	in->pos = 0;
	in->have = (size_t)n;
	return (1);
}

/* One step of inflating.  0, or -1 at damage. */
static int
gz_step(struct input *in)
{
	int r;

	/* Files of several members are what cat(1) makes of some. */
	if (!in->in_member) {
		if (in->raw[in->pos] != 0x1f) {
			in->damage = "garbage behind the gzip data";
			return (-1);
		}
		(void)inflateReset(&in->z);
		in->in_member = true;
	}
	in->z.next_in = in->raw + in->pos;
	in->z.avail_in = (uInt)(in->have - in->pos);
	r = inflate(&in->z, Z_NO_FLUSH);
	in->pos = in->have - in->z.avail_in;
	if (r == Z_STREAM_END)
		in->in_member = false;
	else if (r != Z_OK && r != Z_BUF_ERROR) {
		in->damage = "gzip data is damaged";
		return (-1);
	}
	return (0);
}

/* Likewise of zstd: frames, one behind the other. */
static int
zst_step(struct input *in, struct wr *out)
{
	struct rd rd = rd_init(in->raw + in->pos, in->have - in->pos);
	const char *why;
	bool ended = false;

	if (zst_run(in->zst, &rd, out, &ended, &why) == -1) {
		in->damage = "zstd data is damaged";
		return (-1);
	}
	in->pos = in->have - rd.left;
	in->in_member = !ended;
	return (0);
}

static int
inflate_step(struct input *in, struct wr *out)
{
	int r;

	if (in->packing == PACK_ZSTD)
		return (zst_step(in, out));
	in->z.next_out = out->p;
	in->z.avail_out = (uInt)out->left;
	r = gz_step(in);
	*out = wr_init(in->z.next_out, in->z.avail_out);
	return (r);
}

static ssize_t
inflate_read(struct input *in, void *buf, size_t len)
{
	struct wr out = wr_init(buf, len);
	int n;

	if (in->damage != NULL)
		return (0);
	while (out.left == len) {
		n = in->pending ? 1 : refill(in);
		if (n == -1)
			return (-1);
		if (n == 0 || inflate_step(in, &out) == -1)
			break;
		in->pending = out.left == 0 && in->in_member;
	}
	return ((ssize_t)(len - out.left));
}

static ssize_t
read_peeked(struct input *in, void *buf, size_t len)
{
	size_t n = in->peeked < len ? in->peeked : len;

	memcpy(buf, in->peek + INPUT_PEEK - in->peeked, n);
	in->peeked -= n;
	return ((ssize_t)n);
}

ssize_t
input_read(struct input *in, void *buf, size_t len)
{
	size_t n;
	int r;

	if (in->peeked > 0)
		return (read_peeked(in, buf, len));
	if (!in->sniffed && (r = sniff(in)) <= 0)
		return (r);
	if (in->packing != PACK_NONE)
		return (inflate_read(in, buf, len));
	if (in->pos == in->have)
		return (read_some(in, buf, len));
	n = in->have - in->pos < len ? in->have - in->pos : len;
	memcpy(buf, in->raw + in->pos, n);
	in->pos += n;
	return ((ssize_t)n);
}

size_t
input_peek(struct input *in, uint8_t *to)
{
	uint8_t buf[INPUT_PEEK];
	size_t have = 0;
	ssize_t n;

	/* A pipe may trickle: what tells is enough. */
	while (have < PEEK_LEAST &&
	    (n = input_read(in, buf + have, INPUT_PEEK - have)) > 0)
		have += (size_t)n;
	memcpy(in->peek + INPUT_PEEK - have, buf, have);
	in->peeked = have;
	memcpy(to, buf, have);
	return (have);
}

uint64_t
input_taken(const struct input *in)
{
	return (in->taken);
}

const char *
input_damage(const struct input *in)
{
	if (in->damage == NULL && in->in_member)
		return (in->packing == PACK_ZSTD ? "zstd data ends early"
						 : "gzip data ends early");
	return (in->damage);
}

enum input_change
input_watch(const struct input *in)
{
	struct stat named, open_one;

	if (in->fd == STDIN_FILENO || in->fd == -1 ||
	    fstat(in->fd, &open_one) == -1)
		return (INPUT_SAME);
	if (S_ISREG(open_one.st_mode) && (uint64_t)open_one.st_size < in->taken)
		return (INPUT_CUT);
	/* Nothing there yet: between the two steps of a rotation. */
	if (stat(in->path, &named) == -1)
		return (INPUT_SAME);
	if (named.st_dev != open_one.st_dev || named.st_ino != open_one.st_ino)
		return (INPUT_REPLACED);
	return (INPUT_SAME);
}
