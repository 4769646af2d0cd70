# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Here;
use Flowd;

-d $LOGS or plan skip_all => 'shared/compat/flowd-logs is not here';
-x "$BUILD/flowd-reader" or plan skip_all => 'there is no flowd-reader';

# All that the old interface gives, as text; and what it died of.
sub read_all
{
	my ($path) = @_;
	my $l = Flowd->new($path);
	my ($text, $why) = ('', '');

	for (;;) {
		my $f = eval { $l->read_flow };
		if ($@) {
			$why = $@;
			last;
		}
		last if !$f;
		$text .= $l->format(Flowd::ALL, 1, $f) . "\n";
	}
	return ($text, $why);
}

for my $path (sort glob("$LOGS/*.bin")) {
	my ($name) = $path =~ m{([^/]*)\.bin$};
	my ($text, $why) = read_all($path);
	is($text, lines_of($path, '-v', '-U'),
	    "$name.bin reads as flowd-reader prints it");
	is($why, '', "$name.bin has nothing wrong");
	my @new;
	my $l = Flowd->open($path);
	while (my $f = <$l>) {
		push @new, $f;
	}
	my $n = () = $text =~ /\n/g;
	is(scalar @new, $n, "$name.bin has as many flows by open");
	is($l->faults_total, 0, "and no faults");
}

# What the original's reader did with what is damaged, or strange.
my %dies = (
	'bad-crc-then-good' => qr/^Flow checksum mismatch/,
	'bad-major4' => qr/^Unsupported version/,
	'minor1-extra-crc-all' => qr/^Flow checksum mismatch/,
	'minor0-extra' => qr/^Flow has unknown fields/,
	'minor0-bit31' => qr/^Flow has unknown fields/,
	'minor0-shorter-len' => qr/^Flow has both v4\/v6 src addrs|shorter/,
	'both-src4-src6' => qr/^Flow has both v4\/v6 src addrs/,
	'len_words-127' => qr/^internal flow buffer too small/,
	'trunc-in-header' => qr/^early EOF reading header/,
	'trunc-in-body' => qr/^early EOF reading flow/,
);
my %flows = ('ok-two' => 2, 'trunc-in-header' => 1, 'trunc-in-body' => 1,
    'reserved-nonzero-crc-ok' => 1, 'minor1-extra-nocrc' => 1,
    'minor1-extra-crc-known' => 1, 'minor1-noextra-crc' => 1,
    'minor0-longer-len' => 1, 'len_words-126' => 1, 'no-fields' => 2);
for my $path (sort glob("$LOGS/edge/*.bin")) {
	my ($name) = $path =~ m{([^/]*)\.bin$};
	my ($text, $why) = read_all($path);
	my $n = () = $text =~ /\n/g;
	is($n, $flows{$name} // 0, "edge/$name.bin: flows in front of damage");
	if ($dies{$name}) {
		like($why, $dies{$name}, "edge/$name.bin dies of it");
	} else {
		is($why, '', "edge/$name.bin is nothing to die of");
	}
}

# The log of the original's Python module: its counters are exact.
my $l = Flowd->new("$LOGS/py2-module-written.bin");
my @all;
while (my $f = $l->read_flow) {
	push @all, $f;
}
is($all[0]{flow_packets}, '1099511627776', '2 ** 40 packets');
is((grep { ($_->{flow_octets} // "") eq '72623859790382857' } @all) > 0, 1,
    'and octets that no float holds');

done_testing();
