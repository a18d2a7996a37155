# Stands in for NCM::Component of ncm-ncd: what it promises to components, and no more. Reports go to the logger that
# it is made with. Source: ncm-ncd, NCM::Component; CAF, CAF::Object and CAF::Reporter.

package NCM::Component;

use strict;
use warnings;

our $NoAction;

sub new
{
    my ($class, $name, $logger) = @_;
    return bless({NAME => $name, ERRORS => 0, WARNINGS => 0, log => $logger, NoAction => $CAF::Object::NoAction}, $class);
}

sub name { return shift->{NAME} }

sub prefix { return '/software/components/' . shift->{NAME} }

sub noAction { return shift->{NoAction} }

sub get_errors { return shift->{ERRORS} }

sub get_warnings { return shift->{WARNINGS} }

sub error
{
    my ($self, @words) = @_;
    $self->{ERRORS}++;
    return $self->{log}->('error', @words);
}

sub warn
{
    my ($self, @words) = @_;
    $self->{WARNINGS}++;
    return $self->{log}->('warn', @words);
}

sub info { my ($self, @words) = @_; return $self->{log}->('info', @words) }

sub verbose { my ($self, @words) = @_; return $self->{log}->('verbose', @words) }

sub debug
{
    my ($self, $level, @words) = @_;
    die("debug: first parameter must be integer in [0-9], got $level\n") if $level !~ m/^\d$/;
    return $self->{log}->('debug', @words);
}

1;
