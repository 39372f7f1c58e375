"""A stack whose daemons reach each of their servers through a gate, and, where it is wanted, whom reactions call."""

from client import Comporta
from comporta_native.part import HOST
from comporta_native.ports import Instances, free_ports
from comporta_native.stack import NO_RATE_LIMIT
from gate import Gate

SERVER_PORTS = {"rabbitmq": "COMPORTA_AMQP_PORT", "redis": "COMPORTA_REDIS_PORT", "minio": "COMPORTA_S3_PORT"}
# Of reactions: who is asked, and the gateway that outcomes are uploaded to.
CALL_PORTS = {"payments": "COMPORTA_PAYMENT_PORT", "outcomes": "COMPORTA_GATEWAY_PORT"}


class Gated(Comporta):
    """A running stack, with the gates by which it may be cut off."""

    def __init__(self, stack, gates):
        super().__init__(stack)
        self.gates = gates


def make_gated(make, instances=Instances(), with_calls=False):
    """A stack that `make` (Stack or the like) makes of ports and more, and its gates by the server's name."""
    ports, gated = free_ports(instances), {**SERVER_PORTS, **(CALL_PORTS if with_calls else {})}
    spare = [port for port in free_ports(Instances()).values() if port not in ports.values()]
    gates = {name: Gate(port, ports[gated[name]]) for name, port in zip(gated, spare)}
    settings = {**NO_RATE_LIMIT,
                "COMPORTA_AMQP_HOST": f"{HOST}:{gates['rabbitmq'].port}",
                "COMPORTA_REDIS_PORT": str(gates["redis"].port),
                "COMPORTA_S3_ENDPOINT": f"http://{HOST}:{gates['minio'].port}"}
    if with_calls:
        settings |= {"COMPORTA_PAYMENT_HOST": f"localhost:{gates['payments'].port}",
                     "COMPORTA_GATEWAY_URL": f"http://{HOST}:{gates['outcomes'].port}"}
    stack = make(ports=ports, instances=instances, settings=settings)
    return stack, gates
