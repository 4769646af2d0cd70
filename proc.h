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
 * The collector as the parent has it: a process, a socket to it, and how far
 * it is trusted.
 */

#ifndef PROC_H
#define PROC_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

#include "conf.h"
#include "ipc.h"
#include "sockets.h"

/* Each state is less than the one before; there is no way back. */
enum proc_state {
	ST_STARTING = 1, /* has not said that it is ready */
	ST_RUNNING = 2,
	ST_STOPPING = 4, /* was told to stop */
	ST_DEAD = 8,	 /* was killed or has died, and may say nothing */
};

struct proc {
	pid_t pid;	  /* 0: none */
	int sock;	  /* -1: none */
	const char *name; /* for messages; borrowed */
	enum proc_state state;
	int patience; /* ms that it may let us wait */
};

/*
 * Who the collector will be, and where: the user and the directory, when we
 * are root.  What is wrong is logged, and -1 returned.
 */
int proc_check(void);

/*
 * Run ourselves anew as the collector, with a socket to it and the ledger's
 * page, and nothing else of ours.  0 and *p, which has its name, in
 * ST_STARTING; -1 with errno.  The processor, unless -1, is chosen while it is
 * still ours: another user's would be out of reach.
 */
int proc_start(struct proc *p, const char *self, bool verbose, int page_fd,
    int cpu);
void proc_kill(struct proc *);

/* "exit status 1", "signal 9 (Killed)"; returns buf. */
const char *proc_describe(int status, char *buf, size_t size);

/*
 * Send a message, with a descriptor unless that is -1.  A collector that lets
 * us wait for some seconds in all, others waiting with us, is killed.  0, or
 * -1: it is dead, or listens no more.
 */
int proc_tell(struct proc *, const struct ipc_out *, int fd);
/* Another second: of its patience a bit comes back. */
void proc_forgive(struct proc *);
/* One without fields. */
int proc_tell_short(struct proc *, enum ipc_type);
/*
 * A whole configuration, in force with the last message of it, for the worker
 * of that number.
 */
int proc_tell_conf(struct proc *, uint32_t worker, uint32_t generation,
    const struct conf *, const struct sockets *);

#endif /* PROC_H */
