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

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "format.h"
#include "intake-inside.h"
#include "intake.h"
#include "log.h"
#include "netflow.h"
#include "stats.h"
#include "store.h"

#define COMPLAIN_PEER (60 * NSEC_PER_SEC) /* at most so often about one */
#define COMPLAIN_ALL (1 * NSEC_PER_SEC)	  /* and about all of them */
#define STRANGERS_ALL (60 * NSEC_PER_SEC) /* if they are not configured */
/* The same of what is only strange. */
#define REMARK_PEER (60 * 60 * NSEC_PER_SEC)
#define REMARK_ALL (1 * NSEC_PER_SEC)
#define NELEM(a) (sizeof(a) / sizeof((a)[0]))
#define SKEW_MAX (5 * 60 * 1000) /* ms */

static void
say_flow(const char *what, const struct flow *f)
{
	char line[FORMAT_MAX];
	struct store_record rec = {.flow = *f, .version = STORE_VERSION};
	uint8_t buf[STORE_RECMAX];
	struct wr wr = wr_init(buf, sizeof(buf));
	struct rd rd;

	/* As the log would show it. */
	if (store_write(&wr, f, STORE_ALL) != STORE_OK)
		return;
	rd = rd_init(buf, sizeof(buf) - wr.left);
	if (store_read(&rd, &rec) != STORE_OK)
		return;
	format_classic(line, sizeof(line), &rec, STORE_ALL, false);
	log_debug("%s %s", what, line);
}

/*
 * Records that waited may be another exporter's: the totals alone tell of
 * copies exactly.
 */
static void
count_relayed(struct intake *in, struct relay_done done)
{
	intake_count(in, L_RELAYED, done.sent);
	intake_count(in, L_RELAY_DROPPED, done.dropped);
	in->want_logsock = in->want_logsock || in->relay.fd == -1;
}

static void
keep_in_log(struct intake *in, const struct flow *f)
{
	if (in->conf->logfile == NULL) {
		intake_tally(in, 1, L_UNLOGGED);
		return;
	}
	if (!logfile_put(&in->log, f, in->conf->store_mask)) {
		intake_tally(in, 1,
		    ledger_of(LEDGER_LOG,
			sink_refused(&in->log_sink, in->log.state)));
		return;
	}
	logfile_owe(&in->log, in->peer, 1);
	intake_tally(in, 1, L_PENDING);
	if (logfile_ready(&in->log)) {
		intake_settle(in);
		intake_flush_log(in);
	}
}

static void
keep_in_archive(struct intake *in, const struct flow *f)
{
	if (in->conf->archive.dir == NULL) {
		intake_tally(in, 1, L_UNARCHIVED);
		return;
	}
	if (!arcfile_put(&in->archive, f)) {
		intake_settle(in);
		intake_flush_archive(in);
		if (!arcfile_put(&in->archive, f)) {
			intake_tally(in, 1,
			    ledger_of(LEDGER_ARCHIVE,
				sink_refused(&in->archive_sink,
				    arcfile_worst(&in->archive)->state)));
			return;
		}
	}
	intake_tally(in, 1, L_ARCHIVE_PENDING);
}

static void
take_flow(void *arg, struct flow *f)
{
	struct intake *in = arg;

	intake_tally(in, 1, L_RECORDS);
	if (filter_match(in->conf->filter, f) == FILTER_DISCARD) {
		intake_tally(in, 1, L_DISCARDED);
		if (log_is_verbose())
			say_flow("discard", f);
		return;
	}
	intake_tally(in, 1, L_ACCEPTED);
	if (log_is_verbose())
		say_flow("accept", f);
	keep_in_log(in, f);
	keep_in_archive(in, f);
	if (in->conf->logsock != NULL)
		count_relayed(in,
		    relay_put(&in->relay, f, in->conf->store_mask));
}

static void
evicted(void *arg, const struct peer *p)
{
	struct intake *in = arg;

	decode_forget(in->dec, &p->addr, p->port);
	if (in->peer == p)
		in->peer = NULL;
}

int
intake_init(struct intake *in, struct ledger_page *page)
{
	memset(in, 0, sizeof(*in));
	in->page = page;
	in->ledger = &page->ledger;
	intake_init_sinks(in);
	logfile_init(&in->log, &in->log_sink.memory, NULL);
	if (arcfile_init(&in->archive, &in->archive_sink.memory, NULL) == -1 ||
	    relay_init(&in->relay) == -1 ||
	    (in->kept = malloc(UINT16_MAX)) == NULL ||
	    (in->dec = decode_new(NULL, take_flow, in)) == NULL ||
	    (in->peers = peers_new(CONF_EXPORTERS, evicted, in)) == NULL) {
		intake_clear(in);
		return (-1);
	}
	in->limit.dec = in->dec;
	in->limit.peers = in->peers;
	in->log_sink.peers = in->archive_sink.peers = in->peers;
	return (0);
}

void
intake_clear(struct intake *in)
{
	peers_free(in->peers);
	decode_free(in->dec);
	logfile_clear(&in->log);
	logfiles_clear(&in->log_before);
	arcfile_clear(&in->archive);
	sink_clear(&in->log_sink);
	sink_clear(&in->archive_sink);
	relay_clear(&in->relay);
	free(in->kept);
	memset(in, 0, sizeof(*in));
}

bool
intake_source(const struct intake *in, struct dec_source *src)
{
	src->configured = conf_configured(in->conf, &src->agent);
	return (conf_allowed(in->conf, &src->agent) &&
	    conf_options(in->conf, &src->agent).ports == (src->port != 0));
}

static enum peer_rank
rank_of(const struct conf *c, const struct addr *a, bool ports)
{
	if (!conf_configured(c, a))
		return (PEER_STRANGER);
	return (ports ? PEER_PORT : PEER_NAMED);
}

/* One that was not heard of before. */
static void
welcome(struct intake *in, const struct udp_datagram *d, struct dec_source *src)
{
	const struct source_options o = conf_options(in->conf, &d->from);
	enum peer_rank rank = rank_of(in->conf, &d->from, o.ports);

	src->port = o.ports ? d->port : 0;
	src->sampling = o.sampling;
	src->trusted = o.trusted;
	src->inner = o.inner;
	if (limit_peer(&in->limit, rank))
		in->peer = peer_add(in->peers, &d->from, src->port, rank);
	if (in->peer != NULL)
		in->peer->options = o;
	limit_account(&in->limit);
	in->ledger->n[L_EXPORTERS] = peers_count(in->peers);
	in->ledger->n[L_EXPORTERS_EVICTED] = peers_evicted(in->peers);
}

/* Who sent it, if it may: before anything is remembered or looked at. */
static bool
admit(struct intake *in, const struct udp_datagram *d, struct dec_source *src)
{
	struct peer *p = peer_find(in->peers, &d->from, 0);

	if (p == NULL && in->conf->separate_ports && d->port != 0)
		p = peer_find(in->peers, &d->from, d->port);
	in->peer = p;
	if (p == NULL) {
		if (!conf_allowed(in->conf, &d->from))
			return (false);
		welcome(in, d, src);
		p = in->peer;
	}
	if (p == NULL)
		return (true);
	p->last = d->time;
	src->configured = p->rank != PEER_STRANGER;
	src->port = p->port;
	src->sampling = p->options.sampling;
	src->trusted = p->options.trusted;
	src->inner = p->options.inner;
	return (true);
}

static void
forward(struct intake *in, const struct udp_datagram *d)
{
	size_t i;

	for (i = 0; i < in->nforward; i++) {
		if (send(in->forward[i], d->data, d->len,
			MSG_DONTWAIT | MSG_NOSIGNAL) == -1)
			intake_count(in, L_FORWARD_DROPPED, 1);
		else
			intake_count(in, L_FORWARDED, 1);
	}
}

/* Strangers can be any number: one of them a minute, whichever it is. */
static int64_t
all(const struct intake *in, int64_t named)
{
	return (in->peer->rank == PEER_STRANGER ? STRANGERS_ALL : named);
}

/* A peer can provoke this at will: seldom enough not to fill a disk. */
static void
complain(struct intake *in, const struct udp_datagram *d,
    enum dec_result result, uint32_t at)
{
	char addr[ADDR_STRLEN];

	if (d->time - in->complained < all(in, COMPLAIN_ALL) ||
	    (in->peer->complained != 0 &&
		d->time - in->peer->complained < COMPLAIN_PEER))
		return;
	in->complained = in->peer->complained = d->time;
	log_warnx("datagram of %zu bytes from [%s]:%u: %s at byte %u (%" PRIu64
		  " malformed, %" PRIu64 " unsupported of %" PRIu64 ")",
	    d->len, addr_format(&d->from, addr), d->port, dec_strerror(result),
	    at, in->peer->ledger.n[L_MALFORMED],
	    in->peer->ledger.n[L_UNSUPPORTED], in->peer->ledger.n[L_RECEIVED]);
}

/* Others can provoke this, too: seldom. */
static bool
may_remark(struct intake *in, const struct udp_datagram *d, int64_t *last)
{
	if (d->time - in->remarked < all(in, REMARK_ALL) ||
	    (*last != 0 && d->time - *last < REMARK_PEER))
		return (false);
	in->remarked = *last = d->time;
	return (true);
}

static void
watch_clock(struct intake *in, const struct udp_datagram *d,
    int64_t export_time)
{
	char addr[ADDR_STRLEN];
	struct peer *p = in->peer;
	int64_t ms = (export_time - d->time) / NSEC_PER_MSEC;

	skew_take(&p->skew, ms);
	if ((ms >= -SKEW_MAX && ms <= SKEW_MAX) ||
	    !may_remark(in, d, &p->clock_remarked))
		return;
	log_warnx("exporter [%s]: its clock is %" PRId64 " s %s ours",
	    addr_format(&p->addr, addr), (ms < 0 ? -ms : ms) / 1000,
	    ms < 0 ? "behind" : "ahead of");
}

static void
watch_unit(struct intake *in, const struct udp_datagram *d,
    const struct dec_report *r)
{
	char addr[ADDR_STRLEN];

	if (r->seq_other_unit == 0 ||
	    !may_remark(in, d, &in->peer->unit_remarked))
		return;
	log_info("exporter [%s], version %u, source %" PRIu32
		 ": its sequence numbers count %s",
	    addr_format(&in->peer->addr, addr), r->version, r->source_id,
	    seq_unit_name(r->seq_unit));
}

static void
watch(struct intake *in, const struct udp_datagram *d, enum dec_result result,
    const struct dec_report *r)
{
	if (in->peer == NULL)
		return;
	if (result != DEC_OK && result != DEC_NOTEMPLATE)
		complain(in, d, result, r->error_at);
	else if (r->export_time != 0)
		watch_clock(in, d, r->export_time);
	watch_unit(in, d, r);
}

void
intake_datagram(struct intake *in, const struct udp_datagram *d)
{
	struct dec_report report;
	struct dec_source src = {.agent = d->from, .recv_time = d->time};
	enum dec_result result;

	if (!admit(in, d, &src)) {
		intake_count(in, L_RECEIVED_BYTES, d->len);
		intake_count(in, L_NOT_ALLOWED, 1);
		return;
	}
	if (in->peer != NULL)
		in->peer->ledger.n[L_RECEIVED]++;
	intake_count(in, L_RECEIVED_BYTES, d->len);
	forward(in, d);
	in->when = d->time;
	result =
	    decode_packet(in->dec, &src, rd_init(d->data, d->len), &report);
	intake_settle(in);
	if (arcfile_full(&in->archive))
		intake_flush_archive(in);
	intake_outcome(in, result, &report);
	watch(in, d, result, &report);
	in->peer = NULL;
}

void
intake_relay(struct intake *in)
{
	if (in->relay.waiting > 0)
		count_relayed(in, relay_flush(&in->relay));
}

static bool
still_wanted(void *arg, struct peer *p)
{
	const struct intake *in = arg;

	p->options = conf_options(in->conf, &p->addr);
	p->rank = rank_of(in->conf, &p->addr, p->options.ports);
	/* With its ports it becomes others, and so without them. */
	return (conf_allowed(in->conf, &p->addr) &&
	    p->options.ports == (p->port != 0));
}

/* Flows that only the archive wants need not become any. */
static bool
archive_alone(const struct conf *c)
{
	return (c->archive.dir != NULL && c->logfile == NULL &&
	    c->logsock == NULL && !log_is_verbose());
}

void
intake_configure(struct intake *in, const struct conf *conf)
{
	in->conf = conf;
	memset(&in->asked, 0, sizeof(in->asked));
	filter_fields(conf->filter, &in->asked);
	in->peek.form = 0;
	decode_records(in->dec, archive_alone(conf) ? intake_records : NULL);
	arcfile_configure(&in->archive, &conf->archive.fields);
	in->log_sink.memory.most = in->archive_sink.memory.most =
	    conf->buffer < SIZE_MAX ? (size_t)conf->buffer : SIZE_MAX;
	peers_review(in->peers, still_wanted, in);
	limit_configure(&in->limit, conf);
	in->ledger->n[L_EXPORTERS] = peers_count(in->peers);
	in->ledger->n[L_EXPORTERS_EVICTED] = peers_evicted(in->peers);
}

void
intake_tick(struct intake *in, int64_t now)
{
	struct dec_usage u;

	intake_flush(in);
	sink_tick(&in->log_sink);
	sink_tick(&in->archive_sink);
	limit_say(&in->limit, now);
	decode_usage(in->dec, &u);
	in->ledger->n[L_TEMPLATES_KNOWN] = u.templates;
	in->ledger->n[L_STATE_BYTES] =
	    u.bytes + peers_bytes(in->peers, in->limit.named);
}
