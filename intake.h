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
 * The way of a datagram through the collector: allow list, decoder, rules,
 * log and copies, each step in the ledger.
 */

#ifndef INTAKE_H
#define INTAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arcfile.h"
#include "compat/compat.h"
#include "conf.h"
#include "decode/decode.h"
#include "ledger.h"
#include "limit.h"
#include "logfile.h"
#include "peer.h"
#include "relay.h"
#include "sink.h"

#define INTAKE_FORWARDS 64

struct intake {
	const struct conf *conf;  /* borrowed, in force */
	struct ledger_page *page; /* borrowed, shared with the parent */
	struct ledger *ledger;	  /* in it */
	struct decoder *dec;
	struct peers *peers;
	struct limit limit;
	struct logfile log;
	struct logfile *log_before; /* with records for them */
	struct arcfile archive;
	struct sink log_sink;
	struct sink archive_sink;
	struct relay relay;
	struct flow_set asked; /* the fields that the rules look at */
	struct peek peek;      /* where in records of the last form they are */
	uint8_t *kept;	       /* records that rules left of a datagram */
	int forward[INTAKE_FORWARDS];
	size_t nforward;

	/* for the parent, as are those of log and archive: taken back by
	   whoever told it */
	bool want_logsock;

	/* of the datagram under way */
	uint64_t tally[LEDGER_FLOWS]; /* what becomes of its flows */
	int64_t when;		      /* it was received */
	uint32_t tallied;	      /* a bit for each that may not be 0 */
	struct peer *peer;	      /* NULL: only the totals count it */
	int64_t complained;	      /* ns; the last about any datagram */
	int64_t remarked;	      /* and the last on any exporter */
};

/* 0, or -1 for want of memory. */
int intake_init(struct intake *, struct ledger_page *);
/* Before any file: who writes; without one, writes are waited for. */
void intake_use(struct intake *, struct writer *);
void intake_clear(struct intake *);

/* An exporter, as the configuration has it; false: it may not send. */
bool intake_source(const struct intake *, struct dec_source *);

/* The caller has counted it as received, in the ledger. */
void intake_datagram(struct intake *, const struct udp_datagram *);

/* Send on to the log socket what waits for it. */
void intake_relay(struct intake *);

/* A new configuration; forgets whom it does not allow. */
void intake_configure(struct intake *, const struct conf *);
/*
 * A log from the parent, or -1 for none: what is under way goes to the old one.
 * shared: others write to it, too.
 */
void intake_set_log(struct intake *, int fd, uint32_t number, bool shared);
/* Likewise of the archive: for flows received from a time on, ns. */
void intake_set_archive(struct intake *, int fd, uint32_t number, int64_t from);
/* All that was received up to then was taken: time for the next segment? */
void intake_pass(struct intake *, int64_t now);
/* Write what waits; says so in the log when that begins to fail or to work. */
void intake_flush(struct intake *);
/* A write is done.  False if it is none of these. */
bool intake_wrote(struct intake *, struct writing *);
/* Some write is under way. */
bool intake_busy(const struct intake *);
/* Flows that wait to be written, those under way too. */
uint64_t intake_waiting(const struct intake *);
/* Once a second: say what limits did, and put what is known in the ledger. */
void intake_tick(struct intake *, int64_t now);
/* No more will be written: what waits is lost. */
void intake_give_up(struct intake *);

#endif /* INTAKE_H */
