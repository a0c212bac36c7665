"""The embedded store: keys, siblings and contexts in an SQLite file.

All code that imports `sqlite3` lives here: the SQL statements, the file and its maintenance. Nothing here decodes a
value.

Bottom-up:

- `failures`: translates SQLite's errors
- `database`: opens the file and creates its schema
- `identity`: detects that the file was deleted or replaced
- `rows`: the SQL statements on the rows of a key
- `writes`: what a put and a deletion do inside a transaction
- `sequence`, `sequence_file`: a table in shared memory that proves which keys have not changed
- `context`: contexts that carry such a proof
- `commits`: commits the writes of many tasks in one transaction
- `store`: the store itself
- `maintenance`: checks and copies of the file
"""
