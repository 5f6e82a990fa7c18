"""A TCP load balancer before the nodes of a broker's cluster.

Run as `python -m deploy.local.balancer PORT NODE_PORT...`. Each new connection is led to the next
node that takes it; when either side ends, so does the other.
"""

import asyncio
import sys
from collections.abc import Sequence

from deploy.local.ports import LOOPBACK

_CHUNK = 256 * 1024


class Balancer:
    """Leads connections to nodes in turn, and passes over those that do not listen.

    Args:
        nodes: The ports of the nodes.
    """

    def __init__(self, nodes: Sequence[int]) -> None:
        self._nodes = list(nodes)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Lead one connection for as long as both sides stay."""
        node = await self._node()
        if node is None:
            writer.transport.abort()
            return
        node_reader, node_writer = node
        await asyncio.gather(_copy(reader, node_writer), _copy(node_reader, writer))

    async def _node(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        for _ in self._nodes:
            port = self._nodes.pop(0)
            self._nodes.append(port)
            try:
                return await asyncio.open_connection(LOOPBACK, port)
            except OSError:
                continue
        return None


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass  # the same as an end: it is told to the other side below
    finally:
        writer.close()


async def main(port: int, nodes: Sequence[int]) -> None:
    """Balance until ended from outside."""
    server = await asyncio.start_server(Balancer(nodes).serve, LOOPBACK, port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), [int(each) for each in sys.argv[2:]]))
