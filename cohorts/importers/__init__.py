"""Files to memberships."""
