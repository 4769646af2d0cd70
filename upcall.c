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
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "collector.h"
#include "ipc.h"
#include "ledger.h"
#include "upcall.h"

static void
tell(const struct ipc_out *out)
{
	/* A parent that does not listen for that long has failed. */
	if (ipc_send(COLLECTOR_IPC_FD, out, -1, 10000) == -1)
		_exit(1);
}

bool
upcall_say(int level, const char *line)
{
	struct ipc_out out;

	ipc_new(&out, M_SAY);
	(void)wr_u8(&out.data, (uint8_t)level);
	(void)wr_bytes(&out.data, line, strlen(line));
	/* Not worth waiting for while datagrams come in. */
	return (ipc_send(COLLECTOR_IPC_FD, &out, -1, 0) != -1);
}

static void
tell_alone(enum ipc_type type)
{
	struct ipc_out out;

	ipc_new(&out, type);
	tell(&out);
}

static void
tell_number(enum ipc_type type, uint32_t number)
{
	struct ipc_out out;

	ipc_new(&out, type);
	(void)wr_u32(&out.data, number);
	tell(&out);
}

void
upcall_ready(uint32_t generation)
{
	tell_number(M_READY, generation);
}

void
upcall_want_state(void)
{
	tell_alone(M_STATE_WANT);
}

void
upcall_saved(uint64_t bytes)
{
	struct ipc_out out;

	ipc_new(&out, M_STATE_DONE);
	(void)wr_u64(&out.data, bytes);
	tell(&out);
}

static bool
tell_exporter(void *arg, const struct peer *p)
{
	struct ipc_out out;
	size_t i;

	(void)arg;
	ipc_new(&out, M_EXPORTER);
	(void)wr_u8(&out.data, p->addr.family);
	(void)wr_bytes(&out.data, p->addr.b, sizeof(p->addr.b));
	(void)wr_u16(&out.data, p->port);
	(void)wr_u64(&out.data, (uint64_t)p->last);
	(void)wr_u8(&out.data, p->skew.known);
	(void)wr_u64(&out.data, (uint64_t)p->skew.last);
	(void)wr_u64(&out.data, (uint64_t)p->skew.least);
	(void)wr_u64(&out.data, (uint64_t)p->skew.most);
	for (i = 0; i < L_MAX; i++)
		(void)wr_u64(&out.data, p->ledger.n[i]);
	tell(&out);
	return (true);
}

static void
add_ignored(void *arg, const struct dec_ignored *e)
{
	struct ipc_out *out = arg;

	(void)wr_u32(&out->data, e->pen);
	(void)wr_u16(&out->data, e->id);
	(void)wr_u64(&out->data, e->records);
}

static void
tell_ignored(const struct intake *in)
{
	struct ipc_out out;
	struct wr more;

	ipc_new(&out, M_IGNORED);
	more = out.data;
	(void)wr_u64(&out.data, 0);
	(void)wr_u64(&more, decode_ignored(in->dec, add_ignored, &out));
	tell(&out);
}

static uint64_t
processor_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ((uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000);
}

void
upcall_stats(struct intake *in)
{
	tell_ignored(in);
	peers_walk(in->peers, tell_exporter, NULL);
	in->page->told = in->page->ledger;
	in->page->cpu_ms = processor_ms();
	tell_alone(M_STATS_END);
}

static void
tell_cut(enum ipc_type type, const struct logfile *l)
{
	struct ipc_out out;

	ipc_new(&out, type);
	(void)wr_u32(&out.data, l->number);
	(void)wr_u64(&out.data, l->cut_to);
	tell(&out);
}

static void
ask_for_file(struct logfile *l, enum ipc_type cut, enum ipc_type want)
{
	if (l->want_cut)
		tell_cut(cut, l);
	if (l->want)
		tell_number(want, l->number);
	l->want = l->want_cut = false;
}

static void
ask_for_archive(struct arcfile *a)
{
	struct logfile *l;

	ask_for_file(&a->now.file, M_ARCHIVE_CUT, M_ARCHIVE_WANT);
	ask_for_file(&a->next.file, M_ARCHIVE_CUT, M_ARCHIVE_WANT);
	for (l = a->before; l != NULL; l = l->next)
		ask_for_file(l, M_ARCHIVE_CUT, M_ARCHIVE_WANT);
	if (a->left)
		tell_number(M_ARCHIVE_LEFT, a->now.file.number);
	a->left = false;
}

void
upcall_wants(struct intake *in)
{
	struct logfile *l;

	ask_for_file(&in->log, M_LOG_CUT, M_LOG_WANT);
	for (l = in->log_before; l != NULL; l = l->next)
		ask_for_file(l, M_LOG_CUT, M_LOG_WANT);
	ask_for_archive(&in->archive);
	if (in->want_logsock)
		tell_alone(M_LOGSOCK_WANT);
	in->want_logsock = false;
}

void
upcall_stopped(void)
{
	struct ipc_out out;

	ipc_new(&out, M_STOPPED);
	(void)ipc_send(COLLECTOR_IPC_FD, &out, -1, 1000);
}
