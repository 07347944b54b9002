"""The sample estate: an export and an inventory of a made-up company, with every pitfall."""
