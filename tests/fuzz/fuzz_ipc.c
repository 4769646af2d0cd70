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
 * The parent's end of the socket, fed with what a collector that was taken
 * over might say: messages, each with a byte of what to do and two of length.
 */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "ipc.h"
#include "log.h"
#include "privsep.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* With one collector, and with two. */
static struct parent alone, both;

struct conf *
options_load(const struct options *o)
{
	(void)o;
	return (NULL);
}

static void
silent(void *arg, int level, const char *line)
{
	size_t n = strlen(line);

	(void)arg;
	(void)level;
	/* What a collector says must come out as plain text. */
	while (n-- > 0)
		if (line[n] < 0x20 || line[n] > 0x7e)
			abort();
}

static void
say(void *arg, bool error, const char *msg)
{
	(void)arg;
	(void)error;
	fprintf(stderr, "%s\n", msg);
}

static void
prepare(struct parent *p, uint32_t workers)
{
	static const char text[] = "logfile \"/dev/null\"\n"
				   "listen on 127.0.0.1:1\n"
				   "statsfile \"/dev/null/none\"\n";
	static struct options o;
	struct conf_input in = {.name = "fuzz",
	    .text = text,
	    .textlen = sizeof(text) - 1,
	    .say = say};
	struct conf *conf = conf_parse(&in);

	/* No socket: the port may be another's. */
	if (conf == NULL)
		abort();
	while (!TAILQ_EMPTY(&conf->listens)) {
		struct conf_listen *l = TAILQ_FIRST(&conf->listens);

		TAILQ_REMOVE(&conf->listens, l, entry);
		free(l);
	}
	conf->workers = workers;
	log_init("fuzz", 1, 0);
	if (parent_prepare(p, &o, conf) == -1)
		abort();
	log_redirect(silent, NULL);
}

static void
adopt(struct parent *p)
{
	uint32_t i;

	for (i = 0; i < p->workers; i++) {
		p->worker[i].proc =
		    (struct proc){.sock = -1, .state = ST_STARTING};
		parent_adopt(p, &p->worker[i]);
	}
}

/* With the highest bit it is of the second of two. */
static void
message(uint8_t what, struct ipc_msg *m)
{
	struct parent *p = (what & 0x80) != 0 ? &both : &alone;
	struct worker *w = &p->worker[p->workers - 1];
	struct wr wr;

	m->type = what & 0x7f;
	m->fd = -1;
	/* 1 is the generation handed over last, so that seeds last. */
	if (m->type == M_READY && m->data.left == 4) {
		wr = wr_init(m->buf, 4);
		(void)wr_u32(&wr, be32(m->buf) + w->generation - 1);
	}
	privsep_message(p, w, m);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ipc_msg m;
	struct rd rd = rd_init(data, size);
	uint16_t len;
	uint8_t what;

	if (alone.workers == 0) {
		prepare(&alone, 1);
		prepare(&both, 2);
	}
	adopt(&alone);
	adopt(&both);
	while (rd_u8(&rd, &what) == 0 && rd_u16(&rd, &len) == 0) {
		if (len > rd.left)
			len = (uint16_t)rd.left;
		if (len > sizeof(m.buf) - 2)
			len = sizeof(m.buf) - 2;
		memcpy(m.buf, rd.p, len);
		m.data = rd_init(m.buf, len);
		(void)rd_skip(&rd, len);
		message(what, &m);
	}
	return (0);
}
