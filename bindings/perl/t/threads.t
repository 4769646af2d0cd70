# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC

use strict;
use warnings;
use Config;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

BEGIN {
	plan skip_all => 'this perl has no threads' if !$Config{useithreads};
	require threads;
	threads->import;
}
use Here;
use Flowd;

my $path = spew("$WORK/log", map { record(Flowd::TAG, $_) } 1 .. 5);
my $log = Flowd->new($path);
my $other = bless Flowd->new($path), 'Other';
my $new = Flowd->create("$WORK/new");
$new->write({ tag => 1 });
is($log->read_flow->{tag}, 1, 'a log is read');
my $said = threads->create(sub {
	my $mine = Flowd->new($path);
	my $n = 0;
	$n++ while $mine->read_flow;
	my $inherited = eval { $log->read_flow; 1 } ? 'lives' : 'none';
	my $renamed = eval { Flowd::read_flow($other); 1 } ? 'lives' : 'none';
	return "$n $inherited $renamed";
})->join;
is($said, '5 none none', 'a thread opens logs, and has none of others');
is($log->read_flow->{tag}, 2, 'which go on');
is(Flowd::read_flow($other)->{tag}, 1, 'whatever their name');
$new->finish;
is(Flowd->new("$WORK/new")->read_flow->{tag}, 1, 'and are written once');

my $bad = 0;
$bad += $_->join for map { my $n = $_; threads->create(sub {
	my $wrong = 0;
	for my $i (1 .. 100) {
		my $l = Flowd->open($path, filter => "tag $n or " .
		    join(' or ', map { "dst port $_" } 1 .. 20)) or return 1000;
		my @all = map { $_->{tag} } grep { defined } map { $l->next } 1 .. 2;
		$wrong++ if "@all" ne $n;
	}
	return $wrong;
}) } 1 .. 4;
is($bad, 0, 'filters of several threads at once are each their own');

done_testing();
