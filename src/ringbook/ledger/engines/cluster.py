"""The engine on other machines: one ClickHouse server, or a cluster of shards and replicas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import clickhouse_connect
from clickhouse_connect.driver.client import Client

from ringbook.ledger.address import ServerAddress
from ringbook.ledger.engines.engine import Connected, Migration, apply, client_settings, translated

#: How rows are spread. Calls by day: calls that may yet be joined into one stand on one shard, so joining them is one step.
SHARDING = {
    "calls": "cityHash64(tenant, toDate(opened_at))",
    "aliases": "cityHash64(tenant, id)",
    "keys": "cityHash64(tenant, toDate(at), key % 1024)",
    "frames": "cityHash64(tenant, source, id)",
    "tallies": "cityHash64(tenant, source, origin)",
    "positions": "cityHash64(tenant, source, origin)",
    "annotations": "cityHash64(tenant, call)",
    "named_numbers": "cityHash64(tenant, number)",
    "recordings": "cityHash64(tenant, id)",
    "erasures": "cityHash64(tenant, id)",
    "retellings": "cityHash64(tenant, source, id)",
}


class ClusterEngine(Connected):
    """ClickHouse over HTTP.

    With a cluster, each node keeps its rows in the database ``<name>_local``, and the tables of ``<name>`` spread and gather
    them. All nodes are named in the address, so that each can be given its tables.
    """

    def __init__(self, address: ServerAddress) -> None:
        super().__init__(self._borrowed)
        self._address = address
        self._client = self._connect(address.hosts[0], "default")

    def migrate(self, migrations: Sequence[Migration]) -> list[str]:
        """Bring the tables of every node up to date; the names of the steps taken now on any."""
        taken: dict[str, None] = {}
        name = self._address.database
        for host in self._address.hosts:
            client = self._connect(host, "default")
            try:
                taken.update(dict.fromkeys(self._prepare(client, migrations)))
            finally:
                client.close()
        with translated("opening"):
            self._client.database = name
        return list(taken)

    def close(self) -> None:
        """Let the connections go."""
        self._client.close()

    def _nodes(self) -> Iterator[Client]:
        for host in self._address.hosts:
            client = self._connect(host, self._own)
            try:
                yield client
            finally:
                client.close()

    @property
    def _own(self) -> str:
        """The database in which a node keeps its own rows."""
        return f"{self._address.database}_local" if self._address.cluster else self._address.database

    def _prepare(self, client: Client, migrations: Sequence[Migration]) -> list[str]:
        cluster, own = self._address.cluster, self._own
        with translated("preparing"):
            client.command(f"CREATE DATABASE IF NOT EXISTS {own}")
            client.database = own
        taken = apply(client, migrations)
        if cluster:
            with translated("preparing"):
                self._spread(client, own)
        return taken

    def _spread(self, client: Client, own: str) -> None:
        """Tables over all shards, for those of a node that have none or whose columns have changed."""
        name, cluster = self._address.database, self._address.cluster
        client.command(f"CREATE DATABASE IF NOT EXISTS {name}")
        columns = {
            (database, table): shape
            for database, table, shape in client.query(
                "SELECT database, table, groupArray((name, type, default_expression)) FROM"
                " (SELECT * FROM system.columns ORDER BY position)"
                " WHERE database IN ({own:String}, {name:String}) GROUP BY database, table",
                parameters={"own": own, "name": name},
            ).result_rows
        }
        for table, key in SHARDING.items():
            if (own, table) in columns and columns[own, table] != columns.get((name, table)):
                client.command(
                    f"CREATE OR REPLACE TABLE {name}.{table} AS {own}.{table}"
                    f" ENGINE = Distributed({cluster}, {own}, {table}, {key})"
                )

    def _connect(self, host: tuple[str, int], database: str) -> Client:
        address = self._address
        settings = client_settings()
        if address.cluster:
            settings["distributed_foreground_insert"] = 1
        with translated("opening"):
            return clickhouse_connect.get_client(
                host=host[0],
                port=host[1],
                username=address.user or "default",
                password=address.password,
                database=database,
                interface="https" if address.secure else "http",
                settings=settings,
                autogenerate_session_id=False,
                compress=False,
                query_retries=0,
            )

    @contextmanager
    def _borrowed(self) -> Iterator[Client]:
        yield self._client
