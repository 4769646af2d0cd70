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
 * Which worker an exporter belongs to: by its address alone, so that its
 * templates and sequence numbers stay with one, whatever port it sends from.
 * The kernel does the same with datagrams (compat/compat.h, udp_allot), and
 * this is for who has to know where it will send them.
 */

#ifndef ALLOT_H
#define ALLOT_H

#include <stdint.h>

#include "addr.h"

#define WORKERS_MAX 64

/*
 * The address in 32-bit words, each times its factor, is added up; the upper
 * half of that times n, without the lower half of the product, is the worker.
 * Multiples of such factors lie as far apart as can be, for steps of one and
 * for others: exporters with addresses in a row are spread evenly.
 */
#define ALLOT_FACTORS 0x9e3779b1U, 0xbb67ae85U, 0x27d4eb2fU, 0x1b873593U

/* The number of the worker, of n of them, from 0 on. */
uint32_t allot_of(const struct addr *, uint32_t n);

#endif /* ALLOT_H */
