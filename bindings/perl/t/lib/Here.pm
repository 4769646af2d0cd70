# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
#
# What the tests have in common.

package Here;

use strict;
use warnings;
use Cwd qw(abs_path);
use Exporter 'import';
use File::Basename qw(dirname);
use File::Temp qw(tempdir);

our @EXPORT = qw($TOP $BUILD $LOGS $WORK slurp spew dies lines_of record);

# The tree, where it was built, and the fixtures beside it.
our $TOP = $ENV{TOP} || abs_path(dirname(__FILE__) . '/../../../..');
our $BUILD = $ENV{BUILD} || $TOP;
our $LOGS = ($ENV{FLOWD_SHARED} || "$TOP/../shared") . '/compat/flowd-logs';
our $WORK = tempdir(CLEANUP => 1);

sub slurp
{
	my ($path) = @_;

	open(my $in, '<:raw', $path) or die "$path: $!";
	local $/;
	return scalar <$in>;
}

sub spew
{
	my ($path, @bytes) = @_;

	open(my $out, '>:raw', $path) or die "$path: $!";
	print $out @bytes;
	close($out) or die "$path: $!";
	return $path;
}

# What it dies of; undef if it does not.
sub dies
{
	my ($code) = @_;

	return eval { $code->(); 1 } ? undef : $@;
}

# What flowd-reader prints, without the lines that name the file.
sub lines_of
{
	my ($path, @options) = @_;

	# A sanitizer that perl was given is not for it: it has its own.
	local $ENV{LD_PRELOAD} = '';
	open(my $in, '-|', "$BUILD/flowd-reader", @options, $path)
	    or die "flowd-reader: $!";
	my @lines = grep { !/^LOGFILE/ } <$in>;
	close($in);
	return join '', @lines;
}

# A record of version 3 without a checksum: words behind the groups.
sub record
{
	my ($fields, @words) = @_;

	return pack('CCnN', 0x60, scalar(@words), 0, $fields) .
	    pack('N*', @words);
}

1;
