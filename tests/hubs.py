from connectors.testing.hubs import *  # noqa: F403 (until everyone imports it from there)
from connectors.testing.hubs import Agent, RunningHub, Shop, Socket, Visitor, open_socket, serve  # noqa: F401
