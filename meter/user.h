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
 * Whom the processes become that handle what comes from outside.
 */

#ifndef METER_USER_H
#define METER_USER_H

#include <sys/types.h>

struct user {
	const char *name;   /* NULL: nobody else, we are not root */
	const char *chroot; /* NULL: an empty one that is made for it */
	uid_t uid;
	gid_t gid;
};

/*
 * Look them up, while that is possible, and see that the directory is safe to
 * be put in.  NULL is for what configure chose, or, if that does not exist,
 * "nobody" and a directory that is removed when it was entered.  Nothing is
 * asked of who is not root.  -1: it was logged.
 */
int user_find(struct user *, const char *name, const char *chroot);
/*
 * Become that, with no other groups, no core files, no children and few
 * descriptors, in a sandbox (sandbox.h).  What cannot be given up ends the
 * process.  `who` is for the log.
 */
void user_lock_in(const struct user *, const char *who,
    const char *(*sandbox)(void));

#endif /* METER_USER_H */
