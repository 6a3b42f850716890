"""The pages of WHO: access roles, why someone may see something, and what happened."""
