"""The store on disk: its layout, the pool, the states of mirrors, snapshots that appear whole."""
