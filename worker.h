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
 * A collector as the parent has it, of one or of several: its process, its page
 * of the ledger, what it wants, and when the next one is started.  Nothing here
 * knows of the others.
 */

#ifndef WORKER_H
#define WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include "conf.h"
#include "flowd.h"
#include "ledger.h"
#include "logopen.h"
#include "proc.h"
#include "statefile.h"

struct worker {
	uint32_t number; /* from 0 on */
	char name[24];	 /* for messages: "collector", of several with number */
	struct proc proc;
	int64_t since; /* second of its start, or when the next one is due */
	int backoff;
	int said; /* messages in this second */

	uint32_t generation; /* of the configuration handed over last */
	uint32_t ready;	     /* of the one that it said to be in force */
	int64_t told;	     /* second that it was handed over */
	bool reloading; /* it was handed the next one, and has not answered */

	bool logsock_wanted; /* at the next second, not sooner */
	bool state_wanted;   /* likewise */
	int last_states; /* that it has asked to write since it was stopped */
	struct statefile state;

	/* It writes there what it likes, and no other does. */
	struct ledger_page *page;
	int page_fd;
};

/* One of so many, without a process.  0, or -1 after why was logged. */
int worker_init(struct worker *, uint32_t number, uint32_t workers);
/* Start its process.  Without one, why was logged, and it is tried later. */
bool worker_start(struct worker *, const struct options *, int cpu);
/* It ended badly: when the next one is due. */
void worker_back_off(struct worker *);
/* A process that is not to be killed. */
bool worker_is_there(const struct worker *);

/* What it is handed.  One that does not read is killed. */
void worker_tell_log(struct worker *, const struct logopen *, bool shared);
void worker_tell_logsock(struct worker *, const struct conf *);
/* What exporters taught those before it, and others but these. */
void worker_tell_states(struct worker *, const char *statefile,
    uint64_t others);
/* Where to write what they taught this one.  0, or -1: it is dead. */
int worker_tell_state_fd(struct worker *, const char *statefile);
/* A configuration with the sockets for it, under its next generation. */
int worker_tell_conf(struct worker *, const struct conf *,
    const struct sockets *);

#endif /* WORKER_H */
