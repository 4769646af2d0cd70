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
 * A configuration as the parent hands it over, in parts: its text, and the
 * descriptors that it needs.
 */

#ifndef SETUP_H
#define SETUP_H

#include <stddef.h>
#include <stdint.h>

#include "allot.h"
#include "conf.h"
#include "intake.h"
#include "ipc.h"

#define SETUP_LISTENERS LEDGER_SOCKETS

struct listener {
	int fd;
	uint32_t number; /* the parent's name for the socket */
};

struct setup {
	uint32_t generation;
	uint32_t worker; /* who we are, of so many */
	uint32_t workers;
	char *text;	/* until it is complete */
	size_t textlen; /* as announced */
	size_t textgot;
	struct conf *conf;
	struct listener listener[SETUP_LISTENERS];
	size_t nlistener;
	uint32_t room; /* bytes of the smallest buffer of theirs */
	int forward[INTAKE_FORWARDS];
	size_t nforward;
};

/*
 * The parts, from the fields of M_CONF_BEGIN and so on.  0, or -1 for one that
 * cannot be.  A descriptor that is taken is the setup's.
 */
int setup_begin(struct setup *, struct rd *);
int setup_text(struct setup *, struct rd *);
int setup_listen(struct setup *, struct ipc_msg *);
int setup_forward(struct setup *, struct ipc_msg *);
/* All is there: parse it.  One that does not parse ends the process. */
int setup_complete(struct setup *, struct rd *);

/* Closes and frees what it has. */
void setup_clear(struct setup *);

#endif /* SETUP_H */
