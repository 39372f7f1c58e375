#include "common/config/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "common/config/log_settings.h"

namespace comporta {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

namespace fs = std::filesystem;

struct Values {
  std::string name;
  std::int64_t port = 0;
  std::chrono::milliseconds timeout{};
  std::size_t max_body = 0;
  std::string password;
  bool durable = false;
  std::vector<std::string> fields;
  std::vector<std::string> rules;
};

// Asks for a value of every type.
Values read(const Section& root) {
  Values values;
  values.name = root.required_text("name");
  const Section http = root.section("http");
  values.port = http.count("port", {.fallback = 8080, .min = 0, .max = 65535});
  values.timeout = http.duration("timeout", {.fallback = 10s, .min = 1s, .max = 5min});
  values.max_body = http.bytes("max_body", {.fallback = 1024 * 1024, .min = 1024, .max = 32 * 1024 * 1024});
  values.password = root.section("broker").secret("password", "");
  values.durable = root.section("broker").flag("durable", true);
  root.section("other").secret("password", "");
  values.fields = root.texts("fields");
  for (const Section& rule : root.sections("rules")) {
    values.rules.push_back(rule.required_text("name"));
    rule.count("weight", {.fallback = 1, .min = -1, .max = 10});
  }
  read_log_settings(root.section("log"));
  return values;
}

class SettingsTest : public testing::Test {
 protected:
  SettingsTest() {
    std::string name = (fs::temp_directory_path() / "comporta-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    setenv("COMPORTA_TEST_PORT", "9000", 1);
    setenv("COMPORTA_TEST_EMPTY", "", 1);
    unsetenv("COMPORTA_TEST_MISSING");
  }
  ~SettingsTest() override { fs::remove_all(folder_); }

  fs::path write(const std::string& name, const std::string& content) const {
    std::ofstream(folder_ / name, std::ios::binary) << content;
    return folder_ / name;
  }

  fs::path folder_;
};

TEST_F(SettingsTest, GivesWhatIsWritten) {
  Settings settings(write("a.yaml", R"(name: "the shop"
http: {port: 0, timeout: 1500ms, max_body: 2MiB}
broker: {password: hush, durable: false}
fields: [id, 12, "a b"]
rules:
  - {name: first, weight: -1}
  - name: second
log: {level: error, format: text}
)"));
  const Values values = read(settings.root());
  EXPECT_THAT(settings.faults(), IsEmpty());
  EXPECT_EQ(values.name, "the shop");
  EXPECT_EQ(values.port, 0);
  EXPECT_EQ(values.timeout, 1500ms);
  EXPECT_EQ(values.max_body, 2u * 1024 * 1024);
  EXPECT_EQ(values.password, "hush");
  EXPECT_FALSE(values.durable);
  EXPECT_THAT(values.fields, ElementsAre("id", "12", "a b"));
  EXPECT_THAT(values.rules, ElementsAre("first", "second"));
  EXPECT_EQ(read_log_settings(settings.root().section("log")).level, LogLevel::kError);
  EXPECT_FALSE(read_log_settings(settings.root().section("log")).json);
}

TEST_F(SettingsTest, GivesFallbacksForWhatIsMissing) {
  Settings settings(write("a.yaml", "name: shop\nhttp:\n"));
  const Values values = read(settings.root());
  EXPECT_THAT(settings.faults(), IsEmpty());
  EXPECT_EQ(values.port, 8080);
  EXPECT_EQ(values.timeout, 10s);
  EXPECT_EQ(values.max_body, 1024u * 1024);
  EXPECT_TRUE(values.durable);
  EXPECT_THAT(values.fields, IsEmpty());
}

TEST_F(SettingsTest, PutsInTheEnvironment) {
  Settings settings(write("a.yaml", R"(name: a-${COMPORTA_TEST_PORT}-${COMPORTA_TEST_EMPTY}-b
http:
  port: ${COMPORTA_TEST_PORT}
  timeout: ${COMPORTA_TEST_MISSING:-3s}
  max_body: ${COMPORTA_TEST_EMPTY:-4KiB}
fields: ["${COMPORTA_TEST_MISSING:-}", "$HOME", "{}"]
)"));
  const Values values = read(settings.root());
  EXPECT_THAT(settings.faults(), IsEmpty());
  EXPECT_EQ(values.name, "a-9000--b");
  EXPECT_EQ(values.port, 9000);
  EXPECT_EQ(values.timeout, 3s);
  EXPECT_EQ(values.max_body, 4096u);
  EXPECT_THAT(values.fields, ElementsAre("", "$HOME", "{}"));
}

TEST_F(SettingsTest, DoesNotLookIntoWhatTheEnvironmentSays) {
  setenv("COMPORTA_TEST_PORT", "${COMPORTA_TEST_MISSING}", 1);
  Settings settings(write("a.yaml", "name: ${COMPORTA_TEST_PORT}"));
  EXPECT_EQ(read(settings.root()).name, "${COMPORTA_TEST_MISSING}");
}

TEST_F(SettingsTest, TakesSecretsFromFiles) {
  const std::pair<std::string, std::string> cases[] = {
      {"hush", "hush"}, {"hush\n", "hush"}, {"hush\r\n", "hush"}, {" hush \n\n", " hush \n"}, {"\n", ""}};
  for (const auto& [content, secret] : cases) {
    const fs::path file = write("password", content);
    Settings settings(write("a.yaml", "name: shop\nbroker: {password_file: " + file.string() + "}"));
    EXPECT_EQ(read(settings.root()).password, secret);
    EXPECT_EQ(settings.faults().size(), secret.empty() ? 1u : 0u);
  }
}

TEST_F(SettingsTest, TakesAnEmptyNameOfASecretFileAsNone) {
  Settings settings(write("a.yaml", "name: shop\nbroker: {password: hush, password_file: ''}"));
  EXPECT_EQ(read(settings.root()).password, "hush");
  EXPECT_TRUE(settings.faults().empty());
}

TEST_F(SettingsTest, PrintsWhatIsInEffectWithoutSecrets) {
  const fs::path file = write("p", "whisper\n");
  Settings settings(
      write("a.yaml", "rules: [{name: 'a: b'}]\nname: ${COMPORTA_TEST_PORT}\nfields: [a, 'true']\n" +
                          std::string("broker: {password: hush}\nother: {password_file: ") + file.string() +
                          "}\n"));
  read(settings.root());
  EXPECT_EQ(settings.effective(), R"(name: "9000"
http:
  port: 8080
  timeout: 10s
  max_body: 1MiB
broker:
  password: "***"
  durable: true
other:
  password_file: )" + file.string() + R"(
fields: [a, "true"]
rules:
  -
    name: "a: b"
    weight: 1
log:
  level: info
  format: json
)");
}

TEST_F(SettingsTest, PrintsWhatReadsBackTheSame) {
  Settings first(
      write("a.yaml", "name: 'on'\nhttp: {timeout: 90s, max_body: 1536B}\nfields: ['', '1', 'é\\n']\n"));
  read(first.root());
  Settings second(write("b.yaml", first.effective()));
  read(second.root());
  EXPECT_THAT(second.faults(), IsEmpty());
  EXPECT_EQ(second.effective(), first.effective());
}

TEST_F(SettingsTest, LetsTheCommandLineOverride) {
  const fs::path file = write("a.yaml", "name: shop\n");
  Settings settings(file, {{"name", "office"}, {"zone", "b"}});
  EXPECT_EQ(read(settings.root()).name, "office");
  EXPECT_EQ(settings.root().text("zone", ""), "b");
  EXPECT_THAT(settings.faults(), IsEmpty());
}

TEST_F(SettingsTest, CallersReportContradictions) {
  const fs::path file = write("a.yaml", "name: shop\nhttp:\n  port: 80\n");
  Settings settings(file);
  read(settings.root());
  settings.root().section("http").fault("port", "is taken by name");
  settings.root().section("http").fault("timeout", "is too long for port");
  EXPECT_THAT(settings.faults(), ElementsAre(file.string() + ":2: http.timeout: is too long for port",
                                             file.string() + ":3: http.port: is taken by name"));
}

TEST_F(SettingsTest, KeysCountAsAskedFor) {
  Settings settings(write("a.yaml", "b: 1\na: {x: 1}\n"));
  EXPECT_THAT(settings.root().keys(), ElementsAre("b", "a"));
  EXPECT_TRUE(settings.root().has("b"));
  EXPECT_FALSE(settings.root().has("c"));
  EXPECT_THAT(settings.faults(), IsEmpty());
}

TEST_F(SettingsTest, AnUnreadableFileIsTheOnlyFault) {
  const std::string too_large = write("large", std::string(1024 * 1024 + 1, '#')).string();
  for (const std::string& file : {(folder_ / "none.yaml").string(), folder_.string(), too_large}) {
    Settings settings(file);
    read(settings.root());
    EXPECT_THAT(settings.faults(), ElementsAre(file + ":1: expected a readable file of up to 1MiB"));
  }
}

// What a bad file says of itself: its first lines are `# expect: line: beginning of the fault`.
std::vector<std::string> expected_faults(const fs::path& file) {
  std::vector<std::string> expected;
  std::ifstream in(file);
  const std::string mark = "# expect: ";
  for (std::string line; std::getline(in, line) && line.starts_with(mark);) {
    expected.push_back(file.string() + ':' + line.substr(mark.size()));
  }
  return expected;
}

TEST_F(SettingsTest, FindsAllFaultsOfEveryBadFile) {
  int files = 0;
  for (const auto& entry : fs::directory_iterator(COMPORTA_SOURCE_DIR "/tests/data/bad/config")) {
    const std::vector<std::string> expected = expected_faults(entry.path());
    ASSERT_THAT(expected, testing::Not(IsEmpty())) << entry.path();
    Settings settings(entry.path());
    read(settings.root());
    const std::vector<std::string> faults = settings.faults();
    EXPECT_THAT(faults, testing::Pointwise(testing::Truly([](const auto& pair) {
                                             return std::get<0>(pair).starts_with(std::get<1>(pair));
                                           }),
                                           expected));
    EXPECT_EQ(settings.faults(), faults) << "asking twice gives the same";
    ++files;
  }
  EXPECT_GE(files, 15);
}

TEST_F(SettingsTest, NeverSaysASecret) {
  Settings settings(COMPORTA_SOURCE_DIR "/tests/data/bad/config/secrets.yaml");
  read(settings.root());
  for (const auto& fault : settings.faults()) EXPECT_THAT(fault, testing::Not(HasSubstr("hush")));
  EXPECT_THAT(settings.effective(), testing::Not(HasSubstr("hush")));
}

}  // namespace
}  // namespace comporta
