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

#include <stdlib.h>
#include <string.h>

#include "field.h"
#include "netflow.h"
#include "store.h"

/* clang-format off */
#define ROW(bit, member, type, store, what) \
	{ #member, FLOW_##bit, FT_##type, \
	    (uint16_t)offsetof(struct flow, member), store, what }

/* A flow has the one or the other: they share the member. */
#define PREFIX_ROW(bit, name, member, store, what) \
	{ name, FLOW_##bit, FT_ADDR, \
	    (uint16_t)offsetof(struct flow, member), store, what }

const struct field fields[FLOW_NFIELDS] = {
	ROW(TAG, tag, U32, STORE_TAG,
	    "the tag a filter rule gave"),
	ROW(RECV_TIME, recv_time, TIME, STORE_RECV_TIME,
	    "when the collector's kernel received it"),
	ROW(AGENT, agent, ADDR, STORE_AGENT_ADDR,
	    "address of the exporter"),
	ROW(VERSION, version, U16, STORE_AGENT_INFO,
	    "export protocol: its version, 10 for IPFIX, 105 for sFlow 5"),
	ROW(SOURCE_ID, source_id, U32, STORE_FLOW_ENGINE_INFO,
	    "source id or observation domain"),
	ROW(SEQUENCE, sequence, U32, STORE_FLOW_ENGINE_INFO,
	    "sequence number of the datagram"),
	ROW(EXPORT_TIME, export_time, TIME, STORE_AGENT_INFO,
	    "the exporter's clock when it sent the datagram"),
	ROW(SYS_UPTIME, sys_uptime, U32, STORE_AGENT_INFO,
	    "the exporter's uptime then, in milliseconds"),
	ROW(ENGINE_TYPE, engine_type, U16, STORE_FLOW_ENGINE_INFO,
	    "type of the flow engine"),
	ROW(ENGINE_ID, engine_id, U16, STORE_FLOW_ENGINE_INFO,
	    "number of the flow engine"),
	ROW(AGGREGATION, aggregation, U8, 0,
	    "what a NetFlow 8 router summed up by"),
	ROW(START, start, TIME, 0,
	    "time of the first packet"),
	ROW(END, end, TIME, 0,
	    "time of the last packet"),
	ROW(START_UPTIME, start_uptime, U32, STORE_FLOW_TIMES,
	    "the exporter's uptime at the first packet, in milliseconds"),
	ROW(END_UPTIME, end_uptime, U32, STORE_FLOW_TIMES,
	    "the exporter's uptime at the last packet, in milliseconds"),
	ROW(PROTOCOL, protocol, U8, STORE_PROTO_FLAGS_TOS,
	    "IP protocol"),
	ROW(TCP_FLAGS, tcp_flags, U16, STORE_PROTO_FLAGS_TOS,
	    "TCP flags of all packets, ORed"),
	ROW(TOS, tos, U8, STORE_PROTO_FLAGS_TOS,
	    "type of service, or traffic class"),
	ROW(SRC_ADDR, src_addr, ADDR, STORE_SRC_ADDR,
	    "source address"),
	ROW(DST_ADDR, dst_addr, ADDR, STORE_DST_ADDR,
	    "destination address"),
	PREFIX_ROW(SRC_PREFIX, "src_prefix", src_addr, STORE_SRC_ADDR,
	    "prefix of the source, where flows were summed up by it"),
	PREFIX_ROW(DST_PREFIX, "dst_prefix", dst_addr, STORE_DST_ADDR,
	    "prefix of the destination, likewise"),
	ROW(NEXT_HOP, next_hop, ADDR, STORE_GATEWAY_ADDR,
	    "address of the next router"),
	ROW(BGP_NEXT_HOP, bgp_next_hop, ADDR, 0,
	    "address of the next BGP router"),
	ROW(SRC_PORT, src_port, U16, STORE_SRCDST_PORT,
	    "source port"),
	ROW(DST_PORT, dst_port, U16, STORE_SRCDST_PORT,
	    "destination port"),
	ROW(ICMP_TYPE, icmp_type, U8, 0,
	    "ICMP type"),
	ROW(ICMP_CODE, icmp_code, U8, 0,
	    "ICMP code"),
	ROW(FLOWS, flows, U32, 0,
	    "flows that were summed up"),
	ROW(PACKETS, packets, U64, STORE_PACKETS,
	    "packets"),
	ROW(OCTETS, octets, U64, STORE_OCTETS,
	    "bytes"),
	ROW(REVERSE_PACKETS, reverse_packets, U64, 0,
	    "packets of the answer (RFC 5103)"),
	ROW(REVERSE_OCTETS, reverse_octets, U64, 0,
	    "bytes of the answer"),
	ROW(OUT_PACKETS, out_packets, U64, 0,
	    "packets, counted on the way out"),
	ROW(OUT_OCTETS, out_octets, U64, 0,
	    "bytes, counted on the way out"),
	ROW(SAMPLING_RATE, sampling_rate, U32, 0,
	    "one packet in so many was looked at"),
	ROW(SAMPLING_ALGORITHM, sampling_algorithm, U8, 0,
	    "how they were chosen"),
	ROW(IN_IF, in_if, U32, STORE_IF_INDICES,
	    "index of the input interface"),
	ROW(OUT_IF, out_if, U32, STORE_IF_INDICES,
	    "index of the output interface"),
	ROW(IN_VRF, in_vrf, U32, 0,
	    "VRF it came in by"),
	ROW(OUT_VRF, out_vrf, U32, 0,
	    "VRF it left by"),
	ROW(SRC_AS, src_as, U32, STORE_AS_INFO,
	    "autonomous system of the source"),
	ROW(DST_AS, dst_as, U32, STORE_AS_INFO,
	    "autonomous system of the destination"),
	ROW(SRC_MASK, src_mask, U8, STORE_AS_INFO,
	    "prefix length of the source's route"),
	ROW(DST_MASK, dst_mask, U8, STORE_AS_INFO,
	    "prefix length of the destination's route"),
	ROW(VLAN, vlan, U16, 0,
	    "VLAN"),
	ROW(POST_VLAN, post_vlan, U16, 0,
	    "VLAN on the way out"),
	ROW(IN_SRC_MAC, in_src_mac, MAC, 0,
	    "source MAC address, incoming"),
	ROW(IN_DST_MAC, in_dst_mac, MAC, 0,
	    "destination MAC address, incoming"),
	ROW(OUT_SRC_MAC, out_src_mac, MAC, 0,
	    "source MAC address, outgoing"),
	ROW(OUT_DST_MAC, out_dst_mac, MAC, 0,
	    "destination MAC address, outgoing"),
	ROW(DIRECTION, direction, U8, 0,
	    "0 ingress, 1 egress"),
	ROW(END_REASON, end_reason, U8, 0,
	    "why the flow ended (RFC 7270)"),
	ROW(FORWARDING_STATUS, forwarding_status, U8, 0,
	    "forwarded, dropped or consumed (RFC 7270)"),
	ROW(TTL, ttl, U8, 0,
	    "time to live"),
	ROW(MIN_TTL, min_ttl, U8, 0,
	    "smallest time to live"),
	ROW(MAX_TTL, max_ttl, U8, 0,
	    "largest time to live"),
	ROW(FLOW_LABEL, flow_label, U32, 0,
	    "IPv6 flow label"),
	ROW(FRAGMENT_ID, fragment_id, U32, 0,
	    "fragment identification"),
	ROW(FRAGMENT_OFFSET, fragment_offset, U16, 0,
	    "fragment offset"),
	ROW(POST_NAT_SRC_ADDR, post_nat_src_addr, ADDR, 0,
	    "source address after NAT"),
	ROW(POST_NAT_DST_ADDR, post_nat_dst_addr, ADDR, 0,
	    "destination address after NAT"),
	ROW(POST_NAT_SRC_PORT, post_nat_src_port, U16, 0,
	    "source port after NAT"),
	ROW(POST_NAT_DST_PORT, post_nat_dst_port, U16, 0,
	    "destination port after NAT"),
	ROW(NAT_EVENT, nat_event, U8, 0,
	    "NAT event (RFC 8158)"),
	ROW(FIREWALL_EVENT, firewall_event, U8, 0,
	    "firewall event"),
	ROW(FW_EXT_EVENT, fw_ext_event, U16, 0,
	    "extended firewall event (Cisco ASA)"),
	ROW(EVENT_TIME, event_time, TIME, 0,
	    "time of the event"),
	ROW(APPLICATION_ID, application_id, APPID, 0,
	    "application (RFC 6759)"),
	ROW(MPLS_LABELS, mpls_labels, LABELS, 0,
	    "MPLS labels, top first"),
	ROW(EXPORTER, exporter, ADDR, 0,
	    "address that the exporter gives itself"),
	ROW(SAMPLER_ID, sampler_id, U64, 0,
	    "sampler or selector"),
	ROW(SRC_PEER_AS, src_peer_as, U32, 0,
	    "neighbouring autonomous system towards the source"),
	ROW(DST_PEER_AS, dst_peer_as, U32, 0,
	    "neighbouring autonomous system towards the destination"),
	ROW(CUSTOMER_VLAN, customer_vlan, U16, 0,
	    "inner VLAN of two"),
	ROW(POST_CUSTOMER_VLAN, post_customer_vlan, U16, 0,
	    "inner VLAN on the way out"),
	ROW(ETHERTYPE, ethertype, U16, 0,
	    "Ethernet type"),
	ROW(POST_TOS, post_tos, U8, 0,
	    "type of service on the way out"),
	ROW(FRAGMENT_FLAGS, fragment_flags, U8, 0,
	    "fragment flags"),
	ROW(FLOW_ID, flow_id, U64, 0,
	    "the exporter's number of the flow or connection"),
	ROW(NAT_PORT_FIRST, nat_port_first, U16, 0,
	    "first port of a NAT port block"),
	ROW(NAT_PORT_LAST, nat_port_last, U16, 0,
	    "last port of a NAT port block"),
	ROW(IN_IF_NAME, in_if_name, TEXT, 0,
	    "name of the input interface"),
	ROW(OUT_IF_NAME, out_if_name, TEXT, 0,
	    "name of the output interface"),
	ROW(IN_VRF_NAME, in_vrf_name, TEXT, 0,
	    "name of the VRF it came in by"),
	ROW(OUT_VRF_NAME, out_vrf_name, TEXT, 0,
	    "name of the VRF it left by"),
	ROW(APPLICATION_NAME, application_name, TEXT, 0,
	    "name of the application"),
	ROW(USER_NAME, user_name, TEXT, 0,
	    "user, if a firewall knows one"),
	ROW(REVERSE_TCP_FLAGS, reverse_tcp_flags, U16, 0,
	    "TCP flags of the answer, ORed"),
	ROW(REVERSE_TOS, reverse_tos, U8, 0,
	    "type of service of the answer"),
	ROW(REVERSE_ICMP_TYPE, reverse_icmp_type, U8, 0,
	    "ICMP type of the answer"),
	ROW(REVERSE_ICMP_CODE, reverse_icmp_code, U8, 0,
	    "ICMP code of the answer"),
	ROW(TCP_RTT, tcp_rtt, U32, 0,
	    "microseconds to the first answer: of TCP, the round trip"),
	ROW(TCP_RETRANSMITS, tcp_retransmits, U32, 0,
	    "packets that were sent again"),
	ROW(TCP_OUT_OF_ORDER, tcp_out_of_order, U32, 0,
	    "packets that came out of order"),
	ROW(DNS_NAME, dns_name, TEXT, 0,
	    "name that a DNS question is about"),
	ROW(TLS_SERVER_NAME, tls_server_name, TEXT, 0,
	    "name of the server that a TLS client asks for"),
};

#define NONE FLOW_NFIELDS

/*
 * Sorted by enterprise number and id.  A lower rank is the better source of
 * a field that several elements can fill.
 */
static const struct element elements[] = {
	/* pen, id, conversion, field, rank, index */
	{ 0, 1, CONV_UINT, FLOW_OCTETS, 0, 0 },
	{ 0, 2, CONV_UINT, FLOW_PACKETS, 0, 0 },
	{ 0, 3, CONV_UINT, FLOW_FLOWS, 0, 0 },
	{ 0, 4, CONV_UINT, FLOW_PROTOCOL, 0, 0 },
	{ 0, 5, CONV_UINT, FLOW_TOS, 0, 0 },
	{ 0, 6, CONV_UINT, FLOW_TCP_FLAGS, 0, 0 },
	{ 0, 7, CONV_UINT, FLOW_SRC_PORT, 0, 0 },
	{ 0, 8, CONV_ADDR4, FLOW_SRC_ADDR, 0, 0 },
	{ 0, 9, CONV_UINT, FLOW_SRC_MASK, 0, 0 },
	{ 0, 10, CONV_UINT, FLOW_IN_IF, 0, 0 },
	{ 0, 11, CONV_UINT, FLOW_DST_PORT, 0, 0 },
	{ 0, 12, CONV_ADDR4, FLOW_DST_ADDR, 0, 0 },
	{ 0, 13, CONV_UINT, FLOW_DST_MASK, 0, 0 },
	{ 0, 14, CONV_UINT, FLOW_OUT_IF, 0, 0 },
	{ 0, 15, CONV_ADDR4, FLOW_NEXT_HOP, 0, 0 },
	{ 0, 16, CONV_UINT, FLOW_SRC_AS, 0, 0 },
	{ 0, 17, CONV_UINT, FLOW_DST_AS, 0, 0 },
	{ 0, 18, CONV_ADDR4, FLOW_BGP_NEXT_HOP, 0, 0 },
	{ 0, 21, CONV_UINT, FLOW_END_UPTIME, 0, 0 },
	{ 0, 22, CONV_UINT, FLOW_START_UPTIME, 0, 0 },
	{ 0, 23, CONV_UINT, FLOW_OUT_OCTETS, 0, 0 },
	{ 0, 24, CONV_UINT, FLOW_OUT_PACKETS, 0, 0 },
	{ 0, 27, CONV_ADDR6, FLOW_SRC_ADDR, 0, 0 },
	{ 0, 28, CONV_ADDR6, FLOW_DST_ADDR, 0, 0 },
	{ 0, 29, CONV_UINT, FLOW_SRC_MASK, 1, 0 },
	{ 0, 30, CONV_UINT, FLOW_DST_MASK, 1, 0 },
	{ 0, 31, CONV_UINT, FLOW_FLOW_LABEL, 0, 0 },
	{ 0, 32, CONV_ICMP, FLOW_ICMP_TYPE, 1, 0 },
	{ 0, 34, CONV_UINT, FLOW_SAMPLING_RATE, 0, 0 },
	{ 0, 35, CONV_UINT, FLOW_SAMPLING_ALGORITHM, 0, 0 },
	{ 0, 38, CONV_UINT, FLOW_ENGINE_TYPE, 0, 0 },
	{ 0, 39, CONV_UINT, FLOW_ENGINE_ID, 0, 0 },
	{ 0, 44, CONV_ADDR4, FLOW_SRC_PREFIX, 1, 0 },
	{ 0, 45, CONV_ADDR4, FLOW_DST_PREFIX, 1, 0 },
	{ 0, 48, CONV_UINT, FLOW_SAMPLER_ID, 0, 0 },
	{ 0, 49, CONV_UINT, FLOW_SAMPLING_ALGORITHM, 1, 0 },
	{ 0, 50, CONV_UINT, FLOW_SAMPLING_RATE, 1, 0 },
	{ 0, 52, CONV_UINT, FLOW_MIN_TTL, 0, 0 },
	{ 0, 53, CONV_UINT, FLOW_MAX_TTL, 0, 0 },
	{ 0, 54, CONV_UINT, FLOW_FRAGMENT_ID, 0, 0 },
	{ 0, 55, CONV_UINT, FLOW_POST_TOS, 0, 0 },
	{ 0, 56, CONV_MAC, FLOW_IN_SRC_MAC, 0, 0 },
	{ 0, 57, CONV_MAC, FLOW_OUT_DST_MAC, 0, 0 },
	{ 0, 58, CONV_UINT, FLOW_VLAN, 0, 0 },
	{ 0, 59, CONV_UINT, FLOW_POST_VLAN, 0, 0 },
	{ 0, 61, CONV_UINT, FLOW_DIRECTION, 0, 0 },
	{ 0, 62, CONV_ADDR6, FLOW_NEXT_HOP, 0, 0 },
	{ 0, 63, CONV_ADDR6, FLOW_BGP_NEXT_HOP, 0, 0 },
	{ 0, 70, CONV_LABEL, FLOW_MPLS_LABELS, 0, 0 },
	{ 0, 71, CONV_LABEL, FLOW_MPLS_LABELS, 0, 1 },
	{ 0, 72, CONV_LABEL, FLOW_MPLS_LABELS, 0, 2 },
	{ 0, 73, CONV_LABEL, FLOW_MPLS_LABELS, 0, 3 },
	{ 0, 74, CONV_LABEL, FLOW_MPLS_LABELS, 0, 4 },
	{ 0, 75, CONV_LABEL, FLOW_MPLS_LABELS, 0, 5 },
	{ 0, 76, CONV_LABEL, FLOW_MPLS_LABELS, 0, 6 },
	{ 0, 77, CONV_LABEL, FLOW_MPLS_LABELS, 0, 7 },
	{ 0, 78, CONV_LABEL, FLOW_MPLS_LABELS, 0, 8 },
	{ 0, 79, CONV_LABEL, FLOW_MPLS_LABELS, 0, 9 },
	{ 0, 80, CONV_MAC, FLOW_IN_DST_MAC, 0, 0 },
	{ 0, 81, CONV_MAC, FLOW_OUT_SRC_MAC, 0, 0 },
	{ 0, 82, CONV_TEXT, FLOW_IN_IF_NAME, 0, 0 },
	{ 0, 85, CONV_UINT, FLOW_OCTETS, 1, 0 },
	{ 0, 86, CONV_UINT, FLOW_PACKETS, 1, 0 },
	{ 0, 88, CONV_UINT, FLOW_FRAGMENT_OFFSET, 0, 0 },
	{ 0, 89, CONV_UINT, FLOW_FORWARDING_STATUS, 0, 0 },
	{ 0, 95, CONV_APPID, FLOW_APPLICATION_ID, 0, 0 },
	{ 0, 96, CONV_TEXT, FLOW_APPLICATION_NAME, 0, 0 },
	{ 0, 98, CONV_DSCP, FLOW_POST_TOS, 1, 0 },
	{ 0, 102, CONV_NOTE, NONE, 0, NOTE_OFFSET },
	{ 0, 103, CONV_NOTE, NONE, 1, NOTE_EXPORTED },
	{ 0, 104, CONV_PART, NONE, 0, PART_FRAME },
	{ 0, 128, CONV_UINT, FLOW_DST_PEER_AS, 0, 0 },
	{ 0, 129, CONV_UINT, FLOW_SRC_PEER_AS, 0, 0 },
	{ 0, 130, CONV_ADDR4, FLOW_EXPORTER, 1, 0 },
	{ 0, 131, CONV_ADDR6, FLOW_EXPORTER, 1, 0 },
	{ 0, 136, CONV_UINT, FLOW_END_REASON, 0, 0 },
	{ 0, 139, CONV_ICMP, FLOW_ICMP_TYPE, 2, 0 },
	{ 0, 148, CONV_UINT, FLOW_FLOW_ID, 0, 0 },
	{ 0, 150, CONV_SECONDS, FLOW_START, 3, 0 },
	{ 0, 151, CONV_SECONDS, FLOW_END, 3, 0 },
	{ 0, 152, CONV_MILLISECONDS, FLOW_START, 2, 0 },
	{ 0, 153, CONV_MILLISECONDS, FLOW_END, 2, 0 },
	{ 0, 154, CONV_NTP_US, FLOW_START, 1, 0 },
	{ 0, 155, CONV_NTP_US, FLOW_END, 1, 0 },
	{ 0, 156, CONV_NTP, FLOW_START, 0, 0 },
	{ 0, 157, CONV_NTP, FLOW_END, 0, 0 },
	{ 0, 158, CONV_BEFORE_US, FLOW_START, 5, 0 },
	{ 0, 159, CONV_BEFORE_US, FLOW_END, 5, 0 },
	{ 0, 160, CONV_SYSINIT, FLOW_START, 4, 0 },
	{ 0, 161, CONV_DURATION_MS, FLOW_END, 6, 0 },
	{ 0, 162, CONV_DURATION_US, FLOW_END, 6, 0 },
	{ 0, 169, CONV_ADDR6, FLOW_DST_PREFIX, 1, 0 },
	{ 0, 170, CONV_ADDR6, FLOW_SRC_PREFIX, 1, 0 },
	{ 0, 171, CONV_UINT, FLOW_OUT_OCTETS, 1, 0 },
	{ 0, 172, CONV_UINT, FLOW_OUT_PACKETS, 1, 0 },
	{ 0, 176, CONV_UINT, FLOW_ICMP_TYPE, 0, 0 },
	{ 0, 177, CONV_UINT, FLOW_ICMP_CODE, 0, 0 },
	{ 0, 178, CONV_UINT, FLOW_ICMP_TYPE, 3, 0 },
	{ 0, 179, CONV_UINT, FLOW_ICMP_CODE, 3, 0 },
	{ 0, 180, CONV_UINT, FLOW_SRC_PORT, 1, 0 },
	{ 0, 181, CONV_UINT, FLOW_DST_PORT, 1, 0 },
	{ 0, 182, CONV_UINT, FLOW_SRC_PORT, 2, 0 },
	{ 0, 183, CONV_UINT, FLOW_DST_PORT, 2, 0 },
	{ 0, 190, CONV_NOTE, NONE, 1, NOTE_LENGTH },
	{ 0, 192, CONV_UINT, FLOW_TTL, 0, 0 },
	{ 0, 195, CONV_DSCP, FLOW_TOS, 1, 0 },
	{ 0, 197, CONV_UINT, FLOW_FRAGMENT_FLAGS, 0, 0 },
	{ 0, 224, CONV_NOTE, NONE, 0, NOTE_LENGTH },
	{ 0, 225, CONV_ADDR4, FLOW_POST_NAT_SRC_ADDR, 0, 0 },
	{ 0, 226, CONV_ADDR4, FLOW_POST_NAT_DST_ADDR, 0, 0 },
	{ 0, 227, CONV_UINT, FLOW_POST_NAT_SRC_PORT, 0, 0 },
	{ 0, 228, CONV_UINT, FLOW_POST_NAT_DST_PORT, 0, 0 },
	{ 0, 230, CONV_UINT, FLOW_NAT_EVENT, 0, 0 },
	{ 0, 231, CONV_UINT, FLOW_OCTETS, 2, 0 },
	{ 0, 232, CONV_UINT, FLOW_REVERSE_OCTETS, 1, 0 },
	{ 0, 233, CONV_UINT, FLOW_FIREWALL_EVENT, 0, 0 },
	{ 0, 234, CONV_UINT, FLOW_IN_VRF, 0, 0 },
	{ 0, 235, CONV_UINT, FLOW_OUT_VRF, 0, 0 },
	{ 0, 236, CONV_TEXT, FLOW_IN_VRF_NAME, 0, 0 },
	{ 0, 243, CONV_UINT, FLOW_VLAN, 1, 0 },
	{ 0, 245, CONV_UINT, FLOW_CUSTOMER_VLAN, 0, 0 },
	{ 0, 252, CONV_UINT, FLOW_IN_IF, 1, 0 },
	{ 0, 253, CONV_UINT, FLOW_OUT_IF, 1, 0 },
	{ 0, 254, CONV_UINT, FLOW_POST_VLAN, 1, 0 },
	{ 0, 255, CONV_UINT, FLOW_POST_CUSTOMER_VLAN, 0, 0 },
	{ 0, 256, CONV_UINT, FLOW_ETHERTYPE, 0, 0 },
	{ 0, 281, CONV_ADDR6, FLOW_POST_NAT_SRC_ADDR, 0, 0 },
	{ 0, 282, CONV_ADDR6, FLOW_POST_NAT_DST_ADDR, 0, 0 },
	{ 0, 291, CONV_PART, NONE, 0, PART_LIST },
	{ 0, 292, CONV_PART, NONE, 0, PART_TEMPLATE },
	{ 0, 293, CONV_PART, NONE, 0, PART_TEMPLATES },
	{ 0, 298, CONV_UINT, FLOW_PACKETS, 2, 0 },
	{ 0, 299, CONV_UINT, FLOW_REVERSE_PACKETS, 1, 0 },
	{ 0, 302, CONV_UINT, FLOW_SAMPLER_ID, 1, 0 },
	{ 0, 304, CONV_SAMPLING, FLOW_SAMPLING_ALGORITHM, 0, RATE_SELECTOR },
	{ 0, 305, CONV_SAMPLING, FLOW_SAMPLING_RATE, 0, RATE_TAKEN },
	{ 0, 306, CONV_SAMPLING, FLOW_SAMPLING_RATE, 0, RATE_SPACE },
	{ 0, 307, CONV_SAMPLING, FLOW_SAMPLING_RATE, 0, RATE_TIME },
	{ 0, 308, CONV_SAMPLING, FLOW_SAMPLING_RATE, 0, RATE_TIME_SPACE },
	{ 0, 309, CONV_SAMPLING, FLOW_SAMPLING_RATE, 0, RATE_SIZE },
	{ 0, 310, CONV_SAMPLING, FLOW_SAMPLING_RATE, 0, RATE_POPULATION },
	{ 0, 311, CONV_SAMPLING, FLOW_SAMPLING_RATE, 0, RATE_PROBABILITY },
	{ 0, 312, CONV_NOTE, NONE, 0, NOTE_FRAME },
	{ 0, 313, CONV_PART, NONE, 0, PART_IP },
	{ 0, 314, CONV_PART, NONE, 0, PART_MPLS },
	{ 0, 315, CONV_PART, NONE, 0, PART_FRAME },
	{ 0, 316, CONV_PART, NONE, 0, PART_IP },
	{ 0, 322, CONV_SECONDS, FLOW_EVENT_TIME, 3, 0 },
	{ 0, 323, CONV_MILLISECONDS, FLOW_EVENT_TIME, 2, 0 },
	{ 0, 324, CONV_NTP_US, FLOW_EVENT_TIME, 1, 0 },
	{ 0, 325, CONV_NTP, FLOW_EVENT_TIME, 0, 0 },
	{ 0, 352, CONV_UINT, FLOW_OCTETS, 3, 0 },
	{ 0, 353, CONV_UINT, FLOW_OCTETS, 4, 0 },
	{ 0, 361, CONV_UINT, FLOW_NAT_PORT_FIRST, 0, 0 },
	{ 0, 362, CONV_UINT, FLOW_NAT_PORT_LAST, 0, 0 },
	{ 0, 371, CONV_TEXT, FLOW_USER_NAME, 0, 0 },
	{ 0, 403, CONV_ADDR4, FLOW_EXPORTER, 0, 0 },
	{ 0, 404, CONV_ADDR6, FLOW_EXPORTER, 0, 0 },
	{ 0, 408, CONV_NOTE, NONE, 0, NOTE_TYPE },
	{ 0, 409, CONV_NOTE, NONE, 1, NOTE_OFFSET },
	{ 0, 410, CONV_NOTE, NONE, 0, NOTE_EXPORTED },
	{ 0, 33002, CONV_UINT, FLOW_FW_EXT_EVENT, 0, 0 },
	{ 0, 40000, CONV_TEXT, FLOW_USER_NAME, 1, 0 },
	{ 0, 40001, CONV_ADDR4, FLOW_POST_NAT_SRC_ADDR, 1, 0 },
	{ 0, 40002, CONV_ADDR4, FLOW_POST_NAT_DST_ADDR, 1, 0 },
	{ 0, 40003, CONV_UINT, FLOW_POST_NAT_SRC_PORT, 1, 0 },
	{ 0, 40004, CONV_UINT, FLOW_POST_NAT_DST_PORT, 1, 0 },
	{ 0, 40005, CONV_UINT, FLOW_FIREWALL_EVENT, 1, 0 },
	{ 0, 56701, CONV_TEXT, FLOW_APPLICATION_NAME, 1, 0 },
	{ 0, 56702, CONV_TEXT, FLOW_USER_NAME, 2, 0 },
	{ 0, 57581, CONV_UINT, FLOW_TCP_RETRANSMITS, 1, 0 },
	{ 0, 57583, CONV_UINT, FLOW_TCP_OUT_OF_ORDER, 1, 0 },
	{ 0, 57591, CONV_TEXT, FLOW_APPLICATION_NAME, 2, 0 },
	{ 0, 57593, CONV_TEXT, FLOW_USER_NAME, 3, 0 },
	{ 0, 57660, CONV_TEXT, FLOW_TLS_SERVER_NAME, 1, 0 },
	{ 0, 57677, CONV_TEXT, FLOW_DNS_NAME, 1, 0 },
	{ 0, 57899, CONV_TEXT, FLOW_APPLICATION_NAME, 3, 0 },
	{ 0, 57900, CONV_TEXT, FLOW_USER_NAME, 4, 0 },
	{ PEN_NOKIA, 91, CONV_UINT, FLOW_IN_VRF, 1, 0 },
	{ PEN_NOKIA, 92, CONV_UINT, FLOW_OUT_VRF, 1, 0 },
	{ PEN_NOKIA, 93, CONV_TEXT, FLOW_USER_NAME, 5, 0 },
	{ PEN_IXIA, 111, CONV_TEXT, FLOW_APPLICATION_NAME, 4, 0 },
	{ PEN_IXIA, 176, CONV_UINT, FLOW_REVERSE_OCTETS, 3, 0 },
	{ PEN_IXIA, 177, CONV_UINT, FLOW_REVERSE_PACKETS, 3, 0 },
	{ PEN_NETSCALER, 152, CONV_TEXT, FLOW_APPLICATION_NAME, 5, 0 },
	{ PEN_NETSCALER, 205, CONV_TEXT, FLOW_USER_NAME, 6, 0 },
	{ PEN_CERT, 14, CONV_FLAGS, FLOW_TCP_FLAGS, 1, 0 },
	{ PEN_CERT, 15, CONV_FLAGS, FLOW_TCP_FLAGS, 1, 1 },
	{ PEN_CERT, 21, CONV_MS_US, FLOW_TCP_RTT, 0, 0 },
	{ PEN_CERT, 16398, CONV_FLAGS, FLOW_REVERSE_TCP_FLAGS, 1, 2 },
	{ PEN_CERT, 16399, CONV_FLAGS, FLOW_REVERSE_TCP_FLAGS, 1, 3 },
	{ PEN_BARRACUDA, 5, CONV_TEXT, FLOW_APPLICATION_NAME, 6, 0 },
	{ PEN_BARRACUDA, 8, CONV_ADDR4, FLOW_POST_NAT_SRC_ADDR, 2, 0 },
	{ PEN_BARRACUDA, 9, CONV_UINT, FLOW_POST_NAT_SRC_PORT, 2, 0 },
	{ PEN_BARRACUDA, 10, CONV_ADDR4, FLOW_POST_NAT_DST_ADDR, 2, 0 },
	{ PEN_BARRACUDA, 11, CONV_UINT, FLOW_POST_NAT_DST_PORT, 2, 0 },
	{ PEN_PROCERA, 1, CONV_TEXT, FLOW_APPLICATION_NAME, 7, 0 },
	{ PEN_REVERSE, 1, CONV_UINT, FLOW_REVERSE_OCTETS, 0, 0 },
	{ PEN_REVERSE, 2, CONV_UINT, FLOW_REVERSE_PACKETS, 0, 0 },
	{ PEN_REVERSE, 5, CONV_UINT, FLOW_REVERSE_TOS, 0, 0 },
	{ PEN_REVERSE, 6, CONV_UINT, FLOW_REVERSE_TCP_FLAGS, 0, 0 },
	{ PEN_REVERSE, 32, CONV_ICMP, FLOW_REVERSE_ICMP_TYPE, 1, 0 },
	{ PEN_REVERSE, 85, CONV_UINT, FLOW_REVERSE_OCTETS, 2, 0 },
	{ PEN_REVERSE, 86, CONV_UINT, FLOW_REVERSE_PACKETS, 2, 0 },
	{ PEN_REVERSE, 139, CONV_ICMP, FLOW_REVERSE_ICMP_TYPE, 2, 0 },
	{ PEN_REVERSE, 176, CONV_UINT, FLOW_REVERSE_ICMP_TYPE, 0, 0 },
	{ PEN_REVERSE, 177, CONV_UINT, FLOW_REVERSE_ICMP_CODE, 0, 0 },
	{ PEN_REVERSE, 178, CONV_UINT, FLOW_REVERSE_ICMP_TYPE, 3, 0 },
	{ PEN_REVERSE, 179, CONV_UINT, FLOW_REVERSE_ICMP_CODE, 3, 0 },
	{ PEN_REVERSE, 352, CONV_UINT, FLOW_REVERSE_OCTETS, 4, 0 },
	{ PEN_NTOP, 109, CONV_UINT, FLOW_TCP_RETRANSMITS, 0, 0 },
	{ PEN_NTOP, 111, CONV_UINT, FLOW_TCP_OUT_OF_ORDER, 0, 0 },
	{ PEN_NTOP, 119, CONV_TEXT, FLOW_APPLICATION_NAME, 8, 0 },
	{ PEN_NTOP, 121, CONV_TEXT, FLOW_USER_NAME, 7, 0 },
	{ PEN_NTOP, 188, CONV_TEXT, FLOW_TLS_SERVER_NAME, 0, 0 },
	{ PEN_NTOP, 205, CONV_TEXT, FLOW_DNS_NAME, 0, 0 },
	{ PEN_NTOP, 427, CONV_TEXT, FLOW_APPLICATION_NAME, 9, 0 },
	{ PEN_NTOP, 428, CONV_TEXT, FLOW_USER_NAME, 8, 0 },
};
/* clang-format on */

const struct field *
field_by_name(const char *name)
{
	size_t i;

	for (i = 0; i < FLOW_NFIELDS; i++)
		if (strcmp(fields[i].name, name) == 0)
			return (&fields[i]);
	return (NULL);
}

size_t
field_size(enum field_type type)
{
	static const uint8_t sizes[FT_MAX] = {
	    [FT_U8] = 1,
	    [FT_U16] = 2,
	    [FT_U32] = 4,
	    [FT_U64] = 8,
	    [FT_TIME] = sizeof(int64_t),
	    [FT_ADDR] = sizeof(struct addr),
	    [FT_MAC] = 6,
	    [FT_APPID] = 1 + FLOW_APPID_MAX,
	    [FT_LABELS] = FLOW_MPLS_MAX * sizeof(uint32_t),
	    [FT_TEXT] = sizeof(struct flow_text),
	};

	return (sizes[type]);
}

uint64_t
field_number(const struct flow *f, const struct field *fd)
{
	const void *p = field_cptr(f, fd);

	switch (fd->type) {
	case FT_U8:
		return (*(const uint8_t *)p);
	case FT_U16:
		return (*(const uint16_t *)p);
	case FT_U32:
		return (*(const uint32_t *)p);
	case FT_U64:
		return (*(const uint64_t *)p);
	default:
		return (0);
	}
}

static int
cmp(const void *key, const void *row)
{
	const struct element *k = key, *e = row;

	if (k->pen != e->pen)
		return (k->pen < e->pen ? -1 : 1);
	return ((int)k->id - (int)e->id);
}

const struct element *
element_find(uint32_t pen, uint16_t id)
{
	const struct element key = {.pen = pen, .id = id};

	return (bsearch(&key, elements, sizeof(elements) / sizeof(elements[0]),
	    sizeof(elements[0]), cmp));
}

bool
element_fits(const struct element *el, uint16_t len)
{
	switch (el->conv) {
	case CONV_ADDR4:
		return (len == 4);
	case CONV_ADDR6:
		return (len == 16);
	case CONV_MAC:
		return (len == 6);
	case CONV_NTP_US:
	case CONV_NTP:
		return (len == 8);
	case CONV_ICMP:
		return (len == 2);
	case CONV_LABEL:
		return (len == 3 || len == 4);
	case CONV_APPID:
		return (
		    (len >= 1 && len <= FLOW_APPID_MAX) || len == NF_VARLEN);
	case CONV_UINT:
		return ((len >= 1 && len <= 8) || len == NF_VARLEN);
	case CONV_TEXT:
	case CONV_PART:
		return (len >= 1);
	case CONV_FLAGS:
		return (len == 1 || len == 2);
	case CONV_DSCP:
		return (len == 1);
	default:
		return (len >= 1 && len <= 8);
	}
}
