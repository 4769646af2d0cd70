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
 * AES with keys of 128 bits, block by block (ECB): for --anonymize, which
 * makes a pseudorandom function of it, and for nothing else.
 */

#ifndef AES_H
#define AES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AES_BLOCK 16 /* bytes, of the key too */

struct aes;

bool aes_available(void);
/* NULL: no memory, or this build has no libcrypto. */
struct aes *aes_new(const uint8_t *key);
void aes_free(struct aes *);
/* So many blocks, at most AES_BLOCKS, perhaps in place.  0, or -1. */
#define AES_BLOCKS 1024
int aes_encrypt(struct aes *, uint8_t *to, const uint8_t *, size_t blocks);

#endif /* AES_H */
