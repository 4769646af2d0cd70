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

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "meter/account.h"
#include "meter/answer.h"
#include "meter/clock.h"
#include "meter/export.h"
#include "meter/flush.h"
#include "meter/forward.h"
#include "meter/meter.h"
#include "signals.h"

#define BATCH 256 /* frames that are read in a row */
#define TURNS 16  /* of the loop between two looks at descriptors */
#define EXPIRE_MIN (2 * BATCH) /* as many as can begin meanwhile, twice */
#define LOSSES_EVERY (NSEC_PER_SEC / 4)

enum ending { GO_ON, FINISH, GIVE_UP };

struct meter {
	const struct settings *s;
	struct source *source;
	struct dest **dest;
	struct counters *c;
	int alive;

	struct flowtab *table;
	struct extras *extras; /* NULL: no option wants any */
	struct expire *expire;
	struct export *export;
	struct observer *observer;
	struct account *account;
	struct forward *forward; /* instead of all these: PSAMP */
	struct flush flush;
	uint32_t expire_budget;
	struct answers *answers;

	source_frame_fn *frame; /* what is done with each */
	int64_t now;		/* ns since 1970 */
	int64_t boot;
	int64_t losses_due; /* monotonic */
	int64_t last_frame; /* its time */
	int64_t last_seen;  /* when it came, monotonic */
	uint32_t turn;	    /* packets until the next that is sampled */
	uint32_t turns;	    /* of the loop */
	bool stopped;	    /* no flows are gathered */
	bool answering;	    /* more to say to the control process */
	bool live;	    /* no file: time passes, signals are blocked */
	enum ending ending;
	int status;
};

/* Flows that end. */

static void
flow_ended(void *arg, struct entry *e, enum end_reason why)
{
	struct meter *m = arg;

	counters_expired(m->c, e, why);
	if (why != END_DELETED)
		export_flow(m->export, e, why, m->now);
	if (why != END_ACTIVE && e->extra != 0)
		extras_remove(m->extras, e->extra);
}

/*
 * Some of those that are due.  How long nothing else is: ns.  While messages
 * wait, they rather wait as flows: these lie in a larger place.
 */
static int64_t
expire_some(struct meter *m, int64_t mono)
{
	int64_t next;

	account_flush(m->account);
	if (m->live && flush_crowded(&m->flush, mono))
		return (NSEC_PER_MSEC);
	if (flush_run(&m->flush, m->now) ||
	    expire_run(m->expire, m->now, m->expire_budget))
		return (0);
	if (!m->live || (next = expire_next(m->expire)) == INT64_MAX)
		return (INT64_MAX);
	return (next - m->now > NSEC_PER_MSEC ? next - m->now : NSEC_PER_MSEC);
}

/* Packets that come. */

static void
keep_time(struct meter *m, const struct frame *f)
{
	m->now = f->time;
	if (m->boot != 0)
		return;
	m->boot = f->time;
	export_boot(m->export, m->boot);
}

static enum seen
take(struct meter *m, const struct frame *f)
{
	enum seen seen;

	/* It may flush: the place is asked for behind it. */
	if (m->s->packet_time)
		keep_time(m, f);
	seen = observe(m->observer, f, account_place(m->account));
	m->c->seen[seen]++;
	if (seen == SEEN_IP)
		account_added(m->account);
	return (seen);
}

static void
frame_take(void *arg, const struct frame *f)
{
	(void)take(arg, f);
}

/* One in so many.  One that is not IP gives its turn to the next. */
static void
frame_sample(void *arg, const struct frame *f)
{
	struct meter *m = arg;

	if (m->turn > 1) {
		m->turn--;
		m->c->unsampled++;
		return;
	}
	if (take(m, f) == SEEN_IP)
		m->turn = m->s->sampling;
}

static void
frame_stopped(void *arg, const struct frame *f)
{
	struct meter *m = arg;

	(void)f;
	m->c->stopped++;
}

static void
frame_forward(void *arg, const struct frame *f)
{
	struct meter *m = arg;
	struct observed o;

	if (m->turn > 1) {
		m->turn--;
		m->c->unsampled++;
		return;
	}
	if (observe(m->observer, f, &o) == SEEN_OWN) {
		m->c->seen[SEEN_OWN]++;
		return;
	}
	m->turn = m->s->sampling;
	if (m->s->packet_time)
		m->now = f->time;
	m->c->seen[SEEN_IP]++;
	m->c->octets += f->len;
	forward_frame(m->forward, f, m->now);
}

static void
choose_frame(struct meter *m)
{
	if (m->stopped)
		m->frame = frame_stopped;
	else if (m->forward != NULL)
		m->frame = frame_forward;
	else
		m->frame = m->s->sampling > 1 ? frame_sample : frame_take;
}

/* What the control process asks. */

static uint64_t
end_all(struct meter *m, enum end_reason why)
{
	return (m->forward != NULL ? 0 : flush_begin(&m->flush, why, m->now));
}

static uint64_t
asked(void *arg, enum request what)
{
	struct meter *m = arg;

	if (m->account != NULL)
		account_flush(m->account);
	switch (what) {
	case REQ_EXPIRE_ALL:
		return (end_all(m, END_FLUSHED));
	case REQ_DELETE_ALL:
		return (end_all(m, END_DELETED));
	case REQ_SEND_TEMPLATE:
		if (m->forward != NULL)
			forward_refresh(m->forward);
		else
			export_refresh(m->export);
		break;
	case REQ_DEBUG_UP:
	case REQ_DEBUG_DOWN:
		log_init("softflowd", m->s->foreground, what == REQ_DEBUG_UP);
		break;
	case REQ_STOP_GATHER:
	case REQ_START_GATHER:
		m->stopped = what == REQ_STOP_GATHER;
		choose_frame(m);
		break;
	case REQ_SHUTDOWN:
		m->ending = FINISH;
		break;
	case REQ_EXIT:
		m->ending = GIVE_UP;
		break;
	default:
		break;
	}
	return (0);
}

/* The loop. */

static void
note_counters(struct meter *m, int64_t mono)
{
	struct source_losses l = {.received = 0};

	m->c->now = (uint64_t)m->now;
	if (m->forward == NULL)
		m->c->memory = flowtab_bytes(m->table) +
		    (m->extras == NULL ? 0 : extras_bytes(m->extras));
	if (mono < m->losses_due)
		return;
	m->losses_due = mono + LOSSES_EVERY;
	source_losses(m->source, &l);
	m->c->received = l.received;
	m->c->dropped = l.dropped;
	m->c->if_dropped = l.if_dropped;
}

/* The uptime may have to begin anew. */
static void
note_uptime(struct meter *m)
{
	if (m->s->uptime_max == 0 || m->export == NULL || m->boot == 0 ||
	    m->now - m->boot < m->s->uptime_max * NSEC_PER_SEC)
		return;
	m->boot = m->now;
	export_boot(m->export, m->boot);
}

static void
source_ended(struct meter *m, enum source_state state)
{
	if (m->ending == GO_ON)
		m->ending = FINISH;
	/* It is asked again at the end, and says the same. */
	if (state != SOURCE_FAILED || m->status != 0 || signals_take(SIGTERM))
		return;
	log_warnx("%s: %s", source_name(m->source), source_error(m->source));
	m->status = 1;
}

/* By packet time, it goes on from the last packet. */
static void
tell_time(struct meter *m, int n)
{
	int64_t mono;

	if (!m->s->packet_time) {
		m->now = clock_ns(CLOCK_REALTIME);
		return;
	}
	if (!m->live)
		return;
	mono = clock_ns(CLOCK_MONOTONIC);
	if (n > 0) {
		m->last_frame = m->now;
		m->last_seen = mono;
	} else if (m->last_seen != 0)
		m->now = m->last_frame + (mono - m->last_seen);
}

static enum source_state
gather(struct meter *m)
{
	enum source_state state;
	int n = 0;

	state = source_read(m->source, BATCH, m->frame, m, &n);
	m->c->frames += (uint64_t)n;
	if (m->account != NULL)
		account_flush(m->account);
	tell_time(m, n);
	if (state == SOURCE_END || state == SOURCE_FAILED)
		source_ended(m, state);
	return (state);
}

/* Ask the control process's channel, if it said something or we have to. */
static void
answer(struct meter *m, bool ready)
{
	int more;

	if (m->answers == NULL || (!ready && !m->answering))
		return;
	more = answers_step(m->answers, m->now);
	m->answering = more == 1;
	if (more != -1)
		return;
	log_warnx("the control process is gone");
	answers_free(m->answers);
	m->answers = NULL;
}

static void
wait_and_serve(struct meter *m, int64_t ns)
{
	struct pollfd pfd[COUNTERS_DESTS + 3];
	struct timespec ts = {1, 0}; /* that an interface is gone is not told */
	sigset_t none;
	nfds_t n = 3;
	size_t i;

	if (ns < NSEC_PER_SEC)
		ts = (struct timespec){0, (long)ns};
	pfd[0] = (struct pollfd){.fd = source_fd(m->source), .events = POLLIN};
	pfd[1] = (struct pollfd){.fd = m->alive, .events = POLLIN};
	pfd[2] = (struct pollfd){.fd = -1};
	if (m->answers != NULL)
		pfd[2] = (struct pollfd){.fd = answers_fd(m->answers),
		    .events = answers_events(m->answers)};
	for (i = 0; i < m->s->ndests; i++)
		pfd[n++] = (struct pollfd){.fd = dest_fd(m->dest[i]),
		    .events = dest_events(m->dest[i])};
	sigemptyset(&none);
	if (ppoll(pfd, n, &ts, &none) == -1)
		pfd[1].revents = pfd[2].revents = 0;
	if (pfd[1].revents != 0) /* the monitor is no more */
		m->ending = FINISH;
	answer(m, pfd[2].revents != 0);
}

static void
heed_signals(struct meter *m)
{
	sigset_t blocked;

	if (m->live) {
		sigemptyset(&blocked);
		sigaddset(&blocked, SIGTERM);
		sigaddset(&blocked, SIGINT);
		signals_let_in(&blocked);
	}
	if (signals_take(SIGTERM) && m->ending == GO_ON)
		m->ending = FINISH;
}

static int64_t
least(int64_t a, int64_t b)
{
	return (a < b ? a : b);
}

/* What is due is done.  How long nothing else is, if no packet comes: ns. */
static int64_t
run_due(struct meter *m)
{
	int64_t mono = clock_ns(CLOCK_MONOTONIC), due = INT64_MAX, next;
	size_t i;

	if (m->forward == NULL) {
		due = expire_some(m, mono);
		note_uptime(m);
		next = export_run(m->export, m->now);
		if (next != INT64_MAX)
			due = least(due, next > m->now ? next - m->now : 0);
	}
	for (i = 0; i < m->s->ndests; i++) {
		next = dest_run(m->dest[i], mono);
		if (next != INT64_MAX)
			due = least(due, next > mono ? next - mono : 0);
	}
	note_counters(m, mono);
	return (due);
}

static void
turn(struct meter *m)
{
	bool more = gather(m) == SOURCE_MORE;
	int64_t due = run_due(m);

	if (m->ending != GO_ON || (more && ++m->turns % TURNS != 0))
		return;
	/* Losses of the last packets, before a long sleep. */
	if (!more && due > LOSSES_EVERY)
		m->losses_due = 0, note_counters(m, m->losses_due);
	wait_and_serve(m, more || m->answering ? 0 : due);
	heed_signals(m);
}

/* The end. */

static void
read_the_rest(struct meter *m)
{
	struct pollfd pfd = {.fd = source_fd(m->source), .events = POLLIN};
	enum source_state state;

	if (!source_live(m->source))
		return;
	source_stop(m->source);
	while ((state = gather(m)) == SOURCE_MORE || state == SOURCE_IDLE) {
		(void)run_due(m);
		if (state == SOURCE_IDLE)
			(void)poll(&pfd, 1, 10);
	}
}

static void
tell_unsent(const struct meter *m)
{
	size_t i;

	for (i = 0; i < m->s->ndests; i++)
		if (m->c->dest[i].queued > 0)
			log_warnx("%s: %ju messages could not be sent in time",
			    dest_name(m->dest[i]),
			    (uintmax_t)m->c->dest[i].queued);
}

static void
finish(struct meter *m)
{
	if (m->ending == FINISH) {
		read_the_rest(m);
		if (m->forward == NULL)
			account_flush(m->account);
		if (!flush_finish(&m->flush, m->now))
			tell_unsent(m);
	}
	m->losses_due = 0;
	note_counters(m, 0);
	if (m->answers != NULL)
		answers_end(m->answers);
}

int
meter_main(struct meter *m)
{
	while (m->ending == GO_ON) {
		turn(m);
		if (m->alive == -1 && !m->live)
			heed_signals(m);
	}
	finish(m);
	if (m->s->clocks)
		log_info("cpu clocks: %ld", (long)clock());
	return (m->status);
}

/* What goes to destination i is left out; in a file there is none of it. */
static void
note_own(struct meter *m, size_t i)
{
	static const uint8_t protocol[DEST_MAX] = {17, 6, 132};
	struct own own = {.protocol = protocol[m->s->dest[i].transport],
	    .port = dest_port(m->dest[i]),
	    .collector = *dest_addr(m->dest[i]),
	    .local = dest_local(m->dest[i])};

	if (!m->s->own_export && source_live(m->source))
		observer_own(m->observer, i, &own);
}

void
meter_connected(void *arg)
{
	struct meter_dest *d = arg;

	if (d->meter == NULL)
		return;
	note_own(d->meter, d->i);
	if (d->meter->forward != NULL)
		forward_refresh(d->meter->forward);
	else
		export_connected(d->meter->export, d->i);
}

/* Made and freed. */

static int
make_observer(struct meter *m)
{
	struct observe_config oc = m->s->observe;
	size_t i;

	if (packet_dlt(source_dlt(m->source), &oc.link) == -1) {
		errno = EPROTONOSUPPORT;
		return (-1);
	}
	if ((m->observer = observer_new(&oc, m->table)) == NULL)
		return (-1);
	for (i = 0; i < m->s->ndests; i++)
		note_own(m, i);
	return (0);
}

static int
make_export(struct meter *m)
{
	struct export_config ec = m->s->export;

	ec.interface = source_name(m->source);
	ec.ifindex =
	    m->s->has_ifindex ? m->s->ifindex : source_ifindex(m->source);
	ec.boot = m->boot;
	arc4random_buf(&ec.secret, sizeof(ec.secret));
	if (ec.track != TRACK_ETHER)
		ec.has_mac = false;
	else if (!ec.has_mac)
		ec.has_mac = source_mac(m->source, ec.mac);
	m->export = export_new(&ec, m->dest, m->s->ndests, m->extras, m->c);
	return (m->export == NULL ? -1 : 0);
}

static int
make_flows(struct meter *m)
{
	const struct extra_config xc = {.link = m->s->observe.link_data,
	    .names = m->s->observe.names,
	    .tcp = m->s->observe.tcp};
	const struct account_config ac = {.first_order = m->s->first_order,
	    .extra = xc.link || xc.names || xc.tcp};
	uint8_t secret[32];

	arc4random_buf(secret, sizeof(secret));
	if ((m->table = flowtab_new(m->s->max_flows,
		 m->s->observe.track == TRACK_ETHER, secret)) == NULL ||
	    (ac.extra &&
		(m->extras = extras_new(&xc, m->s->max_flows)) == NULL) ||
	    (m->expire = expire_new(m->table, &m->s->timeouts, flow_ended,
		 m)) == NULL ||
	    (m->account = account_new(&ac, m->table, m->expire, m->extras,
		 m->c)) == NULL)
		return (-1);
	return (make_observer(m) == -1 || make_export(m) == -1 ? -1 : 0);
}

static void
make_flush(struct meter *m)
{
	const struct flush_config fc = {.settings = m->s,
	    .table = m->table,
	    .expire = m->expire,
	    .export = m->export,
	    .dest = m->dest,
	    .counters = m->c};

	flush_init(&m->flush, &fc);
	m->expire_budget =
	    m->flush.piece > EXPIRE_MIN ? m->flush.piece : EXPIRE_MIN;
}

/* PSAMP has no flows, but must know its own export: each packet would be one
 * more for ever. */
static int
make_forward(struct meter *m)
{
	uint8_t secret[32];

	arc4random_buf(secret, sizeof(secret));
	m->forward = forward_new(m->s, m->dest, m->c);
	m->table = flowtab_new(1, false, secret);
	if (m->forward == NULL || m->table == NULL)
		return (-1);
	return (make_observer(m));
}

static int
make_answers(struct meter *m, int channel)
{
	const struct answers_config ac = {.table = m->table,
	    .expire = m->expire,
	    .extras = m->extras,
	    .act = asked,
	    .arg = m};

	if (channel == -1)
		return (0);
	return ((m->answers = answers_new(channel, &ac)) == NULL ? -1 : 0);
}

struct meter *
meter_new(const struct meter_config *mc)
{
	struct meter *m;

	if ((m = calloc(1, sizeof(*m))) == NULL)
		return (NULL);
	m->s = mc->settings;
	m->source = mc->source;
	m->dest = mc->dest;
	m->c = mc->counters;
	m->alive = mc->alive;
	m->turn = m->s->sampling;
	m->live = m->s->source.file == NULL;
	m->now = clock_ns(CLOCK_REALTIME);
	m->c->started = (uint64_t)m->now;
	m->c->ndests = m->s->ndests;
	if (!m->s->packet_time)
		m->boot = m->now;
	if ((m->s->export.version == 0 ? make_forward(m) : make_flows(m)) ==
		-1 ||
	    make_answers(m, mc->channel) == -1) {
		meter_free(m);
		return (NULL);
	}
	make_flush(m);
	choose_frame(m);
	return (m);
}

void
meter_free(struct meter *m)
{
	if (m == NULL)
		return;
	answers_free(m->answers);
	forward_free(m->forward);
	account_free(m->account);
	observer_free(m->observer);
	export_free(m->export);
	expire_free(m->expire);
	extras_free(m->extras);
	flowtab_free(m->table);
	free(m);
}
