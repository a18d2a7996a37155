"""What a recipe keeps: its rules, the verdicts, the advisories that are held, closure. Pure."""
