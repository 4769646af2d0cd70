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

#include "config.h"

#include <stdlib.h>

#ifdef HAVE_LIBCRYPTO
#include <openssl/evp.h>
#endif

#include "compat/aes.h"

#ifdef HAVE_LIBCRYPTO
struct aes {
	EVP_CIPHER_CTX *ctx;
};

bool
aes_available(void)
{
	return (true);
}

void
aes_free(struct aes *a)
{
	if (a == NULL)
		return;
	EVP_CIPHER_CTX_free(a->ctx);
	free(a);
}

struct aes *
aes_new(const uint8_t *key)
{
	struct aes *a;

	if ((a = calloc(1, sizeof(*a))) == NULL)
		return (NULL);
	if ((a->ctx = EVP_CIPHER_CTX_new()) == NULL ||
	    EVP_EncryptInit_ex(a->ctx, EVP_aes_128_ecb(), NULL, key, NULL) !=
		1 ||
	    EVP_CIPHER_CTX_set_padding(a->ctx, 0) != 1) {
		aes_free(a);
		return (NULL);
	}
	return (a);
}

int
aes_encrypt(struct aes *a, uint8_t *to, const uint8_t *from, size_t blocks)
{
	int len = 0;

	if (blocks > AES_BLOCKS ||
	    EVP_EncryptUpdate(a->ctx, to, &len, from,
		(int)(blocks * AES_BLOCK)) != 1)
		return (-1);
	return ((size_t)len == blocks * AES_BLOCK ? 0 : -1);
}
#else
bool
aes_available(void)
{
	return (false);
}

void
aes_free(struct aes *a)
{
	(void)a;
}

struct aes *
aes_new(const uint8_t *key)
{
	(void)key;
	return (NULL);
}

int
aes_encrypt(struct aes *a, uint8_t *to, const uint8_t *from, size_t blocks)
{
	(void)a;
	(void)to;
	(void)from;
	(void)blocks;
	return (-1);
}
#endif
