"""A TCP gate between the daemons and one of their servers, which can be shut in several ways.

As a program (`gate.py PORT TARGET_PORT`) it is the gate, told what to do line by line on its input; `Gate` is
how a test starts and tells it.
"""

import asyncio
import contextlib
import socket
import struct
import subprocess
import sys

HOST = "127.0.0.1"
PIECE_BYTES = 65536
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Gate:
    """A gate in a process of its own, on a port that must be free."""

    def __init__(self, port, target_port):
        self.port = port
        self._process = subprocess.Popen([sys.executable, __file__, str(port), str(target_port)], text=True,
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=1)
        self._wait_done()

    def open(self):
        """Everything passes again; what was held back goes on its way first."""
        self._tell("open")

    def cut(self):
        """Resets every connection; new ones pass."""
        self._tell("cut")

    def refuse(self):
        """Resets every connection, and nobody listens any more."""
        self._tell("refuse")

    def stall(self):
        """Connections stay and new ones are accepted, but not a byte passes."""
        self._tell("stall")

    def mute(self):
        """What is asked passes, what is answered does not: the asker cannot know whether it was done."""
        self._tell("mute")

    def slow(self, seconds):
        """Each piece of what is sent comes so much later."""
        self._tell(f"slow {seconds}")

    def close(self):
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()

    def _tell(self, command):
        self._process.stdin.write(command + "\n")
        self._wait_done()

    def _wait_done(self):
        answer = self._process.stdout.readline()
        assert answer == "done\n", f"the gate on port {self.port} has ended"


class _Forwarder:
    def __init__(self, port, target_port):
        self._port, self._target_port = port, target_port
        self._server, self._writers, self._delay = None, set(), 0
        self._asking, self._answering = asyncio.Event(), asyncio.Event()

    async def open(self):
        self._delay = 0
        self._asking.set()
        self._answering.set()
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, HOST, self._port, backlog=1024)

    async def cut(self):
        for writer in list(self._writers):
            _reset(writer)

    async def refuse(self):
        if self._server is not None:
            self._server.close()
            self._server = None
        await self.cut()

    async def stall(self):
        self._asking.clear()
        self._answering.clear()

    async def mute(self):
        self._answering.clear()

    async def slow(self, seconds):
        self._delay = float(seconds)

    async def _serve(self, reader, writer):
        self._writers.add(writer)
        try:
            await self._asking.wait()
            far_reader, far_writer = await asyncio.open_connection(HOST, self._target_port)
            self._writers.add(far_writer)
            try:
                await asyncio.gather(self._pass(reader, far_writer, self._asking),
                                     self._pass(far_reader, writer, self._answering))
            finally:
                self._writers.discard(far_writer)
                _reset(far_writer)
        except OSError:
            pass  # one side is gone: so is the other now
        finally:
            self._writers.discard(writer)
            _reset(writer)

    async def _pass(self, reader, writer, allowed):
        while True:
            data = await reader.read(PIECE_BYTES)
            await allowed.wait()
            await asyncio.sleep(self._delay)
            if not data:
                writer.write_eof()
                return
            writer.write(data)
            await writer.drain()


def _reset(writer):
    with contextlib.suppress(OSError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
    writer.transport.abort()


async def _obey(port, target_port):
    forwarder, commands = _Forwarder(port, target_port), asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    line = b"open"
    while line:
        name, *arguments = line.decode().split()
        await getattr(forwarder, name)(*arguments)
        print("done", flush=True)
        line = await commands.readline()


if __name__ == "__main__":
    asyncio.run(_obey(*map(int, sys.argv[1:])))
