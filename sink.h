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
 * A place where flows are kept, log or archive: what became of them there, in
 * the ledger and in the messages of the collector.
 */

#ifndef SINK_H
#define SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "piece.h"
#include "ledger.h"
#include "logfile.h"
#include "peer.h"

struct sink {
	enum ledger_sink which;
	const char *name;
	struct ledger *ledger; /* borrowed, as the peers are */
	struct peers *peers;
	uint64_t behind_since;	/* flows lost when it fell behind */
	uint64_t lost_before;	/* flows lost when it began to fail */
	struct pieces memory;	/* for what waits */
	enum ledger_fate cause; /* that is lost from now on, of what waits */
	bool behind;		/* flows are lost, for the disk is slow */
};

/* Why flows are lost that a file in that state does not take. */
enum ledger_fate sink_cause(enum logfile_state);

/* With so many bytes for what waits; all else is the caller's to set. */
void sink_init(struct sink *, size_t most);
void sink_clear(struct sink *);

/* Flows were written. */
void sink_wrote(struct sink *, const struct logfile_done *);
/* A file in that state took a flow not: why it is lost.  Says so, if new. */
enum ledger_fate sink_refused(struct sink *, enum logfile_state);
/* Once a second: says so when nothing has to be lost any more. */
void sink_tick(struct sink *);
/* Flows that waited are lost; their exporters know by the memory. */
void sink_lost(struct sink *, enum ledger_fate, uint64_t flows);
/* The file's state is another. */
void sink_say(struct sink *, enum logfile_state was, const struct logfile *,
    uint64_t waiting);

#endif /* SINK_H */
