"""A stack whose daemons reach each of their servers through a gate."""

from client import Comporta
from comporta_native.part import HOST
from comporta_native.ports import free_ports
from gate import Gate

SERVER_PORTS = {"rabbitmq": "COMPORTA_AMQP_PORT", "redis": "COMPORTA_REDIS_PORT", "minio": "COMPORTA_S3_PORT"}


class Gated(Comporta):
    """A running stack, with the gates by which it may be cut off."""

    def __init__(self, stack, gates):
        super().__init__(stack)
        self.gates = gates


def make_gated(make, storage_instances=1, cache_instances=1):
    """A stack that `make` (Stack or the like) makes of ports and more, and its gates by the server's name."""
    # The ports of storage daemons that will not be there are the gates'.
    ports = free_ports(storage_instances + len(SERVER_PORTS), cache_instances)
    spare = [ports.pop(f"COMPORTA_STORAGE_{which}_{storage_instances + n + 1}")
             for which in ("PORT", "PRIVATE_PORT") for n in range(len(SERVER_PORTS))]
    gates = {name: Gate(port, ports[SERVER_PORTS[name]]) for name, port in zip(SERVER_PORTS, spare)}
    settings = {"COMPORTA_AMQP_PORT": str(gates["rabbitmq"].port),
                "COMPORTA_REDIS_PORT": str(gates["redis"].port),
                "COMPORTA_S3_ENDPOINT": f"http://{HOST}:{gates['minio'].port}"}
    stack = make(ports=ports, storage_instances=storage_instances, cache_instances=cache_instances, settings=settings)
    return stack, gates
