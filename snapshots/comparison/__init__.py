"""What distinguishes two snapshots, in packages, advisories and CVEs. Pure."""
