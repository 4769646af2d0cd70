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
#include <stdio.h>
#include <string.h>

#include "meter/names.h"

#define DNS_NAME_MAX 255 /* on the wire, RFC 1035 2.3.4 */
#define DNS_LABEL_MAX 63 /* what is above is a pointer */
#define TLS_NAME_MAX 255
#define TLS_HANDSHAKE 22
#define TLS_CLIENT_HELLO 1
#define TLS_SERVER_NAME 0

/* The end of a text: pieces that begin before `from` are left out. */
struct tail {
	char *buf;
	size_t from;
	size_t at; /* of the whole text */
	size_t len;
};

static void
tail_add(struct tail *t, const char *piece, size_t len)
{
	if (t->buf != NULL && t->at >= t->from) {
		memcpy(t->buf + t->len, piece, len);
		t->len += len;
	}
	t->at += len;
}

static void
tail_byte(struct tail *t, uint8_t c, bool dot)
{
	char piece[5];

	if (c <= ' ' || c > '~')
		tail_add(t, piece,
		    (size_t)snprintf(piece, sizeof(piece), "\\%03u", c));
	else if (c == '\\' || (c == '.' && !dot))
		tail_add(t, (char[]){'\\', (char)c}, 2);
	else
		tail_add(t, (char[]){(char)c}, 1);
}

/* A name of labels, RFC 1035 3.1; a question has no need of pointers. */
static int
dns_labels(struct rd rd, struct tail *t)
{
	const size_t all = rd.left;
	struct rd label;
	uint8_t len, c;

	for (;;) {
		if (rd_u8(&rd, &len) == -1 || len > DNS_LABEL_MAX ||
		    rd_sub(&rd, len, &label) == -1 ||
		    all - rd.left > DNS_NAME_MAX)
			return (-1);
		if (len == 0)
			break;
		if (t->at > 0)
			tail_add(t, ".", 1);
		while (rd_u8(&label, &c) == 0)
			tail_byte(t, c, false);
	}
	if (t->at == 0)
		tail_add(t, ".", 1); /* the root */
	return (0);
}

static int
host(struct rd rd, struct tail *t)
{
	uint8_t c;

	while (rd_u8(&rd, &c) == 0)
		tail_byte(t, c, true);
	return (0);
}

/* Once to see how long it is, and once for its end. */
static size_t
write_tail(struct rd rd, int (*name)(struct rd, struct tail *), char *buf)
{
	struct tail t = {0};

	if (name(rd, &t) == -1)
		return (0);
	t = (struct tail){.buf = buf,
	    .from = t.at > NAMES_MAX ? t.at - NAMES_MAX : 0};
	(void)name(rd, &t);
	return (t.len);
}

size_t
names_dns(struct rd rd, char buf[NAMES_MAX])
{
	uint16_t id, flags, questions;

	if (rd_u16(&rd, &id) == -1 || rd_u16(&rd, &flags) == -1 ||
	    rd_u16(&rd, &questions) == -1 || questions == 0 ||
	    rd_skip(&rd, 6) == -1)
		return (0);
	return (write_tail(rd, dns_labels, buf));
}

/* What a length covers, or as much of it as there is. */
static void
clip(struct rd *rd, size_t len)
{
	if (rd->left > len)
		rd->left = len;
}

static int
skip_u8(struct rd *rd)
{
	uint8_t len;

	return (rd_u8(rd, &len) == -1 ? -1 : rd_skip(rd, len));
}

static int
skip_u16(struct rd *rd)
{
	uint16_t len;

	return (rd_u16(rd, &len) == -1 ? -1 : rd_skip(rd, len));
}

/* To the extensions of a ClientHello, RFC 8446 4.1.2. */
static int
client_hello(struct rd *rd)
{
	uint8_t type, major, minor, high;
	uint16_t len;

	if (rd_u8(rd, &type) == -1 || type != TLS_HANDSHAKE ||
	    rd_u8(rd, &major) == -1 || major != 3 || rd_u8(rd, &minor) == -1 ||
	    rd_u16(rd, &len) == -1)
		return (-1);
	clip(rd, len);
	if (rd_u8(rd, &type) == -1 || type != TLS_CLIENT_HELLO ||
	    rd_u8(rd, &high) == -1 || rd_u16(rd, &len) == -1)
		return (-1);
	clip(rd, (size_t)high << 16 | len);
	/* Version and random, session, cipher suites, compression. */
	if (rd_skip(rd, 2 + 32) == -1 || skip_u8(rd) == -1 ||
	    skip_u16(rd) == -1 || skip_u8(rd) == -1 || rd_u16(rd, &len) == -1)
		return (-1);
	clip(rd, len);
	return (0);
}

/* The first of the list, RFC 6066 3: there is one kind of name. */
static int
server_name(struct rd rd, struct rd *name)
{
	uint16_t list, len;
	uint8_t type;

	if (rd_u16(&rd, &list) == -1)
		return (-1);
	clip(&rd, list);
	if (rd_u8(&rd, &type) == -1 || type != 0 || rd_u16(&rd, &len) == -1 ||
	    len == 0 || len > TLS_NAME_MAX)
		return (-1);
	return (rd_sub(&rd, len, name));
}

size_t
names_tls(struct rd rd, char buf[NAMES_MAX])
{
	struct rd extension, name;
	uint16_t type, len;

	if (client_hello(&rd) == -1)
		return (0);
	while (rd_u16(&rd, &type) == 0 && rd_u16(&rd, &len) == 0) {
		extension = rd;
		clip(&extension, len);
		if (type == TLS_SERVER_NAME)
			return (server_name(extension, &name) == 0
				? write_tail(name, host, buf)
				: 0);
		if (rd_skip(&rd, len) == -1)
			break;
	}
	return (0);
}
