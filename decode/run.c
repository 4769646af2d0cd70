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
 * Records in a row that are of one form: only the first becomes a flow here,
 * and whoever takes them makes of the others what it wants.
 */

#include "decode/state.h"

#define RUN_LEAST 4 /* fewer are not worth it */

/* Of two uptimes come start and end in all records, or in none. */
static bool
uptimes_alike(const struct ctx *x)
{
	if (flow_has(&x->base, FLOW_SYS_UPTIME))
		return (x->base.export_time >= TIME_MIN + UPTIME_RANGE);
	return (x->dom == NULL || !x->dom->has_sysinit);
}

/* So many records get the same of what is known of the exporter. */
static uint32_t
facts_alike(const struct ctx *x, const struct formed *fd, const struct rd *rd,
    size_t len, uint32_t n)
{
	const struct domain *dom = x->dom;
	const bool interfaces =
	    dom != NULL && dom->nfacts[FACT_SAMPLER_IF] != 0;

	if (x->d->names)
		return (0);
	n = form_constant(&fd->exporter, rd->p, len, n);
	if (x->base.sampling_rate != 0)
		return (n);
	n = form_constant(&fd->sampler, rd->p, len, n);
	if (!interfaces)
		return (n);
	n = form_constant(&fd->in_if, rd->p, len, n);
	return (form_constant(&fd->out_if, rd->p, len, n));
}

void
ctx_run(struct ctx *x, const struct program *pg, struct rd *rd, size_t len)
{
	const struct formed *fd = pg->formed;
	struct records r = {.first = &x->flow, .p = rd->p, .len = len};
	struct rd first = *rd;
	struct aux aux;
	uint32_t took;

	if (x->d->records == NULL || rd->left / len < RUN_LEAST ||
	    (fd->uptimes && !uptimes_alike(x)))
		return;
	r.form = &fd->form;
	r.n = form_alike(fd, rd->p, len, (uint32_t)(rd->left / len));
	if (x->apply)
		r.n = facts_alike(x, fd, rd, len, r.n);
	aux.sampling.has = 0;
	if (r.n < RUN_LEAST || ctx_record(x, pg, &first, &aux) == -1)
		return;
	x->records--;
	if (x->apply)
		apply_flow(x);
	took = x->d->records(x->d->arg, &r);
	if (rd_skip(rd, took * len) == -1)
		return;
	x->records += took;
	x->report->flows += took;
}
