# Stands in for LC::Exception: a context that stores nothing.

package LC::Exception;

use strict;
use warnings;

package LC::Exception::Context;

use strict;
use warnings;

sub new { return bless({}, shift) }

sub will_store_all { return shift }

sub error { return }

sub warnings { return }

1;
