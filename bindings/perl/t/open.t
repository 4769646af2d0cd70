# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Here;
use Flowd;

# What flowd-reader says is the truth: names and values of each flow.

sub csv
{
	my ($path, $columns, @options) = @_;
	my @lines = split /\n/, lines_of($path, '--format', 'csv', '--columns',
	    $columns, @options);
	my @names = split /,/, shift @lines;

	return [map { my %f; @f{@names} = split /,/, $_, -1;
	    delete @f{grep { $f{$_} eq '' } keys %f}; \%f } @lines];
}

sub all_of
{
	my ($log) = @_;
	my @all;

	while (my $flow = <$log>) {
		push @all, $flow;
	}
	return \@all;
}

plan skip_all => 'there is no mkarchive: make tests'
    if !-x "$BUILD/tests/bin/mkarchive";
system("LD_PRELOAD= '$BUILD/tests/bin/mkarchive' -g 3000 -6 25 -r 60 -R 20 -a '$WORK/archive' >/dev/null 2>&1");
my $archive = "$WORK/archive";
my $columns = 'src_addr,dst_addr,src_port,dst_port,protocol,packets,octets,in_if';

my $want = csv($archive, $columns);
cmp_ok(scalar @$want, '>=', 3000, 'there is an archive');
is_deeply(all_of(Flowd->open($archive, columns => $columns)), $want,
    'an archive gives the flows that flowd-reader prints');
is_deeply(all_of(Flowd->open($archive, columns => [split /,/, $columns])),
    $want, 'columns may be a list');
is_deeply(all_of(Flowd->open($archive, columns => $columns,
	filter => 'proto tcp dst port 443')),
    csv($archive, $columns, '--filter', 'proto tcp dst port 443'),
    'a filter leaves the flows that it leaves flowd-reader');

# Every field, of every flow.
my $first = Flowd->open($archive)->next;
my $names = join ',', sort keys %$first;
my %numbers = map { $_ => $first->{$_} } grep { !/time|start$|end$/ } keys %$first;
my ($line) = @{ csv($archive, join(',', sort keys %numbers)) };
is_deeply(\%numbers, $line, 'without columns a flow has all its fields');
is(scalar(Flowd->fields), scalar(my @l = Flowd->fields),
    'fields are a list');
my %known = map { $_ => 1 } Flowd->fields;
is((grep { !$known{$_} } keys %$first), 0, 'and the keys are names of fields');

# Times.
my @times = sort { $a <=> $b } map { $_->{recv_time} }
    @{ all_of(Flowd->open($archive, columns => 'recv_time')) };
my $middle = $times[@times / 2];
my $after = grep { $_ >= $middle } @times;
is(scalar @{ all_of(Flowd->open($archive, since => $middle)) }, $after,
    'since is a number of nanoseconds');
is(scalar @{ all_of(Flowd->open($archive, until => $middle)) },
    @times - $after, 'until likewise, and not itself');
my $iso = Flowd::iso_time(int($middle / 1e9), 1) . 'Z';
is(scalar @{ all_of(Flowd->open($archive, since => $iso)) },
    scalar(grep { $_ >= int($middle / 1e9) * 1e9 } @times),
    'and times are texts');
is(scalar @{ all_of(Flowd->open($archive, since => '-1s')) }, 0,
    'as flowd-reader takes them');

my $log = Flowd->open($archive, since => $middle);
all_of($log);
my $totals = $log->totals;
is($totals->{matched}, $after, 'totals tell what matched');
cmp_ok($totals->{bytes_read}, '>', 0, 'and what was read');
is($log->faults_total, 0, 'nothing was wrong');
$log->close;
is($log->totals->{matched}, $after, 'a closed log still tells');
like(dies(sub { $log->next }), qr/closed/, 'but gives nothing');

# The old interface, of the archive.
my $old = Flowd->new($archive);
my ($n, $octets) = (0, 0);
while (my $flow = $old->read_flow) {
	$n++;
	$octets += $flow->{flow_octets};
}
my $sum = 0;
$sum += $_->{octets} for @$want;
is("$n $octets", @$want . " $sum", 'read_flow reads archives');

# A log of version 3 of it; compressed; several.
lines_of($archive, '-q', '-o', "$WORK/log", '--store-version', '3');
$old = Flowd->new("$WORK/log") if -e "$WORK/log";
SKIP: {
	skip 'no log was written', 4 if !-e "$WORK/log";
	my $text = '';
	while (my $flow = $old->read_flow) {
		$text .= $old->format(Flowd::ALL, 1, $flow) . "\n";
	}
	is($text, lines_of("$WORK/log", '-v', '-U'), 'a log prints alike');
	system("LD_PRELOAD= gzip -c '$WORK/log' >'$WORK/log.gz'");
	is_deeply(all_of(Flowd->open("$WORK/log.gz")),
	    all_of(Flowd->open("$WORK/log")), 'compressed logs are logs');
	my $packed = Flowd->new("$WORK/log.gz");
	$n = 0;
	$n++ while $packed->read_flow;
	is($n, scalar @$want, 'for read_flow, too');
	is(scalar @{ all_of(Flowd->open(["$WORK/log", $archive])) },
	    2 * @$want, 'several are one after the other');
	# Its compression is cut off.
	spew("$WORK/cut.gz", substr(slurp("$WORK/log.gz"), 0, -100));
	$packed = Flowd->new("$WORK/cut.gz");
	like(dies(sub { 1 while $packed->read_flow }), qr/^gzip data ends early/,
	    'compression that ends early dies');
	is($packed->read_flow, 0, 'and is the end');
}

# Damage.
my $good = record(Flowd::TAG, 1);
my $bad = pack('CCnNNN', 0x60, 2, 0, 0x40000001, 7, 8);
spew("$WORK/bad", $good, $bad, $good, substr($good, 0, 9));
$log = Flowd->open("$WORK/bad", columns => 'tag');
is_deeply(all_of($log), [{ tag => 1 }, { tag => 1 }],
    'damage is stepped over');
my @faults = $log->faults;
is("$faults[0]{kind} $faults[0]{offset} $faults[0]{path}",
    "damaged 12 $WORK/bad", 'and told with its place');
is($faults[1]{kind} . $faults[1]{offset}, 'cut40', 'so is a cut record');
is($log->faults_total, 2, 'each once');
$log = Flowd->open("$WORK/bad", strict => 1);
like(dies(sub { all_of($log) }), qr/ on \Q$WORK\E\/bad, offset 12 /,
    'strict dies of it');

done_testing();
