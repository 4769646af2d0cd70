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
 * The link types of captures, as libpcap numbers them on this system.
 */

#include <pcap/dlt.h>

#include "decode/packet.h"

static const struct {
	int dlt;
	enum packet_link link;
} links[] = {
    {DLT_EN10MB, PACKET_ETHERNET},
    {DLT_RAW, PACKET_IP},
    {DLT_IPV4, PACKET_IP},
    {DLT_IPV6, PACKET_IP},
    {DLT_NULL, PACKET_LOOPBACK},
    {DLT_LOOP, PACKET_LOOPBACK},
    {DLT_LINUX_SLL, PACKET_SLL},
    {DLT_LINUX_SLL2, PACKET_SLL2},
    {DLT_PPP, PACKET_PPP},
    {DLT_PPP_SERIAL, PACKET_PPP},
    {DLT_C_HDLC, PACKET_HDLC},
    {DLT_PPP_ETHER, PACKET_PPPOE},
    {DLT_ENC, PACKET_ENC},
    {DLT_PFLOG, PACKET_PFLOG},
    {DLT_NFLOG, PACKET_NFLOG},
    {DLT_MPLS, PACKET_MPLS},
};

int
packet_dlt(int dlt, enum packet_link *link)
{
	size_t i;

	for (i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (links[i].dlt == dlt) {
			*link = links[i].link;
			return (0);
		}
	return (-1);
}
