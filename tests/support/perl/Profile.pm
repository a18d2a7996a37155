# Stands in for the configuration that ncm-ncd hands to a component: getTree as CCM has it. Every boolean is 1 or 0 and
# every other scalar a string by then. A subtree that is the string "unreadable" cannot be read.
# Source: CCM, EDG::WP4::CCM::CacheManager::Configuration and Element.

package Profile;

use strict;
use warnings;

use JSON::PP;

sub new
{
    my ($class, $path) = @_;
    open(my $file, '<', $path) || die("$path: $!\n");
    local $/ = undef;
    return bless({tree => JSON::PP->new()->utf8(1)->decode(<$file>)}, $class);
}

sub elementExists
{
    my ($self, $path) = @_;
    return defined($self->_at($path));
}

sub getTree
{
    my ($self, $path) = @_;
    my $node = $self->_at($path);
    return if !defined($node) || $node eq 'unreadable';
    return _flat($node);
}

sub _at
{
    my ($self, $path) = @_;
    my $node = $self->{tree};
    foreach my $key (grep { $_ ne '' } split(m{/}, $path)) {
        return if ref($node) ne 'HASH' || !exists($node->{$key});
        $node = $node->{$key};
    }
    return $node;
}

sub _flat
{
    my ($node) = @_;
    return [map { _flat($_) } @$node] if ref($node) eq 'ARRAY';
    return {map { $_ => _flat($node->{$_}) } keys(%$node)} if ref($node) eq 'HASH';
    return ($node ? 1 : 0) if JSON::PP::is_bool($node);
    return "$node";
}

1;
