"""What the stores hold, counted without asking the daemons."""

import os
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from comporta_native.stores import redis_of, s3_of

READ_BACK = 200  # objects of each run are read and their records counted
ONCE_IN_A_RECORD = {"order": b'"exp_date"'}  # by kind; of others the name of their key


@dataclass
class Account:
    """What one run added."""

    objects: int
    stored: int  # records
    applied: int  # records
    bytes_per_object: float
    faults: list = field(default_factory=list)  # objects that do not hold what they should


class Stores:
    """MinIO and Redis of a stack."""

    def __init__(self, stack):
        self.redis = redis_of(stack)
        self.s3 = s3_of(stack)
        self._data = Path(stack.directory) / "minio" / "data"

    def count_objects(self, bucket, folders):
        """Without a request: MinIO keeps each object as a folder. `folders`: how deep the objects lie."""
        # It is asked all the while that a run is waited for, and the folders grow: their entries are not looked at.
        leaves = [self._data / bucket]
        for _ in range(folders):
            leaves = [folder for leaf in leaves for folder in leaf.iterdir()]
        return sum(len(os.listdir(leaf)) for leaf in leaves)

    def forget_keys(self):
        self.redis.flushall()

    def objects(self, bucket):
        """Name -> bytes, as the store lists them."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return {item["Key"]: item["Size"] for page in pages for item in page.get("Contents", [])}

    def count_records(self, bucket, names, kind):
        """Name -> records in it, of as many of these objects as READ_BACK."""
        some, mark = random.sample(sorted(names), min(READ_BACK, len(names))), ONCE_IN_A_RECORD.get(kind, b'"_id"')

        def count(name):
            return self.s3.get_object(Bucket=bucket, Key=name)["Body"].read().count(mark)
        with ThreadPoolExecutor(4) as pool:
            return dict(zip(some, pool.map(count, some), strict=True))

    def sets(self):
        """How many keys have been written to Redis since it started."""
        commands = self.redis.info("commandstats")
        return sum(commands.get(f"cmdstat_{name}", {"calls": 0})["calls"] for name in ("set", "setex", "psetex"))
