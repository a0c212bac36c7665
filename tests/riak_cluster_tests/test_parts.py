"""Parts of the stand-in whose duties are hard to see from outside."""

from collections.abc import Callable
from functools import partial

import pytest

from notification.riak import riak_pb2 as pb
from tests.riak_cluster_tests.expecting import until
from tests.riak_standin.counts import SiblingRecord
from tests.riak_standin.network import Network
from tests.riak_standin.properties import TYPED_DEFAULTS, UNTYPED_DEFAULTS, Override, PropertyBook
from tests.riak_standin.ring import Key, Place, Ring
from tests.riak_standin.vnode import Vnode

KEY = Key(b"multi", b"b", b"k")
CONTENT = pb.RpbContent(value=b"v")


@pytest.fixture
def vnode() -> Vnode:
    return Vnode(Place(0, 0, primary=True), 1, SiblingRecord())


def test_a_vnode_forgets_a_key_only_as_it_was_when_that_was_decided(vnode: Vnode) -> None:
    before = vnode.coordinate(KEY, CONTENT, {}, TYPED_DEFAULTS)
    after = vnode.coordinate(KEY, CONTENT, {}, TYPED_DEFAULTS)
    vnode.drop(KEY, before)
    assert vnode.read(KEY) is after


def test_a_vnode_goes_on_as_the_actor_that_it_was_for_a_key(vnode: Vnode) -> None:
    vnode.coordinate(KEY, CONTENT, {}, TYPED_DEFAULTS)
    objects = vnode.coordinate(KEY, CONTENT, {}, TYPED_DEFAULTS)
    assert list(objects.context.values()) == [2]


def test_a_vnode_that_has_fallen_behind_itself_becomes_another_actor(vnode: Vnode) -> None:
    old = vnode.coordinate(KEY, CONTENT, {}, TYPED_DEFAULTS)
    new = vnode.coordinate(KEY, CONTENT, old.context, TYPED_DEFAULTS)
    vnode.drop(KEY, new)
    vnode.store(KEY, old, TYPED_DEFAULTS)
    assert len(vnode.coordinate(KEY, CONTENT, new.context, TYPED_DEFAULTS).context) == 2


def test_properties_set_earlier_do_not_replace_those_set_later() -> None:
    book = PropertyBook({})
    book.adopt((b"default", b"b"), Override(2, TYPED_DEFAULTS))
    book.adopt((b"default", b"b"), Override(1, UNTYPED_DEFAULTS))
    assert book.of_key(Key(b"default", b"b", b"k")) == TYPED_DEFAULTS


@pytest.mark.parametrize("nodes", range(3, 7))
def test_the_primaries_of_every_key_are_on_different_nodes(nodes: int) -> None:
    for number in range(100):
        places = Ring(nodes).preference(Key(b"t", b"b", b"%d" % number), 3, lambda _: True)
        assert len({place.node for place in places}) == 3


@pytest.mark.parametrize(
    "fate",
    [lambda network: network.kill(1), lambda network: network.part([[0], [1]])],
    ids=["to a killed node", "to the other side"],
)
async def test_a_message_under_way_is_lost(fate: Callable[[Network], None]) -> None:
    network, arrived = Network(2, 0, 0.0), list[int]()
    network.send(0, 1, lambda: arrived.append(1))
    fate(network)
    network.start(1)
    await until(lambda: network.in_flight == 0)
    assert not arrived


async def test_messages_overtake_each_other() -> None:
    network, arrived = Network(1, 0, 0.0), list[int]()
    for number in range(20):
        network.send(0, 0, partial(arrived.append, number))
    await until(lambda: network.in_flight == 0)
    assert sorted(arrived) == list(range(20)) != arrived


async def test_some_of_what_a_killed_node_had_sent_arrives() -> None:
    network, arrived = Network(2, 0, 0.0), list[int]()
    for _ in range(100):
        network.send(0, 1, lambda: arrived.append(1))
    network.kill(0)
    await until(lambda: network.in_flight == 0)
    assert 20 < len(arrived) < 80


async def test_nothing_arrives_once_a_network_is_closed() -> None:
    network, arrived = Network(1, 0, 0.0), list[int]()
    network.send(0, 0, lambda: arrived.append(1))
    network.close()
    await until(lambda: network.in_flight == 0)
    assert not arrived
