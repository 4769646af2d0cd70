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
 * What the intake puts into the ledger, in the totals and for the exporter.
 */

#include "intake-inside.h"
#include "netflow.h"

#define NELEM(a) (sizeof(a) / sizeof((a)[0]))

void
intake_count(struct intake *in, enum ledger_counter c, uint64_t n)
{
	in->ledger->n[c] += n;
	if (in->peer != NULL)
		in->peer->ledger.n[c] += n;
}

void
intake_settle(struct intake *in)
{
	const uint64_t logged = in->tally[L_PENDING - L_RECORDS];
	const uint64_t archived = in->tally[L_ARCHIVE_PENDING - L_RECORDS];
	unsigned int i;

	while (in->tallied != 0) {
		i = 31 - (unsigned int)__builtin_clz(in->tallied);
		in->tallied &= ~(UINT32_C(1) << i);
		in->ledger->n[L_RECORDS + i] += in->tally[i];
		if (in->peer != NULL && L_RECORDS + i != L_PENDING &&
		    L_RECORDS + i != L_ARCHIVE_PENDING)
			in->peer->ledger.n[L_RECORDS + i] += in->tally[i];
		in->tally[i] = 0;
	}
	if (in->peer != NULL && logged > 0)
		peer_pending(in->peers, in->peer, LEDGER_LOG, logged);
	if (in->peer != NULL && archived > 0) {
		peer_pending(in->peers, in->peer, LEDGER_ARCHIVE, archived);
		arcfile_owe(&in->archive, in->when, in->peer, archived);
	}
}

static enum ledger_counter
outcome(enum dec_result result)
{
	switch (result) {
	case DEC_OK:
		return (L_DECODED);
	case DEC_NOTEMPLATE: /* normal until the exporter sends it again */
		return (L_NO_TEMPLATE);
	case DEC_VERSION:
		return (L_UNSUPPORTED);
	case DEC_NOMEM:
		return (L_NO_MEMORY);
	default:
		return (L_MALFORMED);
	}
}

/* What it was decoded as, or why it could not be; L_MAX: no more to say. */
static enum ledger_counter
detail(enum dec_result result, uint16_t version)
{
	static const enum ledger_counter reasons[DEC_MAX] = {
	    [DEC_SHORT] = L_BAD_SHORT,
	    [DEC_BADLEN] = L_BAD_LENGTH,
	    [DEC_BADCOUNT] = L_BAD_COUNT,
	    [DEC_BADTEMPLATE] = L_BAD_TEMPLATE,
	};
	static const enum ledger_counter protocols[] = {
	    [NF_V1] = L_V1,
	    [NF_V5] = L_V5,
	    [NF_V7] = L_V7,
	    [NF_V8] = L_V8,
	    [NF_V9] = L_V9,
	    [NF_IPFIX] = L_IPFIX,
	    [NF_SFLOW5] = L_SFLOW,
	};

	if (result == DEC_OK)
		return (
		    version < NELEM(protocols) ? protocols[version] : L_MAX);
	return (reasons[result] == 0 ? L_MAX : reasons[result]);
}

/* Of most datagrams all of that is 0, so it is asked once. */
static bool
is_plain(const struct dec_report *r)
{
	return (
	    (r->templates | r->templates_withdrawn | r->templates_refused |
		r->templates_expired | r->sets_no_template | r->sets_skipped |
		r->options | r->facts_refused | r->records_short |
		r->samples_counters | r->samples_skipped | r->records_skipped |
		r->samples_dropped | r->seq_lost | r->seq_recovered |
		r->seq_reordered | r->seq_duplicates | r->seq_reset |
		r->seq_other_unit) == 0);
}

static void
contents(struct intake *in, const struct dec_report *r)
{
	const struct {
		enum ledger_counter counter;
		uint64_t n;
	} contents[] = {
	    {L_TEMPLATES, r->templates},
	    {L_TEMPLATES_WITHDRAWN, r->templates_withdrawn},
	    {L_TEMPLATES_REFUSED, r->templates_refused},
	    {L_TEMPLATES_EXPIRED, r->templates_expired},
	    {L_SETS_NO_TEMPLATE, r->sets_no_template},
	    {L_SETS_SKIPPED, r->sets_skipped},
	    {L_OPTIONS, r->options},
	    {L_FACTS_REFUSED, r->facts_refused},
	    {L_RECORDS_SHORT, r->records_short},
	    {L_SAMPLES_COUNTERS, r->samples_counters},
	    {L_SAMPLES_SKIPPED, r->samples_skipped},
	    {L_SAMPLES_IGNORED, r->records_skipped},
	    {L_SAMPLES_DROPPED, r->samples_dropped},
	    {L_SEQ_LOST, r->seq_lost},
	    {L_SEQ_RECOVERED, r->seq_recovered},
	    {L_SEQ_REORDERED, r->seq_reordered},
	    {L_SEQ_DUPLICATES, r->seq_duplicates},
	    {L_SEQ_RESETS, r->seq_reset},
	    {L_SEQ_OTHER_UNIT, r->seq_other_unit},
	};
	size_t i;

	for (i = 0; i < NELEM(contents); i++)
		if (contents[i].n > 0)
			intake_count(in, contents[i].counter, contents[i].n);
}

void
intake_outcome(struct intake *in, enum dec_result result,
    const struct dec_report *r)
{
	const enum ledger_counter what = detail(result, r->version);

	if (what != L_MAX)
		intake_count(in, what, 1);
	intake_count(in, outcome(result), 1);
	if (r->seq_received > 0)
		intake_count(in, L_SEQ_RECEIVED, r->seq_received);
	if (!is_plain(r))
		contents(in, r);
}
