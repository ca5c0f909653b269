"""The ledger over the embedded engine and over a cluster of two real nodes, each opened once; every test has its own tenant."""

from __future__ import annotations

import itertools
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from ringbook.ledger.ledger import Ledger, open_ledger
from ringbook.model.scope import Scope

START_S = 120.0
_NODE = Path(__file__).parent / "node.py"
_CONFIG = """<clickhouse>
  <listen_host>127.0.0.1</listen_host><http_port>{http}</http_port><tcp_port>{tcp}</tcp_port>
  <users_config>users.xml</users_config>
  {servers}
</clickhouse>
"""
_SHARD = """<shard><replica>
  <host>127.0.0.1</host><port>{port}</port><user>ring</user><password>b o&amp;ok</password>
</replica></shard>"""
_USERS = """<clickhouse>
  <profiles><default/></profiles><quotas><default/></quotas>
  <users><default>
    <password></password><networks><ip>::1</ip></networks><profile>default</profile><quota>default</quota>
  </default><ring>
    <password>b o&amp;ok</password><networks><ip>127.0.0.1</ip></networks>
    <profile>default</profile><quota>default</quota>
  </ring></users>
</clickhouse>
"""
LOGIN = "ring:b%20o%26ok"


def free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


class Node:
    """A ClickHouse node in a folder of its own."""

    def __init__(self, folder: Path, http: int, tcp: int, shards: str) -> None:
        self.folder = folder
        self.http = http
        (folder / "config.xml").write_text(
            _CONFIG.format(
                http=http,
                tcp=tcp,
                servers=f"<remote_servers><pair>{shards}</pair></remote_servers>" if shards else "",
            )
        )
        (folder / "users.xml").write_text(_USERS)

    def start(self) -> None:
        """Start it; it may not answer yet."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen([sys.executable, _NODE, self.folder], stdout=log, stderr=log)

    def wait(self) -> None:
        """Wait until it answers."""
        deadline = time.monotonic() + START_S
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.http}/ping", timeout=5).close()
                return
            except (urllib.error.URLError, OSError):
                assert self._process.poll() is None, "the node ended by itself"
                assert time.monotonic() < deadline, "the node does not answer"
                time.sleep(0.1)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.kill()
        self._process.wait()


@pytest.fixture(scope="package")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[int]]:
    """The HTTP ports of two ClickHouse nodes that are the two shards of the cluster ``pair``."""
    http, tcp = free_ports(2), free_ports(2)
    shards = "".join(_SHARD.format(port=port) for port in tcp)
    running = [Node(tmp_path_factory.mktemp(f"node{n}"), http[n], tcp[n], shards) for n in range(2)]
    started: list[Node] = []
    try:
        for node in running:
            node.start()
            started.append(node)
        for node in running:
            node.wait()
        yield http
    finally:
        for node in started:
            node.kill()


@pytest.fixture(scope="package")
def cluster_address(nodes: list[int]) -> str:
    """The address of the cluster of both nodes."""
    hosts = ",".join(f"127.0.0.1:{port}" for port in nodes)
    return f"http://{LOGIN}@{hosts}/ringbook?cluster=pair"


@pytest.fixture(scope="package")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """The ledger on a folder of this machine."""
    opened = open_ledger(f"chdb://{tmp_path_factory.mktemp('embedded')}/store")
    yield opened
    opened.close()


@pytest.fixture(scope="package")
def clustered(cluster_address: str) -> Iterator[Ledger]:
    """The ledger on two shards."""
    opened = open_ledger(cluster_address)
    yield opened
    opened.close()


@pytest.fixture(params=["embedded", "clustered"])
def ledger(request: pytest.FixtureRequest) -> Ledger:
    """Each ledger in turn: both must give the same answers."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Ledger)
    return found


_TENANTS = itertools.count()


@pytest.fixture
def scope() -> Scope:
    """A tenant that has nothing yet."""
    return Scope(f"tenant{next(_TENANTS)}")
