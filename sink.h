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

#include <stdint.h>

#include "ledger.h"
#include "logfile.h"
#include "peer.h"

struct sink {
	enum ledger_sink which;
	const char *name;
	struct ledger *ledger; /* borrowed, as the peers are */
	struct peers *peers;
	uint64_t lost_before; /* flows lost when it began to fail */
};

/* Why flows are lost that a file in that state does not take. */
enum ledger_fate sink_cause(enum logfile_state);

/* Flows were written; so many wait still. */
void sink_wrote(struct sink *, const struct logfile_done *, uint64_t waiting);
/* Flows that waited are lost, all of them. */
void sink_lost(struct sink *, enum ledger_fate, uint64_t flows);
/* The file's state is another. */
void sink_say(struct sink *, enum logfile_state was, const struct logfile *,
    uint64_t waiting);

#endif /* SINK_H */
