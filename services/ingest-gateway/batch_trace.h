#pragma once
// The traces of the uploads in a batch, if one of them is sampled. Publisher's thread.

#include <string>

#include "services/ingest-gateway/batcher.h"

namespace comporta::gateway {

/// It is about to be published, perhaps again.
inline void trace_departure(const Batch& batch) {
  if (!batch.is_traced) return;
  for (const auto& upload : batch.uploads)
    if (upload->trace) upload->trace->published(batch.id);
}

/// The broker has it, or nobody knows whether it does.
inline void trace_landing(const Batch& batch, const std::string& exchange, bool accepted) {
  if (!batch.is_traced) return;
  for (const auto& upload : batch.uploads)
    if (upload->trace) upload->trace->landed(batch.id, exchange, accepted);
}

}  // namespace comporta::gateway
