#include "common/base/spare_memory.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace comporta {
namespace {

using namespace std::chrono_literals;

TEST(SpareMemory, IsDueOnceWhenThereHasBeenNoWorkForAWhile) {
  SpareMemory memory;
  EXPECT_FALSE(memory.is_due(false)) << "there was no work yet";
  EXPECT_FALSE(memory.is_due(true));
  EXPECT_FALSE(memory.is_due(false)) << "more may come at once";
  std::this_thread::sleep_for(600ms);
  EXPECT_FALSE(memory.is_due(true));
  std::this_thread::sleep_for(600ms);
  EXPECT_TRUE(memory.is_due(false));
  EXPECT_FALSE(memory.is_due(false));
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // they bring allocators of their own

std::size_t resident_bytes() {
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

TEST(SpareMemory, WhatIsFreedIsKeptUntilItIsGivenBack) {
  constexpr std::size_t kPiece = 1 << 20;
  constexpr std::size_t kPieces = 40;
  SpareMemory::keep();
  const std::size_t before = resident_bytes();
  const auto work = [] { std::vector<std::string>(kPieces, std::string(kPiece, 'x')).clear(); };
  std::thread(work).join();  // whatever thread that was
  EXPECT_GT(resident_bytes(), before + kPieces * kPiece / 2);
  SpareMemory::give_back();
  EXPECT_LT(resident_bytes(), before + 4 * kPiece);
}

#endif

}  // namespace
}  // namespace comporta
