"""Where it is kept: client, tables, queries as values, migrations."""
