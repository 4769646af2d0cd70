# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
#
# Whatever it is given, it croaks, and never crashes.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Here;
use Flowd;

{
	package Tied;
	sub TIESCALAR { my ($c, @v) = @_; return bless [@v], $c }
	sub FETCH { my $s = shift; return ref $s->[0] eq 'CODE' ? $s->[0]->() : $s->[0] }
	package TiedHash;
	require Tie::Hash;
	our @ISA = ('Tie::StdHash');
	package Over;
	use overload '""' => sub { 'text' }, '0+' => sub { 5 }, fallback => 1;
}

# Some of what follows is taken for the name of a file to write.
chdir $WORK or die "$WORK: $!";
my $path = spew("$WORK/log", map { record(Flowd::TAG, $_) } 1 .. 5);
my @methods = qw(read_flow next finish faults faults_total totals written flush close);
my @junk = (undef, 0, 1, -1, 1e300, 'nan', 'text', "a\0b", \1, [], {},
    sub { 1 }, \*STDOUT, qr/x/, bless({}, 'Flowd'), bless([], 'Flowd'),
    bless(\my $x, 'Flowd'), bless({}, 'Over'), "\x{263a}", 'Flowd', '');
no warnings 'numeric'; # that is the point
$junk[5] = 9**9**9 - 9**9**9;

my ($croaked, $lived) = (0, 0);
for my $method (@methods) {
	no strict 'refs';
	for my $self (@junk) {
		eval { my @r = &{"Flowd::$method"}($self); 1 } ? $lived++ : $croaked++;
	}
}
is($lived, 0, 'methods of what is no log croak');
is($croaked, @methods * @junk, 'each of them');

# Any argument anywhere.
my %flow = (tag => 1, src_addr => '::1');
my $died = 0;
for my $a (@junk) {
	eval { Flowd->new($a); 1 } or $died++;
	eval { Flowd->open($a); 1 } or $died++;
	eval { Flowd->open([$a]); 1 } or $died++;
	eval { Flowd->create($a, mode => 'x'); 1 } or $died++;
	eval { Flowd::deserialise($a); 1 } or $died++;
	eval { Flowd::flow_length($a); 1 } or $died++;
	for my $o (qw(filter since until columns strict scale nonsense)) {
		eval { Flowd->open($path, $o => $a)->next; 1 } or $died++;
	}
	for my $o (qw(mode version fields compress nonsense)) {
		eval { Flowd->create("$WORK/out", $o => $a)->finish; 1 } or $died++;
	}
	my $l = Flowd->new($path);
	eval { $l->format($a, 0, { fields => 1, tag => 1 }); 1 } or $died++;
	eval { $l->format(Flowd::ALL, $a, { fields => 1, tag => 1 }); 1 } or $died++;
	eval { $l->format(Flowd::ALL, 0, $a); 1 } or $died++;
	eval { Flowd::serialise($a); 1 } or $died++;
	for my $f (Flowd->fields) {
		eval { Flowd::serialise({ $f => $a }); 1 } or $died++;
	}
	my $all = { map { $_ => $a } keys %{ $l->read_flow }, qw(src_addr
	    octets flow_octets recv_sec time_nanosec crc src_mask) };
	for my $k (keys %$all) {
		eval { Flowd::serialise({ fields => Flowd::ALL, $k => $a }); 1 } or $died++;
	}
	eval { Flowd::iso_time($a); 1 } or $died++;
	eval { Flowd::interval_time($a); 1 } or $died++;
	eval { Flowd::interval_time_ms($a); 1 } or $died++;
}
cmp_ok($died, '>', 1000, 'arguments that make no sense croak');

# Numbers at their bounds.
for my $case (['tag', 4294967296], ['tag', -1], ['protocol', 256],
	['octets', '18446744073709551616'], ['octets', -1], ['octets', '1x'],
	['tag', 1e10], ['src_mask', 256], ['recv_time', -1], ['src_addr', '10.0.0.256'],
	['src_addr', "10.0.0.1\0"], ['in_src_mac', '00:11:22:33:44'],
	['mpls_labels', [(1) x 11]], ['mpls_labels', 7], ['in_if_name', 'x' x 256]) {
	my ($key, $value) = @$case;
	like(dies(sub { Flowd::serialise({ $key => $value }) }),
	    qr/\Q$key\E/, "$key of " . substr($value, 0, 24) . ' croaks');
}
is(Flowd::deserialise(Flowd::serialise({ octets => '18446744073709551615' }))
    ->{flow_octets}, '18446744073709551615', 'the largest counter does not');

# Values that do something when they are looked at.
my $log = Flowd->new($path);
tie my $trap, 'Tied', sub { $log->finish; undef $log; '10.0.0.1' };
is(length Flowd::serialise({ src_addr => $trap }), 16,
    'a value that closes a log is a value');
$log = Flowd->new($path);
tie my %hash, 'TiedHash';
%hash = (fields => Flowd::TAG, tag => 9);
is($log->format(Flowd::ALL, 0, \%hash), 'FLOW tag 9 ', 'tied hashes are hashes');
my $self_eater = { src_addr => undef, in_if_name => 'eth0', dns_name => undef };
tie $self_eater->{dns_name}, 'Tied', sub { %$self_eater = (); 'gone' };
ok(length Flowd::serialise($self_eater), 'a hash that empties itself');
$log = Flowd->new($path);
tie my $closer, 'Tied', sub { $log->finish; 1 };
like(dies(sub { my $w = Flowd->create("$WORK/w"); tie my $v, 'Tied',
    sub { $w->finish; 5 }; $w->write({ tag => $v }) }), qr/closed/,
    'a log that is closed by what it is to write');

# Objects are not to be had otherwise.
$log = Flowd->new($path);
like(dies(sub { Flowd::_read_old($log, $path) }), qr/already/,
    'an object has one log');
my $copy = bless { %$log }, 'Flowd';
like(dies(sub { $copy->read_flow }), qr/no log/, 'a copy of a hash has none');
my $other = bless $log, 'Other';
is(Flowd::read_flow($other)->{tag}, 1, 'another name is the same object');
undef $log;
is(Flowd::read_flow($other)->{tag}, 2, 'and lives as long as it is used');

# Any bytes are a log, and it ends.
srand 1;
for my $junk ("\0" x 5000, "\xff" x 5000, "\x60" x 5000, "\x01\x2c\xf0\x47" x 50,
	join('', map { chr } 0 .. 255) x 10, "\x1f\x8b" . 'x' x 100,
	"\x28\xb5\x2f\xfd" . 'x' x 100, "\x80flowd\r\n" . 'x' x 100,
	join('', map { chr int rand 256 } 1 .. 5000)) {
	spew("$WORK/junk", $junk);
	my $calls = 0;
	if (defined(my $l = eval { Flowd->new("$WORK/junk") })) {
		for (; $calls < 10000; $calls++) {
			my $f = eval { $l->read_flow };
			last if !$@ && !$f;
			last if $@ && $@ =~ /strict/;
		}
	}
	my $new = Flowd->open("$WORK/junk");
	$calls++ while $calls < 10000 && <$new>;
	cmp_ok($calls, '<', 10000,
	    'bytes that begin with ' . unpack('H8', $junk) . ' end');
}

# Objects answer by code, whatever they are the value of.
{
	package Eater;
	use overload '""' => sub { $_[0][0]->(); '10.0.0.1' }, fallback => 1;
}
my @keys = qw(src_addr in_src_mac application_id in_if_name tag);
for my $key (grep { my $k = $_; grep { $_ eq $k } Flowd->fields } @keys) {
	my %eaten;
	%eaten = ($key => bless([sub { %eaten = (); $_ = [1 .. 5] for 1 .. 9 }], 'Eater'));
	like(dies(sub { Flowd::serialise(\%eaten) }), qr/\Q$key\E/,
	    "$key that is an object croaks before it is asked");
}
my $labels = { mpls_labels => [16, 17, 18] };
tie $labels->{mpls_labels}[0], 'Tied',
    sub { delete $labels->{mpls_labels}; my @new = map { [$_] } 1 .. 99; 16 };
ok(length Flowd::serialise($labels), 'labels that drop their array');
my @paths = ($path, $path);
my $list = \@paths;
tie $paths[0], 'Tied', sub { undef $list; $path };
ok(Flowd->open($list)->next, 'a path that drops the list of paths');

# A handler of a signal may drop what is being read.
for my $how (qw(undef finish)) {
	pipe(my $r, my $w) or die $!;
	my $waiting;
	local $SIG{ALRM} = sub {
		$how eq 'undef' ? undef $waiting : $waiting->finish;
	};
	syswrite $w, record(Flowd::TAG, 1) x 4;
	$waiting = Flowd->new('/dev/fd/' . fileno $r);
	1 while $waiting->read_flow->{tag} != 1;
	$waiting->read_flow for 1 .. 3;
	require Time::HiRes;
	Time::HiRes::ualarm(100_000);
	like(dies(sub { Flowd::read_flow($waiting) }), qr/closed/,
	    "a handler may $how the log that is waited for");
}

chdir '/';
done_testing();
