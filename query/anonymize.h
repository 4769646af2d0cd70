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
 * --anonymize: addresses by CryptoPAn (Xu, Fan, Ammar, Moon 2002): a one to
 * one map that keeps prefixes, and that only the key can undo.
 */

#ifndef ANONYMIZE_H
#define ANONYMIZE_H

#include "addr.h"
#include "query/consumer.h"

#define ANONYMIZE_KEYLEN 32

/* One for each worker. */
struct anonymize;

/* 32 bytes.  NULL for want of memory, or of AES (compat/aes.h tells). */
struct anonymize *anonymize_new(const uint8_t *key);
void anonymize_free(struct anonymize *);

/* None stays none. */
struct addr anonymize_addr(struct anonymize *, const struct addr *);
/*
 * What the selected rows of a batch have (NULL: all), of the fields that are
 * asked for (NULL: all); others show no address.  All addresses: of hosts,
 * routers and exporters.  What names a person, a host or a customer becomes
 * absent: MACs; names of users, of DNS questions, of TLS servers; names of
 * interfaces and VRFs, which are free text. Numbers stay, of networks (AS) and
 * interfaces too.
 */
enum block_err anonymize_batch(struct anonymize *, struct batch *,
    const struct sel *, const struct flow_set *needs);

#endif /* ANONYMIZE_H */
