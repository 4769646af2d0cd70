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
 * pcapread file: what it costs libpcap to read a capture, with nothing done to
 * a packet.  tests/bench/meter compares with it.
 */

#include <err.h>
#include <stdint.h>
#include <stdio.h>

#include <pcap/pcap.h>

static uint64_t octets;

static void
empty(u_char *arg, const struct pcap_pkthdr *head, const u_char *data)
{
	(void)arg;
	(void)data;
	octets += head->len;
}

int
main(int argc, char **argv)
{
	char why[PCAP_ERRBUF_SIZE];
	uint64_t packets = 0;
	pcap_t *pcap;
	int n;

	if (argc != 2)
		errx(1, "usage: pcapread file");
	if ((pcap = pcap_open_offline(argv[1], why)) == NULL)
		errx(1, "%s", why);
	while ((n = pcap_dispatch(pcap, 8192, empty, NULL)) > 0)
		packets += (uint64_t)n;
	if (n < 0)
		errx(1, "%s: %s", argv[1], pcap_geterr(pcap));
	printf("%llu packets, %llu octets\n", (unsigned long long)packets,
	    (unsigned long long)octets);
	pcap_close(pcap);
	return (0);
}
