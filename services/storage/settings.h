#pragma once
// deploy/config/storage.yaml, as values.

#include <cstddef>
#include <filesystem>

#include "common/access/gatekeeper.h"
#include "common/broker/connection.h"
#include "common/broker/consume_loop.h"
#include "common/config/settings.h"
#include "common/http/server.h"
#include "services/storage/archive.h"
#include "services/storage/s3_client.h"

namespace comporta {

enum class StoreDriver { kS3, kFilesystem };

struct StoreSettings {
  StoreDriver driver = StoreDriver::kS3;
  S3Settings s3;
  std::filesystem::path filesystem_root;
};

struct ReadingSettings {
  int threads = 2;
  std::size_t queue = 64;  ///< requests that may wait for a thread
};

struct StorageSettings {
  HttpSettings http;
  BrokerSettings broker;
  ConsumeSettings consume;
  StoreSettings store;
  ArchiveSettings archive;
  ReadingSettings reading;
  AccessSettings access;
};

/// Faults go to the section's Settings.
StorageSettings read_storage_settings(const Section& root);

}  // namespace comporta
