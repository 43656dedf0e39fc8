"""A small run of `python -m tests.soak`: no answers mixed up, no acknowledged reply lost."""

from tests import soak


def test_no_visitor_is_answered_with_the_reply_of_another(tmp_path):
    assert soak.mixed_up(tmp_path, posts=200, clients=20) == (0, 0)


def test_no_acknowledged_reply_is_lost_when_the_server_is_killed(tmp_path):
    acknowledged, lost, state = soak.killed(tmp_path, rounds=2, writers=8)
    assert (lost, state) == (0, "ok")
    assert acknowledged > 0
