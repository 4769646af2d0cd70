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

/* What decoders of Python share: decoder.c, packet.c, collector.c. */

#ifndef PACKET_H
#define PACKET_H

#include "bindings/python/core/core.h"
#include "bindings/python/core/gate.h"
#include "bindings/python/core/sheaf.h"

/* The sheaf as a list of Flow; NULL: an exception. */
PyObject *sheaf_list(const struct module_state *, const struct sheaf *);
void sheaf_begin(const struct module_state *, struct sheaf *);
extern void sheaf_take(void *sheaf, const struct flow *); /* of a sink */

/* What became of a datagram.  NULL: an exception. */
PyObject *packet_wrap(const struct module_state *, const struct dec_report *,
    const struct sheaf *);

/* decoder.c: the gate of a Decoder, or NULL and TypeError if it is none. */
struct gate *decoder_gate(const struct module_state *, PyObject *);
/* Without the GIL while it waits: 0, or -1 and an exception. */
int gate_enter(const struct module_state *, struct gate *);
/* Results by the names of the daemon's ledger, into a dict: 0, or -1. */
int gate_results(PyObject *dict, const uint64_t *results);
int dict_number(PyObject *dict, const char *name, uint64_t);

#endif /* PACKET_H */
