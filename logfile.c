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
#include <sys/stat.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "logfile.h"
#include "store.h"

int
logfile_init_size(struct logfile *l, size_t size)
{
	memset(l, 0, sizeof(*l));
	l->fd = -1;
	l->state = LOGFILE_NONE;
	if ((l->buf = malloc(size)) == NULL)
		return (-1);
	l->size = size;
	return (0);
}

int
logfile_init(struct logfile *l)
{
	return (logfile_init_size(l, LOGFILE_BUFFER));
}

void
logfile_clear(struct logfile *l)
{
	if (l->fd != -1)
		close(l->fd);
	free(l->buf);
	memset(l, 0, sizeof(*l));
	l->fd = -1;
}

void
logfile_set(struct logfile *l, int fd, uint32_t number)
{
	if (l->fd != -1)
		close(l->fd);
	l->fd = fd;
	l->number = number;
	l->state = fd == -1 ? LOGFILE_NONE : LOGFILE_OPEN;
}

bool
logfile_put(struct logfile *l, const struct flow *f, uint32_t mask)
{
	struct wr wr = wr_init(l->buf + l->len, l->size - l->len);

	if (store_write(&wr, f, mask) != STORE_OK)
		return (false);
	l->len = l->size - wr.left;
	l->flows++;
	return (true);
}

uint8_t *
logfile_room(struct logfile *l, size_t *room)
{
	*room = l->size - l->len;
	return (l->buf + l->len);
}

void
logfile_took(struct logfile *l, size_t len, uint64_t flows)
{
	l->len += len;
	l->flows += flows;
}

static bool
is_space(int error)
{
	return (error == ENOSPC || error == EDQUOT || error == EFBIG);
}

static enum logfile_state
failure(struct logfile *l)
{
	l->error = errno;
	return (is_space(errno) ? LOGFILE_FULL : LOGFILE_BROKEN);
}

/*
 * A part of the batch is in the file.  Only the parent can take it off; until
 * it did nothing more is written, or a reader would meet half a record.
 */
static enum logfile_state
stump(struct logfile *l, uint64_t written)
{
	struct stat st;

	if (fstat(l->fd, &st) == -1 || (uint64_t)st.st_size < written)
		return (failure(l));
	if (!S_ISREG(st.st_mode))
		return (LOGFILE_BROKEN);
	l->error = ENOSPC;
	l->cut_to = (uint64_t)st.st_size - written;
	return (LOGFILE_CUTTING);
}

static enum logfile_state
write_all(struct logfile *l, struct logfile_done *done)
{
	struct stat st;
	ssize_t n;

	if (l->fd == -1)
		return (LOGFILE_GONE);
	if (l->held) {
		errno = ENOSPC;
		return (failure(l));
	}
	if (fstat(l->fd, &st) == -1)
		return (failure(l));
	/* Deleted, or another was renamed over it: it leads nowhere. */
	if (st.st_nlink == 0)
		return (LOGFILE_GONE);
	do
		n = write(l->fd, l->buf, l->len);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		return (failure(l));
	if ((size_t)n < l->len)
		return (stump(l, (uint64_t)n));
	done->flows = l->flows;
	done->bytes = l->len;
	done->end = (uint64_t)st.st_size + l->len;
	l->flows = 0;
	l->len = 0;
	return (LOGFILE_OPEN);
}

struct logfile_done
logfile_flush(struct logfile *l)
{
	struct logfile_done done = {0};
	enum logfile_state was = l->state;

	if (l->len == 0 || was == LOGFILE_CUTTING || was == LOGFILE_NONE)
		return (done);
	l->state = write_all(l, &done);
	done.changed = l->state != was;
	return (done);
}

uint64_t
logfile_discard(struct logfile *l)
{
	uint64_t flows = l->flows;

	l->flows = 0;
	l->len = 0;
	return (flows);
}

void
logfile_cut_done(struct logfile *l, uint32_t number, bool ok)
{
	if (l->state != LOGFILE_CUTTING || number != l->number)
		return;
	/*
	 * What could not be cut stays: the reader finds its way past it.  The
	 * batch is whole in memory and is written again behind it.
	 */
	(void)ok;
	l->state = LOGFILE_FULL;
}

const char *
logfile_state_name(enum logfile_state state)
{
	static const char *const names[] = {
	    [LOGFILE_NONE] = "none is configured",
	    [LOGFILE_OPEN] = "all is well",
	    [LOGFILE_CUTTING] = "an incomplete write is taken back",
	    [LOGFILE_FULL] = "no space left",
	    [LOGFILE_BROKEN] = "writing fails",
	    [LOGFILE_GONE] = "it was deleted",
	};

	return (names[state]);
}
