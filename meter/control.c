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
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "meter/client.h"
#include "meter/clock.h"
#include "meter/control.h"
#include "meter/reply.h"
#include "signals.h"

#define SECOND INT64_C(1000) /* ms */
#define STOP_SECONDS 1	     /* for clients, when it is over */
#define ASKED_MAX 64	     /* of one meter at a time */

/* A request that a meter has; it answers them in turn. */
struct asked {
	uint32_t id;
	bool has_text;
	struct client *client; /* NULL: cut meanwhile */
};

struct meter_end {
	struct channel *channel; /* NULL: it is gone */
	struct asked asked[ASKED_MAX];
	size_t first, n;
};

struct control {
	const struct control_config *conf;
	struct meter_end *meters;
	struct pollfd *polls; /* listener, clients, meters */
	uint32_t id;	      /* of the last request */
	int64_t accept_again; /* ms: not before */
	bool stopping;
	int64_t client_ms;
	int64_t meter_ms;
	int64_t now; /* ms of the monotonic clock */
	int64_t end; /* likewise: not longer, if stopping */
	struct client clients[CONTROL_CLIENTS];
};

static void
cut(struct control *ctl, struct client *c)
{
	size_t i, k;

	close(c->fd);
	c->fd = -1;
	/* Answers may be on their way. */
	for (i = 0; i < ctl->conf->nmeters; i++)
		for (k = 0; k < ASKED_MAX; k++)
			if (ctl->meters[i].asked[k].client == c)
				ctl->meters[i].asked[k].client = NULL;
}

/* The end of a reply, with a line in front of it. */
static void
fail(struct control *ctl, struct client *c, size_t meter, const char *what)
{
	FILE *f = client_open(c);

	if (f != NULL) {
		reply_prefix(ctl->conf, f);
		fprintf(f, "meter %zu %s\n", meter, what);
		client_close(c, f);
	}
	c->finished = true;
	c->id = 0;
}

/* Send a request to a meter for a client.  False: it is gone. */
static bool
ask(struct control *ctl, struct client *c, size_t meter)
{
	struct meter_end *m = &ctl->meters[meter];
	struct request_msg msg = {.what = c->command.request,
	    .id = c->id,
	    .arg = c->command.request == REQ_DUMP_FLOWS ? c->cursor
							: c->command.arg};

	if (m->channel == NULL || m->n == ASKED_MAX ||
	    channel_ask(m->channel, &msg) == -1)
		return (false);
	m->asked[(m->first + m->n++) % ASKED_MAX] = (struct asked){
	    .id = c->id,
	    .client = c,
	};
	c->waiting++;
	return (true);
}

static void
new_request(struct control *ctl, struct client *c)
{
	if (++ctl->id == 0)
		ctl->id = 1;
	c->id = ctl->id;
	c->waiting = 0;
	c->overdue = ctl->now + ctl->meter_ms;
}

/* The next piece of text, if there is room for one, or the end. */
static void
go_on(struct control *ctl, struct client *c)
{
	while (c->meter < ctl->conf->nmeters &&
	    ctl->meters[c->meter].channel == NULL)
		c->meter++;
	if (c->meter == ctl->conf->nmeters) {
		c->finished = true;
		return;
	}
	if (!client_room(c))
		return;
	new_request(ctl, c);
	if (!ask(ctl, c, c->meter))
		fail(ctl, c, c->meter, "does not answer");
}

static void
put_done(struct control *ctl, struct client *c)
{
	FILE *f = client_open(c);

	if (f != NULL) {
		reply_prefix(ctl->conf, f);
		fputs(c->command.before, f);
		if (c->command.behind != NULL)
			fprintf(f, "%llu%s", (unsigned long long)c->sum,
			    c->command.behind);
		fputs("\n", f);
		client_close(c, f);
	}
	c->finished = true;
	c->id = 0;
}

static void
ask_all(struct control *ctl, struct client *c)
{
	size_t i;

	new_request(ctl, c);
	for (i = 0; i < ctl->conf->nmeters; i++)
		if (ctl->meters[i].channel != NULL && !ask(ctl, c, i)) {
			fail(ctl, c, i, "does not answer");
			return;
		}
	if (c->waiting == 0)
		put_done(ctl, c);
}

static void
serve(struct control *ctl, struct client *c)
{
	FILE *f;

	command_parse(c->line, c->len, &c->command);
	if (c->command.kind == COMMAND_ACT) {
		ask_all(ctl, c);
		return;
	}
	if ((f = client_open(c)) != NULL) {
		reply_put(ctl->conf, c, f);
		client_close(c, f);
	}
	c->finished = c->command.kind != COMMAND_FLOWS;
}

/* A number ended a request. */
static int
answered(struct control *ctl, struct client *c, const struct answer_msg *ans)
{
	c->waiting--;
	if (c->command.kind == COMMAND_ACT) {
		c->sum += ans->number;
		if (c->waiting == 0)
			put_done(ctl, c);
		return (0);
	}
	c->id = 0;
	if (c->command.request != REQ_DUMP_FLOWS || ans->number == 0) {
		c->meter++;
		c->cursor = 0;
		return (0);
	}
	/* Backwards it would never end. */
	if (ans->number <= c->cursor || ans->number > UINT32_MAX)
		return (-1);
	c->cursor = (uint32_t)ans->number;
	return (0);
}

/* A meter that says what was not asked for is not believed. */
static int
accept_answer(struct control *ctl, struct meter_end *m,
    const struct answer_msg *ans)
{
	struct asked *a = &m->asked[m->first];
	struct client *c;

	if (m->n == 0 || a->id != ans->id)
		return (-1);
	c = a->client;
	if (ans->what == ANS_TEXT) {
		if (a->has_text)
			return (-1);
		a->has_text = true;
		if (c != NULL && c->command.kind != COMMAND_FLOWS)
			return (-1);
		if (c != NULL && c->id == ans->id)
			client_put(c, ans->text, ans->len);
		return (0);
	}
	a->client = NULL;
	m->first = (m->first + 1) % ASKED_MAX;
	m->n--;
	if (c == NULL || c->id != ans->id)
		return (0); /* it was told that this comes too late */
	return (answered(ctl, c, ans));
}

static void
meter_gone(struct control *ctl, struct meter_end *m)
{
	struct client *c;
	size_t n;

	channel_free(m->channel);
	m->channel = NULL;
	for (n = m->n; n > 0; n--) {
		c = m->asked[m->first].client;
		m->asked[m->first].client = NULL;
		m->first = (m->first + 1) % ASKED_MAX;
		if (c == NULL || c->id == 0)
			continue;
		/* To end is what it was asked for, perhaps. */
		if (c->command.request == REQ_SHUTDOWN ||
		    c->command.request == REQ_EXIT) {
			if (--c->waiting == 0)
				put_done(ctl, c);
		} else
			fail(ctl, c, (size_t)(m - ctl->meters), "is gone");
	}
	m->n = 0;
}

static void
hear_meter(struct control *ctl, struct meter_end *m, short revents)
{
	struct answer_msg ans;
	int got, gone = 0;

	if (m->channel == NULL || revents == 0)
		return;
	if ((revents & POLLOUT) != 0)
		gone = channel_flush(m->channel);
	if (gone == 0 && (revents & ~POLLOUT) != 0)
		gone = channel_fill(m->channel);
	while ((got = channel_reply(m->channel, &ans)) == 1)
		if (accept_answer(ctl, m, &ans) == -1) {
			got = -1;
			break;
		}
	if (got == -1)
		log_warnx("control: meter %zu does not speak as it should",
		    (size_t)(m - ctl->meters));
	if (got == -1 || gone == -1)
		meter_gone(ctl, m);
}

static void
hear_client(struct control *ctl, struct client *c, short revents)
{
	int rc = 0;

	if (c->fd == -1 || revents == 0)
		return;
	if (!c->spoke) {
		if ((rc = client_read(c)) == 1) {
			c->patience = ctl->now + ctl->client_ms;
			serve(ctl, c);
		} else if (rc == -1 && c->len == sizeof(c->line)) {
			client_put(c, "Control command is too long\n", 28);
			c->spoke = c->finished = true;
			rc = 0;
		}
	} else if ((revents & (POLLHUP | POLLERR | POLLNVAL)) != 0)
		rc = -1;
	if (rc == -1)
		cut(ctl, c);
}

/* The first that still has its request. */
static size_t
late_meter(const struct control *ctl, const struct client *c)
{
	const struct asked *a;
	size_t i, k;

	for (i = 0; i < ctl->conf->nmeters; i++)
		for (k = 0; k < ctl->meters[i].n; k++) {
			a = &ctl->meters[i]
				 .asked[(ctl->meters[i].first + k) % ASKED_MAX];
			if (a->client == c && a->id == c->id)
				return (i);
		}
	return (c->meter);
}

/* What can be done for a client without waiting. */
static void
advance(struct control *ctl, struct client *c)
{
	int sent;

	if (c->fd == -1 || !c->spoke)
		return;
	if (c->id != 0 && ctl->now >= c->overdue)
		fail(ctl, c, late_meter(ctl, c), "does not answer");
	if ((sent = client_write(c)) == 1)
		c->patience = ctl->now + ctl->client_ms;
	if (!c->finished && c->id == 0 && c->command.kind == COMMAND_FLOWS)
		go_on(ctl, c);
	if (sent == -1 || (c->finished && c->start == c->end))
		cut(ctl, c);
}

static void
take_clients(struct control *ctl)
{
	struct client *c;
	int fd;

	for (c = ctl->clients; c < ctl->clients + CONTROL_CLIENTS; c++) {
		if (c->fd != -1)
			continue;
		fd = accept(ctl->conf->listener, NULL, NULL);
		if (fd == -1) {
			/* Out of descriptors: trying at once helps nobody. */
			if (errno != EAGAIN && errno != EINTR &&
			    errno != ECONNABORTED)
				ctl->accept_again = ctl->now + SECOND;
			return;
		}
		memset(c, 0, offsetof(struct client, line));
		c->fd = fd;
		c->patience = ctl->now + ctl->client_ms;
	}
}

static int64_t
next_wake(const struct control *ctl)
{
	const struct client *c;
	int64_t t = INT64_MAX;

	for (c = ctl->clients; c < ctl->clients + CONTROL_CLIENTS; c++) {
		if (c->fd == -1)
			continue;
		/* Who waits for a meter need not take anything. */
		if (c->id != 0 && c->overdue < t)
			t = c->overdue;
		if (c->id == 0 && c->patience < t)
			t = c->patience;
	}
	if (ctl->accept_again > ctl->now && ctl->accept_again < t)
		t = ctl->accept_again;
	if (ctl->stopping && ctl->end < t)
		t = ctl->end;
	return (t);
}

static void
cut_late(struct control *ctl)
{
	struct client *c;

	for (c = ctl->clients; c < ctl->clients + CONTROL_CLIENTS; c++)
		if (c->fd != -1 && c->id == 0 && ctl->now >= c->patience)
			cut(ctl, c);
}

static nfds_t
fill_polls(struct control *ctl)
{
	struct pollfd *p = ctl->polls;
	struct client *c;
	struct channel *ch;
	bool room = false;
	size_t i;

	for (i = 0; i < CONTROL_CLIENTS; i++) {
		c = &ctl->clients[i];
		room = room || c->fd == -1;
		p[1 + i] = (struct pollfd){.fd = c->fd,
		    .events = !c->spoke	    ? POLLIN
			: c->start < c->end ? POLLOUT
					    : 0};
	}
	p[0] = (struct pollfd){.fd = -1, .events = POLLIN};
	if (room && !ctl->stopping && ctl->now >= ctl->accept_again)
		p[0].fd = ctl->conf->listener;
	p += 1 + CONTROL_CLIENTS;
	for (i = 0; i < ctl->conf->nmeters; i++, p++) {
		ch = ctl->meters[i].channel;
		*p = (struct pollfd){.fd = ch == NULL ? -1 : channel_fd(ch),
		    .events = ch == NULL ? 0 : channel_events(ch)};
	}
	return ((nfds_t)(p - ctl->polls));
}

static int
wait_for_some(struct control *ctl)
{
	nfds_t n = fill_polls(ctl);
	int64_t wake = next_wake(ctl), ms = wake - ctl->now;
	struct timespec ts = {.tv_sec = (time_t)(ms / SECOND),
	    .tv_nsec = (long)(ms % SECOND * 1000000)};
	sigset_t none;
	int rc;

	sigemptyset(&none);
	if (ms < 0)
		ts.tv_sec = ts.tv_nsec = 0;
	rc = ppoll(ctl->polls, n, wake == INT64_MAX ? NULL : &ts, &none);
	ctl->now = clock_ns(CLOCK_MONOTONIC) / 1000000;
	if (rc == -1 && errno != EINTR) {
		log_warn("control: poll");
		return (-1);
	}
	return (rc);
}

/* Nobody new, and those who are here have a moment. */
static void
begin_to_stop(struct control *ctl)
{
	struct client *c;

	ctl->stopping = true;
	ctl->end = ctl->now + STOP_SECONDS * SECOND;
	for (c = ctl->clients; c < ctl->clients + CONTROL_CLIENTS; c++) {
		if (c->fd != -1 && !c->spoke)
			cut(ctl, c);
	}
}

static bool
any_meter(const struct control *ctl)
{
	size_t i;

	for (i = 0; i < ctl->conf->nmeters; i++)
		if (ctl->meters[i].channel != NULL)
			return (true);
	return (false);
}

static bool
any_client(const struct control *ctl)
{
	size_t i;

	for (i = 0; i < CONTROL_CLIENTS; i++)
		if (ctl->clients[i].fd != -1)
			return (true);
	return (false);
}

static void
turn(struct control *ctl)
{
	const struct pollfd *p = ctl->polls;
	size_t i;

	for (i = 0; i < ctl->conf->nmeters; i++)
		hear_meter(ctl, &ctl->meters[i],
		    p[1 + CONTROL_CLIENTS + i].revents);
	for (i = 0; i < CONTROL_CLIENTS; i++)
		hear_client(ctl, &ctl->clients[i], p[1 + i].revents);
	if (p[0].revents != 0)
		take_clients(ctl);
}

static void
loop(struct control *ctl, const sigset_t *blocked)
{
	size_t i;
	int rc;

	for (;;) {
		signals_let_in(blocked);
		for (i = 0; i < CONTROL_CLIENTS; i++)
			advance(ctl, &ctl->clients[i]);
		cut_late(ctl);
		if (!ctl->stopping &&
		    (signals_take(SIGTERM) || !any_meter(ctl)))
			begin_to_stop(ctl);
		if (ctl->stopping && (!any_client(ctl) || ctl->now >= ctl->end))
			return;
		if ((rc = wait_for_some(ctl)) == -1 && errno != EINTR)
			return;
		if (rc > 0)
			turn(ctl);
	}
}

int
control_main(const struct control_config *conf)
{
	struct control *ctl;
	sigset_t blocked;
	size_t i;

	if ((ctl = calloc(1, sizeof(*ctl))) == NULL ||
	    (ctl->meters = calloc(conf->nmeters, sizeof(*ctl->meters))) ==
		NULL ||
	    (ctl->polls = calloc(1 + CONTROL_CLIENTS + conf->nmeters,
		 sizeof(*ctl->polls))) == NULL)
		fatal("control");
	ctl->conf = conf;
	ctl->client_ms =
	    conf->client_ms != 0 ? conf->client_ms : CONTROL_CLIENT_MS;
	ctl->meter_ms = conf->meter_ms != 0 ? conf->meter_ms : CONTROL_METER_MS;
	for (i = 0; i < CONTROL_CLIENTS; i++)
		ctl->clients[i].fd = -1;
	for (i = 0; i < conf->nmeters; i++)
		if ((ctl->meters[i].channel = channel_new(conf->channels[i])) ==
		    NULL)
			fatal("control: channel");
	signals_catch(&blocked);
	/* A ^C is for the monitor, which tells us. */
	signal(SIGINT, SIG_IGN);
	ctl->now = clock_ns(CLOCK_MONOTONIC) / 1000000;
	loop(ctl, &blocked);
	for (i = 0; i < conf->nmeters; i++)
		channel_free(ctl->meters[i].channel);
	free(ctl->polls);
	free(ctl->meters);
	free(ctl);
	return (0);
}
