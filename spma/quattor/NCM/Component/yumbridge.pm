# The component of ncm-ncd that brings the packages of a host to what its profile says.
#
# It hands the profile over to "yumbridge component run", in a process of its own, and forwards what that says line by
# line. Nothing is decided here, and nothing but what ncm-ncd and Perl bring is needed. Goes to
# /usr/lib/perl/NCM/Component/yumbridge.pm.

package NCM::Component::yumbridge;

use strict;
use warnings;

use parent qw(NCM::Component);

use Fcntl qw(F_DUPFD);
use IO::Handle;
use IO::Select;
use LC::Exception;
use POSIX qw(WNOHANG);
use Time::HiRes qw(CLOCK_MONOTONIC clock_gettime);

our $EC = LC::Exception::Context->new->will_store_all;
our $NoActionSupported = 1;

# The wait is for another run on this host, as at boot.
our @COMMAND = qw(/usr/bin/yumbridge component run --wait 600);

# A child that takes longer hangs: other components shall not wait for ever. It is asked to end, which it does at once
# unless packages change: then once they have. Only when it does not within the grace it is killed; even then the
# engine, in a session of its own, carries a transaction to its end.
our $TIME_LIMIT_S = 4 * 3600;
our $GRACE_S = 300;

my $REQUEST = 'yumbridge-component-request';
my $COMPONENTS = '/software/components';
my %PARTS = map { $_ => "/software/$_" } qw(packages repositories groups modules);
my %LEVELS = map { $_ => 1 } qw(error warn info verbose debug);

my $MAX_LINE_BYTES = 1 << 20;
my $MAX_STDERR_BYTES = 1 << 16;
my $MAX_ODD_LINES = 5;
my $MAX_STDERR_LINES = 40;
my $MAX_CHARACTERS = 4000;
my $READ_BYTES = 1 << 16;
my $POLL_S = 1;
my $SHORT_POLL_S = 0.05;
my $KILLED_PATIENCE_S = 10;
my $NO_COMMAND = 127;

# What ncm-ncd calls. It counts the errors that were reported and takes no notice of what is returned.
sub Configure
{
    my ($self, $config) = @_;

    local ($@, $?, $!);
    local $SIG{__DIE__} = 'DEFAULT';
    my $interrupted;
    my $is_done = eval {
        $interrupted = $self->_run(_json(), $config);
        1;
    };
    $self->error('yumbridge cannot be run: ', _clean($@)) if !$is_done;
    # Whatever ncm-ncd makes of it, now that nobody is left behind.
    kill($interrupted, $$) if $interrupted;
    return $is_done;
}

# JSON::XS comes with CCM, JSON::PP with Perl.
sub _json
{
    my $json = eval { require JSON::XS; JSON::XS->new() };
    if (!$json) {
        require JSON::PP;
        $json = JSON::PP->new();
    }
    return $json->utf8(1)->canonical(1);
}

# Run the command, and return the signal by which ncm-ncd itself was meanwhile told to end, if it was.
sub _run
{
    my ($self, $json, $config) = @_;

    my $child = $self->_start($json->encode($self->_request($config)));
    my $interrupted;
    local $SIG{CHLD} = 'DEFAULT';
    local $SIG{INT} = sub { $interrupted = 'INT' };
    local $SIG{TERM} = sub { $interrupted = 'TERM' };
    local $SIG{QUIT} = sub { $interrupted = 'QUIT' };

    my $heard = {json => $json, buffer => '', errors => 0, odd => 0, ended => 0, skipping => 0};
    my $select = IO::Select->new($child->{output});
    my $limit = _now() + $TIME_LIMIT_S;
    my $why = '';
    while (!defined($child->{status}) || $child->{output}) {
        $self->_hear($child, $heard, $select);
        if (!defined($child->{status})) {
            if (!$child->{asked} && ($interrupted || _now() >= $limit)) {
                $why = $interrupted ? "ncm-ncd was told to end (SIG$interrupted)" : "the time limit of $TIME_LIMIT_S s";
                $self->warn("$why: yumbridge is asked to end");
                _signal('TERM', $child);
                $child->{asked} = _now();
            }
            last if !$self->_insist($child);
        }
    }
    $self->_hear_rest($heard);
    $self->_judge($child, $heard, $why);
    return $interrupted;
}

# The request: what the profile says of packages, and of the component that ncm-ncd runs.
sub _request
{
    my ($self, $config) = @_;

    my $name = $self->name();
    my %request = (
        document => $REQUEST,
        version => '1.0',
        name => $name,
        noaction => $self->_noaction() ? 1 : 0,
        software => {},
    );
    my %paths = (component => "$COMPONENTS/$name", spma => "$COMPONENTS/spma", yumbridge => "$COMPONENTS/yumbridge");
    foreach my $key (keys(%paths)) {
        my $tree = _tree($config, $paths{$key});
        $request{$key} = $tree if defined($tree);
    }
    foreach my $part (keys(%PARTS)) {
        my $tree = _tree($config, $PARTS{$part});
        $request{software}->{$part} = $tree if defined($tree);
    }
    return \%request;
}

# What stands at a path, undef where nothing does. What is there and cannot be read ends the run: a thinner profile would
# remove packages.
sub _tree
{
    my ($config, $path) = @_;

    my $exists = $config->elementExists($path);
    die("cannot look for $path in the profile\n") if !defined($exists);
    return if !$exists;
    my $tree = $config->getTree($path);
    die("cannot read $path of the profile\n") if !defined($tree);
    return $tree;
}

# Versions of ncm-ncd differ in where they say it. Whoever says so is believed.
sub _noaction
{
    my ($self) = @_;
    no warnings 'once';
    return ($self->can('noAction') && $self->noAction()) || $NCM::Component::NoAction || $CAF::Object::NoAction
        || $LC::Check::NoAction;
}

# Start the command in a session of its own. What it reads, and its stderr, are files without a name: a pipe could fill
# up, and what outlives the command, as the engine may, must never write into a broken one.
sub _start
{
    my ($self, $content) = @_;

    my $input = _file();
    (print {$input} $content) && $input->flush() && seek($input, 0, 0) || die("cannot write the request: $!\n");
    my $stderr = _file();
    pipe(my $output, my $speaks) || die("cannot make a pipe: $!\n");
    $self->verbose("running @COMMAND");
    my $pid = fork();
    die("cannot start a process: $!\n") if !defined($pid);
    if (!$pid) {
        # Whatever happens here, ncm-ncd's own cleaning up is not for this process to do.
        eval { _become($input, $speaks, $stderr) };
        POSIX::_exit($NO_COMMAND);
    }
    close($speaks);
    return {pid => $pid, output => $output, stderr => $stderr, status => undef, asked => 0, killed => 0};
}

sub _file
{
    open(my $file, '+>', undef) || die("cannot make a temporary file: $!\n");
    binmode($file);
    return $file;
}

sub _become
{
    my @files = @_;

    POSIX::setsid();
    $SIG{$_} = 'DEFAULT' foreach qw(ALRM CHLD HUP INT PIPE QUIT TERM USR1 USR2);
    # First out of the way: where ncm-ncd was started without them, one of these has a number below 3 itself.
    my @numbers = map { fcntl($_, F_DUPFD, 10) || die("cannot copy a file: $!\n") } @files;
    POSIX::dup2($numbers[$_], $_) foreach (0 .. 2);
    POSIX::close($_) foreach @numbers;
    chdir('/');
    my %ours = map { $_ => $ENV{$_} } grep { m/^YUMBRIDGE_/ } keys(%ENV);
    %ENV = (%ours, PATH => '/usr/sbin:/usr/bin:/sbin:/bin', HOME => '/', LC_ALL => 'C');
    no warnings 'exec';
    exec({$COMMAND[0]} @COMMAND) || syswrite(STDERR, "$COMMAND[0] cannot be started: $!\n");
    return;
}

# Read what has come, or wait a little for more, and see whether the child has ended.
sub _hear
{
    my ($self, $child, $heard, $select) = @_;

    my $has_ended = defined($child->{status});
    if ($child->{output} && $select->can_read($has_ended ? 0 : $POLL_S)) {
        my $count = sysread($child->{output}, my $bytes, $READ_BYTES);
        if ($count) {
            $self->_take($heard, $bytes);
        } elsif (defined($count) || !$!{EINTR}) {
            close($child->{output});
            $child->{output} = undef;
        }
    } elsif ($has_ended) {
        # Somebody else holds the pipe open; all that the child has said is heard.
        $child->{output} = undef;
    } elsif (!$child->{output}) {
        select(undef, undef, undef, $SHORT_POLL_S);
    }
    if (!defined($child->{status})) {
        my $pid = waitpid($child->{pid}, WNOHANG);
        $child->{status} = $? if $pid;
    }
    return;
}

# Kill what was asked to end and has not. Returns false once there is no point in waiting for it.
sub _insist
{
    my ($self, $child) = @_;

    if (!$child->{asked} || _now() < $child->{asked} + $GRACE_S) {
        return 1;
    }
    if (!$child->{killed}) {
        $self->warn("yumbridge does not end within $GRACE_S s: it is killed; a transaction goes on without it");
        _signal('KILL', $child);
        $child->{killed} = _now();
    }
    return _now() < $child->{killed} + $KILLED_PATIENCE_S;
}

# Send a signal to the group of the child; in its first moments it is of no group of its own.
sub _signal
{
    my ($name, $child) = @_;
    return kill($name, -$child->{pid}) || kill($name, $child->{pid});
}

# Forward the whole lines of what has come.
sub _take
{
    my ($self, $heard, $bytes) = @_;

    $heard->{buffer} .= $bytes;
    while ($heard->{buffer} =~ s/\A([^\n]*)\n//) {
        my $line = $1;
        $self->_forward($heard, $line) if !$heard->{skipping};
        $heard->{skipping} = 0;
    }
    if (length($heard->{buffer}) > $MAX_LINE_BYTES) {
        # No message is so long. It is odd once, however long it goes on.
        $self->_odd($heard, $heard->{buffer}) if !$heard->{skipping};
        $heard->{skipping} = 1;
        $heard->{buffer} = '';
    }
    return;
}

sub _hear_rest
{
    my ($self, $heard) = @_;

    $self->_forward($heard, $heard->{buffer}) if !$heard->{skipping};
    my $more = $heard->{odd} - $MAX_ODD_LINES;
    $self->warn("yumbridge said $more more lines that are no messages") if $more > 0;
    return;
}

# Report one line at its level.
sub _forward
{
    my ($self, $heard, $line) = @_;

    return if $line !~ m/\S/;
    my $message = eval { $heard->{json}->decode($line) };
    if (ref($message) ne 'HASH' || !defined($message->{msg}) || ref($message->{msg})
        || !$LEVELS{$message->{level} || ''}) {
        $self->_odd($heard, $line);
        return;
    }
    my ($level, $text) = ($message->{level}, _clean($message->{msg}));
    if ($level eq 'debug') {
        $self->debug(1, $text);
    } else {
        $self->$level($text);
    }
    $heard->{errors}++ if $level eq 'error';
    $heard->{ended} = 1 if ($message->{kind} || '') eq 'end';
    return;
}

sub _odd
{
    my ($self, $heard, $line) = @_;

    $heard->{odd}++;
    $self->warn('yumbridge said what is no message: ', _clean($line)) if $heard->{odd} <= $MAX_ODD_LINES;
    return;
}

# Count as an error whatever ended otherwise than by its last line, or badly without saying so.
sub _judge
{
    my ($self, $child, $heard, $why) = @_;

    my $status = $child->{status};
    my $is_good = defined($status) && $status == 0 && $heard->{ended};
    $self->_report_stderr($child->{stderr}, $is_good ? 'verbose' : 'warn');
    if ($why) {
        $self->error("yumbridge was ended: $why");
    } elsif (!defined($status) || $status == -1) {
        $self->error('yumbridge: how it ended is not known');
    } elsif ($status & 127) {
        $self->error('yumbridge was ended by signal ', $status & 127);
    } elsif (($status >> 8) && !$heard->{errors}) {
        $self->error('yumbridge ended with exit code ', $status >> 8, ' and without an error');
    } elsif (!$status && !$heard->{ended}) {
        $self->error('yumbridge ended without its last message');
    }
    return;
}

sub _report_stderr
{
    my ($self, $file, $level) = @_;

    seek($file, 0, 0);
    my $count = read($file, my $bytes, $MAX_STDERR_BYTES);
    return if !$count;
    my @lines = grep { m/\S/ } split(m/\n/, $bytes);
    my $more = @lines - $MAX_STDERR_LINES;
    splice(@lines, $MAX_STDERR_LINES) if $more > 0;
    $self->$level('yumbridge: ', _clean($_)) foreach @lines;
    $self->$level("yumbridge: $more more lines") if $more > 0;
    return;
}

# The logs of ncm-ncd are ASCII: what is none, or acts on a terminal, is written out.
sub _clean
{
    my ($text) = @_;

    my $cut = length($text) > $MAX_CHARACTERS ? '...' : '';
    $text = substr($text, 0, $MAX_CHARACTERS);
    $text =~ s/\s+\z//;
    $text =~ s/([^\x20-\x7e])/sprintf('\\x{%x}', ord($1))/ge;
    return "$text$cut";
}

sub _now
{
    return clock_gettime(CLOCK_MONOTONIC);
}

1;
