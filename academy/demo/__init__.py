"""The demo academy: Larkshire, a county that does not exist, made by calling the same actions that pages call."""
