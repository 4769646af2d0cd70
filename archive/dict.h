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
 * Dictionaries as they are stored: docs/store.md has the bytes.
 */

#ifndef DICT_H
#define DICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "archive/block.h"

/* How much work a dictionary is worth. */
enum dict_effort {
	DICT_QUICK,
	DICT_SMALL,  /* what takes least as it is */
	DICT_PLANES, /* what takes least when it is compressed */
};

/* Room for any dictionary of so many values. */
size_t dict_bound(enum column_type, uint32_t n, size_t text_bytes);

/* Write n values, n > 0: the bytes used. */
size_t dict_put_numbers(uint8_t *to, const uint64_t *, uint32_t n,
    enum dict_effort);
/*
 * In this order: IPv4, IPv6, at most one that is none.  Sorted ones take much
 * less, unless it is to be quick.
 */
size_t dict_put_addrs(uint8_t *to, const struct addr *, uint32_t n,
    enum dict_effort);
/* Their length is at most FLOW_TEXT_MAX. */
size_t dict_put_bytes(uint8_t *to, const struct flow_text *, uint32_t n);

/* Read n values, all of them; -1 if the bytes are not those of n values. */
int dict_get_numbers(uint64_t *, uint32_t n, const uint8_t *, size_t);
int dict_get_addrs(struct addr *, uint32_t n, const uint8_t *, size_t);
/* Texts point into the bytes. */
int dict_get_bytes(struct flow_text *, uint32_t n, const uint8_t *, size_t);

/*
 * The 128 bits beside an address column that tell which networks are not in
 * it: a bit for a hash of the first 16 bits of IPv4, 32 of IPv6.
 */
void sketch_add(uint64_t sketch[2], const struct addr *);
/* All of many, of which there may be none: the sketch is made. */
void sketch_addrs(uint64_t sketch[2], const struct addr *, uint32_t n);
/* Of IPv4 addresses, of 4 bytes each. */
void sketch_ipv4(uint64_t sketch[2], const uint8_t *, uint32_t n);
/* False if no address of the prefix can be there. */
bool sketch_may_have(const uint64_t sketch[2], const struct prefix *);

#endif /* DICT_H */
