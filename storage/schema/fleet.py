"""The nodes."""

from typing import Final

from sqlalchemy import BigInteger, Column, Integer, PrimaryKeyConstraint, Table, Text

from storage.schema.metadata import metadata

nodes: Final = Table(
    "nodes",
    metadata,
    Column("name", Text, nullable=False),
    Column("since_ms", BigInteger, nullable=False),
    Column("seen_ms", BigInteger, nullable=False),
    Column("speaks", Integer, nullable=False, server_default="1"),
    Column("left_ms", BigInteger),
    PrimaryKeyConstraint("name", name="pk_nodes"),
)
"""When each node first and last said that it is there, the version that it speaks, and when it stopped in order."""

fleet: Final = Table(
    "fleet",
    metadata,
    Column("id", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("clock_ms", BigInteger),
    PrimaryKeyConstraint("id", name="pk_fleet"),
)
"""One row: the version that all nodes speak, and when the clock was last found good to delete by."""

rest_contacts: Final = Table(
    "rest_contacts",
    metadata,
    Column("connection_id", Text, nullable=False),
    Column("seen_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("connection_id", name="pk_rest_contacts"),
)
"""When any node last heard of a connection over REST."""

head_files: Final = Table(
    "head_files",
    metadata,
    Column("node", Text, nullable=False),
    Column("lines", BigInteger, nullable=False),
    Column("mac", Text, nullable=False),
    PrimaryKeyConstraint("node", name="pk_head_files"),
)
"""How many lines each node has appended to its file of signed heads, and the MAC of the last one."""
