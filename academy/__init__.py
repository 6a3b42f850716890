"""The frame: settings, wiring, pages that compose several apps, demo data; and lib/, pure helpers underneath."""
