#!/usr/bin/perl
# Plays ncm-ncd: loads the module in process and runs Configure, in the surroundings that ncm-ncd makes for it. What the
# component reports is printed as it comes, a JSON line each, and in the end how many errors and warnings there were.
# Source: ncm-ncd, NCD::ComponentProxy, _execute.
#
# Arguments: the component's name, the profile, the package whose $NoAction is true (or nothing), time limit and grace in
# seconds, then the command in place of the module's own, if any.

use strict;
use warnings;
# The variables of other packages are named once here.
no warnings 'once';

use JSON::PP;

my ($name, $profile, $noaction, $limit, $grace, @command) = map { m/\A(.*)\z/s } @ARGV;
my $json = JSON::PP->new()->utf8(1)->canonical(1);
$| = 1;

if ($noaction) {
    no strict 'refs';
    ${$noaction . '::NoAction'} = 1;
}
require NCM::Component::yumbridge;
require Profile;
# As for a module whose $NoActionSupported is false.
exit(3) if $noaction && !$NCM::Component::yumbridge::NoActionSupported;
exit(4) if ref($NCM::Component::yumbridge::EC) ne 'LC::Exception::Context';

@NCM::Component::yumbridge::COMMAND = @command if @command;
$NCM::Component::yumbridge::TIME_LIMIT_S = $limit;
$NCM::Component::yumbridge::GRACE_S = $grace;

my $report = sub {
    my ($level, @words) = @_;
    print $json->encode([$level, join('', @words)]), "\n";
    return 1;
};
my $component = NCM::Component::yumbridge->new($name, $report);
my $configuration = Profile->new($profile);
chdir('/tmp');
$SIG{$_} = 'IGNORE' foreach qw(HUP PIPE ALRM);
my $is_good = eval { $component->Configure($configuration); 1 };
$report->('die', $@) if !$is_good;
print $json->encode({errors => $component->get_errors(), warnings => $component->get_warnings()}), "\n";
