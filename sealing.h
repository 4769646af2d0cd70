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
 * The parent's side of sealing: it starts the process (seal.h), and when that
 * has ended, hears what it did.  Nothing else of the two is shared.
 *
 *	sealing_start(&s, &job);		the inputs may be closed now
 *	... SIGCHLD: waitpid(2) gives s.pid and a status
 *	if (sealing_ended(&s, status, &done))
 *		rename the output, remove the inputs
 *	else
 *		remove the output, keep the inputs: done.what says why
 */

#ifndef SEALING_H
#define SEALING_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

#include "archive/reseal.h"
#include "seal.h"

struct sealing {
	pid_t pid; /* 0: none runs */
	int sock;  /* nothing to poll: its end is a SIGCHLD; -1: none */
};

/* All of it is borrowed for the call. */
struct sealing_job {
	const char *self;  /* path of flowd */
	bool verbose;	   /* its messages go to standard error */
	int level;	   /* of zstd, 0: none */
	uint64_t most;	   /* bytes that may come out; 0: any number */
	int output;	   /* O_WRONLY | O_APPEND, empty */
	const int *inputs; /* O_RDONLY, in the order of their time */
	size_t ninputs;	   /* 1..SEAL_INPUTS */
};

struct sealing_done {
	enum seal_end end;
	int error;	  /* errno of it, or 0 */
	const char *what; /* a phrase for the log, never NULL */
	struct reseal_totals totals;
};

/* 0, or -1 with errno.  Closes none of the descriptors. */
int sealing_start(struct sealing *, const struct sealing_job *);

/*
 * Its process ended, with a status of waitpid(2): true if the output is whole
 * and on disk.  Damage does not make it false: totals.damaged counts it.
 */
bool sealing_ended(struct sealing *, int status, struct sealing_done *);

/* End it: at once, and its pid is still to be waited for. */
void sealing_stop(struct sealing *);

#endif /* SEALING_H */
