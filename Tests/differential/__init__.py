"""A million seeded random requests to two servers, whose answers must be the same."""
