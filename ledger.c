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

#include <inttypes.h>
#include <stdio.h>

#include "ledger.h"

/* clang-format off */
const struct ledger_row ledger_rows[L_MAX] = {
	[L_RECEIVED] = { "received", "datagrams received" },
	[L_DECODED] = { "decoded", "datagrams decoded" },
	[L_NOT_ALLOWED] = { "not_allowed", "datagrams of no flow source" },
	[L_MALFORMED] = { "malformed", "datagrams that broke the rules" },
	[L_UNSUPPORTED] = { "unsupported", "datagrams of unknown protocols" },
	[L_NO_TEMPLATE] = { "no_template",
	    "datagrams with nothing but data of unknown templates" },
	[L_NO_MEMORY] = { "no_memory", "datagrams that found no memory" },
	[L_CRASHED] = { "crashed", "datagrams under way in a crash" },
	[L_BAD_SHORT] = { "malformed_truncated",
	    "datagrams that end inside a header or a set" },
	[L_BAD_LENGTH] = { "malformed_length",
	    "datagrams with a length that cannot be" },
	[L_BAD_COUNT] = { "malformed_count",
	    "datagrams with a count that cannot be" },
	[L_BAD_TEMPLATE] = { "malformed_template",
	    "datagrams with a template that cannot be" },
	[L_V1] = { "decoded_v1", "datagrams decoded: NetFlow 1" },
	[L_V5] = { "decoded_v5", "NetFlow 5" },
	[L_V7] = { "decoded_v7", "NetFlow 7" },
	[L_V8] = { "decoded_v8", "NetFlow 8" },
	[L_V9] = { "decoded_v9", "NetFlow 9" },
	[L_IPFIX] = { "decoded_ipfix", "IPFIX" },
	[L_SFLOW] = { "decoded_sflow", "sFlow 5" },
	[L_RECEIVED_BYTES] = { "received_bytes", "bytes of datagrams" },
	[L_TEMPLATES] = { "templates", "templates learned or confirmed" },
	[L_TEMPLATES_WITHDRAWN] = { "templates_withdrawn",
	    "templates withdrawn" },
	[L_TEMPLATES_REFUSED] = { "templates_refused",
	    "templates that cannot be, or found no room" },
	[L_TEMPLATES_EXPIRED] = { "templates_expired",
	    "templates forgotten, as they were not sent again" },
	[L_SETS_NO_TEMPLATE] = { "sets_no_template",
	    "data sets of unknown templates" },
	[L_SETS_SKIPPED] = { "sets_skipped", "sets with reserved numbers" },
	[L_OPTIONS] = { "options", "options records" },
	[L_FACTS_REFUSED] = { "facts_refused",
	    "what options records say that found no room" },
	[L_RECORDS_SHORT] = { "records_short",
	    "records announced in datagrams and not there" },
	[L_SAMPLES_COUNTERS] = { "samples_counters",
	    "counter samples of sFlow, which are not read" },
	[L_SAMPLES_SKIPPED] = { "samples_skipped",
	    "samples of sFlow in no known format, or of no packet" },
	[L_SAMPLES_IGNORED] = { "samples_ignored",
	    "records in samples of sFlow that are in no known format" },
	[L_RECORDS] = { "records", "flows decoded" },
	[L_ACCEPTED] = { "accepted", "flows accepted by the rules" },
	[L_DISCARDED] = { "discarded", "flows discarded by the rules" },
	[L_STORED] = { "stored", "flows written to the log" },
	[L_PENDING] = { "pending", "flows waiting to be written" },
	[L_LOST_SPACE] = { "lost_space", "flows lost to a full disk" },
	[L_LOST_IO] = { "lost_io", "flows lost to write errors" },
	[L_LOST_NOLOG] = { "lost_nolog", "flows lost for want of a log file" },
	[L_LOST_BEHIND] = { "lost_behind",
	    "flows lost as the disk was too slow" },
	[L_LOST_CRASH] = { "lost_crash", "flows under way in a crash" },
	[L_UNLOGGED] = { "unlogged", "flows with no logfile configured" },
	[L_STORED_BYTES] = { "stored_bytes", "bytes written to the log" },
	[L_ARCHIVED] = { "archived", "flows written to the archive" },
	[L_ARCHIVE_PENDING] = { "archive_pending",
	    "flows waiting to be written there" },
	[L_ARCHIVE_LOST_SPACE] = { "archive_lost_space",
	    "flows lost there to a full disk" },
	[L_ARCHIVE_LOST_IO] = { "archive_lost_io",
	    "flows lost there to write errors" },
	[L_ARCHIVE_LOST_NOLOG] = { "archive_lost_nolog",
	    "flows lost there for want of a segment" },
	[L_ARCHIVE_LOST_BEHIND] = { "archive_lost_behind",
	    "flows lost there as the disk was too slow" },
	[L_ARCHIVE_LOST_CRASH] = { "archive_lost_crash",
	    "flows under way there in a crash" },
	[L_UNARCHIVED] = { "unarchived", "flows with no archive configured" },
	[L_ARCHIVED_BYTES] = { "archived_bytes",
	    "bytes written to the archive" },
	[L_RELAYED] = { "relayed", "flows sent to the log socket" },
	[L_RELAY_DROPPED] = { "relay_dropped",
	    "flows that the log socket did not take" },
	[L_FORWARDED] = { "forwarded", "copies of datagrams sent on" },
	[L_FORWARD_DROPPED] = { "forward_dropped",
	    "copies of datagrams that could not be sent" },
	[L_KERNEL_DROPS] = { "kernel_drops",
	    "datagrams dropped by the kernel: buffers full" },
	[L_SAMPLES_DROPPED] = { "samples_dropped",
	    "samples that sFlow agents had no resources for" },
	[L_SEQ_RECEIVED] = { "seq_received",
	    "flows, datagrams or records that came by sequence number" },
	[L_SEQ_LOST] = { "seq_lost",
	    "flows, datagrams or records missing by sequence number" },
	[L_SEQ_RECOVERED] = { "seq_recovered",
	    "of those, what was not missing after all" },
	[L_SEQ_REORDERED] = { "seq_reordered", "datagrams that came late" },
	[L_SEQ_DUPLICATES] = { "seq_duplicates",
	    "datagrams that had come before" },
	[L_SEQ_RESETS] = { "seq_resets", "exporters that began anew" },
	[L_SEQ_OTHER_UNIT] = { "seq_other_unit",
	    "exporters found to count in a unit not their protocol's" },
	[L_EXPORTERS] = { "exporters", "exporters known" },
	[L_EXPORTERS_EVICTED] = { "exporters_evicted",
	    "exporters forgotten to make room" },
	[L_TEMPLATES_KNOWN] = { "templates_known", "templates remembered" },
	[L_STATE_BYTES] = { "state_bytes",
	    "bytes that all that is remembered of exporters takes" },
	[L_LOG_LINES_DROPPED] = { "log_lines_dropped",
	    "messages of the collector suppressed" },
};

/*
 * The first is the sum of the others, up to the one named last.  Those that
 * are part of another's sum come before it.
 */
static const struct sum {
	enum ledger_counter total, first, last;
	enum ledger_counter rest; /* what a crash leaves goes here */
} sums[] = {
	{ L_MALFORMED, L_BAD_SHORT, L_BAD_TEMPLATE, L_BAD_SHORT },
	{ L_DECODED, L_V1, L_SFLOW, L_V5 },
	{ L_RECEIVED, L_DECODED, L_CRASHED, L_CRASHED },
	{ L_ACCEPTED, L_STORED, L_UNLOGGED, L_LOST_CRASH },
	{ L_ACCEPTED, L_ARCHIVED, L_UNARCHIVED, L_ARCHIVE_LOST_CRASH },
	{ L_RECORDS, L_ACCEPTED, L_DISCARDED, L_DISCARDED },
};

/* Lines of the log: total = first + ... + last; rest L_MAX: no total. */
static const struct line {
	const char *head;
	enum ledger_counter first, last;
} lines[] = {
	{ "datagrams", L_RECEIVED, L_CRASHED },
	{ "malformed", L_BAD_SHORT, L_BAD_TEMPLATE },
	{ "protocols", L_V1, L_SFLOW },
	{ "contents", L_RECEIVED_BYTES, L_SAMPLES_IGNORED },
	{ "flows", L_RECORDS, L_DISCARDED },
	{ "log", L_STORED, L_STORED_BYTES },
	{ "archive", L_ARCHIVED, L_ARCHIVED_BYTES },
	{ "copies", L_RELAYED, L_FORWARD_DROPPED },
	{ "arrival", L_KERNEL_DROPS, L_SEQ_OTHER_UNIT },
	{ "state", L_EXPORTERS, L_LOG_LINES_DROPPED },
};
/* clang-format on */

#define NELEM(a) (sizeof(a) / sizeof((a)[0]))

void
skew_take(struct skew *s, int64_t ms)
{
	if (!s->known || ms < s->least)
		s->least = ms;
	if (!s->known || ms > s->most)
		s->most = ms;
	s->last = ms;
	s->known = true;
}

void
ledger_add(struct ledger *to, const struct ledger *l)
{
	size_t i;

	for (i = 0; i < L_MAX; i++)
		to->n[i] += l->n[i];
}

static uint64_t
sum_of(const struct ledger *l, const struct sum *s)
{
	uint64_t n = 0;
	int i;

	for (i = s->first; i <= (int)s->last; i++)
		n += l->n[i];
	return (n);
}

const char *
ledger_check(const struct ledger *l)
{
	size_t i;

	for (i = 0; i < NELEM(sums); i++)
		if (l->n[sums[i].total] != sum_of(l, &sums[i]))
			return (ledger_rows[sums[i].total].name);
	if (l->n[L_SEQ_RECOVERED] > l->n[L_SEQ_LOST])
		return (ledger_rows[L_SEQ_RECOVERED].name);
	return (NULL);
}

double
ledger_loss(const struct ledger *l)
{
	uint64_t lost = l->n[L_SEQ_LOST] - l->n[L_SEQ_RECOVERED];

	if (lost == 0)
		return (0);
	return ((double)lost / (double)(l->n[L_SEQ_RECEIVED] + lost));
}

void
ledger_close_crash(struct ledger *l)
{
	uint64_t *total;
	size_t i;

	l->n[L_LOST_CRASH] += l->n[L_PENDING];
	l->n[L_PENDING] = 0;
	l->n[L_ARCHIVE_LOST_CRASH] += l->n[L_ARCHIVE_PENDING];
	l->n[L_ARCHIVE_PENDING] = 0;
	/* Nothing that was counted is taken back, and then all add up. */
	for (i = 0; i < NELEM(sums); i++) {
		total = &l->n[sums[i].total];
		if (*total < sum_of(l, &sums[i]))
			*total = sum_of(l, &sums[i]);
	}
	for (i = 0; i < NELEM(sums); i++)
		l->n[sums[i].rest] += l->n[sums[i].total] - sum_of(l, &sums[i]);
	if (l->n[L_SEQ_RECOVERED] > l->n[L_SEQ_LOST])
		l->n[L_SEQ_LOST] = l->n[L_SEQ_RECOVERED];
}

void
ledger_json(const struct ledger *l, FILE *fp, const char *indent)
{
	size_t i;

	for (i = 0; i < L_MAX; i++)
		fprintf(fp, "%s\"%s\": %" PRIu64 "%s\n", indent,
		    ledger_rows[i].name, l->n[i], i + 1 < L_MAX ? "," : "");
}

bool
ledger_line(const struct ledger *l, size_t i, char *buf, size_t size)
{
	size_t len;
	int c, n;

	if (i >= NELEM(lines))
		return (false);
	n = snprintf(buf, size, "%s:", lines[i].head);
	len = n < 0 ? 0 : (size_t)n;
	for (c = lines[i].first; c <= (int)lines[i].last && len < size; c++) {
		n = snprintf(buf + len, size - len, "%s %s %" PRIu64,
		    c > (int)lines[i].first ? "," : "", ledger_rows[c].name,
		    l->n[c]);
		len += n < 0 ? 0 : (size_t)n;
	}
	return (true);
}

const struct ledger_segment *
ledger_listed(const struct ledger_segment *s, size_t n, uint32_t number)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (s[i].number == number)
			return (&s[i]);
	return (NULL);
}
