# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Here;
use Flowd;

my $log = "$WORK/log";
my @octets = (0x12, 0x3456789a, 0xffffffff, 0xfffffffe);
spew($log,
    record(Flowd::TAG | Flowd::SRC_ADDR4 | Flowd::OCTETS | Flowd::PACKETS,
	7, 0x0a000001, @octets),
    record(Flowd::FLOW_ENGINE_INFO | Flowd::AS_INFO,
	4200000000, 65536, 0x18100000, 0x00050006, 1, 0x01020304));

my $l = Flowd->new($log);
isa_ok($l, 'Flowd');
my $f = $l->read_flow;
is_deeply($f, {
	fields => 0x3021, flow_ver => 0x60, tag => 7,
	src_addr => '10.0.0.1', src_addr_af => 2,
	flow_packets => '78187493530',
	flow_octets => '18446744073709551614',
    }, 'a record has the keys of its groups, and no others');
is("$f->{flow_octets}", '18446744073709551614',
    'counters are exact to 64 bits');
is($f->{flow_octets} % 10, 4, 'and are numbers');
my $g = $l->read_flow;
is($g->{source_id}, 0x01020304, 'source_id has its 32 bits');
is("$g->{engine_type} $g->{engine_id}", '5 6', 'engines are as written');
is($l->read_flow, 0, 'the end is 0');
is($l->read_flow, 0, 'and stays so');

is($l->format(Flowd::ALL, 1, $g), 'FLOW src_AS 4200000000 src_masklen 24 ' .
    'dst_AS 65536 dst_masklen 16 engine_type 5 engine_id 6 seq 1 ' .
    'source 16909060 ', 'format has prefix lengths and the source');
is($l->format(Flowd::TAG, 1, $f), 'FLOW tag 7 ', 'format keeps to the mask');
is($l->format(Flowd::ALL, 0, { fields => Flowd::RECV_TIME,
	recv_sec => 1700000000, recv_usec => 42 }),
    'FLOW recv_time ' . Flowd::iso_time(1700000000) . '.00042 ',
    'format takes hashes that others made');

# A log that grows has more behind its end.
open(my $out, '>>:raw', $log) or die;
print $out record(Flowd::TAG, 8);
close($out);
is($l->read_flow->{tag}, 8, 'what was appended is read');
$l->finish;
like(dies(sub { $l->read_flow }), qr/closed/, 'finish closes it');
is(dies(sub { $l->finish }), undef, 'and may be said twice');

# Damage.
my $two = record(Flowd::TAG, 1) . record(Flowd::TAG, 2);
for my $cut (1 .. 11) {
	my $t = Flowd->new(spew("$WORK/cut", substr($two, 0, 12 + $cut)));
	is($t->read_flow->{tag}, 1, "$cut bytes behind a record do not hide it")
	    if $cut == 1;
	$t->read_flow if $cut > 1;
	my $part = $cut < 8 ? 'header' : 'flow';
	like(dies(sub { $t->read_flow }),
	    qr/^early EOF reading $part on \Q$WORK\E\/cut/,
	    "a record cut after $cut bytes dies");
	is($t->read_flow, 0, 'and is the end');
}
my $bad = pack('CCnNN', 0x80, 1, 0, 1, 5) . record(Flowd::TAG, 2);
my $b = Flowd->new(spew("$WORK/bad", $bad));
like(dies(sub { $b->read_flow }), qr/^Unsupported version on .*offset 0/,
    'a record of another version dies');
is($b->read_flow->{tag}, 2, 'and the next one is read');

like(dies(sub { Flowd->new("$WORK/none") }),
    qr/^open\(\Q$WORK\E\/none\): No such file/, 'no such file dies');

# Functions.
is(Flowd::iso_time(1700000000, 1), '2023-11-14T22:13:20', 'iso_time is UTC');
{
	local $ENV{TZ} = 'UTC-5';
	require POSIX;
	POSIX::tzset();
	is(Flowd::iso_time(1700000000), '2023-11-15T03:13:20', 'or local');
}
POSIX::tzset();
is(Flowd::interval_time(93784), '1d2h3m4s', 'interval_time');
is(Flowd::interval_time(0), '0s', 'interval_time of nothing');
is(Flowd::interval_time_ms(93784005), '1d2h3m4s.005', 'interval_time_ms');
is(Flowd::header_length(), 8, 'header_length');
is(Flowd::flow_length(substr($two, 0, 8)), 4, 'flow_length');
like(dies(sub { Flowd::flow_length('1234567') }), qr/too short/,
    'flow_length of half a header dies');
is(Flowd::deserialise(record(Flowd::TAG, 9))->{tag}, 9, 'deserialise');
like(dies(sub { Flowd::deserialise(record(Flowd::TAG)) }), qr/shorter/,
    'deserialise of a record that lies dies');
like(dies(sub { Flowd::deserialise(substr(record(Flowd::TAG, 1), 0, 11)) }),
    qr/^incomplete flow record supplied/, 'deserialise of half a record dies');
like(dies(sub { Flowd::deserialise('') }),
    qr/^supplied length is too small/, 'deserialise of nothing dies');
is(unpack('H*', Flowd::serialise(Flowd::deserialise(record(1, 9)))),
    '600200004000000100000009' . unpack('H*', substr(
	Flowd::serialise({ fields => 1, tag => 9 }), -4)),
    'serialise gives a record with a checksum');

my %constant = (
	TAG => 0x1, RECV_TIME => 0x2, PROTO_FLAGS_TOS => 0x4,
	AGENT_ADDR4 => 0x8, AGENT_ADDR6 => 0x10, SRC_ADDR4 => 0x20,
	SRC_ADDR6 => 0x40, DST_ADDR4 => 0x80, DST_ADDR6 => 0x100,
	GATEWAY_ADDR4 => 0x200, GATEWAY_ADDR6 => 0x400, SRCDST_PORT => 0x800,
	PACKETS => 0x1000, OCTETS => 0x2000, IF_INDICES => 0x4000,
	AGENT_INFO => 0x8000, FLOW_TIMES => 0x10000, AS_INFO => 0x20000,
	FLOW_ENGINE_INFO => 0x40000, CRC32 => 0x40000000, AGENT_ADDR => 0x18,
	SRC_ADDR => 0x60, DST_ADDR => 0x180, SRCDST_ADDR => 0x1e0,
	GATEWAY_ADDR => 0x600, BRIEF => 0x39ff, ALL => 0x4007ffff,
);
is_deeply({ map { $_ => Flowd->can($_)->() } keys %constant }, \%constant,
    'the constants have their values');

# A class below it may have an init of its own.
{
	package Below;
	our @ISA = ('Flowd');
	sub init { my $self = shift; $self->{mine} = 1; $self->SUPER::init(@_) }
}
my $below = Below->new($log);
is($below->{mine} + $below->read_flow->{tag}, 8, 'subclasses work');
is($below->{filename}, $log, 'the object knows its file');

done_testing();
