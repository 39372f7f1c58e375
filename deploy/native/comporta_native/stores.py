"""Clients of the stores of a stack, for who looks past Comporta: tests and measurements. Needs boto3 and redis."""

import boto3
import redis
from botocore.config import Config


def redis_of(stack):
    return redis.Redis(*stack.address("COMPORTA_REDIS_PORT"))


def s3_of(stack):
    return boto3.client(
        "s3", endpoint_url="http://{}:{}".format(*stack.address("COMPORTA_S3_PORT")), region_name="us-east-1",
        aws_access_key_id=stack.secrets.value("s3_access_key"),
        aws_secret_access_key=stack.secrets.value("s3_secret_key"),
        config=Config(s3={"addressing_style": "path"}, max_pool_connections=8))
