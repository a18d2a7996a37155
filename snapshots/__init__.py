"""Repository snapshots: mirrored, cut, compared, checked, published. No DNF bindings, no Quattor."""
