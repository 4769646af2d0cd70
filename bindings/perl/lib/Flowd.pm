# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC

package Flowd;

use 5.030;
use strict;
use warnings;
use Carp ();
use overload
    '<>' => 'next',
    'bool' => sub { 1 },
    '""' => sub { overload::StrVal($_[0]) },
    '==' => sub { overload::StrVal($_[0]) eq overload::StrVal($_[1]) },
    'eq' => sub { "$_[0]" eq "$_[1]" };

our $VERSION = '1.0.0';

require XSLoader;
XSLoader::load('Flowd', $VERSION);

# Groups of fields of a record.
use constant {
	TAG => 0x00000001,
	RECV_TIME => 0x00000002,
	PROTO_FLAGS_TOS => 0x00000004,
	AGENT_ADDR4 => 0x00000008,
	AGENT_ADDR6 => 0x00000010,
	SRC_ADDR4 => 0x00000020,
	SRC_ADDR6 => 0x00000040,
	DST_ADDR4 => 0x00000080,
	DST_ADDR6 => 0x00000100,
	GATEWAY_ADDR4 => 0x00000200,
	GATEWAY_ADDR6 => 0x00000400,
	SRCDST_PORT => 0x00000800,
	PACKETS => 0x00001000,
	OCTETS => 0x00002000,
	IF_INDICES => 0x00004000,
	AGENT_INFO => 0x00008000,
	FLOW_TIMES => 0x00010000,
	AS_INFO => 0x00020000,
	FLOW_ENGINE_INFO => 0x00040000,
	CRC32 => 0x40000000,
	# and what goes together
	AGENT_ADDR => 0x00000018,
	SRC_ADDR => 0x00000060,
	DST_ADDR => 0x00000180,
	SRCDST_ADDR => 0x000001e0,
	GATEWAY_ADDR => 0x00000600,
	BRIEF => 0x000039ff,
	ALL => 0x4007ffff,
	VERSION => $VERSION,
};

# What hangs on an object is of the thread that made it.
sub CLONE_SKIP { 1 }

sub new
{
	my ($class, @args) = @_;
	my $self = bless {}, ref $class || $class;

	$self->init(@args);
	return $self;
}

sub init
{
	my ($self, $path) = @_;

	$self->{filename} = $path;
	_read_old($self, $path);
	return;
}

# Options that are not known are mistakes.
sub _options
{
	my ($what, $known, @given) = @_;

	Carp::croak("$what: options are names and values") if @given % 2;
	my %options = (%$known, @given);
	for my $name (sort keys %options) {
		exists $known->{$name}
		    or Carp::croak("$what: there is no option $name");
	}
	return \%options;
}

sub _check_path
{
	my ($path) = @_;

	Carp::croak('open: no path')
	    if !defined $path || $path eq '' || $path =~ /\0/;
	return if $path eq '-';
	if (-d $path) {
		opendir(my $dir, $path) or Carp::croak("open($path): $!");
	} elsif (!-e $path || !-r _) {
		# Reading a pipe here would take from it.
		open(my $file, '<', $path) or Carp::croak("open($path): $!");
	}
	return;
}

sub open    ## no critic: it is called as a method
{
	my ($class, $paths, @given) = @_;
	my $o = _options('open', {
		filter => undef, since => undef, until => undef,
		columns => undef, scale => 0, strict => 0,
	}, @given);
	my $self = bless {}, ref $class || $class;
	my @paths = ref $paths eq 'ARRAY' ? @$paths : ($paths);

	_check_path($_) for @paths;
	$self->{filename} = $paths[0];
	$o->{columns} = join(',', @{ $o->{columns} })
	    if ref $o->{columns} eq 'ARRAY';
	_read($self, \@paths, @$o{qw(filter since until columns scale strict)});
	return $self;
}

sub create
{
	my ($class, $path, @given) = @_;
	my $o = _options('create', {
		mode => 'w', version => 3, fields => ALL, compress => 1,
	}, @given);
	my $self = bless {}, ref $class || $class;

	($o->{mode} // '') =~ /\A[wxa]\z/
	    or Carp::croak('create: mode is w, x or a');
	($o->{version} // '') =~ /\A[34]\z/
	    or Carp::croak('create: version is 3 or 4');
	$self->{filename} = $path;
	_write($self, $path, @$o{qw(mode version fields compress)});
	return $self;
}

sub close    ## no critic: likewise
{
	my ($self) = @_;

	$self->finish;
	return;
}

1;
__END__

=encoding utf8

=head1 NAME

Flowd - read and write the flow logs of flowd

=head1 SYNOPSIS

    use Flowd;

    # Any log: version 2, 3 and 4, archives, compressed or not.
    my $log = Flowd->open('/var/log/flowd', since => '-1h',
        filter => 'proto tcp dst port 443', columns => 'src_addr,octets');
    my %octets;
    while (my $flow = <$log>) {
        $octets{$flow->{src_addr}} += $flow->{octets};
    }
    warn "$_->{path}: $_->{text}\n" for $log->faults;

    # As it always was.
    my $old = Flowd->new('flowd.log');
    while (my $flow = $old->read_flow) {
        print $old->format(Flowd::BRIEF, 0, $flow), "\n";
    }
    $old->finish;

    # And back.
    my $new = Flowd->create('copy.log');
    $new->write({ src_addr => '10.0.0.1', dst_addr => '10.0.0.2',
        protocol => 6, octets => '18446744073709551615' });
    $new->finish;

=head1 DESCRIPTION

flowd(8) keeps what routers say of their traffic in logs, records of version 3
or archives of version 4.  This module reads both, and logs of version 2, by
the same code as flowd-reader(8), and writes them.

There are two ways to read.  C<new> and C<read_flow> are those of the module
that came with flowd 0.9: programs written for it run unchanged.  C<open> and
C<next> have filters, times and all fields, and go on behind damage.

What makes no sense (arguments, files, records) dies with a text that says
what is wrong.  Counters are exact to 64 bits.

=head1 READING

=head2 Flowd->open($path or [$path, ...], option => value, ...)

A log, a segment, a directory of an archive, or several of these; they may be
compressed by gzip(1) or zstd(1).  Options are:

=over

=item filter => 'src net 10.0.0.0/8 proto tcp'

Clauses of a rule, or rules, of flowd.conf(5).

=item since => $when, until => $when

Only flows that were received then.  A text as flowd-reader(8) takes it
(C<'-1h'>, C<'2026-11-21T10:00:00Z'>, C<'@1795255200'>, C<'yesterday'>), or
nanoseconds since 1970.  Of archives, other files are not read at all.

=item columns => 'src_addr,octets' or [qw(src_addr octets)]

Only these fields: less work, and of archives less to read.

=item scale => 1

Counters times the sampling rate.

=item strict => 1

Die of the first damage.  Without it, damage is stepped over: see C<faults>.

=back

=head2 $log->next, <$log>

The next flow, a reference to a hash that has the fields that the flow has;
C<undef> behind the last.  The keys are C<< Flowd->fields >>: C<src_addr>,
C<dst_port>, C<octets> and so on, which docs/elements.md explains.  Times are
nanoseconds since 1970, addresses and MAC addresses are text, C<mpls_labels> is
a reference to an array, and names are text if they are UTF-8, else bytes.

=head2 $log->faults

What was wrong so far: references to hashes with C<kind> (C<unread>,
C<damaged>, or C<cut>: it ends inside a record, which may be written just now),
C<path>, C<offset> and C<text>; 1,000 at most.

=head2 $log->faults_total

How many there were.

=head2 $log->totals

A reference to a hash of what was looked at: C<records>, C<matched>, C<blocks>,
C<blocks_skipped>, C<bytes>, C<bytes_read>, C<damaged>, C<damaged_bytes>.

=head2 Flowd->fields

The names of all fields.

=head2 $log->finish, $log->close

Closes it.  C<faults> and C<totals> still answer.

=head1 THE ORIGINAL'S WAY

=head2 Flowd->new($path)

Dies if it cannot be read.  C<-> is standard input.

=head2 $log->read_flow

The next flow as a reference to a hash, 0 at the end.  Dies of a record that
is damaged or cut off; the next call goes on behind it.  If the log has grown
meanwhile, there are more flows behind the end.

Keys are, as far as the flow has them:

    fields flow_ver tag recv_sec recv_usec tcp_flags protocol tos
    agent_addr agent_addr_af src_addr src_addr_af dst_addr dst_addr_af
    gateway_addr gateway_addr_af src_port dst_port flow_packets flow_octets
    if_index_in if_index_out sys_uptime_ms time_sec time_nanosec
    netflow_version flow_start flow_finish src_as dst_as src_mask dst_mask
    engine_type engine_id flow_sequence source_id crc

C<fields> tells by groups what is there: see L</CONSTANTS>.

=head2 $log->format($mask, $utc, $flow)

The line that C<flowd-reader -v> prints, of those groups in C<$mask>.

=head2 Flowd::iso_time($seconds, $utc), interval_time($seconds), interval_time_ms($milliseconds)

C<2023-11-14T22:13:20>, C<1d2h3s> and C<1d2h3s.004>.

=head2 Flowd::header_length(), Flowd::flow_length($header)

The bytes of a record's header, and how many are behind it.

=head2 Flowd::deserialise($bytes), Flowd::serialise($flow)

A record of version 3, as of a log socket, and the flow that it is.
C<serialise> takes flows of C<next>, too.

=head1 WRITING

=head2 Flowd->create($path, option => value, ...)

=over

=item mode => 'w', 'x' or 'a'

Replace what is there, which is the default; refuse to; append.  A new file is
written under another name, and gets its own from C<finish>.

=item version => 3 or 4

A log, which is the default, or a segment of an archive.

=item fields => $mask

What of flows is written in version 3: L</CONSTANTS>.  All is the default.

=item compress => 1

The level of zstd in version 4; 0 is none.

=back

=head2 $log->write($flow)

A hash with the keys of C<next>, or of C<read_flow>, which is known by its
C<fields>.

=head2 $log->written, $log->flush, $log->finish

How many flows were; what was written is to be in the file; that was all.
C<finish> dies if something could not be written.  An object that goes away
without it does the same, but can only warn.

=head1 CONSTANTS

Nothing is exported.  C<fields> is of

    Flowd::TAG             Flowd::RECV_TIME     Flowd::PROTO_FLAGS_TOS
    Flowd::AGENT_ADDR4     Flowd::AGENT_ADDR6   Flowd::SRC_ADDR4
    Flowd::SRC_ADDR6       Flowd::DST_ADDR4     Flowd::DST_ADDR6
    Flowd::GATEWAY_ADDR4   Flowd::GATEWAY_ADDR6 Flowd::SRCDST_PORT
    Flowd::PACKETS         Flowd::OCTETS        Flowd::IF_INDICES
    Flowd::AGENT_INFO      Flowd::FLOW_TIMES    Flowd::AS_INFO
    Flowd::FLOW_ENGINE_INFO                     Flowd::CRC32

and, of several of these, C<AGENT_ADDR>, C<SRC_ADDR>, C<DST_ADDR>,
C<SRCDST_ADDR>, C<GATEWAY_ADDR>, C<BRIEF> and C<ALL>.

=head1 WHERE IT DIFFERS FROM THE ORIGINAL

Counters are integers of 64 bits (text on a perl whose integers are shorter).
C<source_id> is right.  C<format> knows prefix lengths, C<source> and UTC, and
is the line of flowd-reader to the byte.  Engines of NetFlow 5 that the
original wrote with swapped bytes are put right.  Logs of version 2 and 4, and
compressed ones, are read, too.  Errors name the file and the offset.

=head1 THREADS

A log belongs to the thread that opened it.  Another thread, or C<fork>'s child,
opens its own; objects that a new thread inherits are C<undef>.

=head1 SEE ALSO

flowd-reader(8), flowd.conf(5), flowd-store(5)

=cut
