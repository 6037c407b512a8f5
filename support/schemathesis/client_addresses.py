"""Gives each connection of Schemathesis a loopback address of its own: soakd bounds the requests of one address."""

import random

import urllib3.util.connection as connection

_create_connection = connection.create_connection
_random = random.Random(1)


def _from_another_address(address, *args, source_address=None, **kwargs):
    source = "127." + ".".join(str(_random.randrange(1, 255)) for _ in range(3))
    return _create_connection(address, *args, source_address=(source, 0), **kwargs)


connection.create_connection = _from_another_address
