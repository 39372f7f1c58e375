#pragma once
// Redis Sentinel: which of several servers is the master now
// (https://redis.io/docs/latest/develop/reference/sentinel-clients/).

#include "common/config/addresses.h"
#include "services/cache/redis/connection.h"

namespace comporta {

/// What the first sentinel that answers says. Blocks for `server.timeout` at each one, twice at most. Throws
/// TransientError, with what each of them said, when none knows.
Address find_master(const RedisServer& server);

/// Throws TransientError if it is a replica: a master that was replaced is one, and a sentinel that was cut
/// off may not have heard of that.
void expect_master(RedisConnection& connection);

}  // namespace comporta
