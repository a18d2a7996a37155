"""What a host shall be: specs, repositories and policy. Pure."""
