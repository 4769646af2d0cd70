# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Pod::Checker;
use Test::More;
use Here;
use Flowd;

my $pm = "$TOP/bindings/perl/lib/Flowd.pm";
open(my $null, '>', '/dev/null') or die;
my $checker = Pod::Checker->new(-warnings => 1);
$checker->parse_from_file($pm, $null);
is($checker->num_errors, 0, 'the page has no errors');
is($checker->num_warnings, 0, 'and no warnings');

# All that can be called is there, and all constants.
my $page = slurp($pm);
my ($pod) = $page =~ /^__END__$(.*)/ms;
my ($code) = $page =~ /(.*)^__END__$/ms;
for my $name ($code =~ /^sub ([a-z]\w*)/mg, slurp("$TOP/bindings/perl/Flowd.xs") =~ /^([a-z]\w*)\(SV \*/mg,
	$code =~ /^\t([A-Z_0-9]+) => 0x/mg) {
	next if $name =~ /^(new|init|_.*|seconds_of|format)$/;
	like($pod, qr/\b$name\b/, "$name is in the page");
}

# The examples run.
my ($example) = $pod =~ /^=head1 SYNOPSIS\n(.*?)^=head1/ms;
spew("$WORK/flowd.log", map { record(Flowd::TAG, $_) } 1 .. 2);
mkdir "$WORK/archive";
$example =~ s{/var/log/flowd}{$WORK/flowd.log};
chdir $WORK or die;
my $out = '';
{
	open(my $to, '>', \$out) or die;
	my $was = select($to);
	eval "package main; no strict; $example; 1" or diag($@);
	select($was);
}
is($out, "FLOW tag 1 \nFLOW tag 2 \n", 'the synopsis runs');
is(Flowd->new("$WORK/copy.log")->read_flow->{flow_octets},
    '18446744073709551615', 'and writes');
chdir '/';

done_testing();
