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
 * What the files of the module share: flows as hashes, in the original's
 * names and in those of field.c, and what hangs on an object.
 */

#ifndef PERLFLOW_H
#define PERLFLOW_H

#define PERL_NO_GET_CONTEXT
#include <EXTERN.h>
#include <perl.h>
/* After perl.h. */
#include <XSUB.h>

#include <stdbool.h>
#include <stdint.h>

#include "field.h"
#include "flow.h"
#include "store.h"

/*
 * value.c: those that take a value of the caller's croak if it makes no sense;
 * what is its name in the error.
 */
uint64_t number_of(pTHX_ SV *, uint64_t max, const char *what);
void addr_of(pTHX_ SV *, struct addr *, const char *what);
HV *hash_at(pTHX_ SV *, const char *what);
/* Is there one?  Its magic is done then. */
bool is_there(pTHX_ SV *);
/* Exact, whatever the integers of this perl can hold. */
SV *number_sv(pTHX_ uint64_t);
SV *signed_sv(pTHX_ int64_t);
SV *addr_sv(pTHX_ const struct addr *);
/* Takes the value. */
void hash_put(pTHX_ HV *, SV *key, SV *value);

/*
 * Keys that all hashes of an interpreter share: those of fields, then those
 * of the original.
 */
SV **keys_new(pTHX);
void keys_free(pTHX_ SV **);

/* oldkeys.c: the original's names. */
const char *old_key_name(size_t); /* NULL behind the last */
HV *hash_of_record(pTHX_ SV **keys, const struct store_record *);
/* Only the groups of mask are looked at. */
void record_of_hash(pTHX_ HV *, uint32_t mask, struct store_record *);

/* fieldkeys.c: the names of fields; only those of a set. */
HV *hash_of_flow(pTHX_ SV **keys, const struct flow *, const struct flow_set *);
/* Texts are good until the caller's temporaries are freed. */
void flow_of_hash(pTHX_ HV *, struct flow *);

#endif /* PERLFLOW_H */
