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

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "setup.h"

#define TEXT_MAX (256U * 1024 * 1024)

void
setup_clear(struct setup *s)
{
	size_t i;

	for (i = 0; i < s->nlistener; i++)
		close(s->listener[i].fd);
	for (i = 0; i < s->nforward; i++)
		close(s->forward[i]);
	conf_free(s->conf);
	free(s->text);
	memset(s, 0, sizeof(*s));
}

int
setup_begin(struct setup *s, struct rd *rd)
{
	uint32_t generation, len, worker, workers;

	if (rd_u32(rd, &generation) == -1 || rd_u32(rd, &len) == -1 ||
	    rd_u32(rd, &worker) == -1 || rd_u32(rd, &workers) == -1 ||
	    len > TEXT_MAX || worker >= workers || workers > WORKERS_MAX)
		return (-1);
	setup_clear(s);
	s->generation = generation;
	s->worker = worker;
	s->workers = workers;
	s->textlen = len;
	s->room = UINT32_MAX;
	if ((s->text = malloc(len + (size_t)1)) == NULL)
		fatal("memory for the configuration");
	return (0);
}

int
setup_text(struct setup *s, struct rd *rd)
{
	size_t len = rd->left;

	if (s->text == NULL || len > s->textlen - s->textgot)
		return (-1);
	s->textgot += len;
	return (rd_bytes(rd, s->text + s->textgot - len, len));
}

int
setup_listen(struct setup *s, struct ipc_msg *m)
{
	struct listener l;
	uint32_t room;

	if (s->text == NULL || m->fd == -1 || s->nlistener == SETUP_LISTENERS ||
	    rd_u32(&m->data, &l.number) == -1 ||
	    rd_u32(&m->data, &room) == -1 || l.number >= LEDGER_SOCKETS)
		return (-1);
	l.fd = m->fd;
	m->fd = -1;
	s->listener[s->nlistener++] = l;
	if (room < s->room)
		s->room = room;
	return (0);
}

int
setup_forward(struct setup *s, struct ipc_msg *m)
{
	uint32_t i;

	if (s->text == NULL || m->fd == -1 || s->nforward == INTAKE_FORWARDS ||
	    rd_u32(&m->data, &i) == -1)
		return (-1);
	s->forward[s->nforward++] = m->fd;
	m->fd = -1;
	return (0);
}

static void
trouble(void *arg, bool error, const char *msg)
{
	(void)arg;
	if (error)
		log_warnx("%s", msg);
}

int
setup_complete(struct setup *s, struct rd *rd)
{
	struct conf_input input = {.name = "configuration",
	    .text = s->text,
	    .textlen = s->textgot,
	    .flags = CONF_NOFILES,
	    .say = trouble};
	uint32_t generation;

	if (s->text == NULL || rd_u32(rd, &generation) == -1 ||
	    generation != s->generation || s->textgot != s->textlen)
		return (-1);
	if ((s->conf = conf_parse(&input)) == NULL)
		fatalx("the parent's configuration does not parse");
	free(s->text);
	s->text = NULL;
	return (0);
}
