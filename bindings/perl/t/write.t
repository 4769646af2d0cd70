# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Here;
use Flowd;

my $path = "$WORK/log";
my %flow = (
	tag => 4294967295, recv_time => 1700000000123456000,
	src_addr => '10.0.0.1', dst_addr => '2001:db8::1', src_port => 65535,
	dst_port => 0, protocol => 6, tcp_flags => 27, tos => 184,
	packets => '18446744073709551615', octets => 9007199254740993,
	in_if => 1, out_if => 4294967295, src_as => 4200000000, dst_as => 1,
	src_mask => 24, dst_mask => 64, source_id => 16909060,
	sequence => 7, engine_type => 1, engine_id => 2,
);

my $w = Flowd->create($path);
$w->write(\%flow) for 1 .. 3;
is($w->written, 3, 'written counts');
ok(!-e $path, 'a log has its name when it is whole');
$w->finish;
my @back;
my $log = Flowd->open($path);
while (my $f = <$log>) {
	push @back, $f;
}
is_deeply(\@back, [(\%flow) x 3], 'version 3 gives back what was written');
like(lines_of($path, '-v', '-U'), qr/packets 18446744073709551615 octets 9007199254740993/,
    'flowd-reader reads it, to the last bit');

$w = Flowd->create($path, mode => 'a', fields => Flowd::TAG);
$w->write(\%flow);
$w->flush;
is(-s $path, 3 * 100 + 12, 'appended records have the groups asked for')
    or diag(-s $path);
$w->finish;
like(dies(sub { Flowd->create($path, mode => 'x') }), qr/^open.*exists/i,
    'x refuses what is there');

# Version 4 has what version 3 has no place for.
my %more = (%flow, vlan => 7, in_src_mac => '00:1b:21:aa:bb:0c',
    mpls_labels => [16, 1048575], in_if_name => "G\x{ff}e0\x{263a}",
    application_id => '0d0a0b', flow_id => '18446744073709551614');
$w = Flowd->create("$WORK/segment", version => 4);
$w->write(\%more);
$w->finish;
is_deeply(Flowd->open("$WORK/segment")->next, \%more,
    'version 4 gives back every kind of field');

# Hashes of read_flow go back as they came.
my @records = (record(Flowd::TAG, 7), record(Flowd::SRC_ADDR6 | Flowd::OCTETS,
	0x20010db8, 0, 0, 1, 0xffffffff, 0xfffffffe), record(0));
my $old = Flowd->new(spew("$WORK/old", @records));
$w = Flowd->create("$WORK/new", fields => Flowd::ALL & ~Flowd::CRC32);
while (my $f = $old->read_flow) {
	$w->write($f);
}
$w->finish;
is(unpack('H*', slurp("$WORK/new")), unpack('H*', join '', @records),
    'flows of read_flow are copied to the byte');

# An object that goes away has written what it was given.
{
	my $gone = Flowd->create("$WORK/gone");
	$gone->write({ tag => 1 });
}
is(Flowd->new("$WORK/gone")->read_flow->{tag}, 1,
    'who forgets finish loses nothing');
SKIP: {
	skip 'there is no /dev/full', 1 if !-c '/dev/full';
	my $full = Flowd->create('/dev/full');
	local $SIG{__WARN__} = sub { };
	like(dies(sub { $full->write(\%flow) for 1 .. 5000; $full->finish }),
	    qr/^write\(\/dev\/full\): No space/, 'a full disk dies');
}

# What a process that was forked off has is its parent's.
for my $mode (qw(w a)) {
	my $path = spew("$WORK/forked.$mode");
	my $w = $mode eq 'a' ? Flowd->create($path, mode => 'a')
	    : Flowd->create($path);
	$w->write({ tag => 1 });
	defined(my $pid = fork) or die $!;
	if ($pid == 0) {
		undef $w;
		require POSIX;
		POSIX::_exit(0);
	}
	waitpid $pid, 0;
	is($?, 0, "mode $mode: a child lets go of a log");
	is(-s $path, 0, "mode $mode: and leaves the file to its parent");
	$w->write({ tag => 2 });
	$w->finish;
	my $read = Flowd->new($path);
	is(join(' ', map { $read->read_flow->{tag} } 1 .. 2), '1 2',
	    "mode $mode: which has each flow once");
	is($read->read_flow, 0, "mode $mode: and no more");
}

done_testing();
