"""ASYE and what follows it: programmes as data, cohorts, members."""
