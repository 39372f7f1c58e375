"""Clients of the stores of a stack, for who looks past Comporta: tests and measurements. Needs boto3 and redis."""

import boto3
import redis
from botocore.config import Config
from redis.backoff import ConstantBackoff
from redis.retry import Retry
from redis.sentinel import Sentinel

from .ports import instance_variable
from .redis_servers import MASTER


def redis_of(stack):
    """Of several the master, whichever that is."""
    if stack.instances.redis == 1:
        return redis.Redis(*stack.address("COMPORTA_REDIS_PORT"))
    sentinels = [stack.address(instance_variable("COMPORTA_SENTINEL_PORT", node))
                 for node in range(1, stack.instances.redis + 1)]
    patience = Retry(ConstantBackoff(0.5), 60)  # until another one is in its place
    return Sentinel(sentinels, socket_timeout=5).master_for(
        MASTER, socket_timeout=5, retry=patience, retry_on_error=[redis.ConnectionError, redis.TimeoutError])


def s3_of(stack):
    return boto3.client(
        "s3", endpoint_url="http://{}:{}".format(*stack.address("COMPORTA_S3_PORT")), region_name="us-east-1",
        aws_access_key_id=stack.secrets.value("s3_access_key"),
        aws_secret_access_key=stack.secrets.value("s3_secret_key"),
        config=Config(s3={"addressing_style": "path"}, max_pool_connections=8))
