#include "services/cache/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "common/config/settings.h"
#include "common/kinds/kind.h"
#include "tests/support/cache/sample_reaction.h"
#include "tests/support/temporary_folder.h"

namespace comporta {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CacheSettingsTest : public ::testing::Test {
 protected:
  ~CacheSettingsTest() override { std::filesystem::remove(file); }

  CacheSettings read(const std::string& yaml) {
    std::ofstream(file) << yaml;
    return read_file(file);
  }

  CacheSettings read_file(const std::filesystem::path& path) {
    Settings settings(path);
    const CacheSettings result = read_cache_settings(settings.root(), kinds);
    faults = settings.faults();
    return result;
  }

  std::filesystem::path file =
      std::filesystem::temp_directory_path() / ("cache_settings_" + std::to_string(::getpid()) + ".yaml");
  std::vector<std::string> faults;
  KindSet kinds;
};

/// A kind of accounts, and the keys that tokens are signed with, in a folder.
class CacheSettingsWithAccounts : public CacheSettingsTest {
 protected:
  CacheSettingsWithAccounts() {
    write("kinds/client/kind.yaml",
          "titles: {pt: Cliente, en: Client}\nkey: id\n"
          "cache: {fields: [email], ttl: 0s}\n"
          "labels: {id: {pt: Cliente, en: Client}, email: {pt: E-mail, en: E-mail},\n"
          "         password: {pt: Senha, en: Password}}\n"
          "account: {login: email, password: password, sign_up: anyone}\n");
    write("kinds/client/schema.json",
          R"({"type":"object","additionalProperties":false,"required":["id","email"],"properties":{)"
          R"("id":{"type":"string","minLength":1},"email":{"type":"string"},"password":{"type":"string"}}})");
    write("keys.json", whole_key_set({{new_token_key()}}));
    write("public.json", public_key_set({{new_token_key()}}));
    std::vector<std::string> kind_faults;
    kinds = KindSet::load(folder.path() / "kinds", kind_faults);
    EXPECT_THAT(kind_faults, IsEmpty());
  }

  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((folder.path() / name).parent_path());
    std::ofstream(folder.path() / name) << text;
  }
  std::string path_of(const std::string& name) const { return (folder.path() / name).string(); }

  const test::TemporaryFolder folder;
};

TEST_F(CacheSettingsTest, HostsInOnesOwnNetworkComeAsAListOrWithCommas) {
  EXPECT_THAT(read("lookups: {private_hosts: [Intern.example, 'a, b']}").lookups.private_hosts,
              ElementsAre("intern.example", "a", "b"));
  EXPECT_THAT(read("lookups: {private_hosts: ' a,B ,,'}").lookups.private_hosts, ElementsAre("a", "b"));
  EXPECT_THAT(read("lookups: {private_hosts: ''}").lookups.private_hosts, IsEmpty());
  EXPECT_THAT(faults, IsEmpty());
  EXPECT_EQ(read("{}").lookups.pause, std::chrono::seconds(30));
  read("lookups: {ca_file: /no/such/file, pause: 1ms, secret_dir: x}");
  EXPECT_THAT(faults,
              ElementsAre(HasSubstr("lookups.ca_file: expected a readable file"),
                          HasSubstr("lookups.pause: expected a time"), HasSubstr("secret_dir: unknown key")));
}

TEST_F(CacheSettingsTest, OutcomesOfReactionsAreUploadedAtAnAddressWithAToken) {
  const ReactionSettings reactions =
      read("reactions: {gateway: 'https://door/', enabled: false, first_pause: 1s, lease: 9s}").reactions;
  EXPECT_THAT(faults, IsEmpty());
  EXPECT_EQ(reactions.gateway, "https://door");
  EXPECT_FALSE(reactions.enabled);
  EXPECT_EQ(reactions.pause, std::chrono::seconds(1));
  EXPECT_EQ(reactions.lease, std::chrono::seconds(9));
  read("reactions: {gateway: door:80, lease: 1ms}");
  EXPECT_THAT(faults, ElementsAre(HasSubstr("reactions.gateway: must begin with http"),
                                  HasSubstr("reactions.lease: expected a time")));
  kinds = reacting_kinds();
  read("{}");
  EXPECT_THAT(faults, IsEmpty()) << "it names no host, and asks nobody";
  ::setenv("COMPORTA_TEST_PROVIDER", "provider.example", 1);
  kinds = reacting_kinds();
  ::unsetenv("COMPORTA_TEST_PROVIDER");
  read("{}");
  EXPECT_THAT(faults, ElementsAre(HasSubstr("tokens.keys_file: is missing: a kind with reactions")));
}

TEST_F(CacheSettingsTest, AnEmptyFileMeansTheDefaults) {
  const CacheSettings settings = read("{}\n");
  EXPECT_THAT(faults, IsEmpty());
  EXPECT_EQ(settings.http.port, 8083);
  EXPECT_EQ(settings.consume.queue, "comporta.cache");
  EXPECT_EQ(settings.consume.prefetch, 64);
  EXPECT_EQ(settings.redis.server.timeout, std::chrono::milliseconds(500));
  EXPECT_EQ(settings.redis.applied_batches, 100'000U);
  EXPECT_EQ(settings.redis.upload_mark_ttl, std::chrono::hours(24));
}

TEST_F(CacheSettingsTest, ReadsWhatIsThere) {
  const CacheSettings settings = read(
      "broker: {prefix: other}\n"
      "consume: {prefetch: 8, drain_limit: 1s}\n"
      "redis: {host: r, port: 7000, user: u, password: p, timeout: 1s, prefix: x, applied_batches: 1000,\n"
      "        upload_mark_ttl: 1h}\n");
  EXPECT_THAT(faults, IsEmpty());
  EXPECT_EQ(settings.consume.queue, "other.cache");
  EXPECT_EQ(settings.consume.prefetch, 8);
  EXPECT_EQ(settings.redis.server.host, "r");
  EXPECT_EQ(settings.redis.server.port, 7'000);
  EXPECT_EQ(settings.redis.server.user, "u");
  EXPECT_EQ(settings.redis.server.password, "p");
  EXPECT_EQ(settings.redis.prefix, "x");
  EXPECT_EQ(settings.redis.applied_batches, 1'000U);
  EXPECT_EQ(settings.redis.upload_mark_ttl, std::chrono::hours(1));
}

TEST_F(CacheSettingsTest, ReportsEveryFaultAtOnce) {
  read(
      "consume: {prefetch: 0}\n"
      "redis:\n"
      "  user: u\n"
      "  timeout: 2s\n"
      "  prefix: ''\n"
      "  applied_batches: 999\n"
      "  upload_mark_ttl: 24\n"
      "  colour: red\n");
  EXPECT_THAT(faults, ElementsAre(HasSubstr(":1: consume.prefetch"), HasSubstr(":3: redis.user"),
                                  HasSubstr(":4: redis.timeout"), HasSubstr(":5: redis.prefix"),
                                  HasSubstr(":6: redis.applied_batches"),
                                  HasSubstr(":7: redis.upload_mark_ttl"), HasSubstr(":8: redis.colour")));
}

TEST_F(CacheSettingsTest, HoldsTheTimesOfSessionsToEachOther) {
  const SessionSettings sessions =
      read(
          "tokens: {lifetime: 1h}\nsessions: {idle: 1h, longest: 1h, hash_threads: 2, hash_queue: 5}\n"
          "passwords: {secret: 01234567890123456789012345678901}\n")
          .sessions;
  EXPECT_THAT(faults, IsEmpty());
  EXPECT_EQ(sessions.token_lifetime, std::chrono::hours(1));
  EXPECT_EQ(sessions.times.longest, std::chrono::hours(1));
  EXPECT_EQ(sessions.hash_threads, 2);
  EXPECT_EQ(sessions.hash_queue, 5U);
  EXPECT_EQ(sessions.secret.size(), 32U);
  read("sessions:\n  idle: 3h\n  longest: 2h\n  hash_threads: 0\n");
  EXPECT_THAT(faults, ElementsAre(HasSubstr(":3: sessions.longest"), HasSubstr(":4: sessions.hash_threads")));
  read("tokens:\n  lifetime: 3h\npasswords:\n  secret: short\n");
  EXPECT_THAT(faults, ElementsAre(HasSubstr(":2: tokens.lifetime"), HasSubstr(":4: passwords.secret")));
  read("tokens: {lifetime: 2h}\nsessions: {idle: 1h}\n");
  EXPECT_THAT(faults,
              ElementsAre(HasSubstr(":2: sessions.idle: must not be shorter than `tokens.lifetime`")));
}

TEST_F(CacheSettingsWithAccounts, TakeKeysAndASecret) {
  const std::string secret = "passwords: {secret: 01234567890123456789012345678901}\n";
  read("{}\n");
  EXPECT_THAT(faults, ElementsAre(HasSubstr("tokens.keys_file: is missing: a kind of accounts is loaded"),
                                  HasSubstr("passwords.secret_file: is missing: a kind of accounts")));
  read("tokens: {keys_file: " + path_of("public.json") + "}\n" + secret);
  EXPECT_THAT(faults, ElementsAre(HasSubstr("tokens.keys_file: has no key that can sign")));
  read("tokens: {keys_file: " + path_of("nothing.json") + "}\n" + secret);
  EXPECT_THAT(faults, ElementsAre(HasSubstr("tokens.keys_file: cannot be read")));
  const CacheSettings settings = read("tokens: {keys_file: " + path_of("keys.json") + "}\n" + secret);
  EXPECT_THAT(faults, IsEmpty());
  EXPECT_TRUE(have_accounts(kinds));
  EXPECT_EQ(settings.access.keys_file, path_of("keys.json"));
}

TEST_F(CacheSettingsTest, TheShippedFileSaysTheDefaults) {
  const std::filesystem::path shipped =
      std::filesystem::path(COMPORTA_SOURCE_DIR) / "deploy/config/cache.yaml";
  const CacheSettings settings = read_file(shipped);
  // log, operations and kinds are every daemon's, and read elsewhere.
  for (const std::string& fault : faults)
    EXPECT_THAT(fault, ::testing::ContainsRegex(": (log|operations|kinds|traces)"));
  const CacheSettings defaults = read("{}\n");
  EXPECT_EQ(settings.http.port, defaults.http.port);
  EXPECT_EQ(settings.consume.prefetch, defaults.consume.prefetch);
  EXPECT_EQ(settings.redis.server.timeout, defaults.redis.server.timeout);
  EXPECT_EQ(settings.redis.prefix, defaults.redis.prefix);
  EXPECT_EQ(settings.redis.applied_batches, defaults.redis.applied_batches);
  EXPECT_EQ(settings.redis.upload_mark_ttl, defaults.redis.upload_mark_ttl);
  EXPECT_EQ(settings.access.closed, defaults.access.closed);
  EXPECT_EQ(settings.access.keys_file, defaults.access.keys_file);
  EXPECT_EQ(settings.access.tokens.issuer, defaults.access.tokens.issuer);
  EXPECT_EQ(settings.access.tokens.audience, defaults.access.tokens.audience);
  EXPECT_EQ(settings.sessions.token_lifetime, defaults.sessions.token_lifetime);
  EXPECT_EQ(settings.sessions.times.idle, defaults.sessions.times.idle);
  EXPECT_EQ(settings.sessions.times.longest, defaults.sessions.times.longest);
  EXPECT_EQ(settings.sessions.hash_threads, defaults.sessions.hash_threads);
  EXPECT_EQ(settings.sessions.hash_queue, defaults.sessions.hash_queue);
  EXPECT_EQ(settings.reactions.enabled, defaults.reactions.enabled);
  EXPECT_EQ(settings.reactions.gateway, defaults.reactions.gateway);
  EXPECT_EQ(settings.reactions.pause, defaults.reactions.pause);
  EXPECT_EQ(settings.reactions.lease, defaults.reactions.lease);
}

}  // namespace
}  // namespace comporta
