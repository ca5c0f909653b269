"""An input's status is what it last said."""

from __future__ import annotations

from ringbook.capture.health import Health, State


def test_the_status_keeps_since_when_a_state_holds() -> None:
    health = Health("pbx", "smdr", "tcp-listen", "127.0.0.1:0", 10)
    assert (health.status.state, health.status.since, health.status.last_received_at) == (
        State.STARTING,
        10,
        None,
    )
    assert health.now(State.LISTENING, 20)
    assert not health.now(State.LISTENING, 30)
    assert health.now(State.LISTENING, 40, "slow")
    assert (health.status.since, health.status.problem) == (20, "slow")
    assert health.now(State.PAUSED, 50, "disk full")
    assert health.status.since == 50


def test_bytes_add_up() -> None:
    health = Health("pbx", "smdr", "tcp-listen", "", 0)
    health.received(5, 100)
    health.received(7, 200)
    health.connections(3)
    health.behind(9)
    health.at("127.0.0.1:5000")
    status = health.status
    assert (status.bytes, status.last_received_at, status.connections) == (12, 200, 3)
    assert (status.behind_bytes, status.place) == (9, "127.0.0.1:5000")
