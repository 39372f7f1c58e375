#include "common/kinds/kind.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temporary_folder.h"
#include "tests/tsv.h"

namespace comporta {
namespace {

using ::testing::_;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

const std::filesystem::path kRoot = COMPORTA_SOURCE_DIR;

TEST(KindSet, LoadsTheKindsOfTheProject) {
  std::vector<std::string> faults;
  const KindSet kinds = KindSet::load(kRoot / "kinds", faults);
  EXPECT_THAT(faults, ElementsAre());
  const Kind* kind = kinds.find("transaction");
  ASSERT_NE(kind, nullptr);
  EXPECT_EQ(kind->title_pt, "Transação");
  EXPECT_EQ(kind->key, "_id");
  EXPECT_THAT(kind->cache_fields, ElementsAre("cliente", "email", "endereco", "isActive"));
  EXPECT_EQ(kind->ttl.count(), 60);
  EXPECT_EQ(kind->event_time, "datatrasancao");
  EXPECT_EQ(kind->schema, test::read_bytes((kRoot / "kinds/transaction/schema.json").string()));
  ASSERT_FALSE(kind->samples.empty());
  EXPECT_EQ(kind->samples[0].file, "Dados.json");
  EXPECT_THAT(kind->samples[0].content, HasSubstr("\n  \"isActive\""));
  EXPECT_EQ(kinds.find("none"), nullptr);
}

TEST(KindSet, KnowsDefaults) {
  std::vector<std::string> faults;
  const KindSet kinds = KindSet::load(kRoot / "tests/data/good/kinds", faults);
  EXPECT_THAT(faults, ElementsAre());
  const Kind* plain = kinds.find("plain");
  ASSERT_NE(plain, nullptr);
  EXPECT_EQ(plain->family, "plain");
  EXPECT_EQ(plain->ttl.count(), 0);
  EXPECT_THAT(plain->transforms, IsEmpty());
  EXPECT_THAT(plain->views_lua, IsEmpty());
  EXPECT_THAT(plain->views.queries, IsEmpty());
}

TEST(KindSet, ReadsAllThatAKindMaySay) {
  std::vector<std::string> faults;
  const KindSet kinds = KindSet::load(kRoot / "tests/data/good/kinds", faults);
  const Kind* kind = kinds.find("purchase");
  ASSERT_NE(kind, nullptr);
  EXPECT_EQ(kind->family, "sales");
  EXPECT_THAT(kind->transforms,
              ElementsAre(Pair("/card/cvv", Transform::kDrop), Pair("/card/number", Transform::kMask),
                          Pair("/cpf", Transform::kHash)));
  ASSERT_THAT(kind->labels, ElementsAre(Pair("/card/number", _), Pair("cpf", _)));
  EXPECT_EQ(kind->labels.at("cpf").en, "Tax number");
  EXPECT_THAT(kind->reasons, ElementsAre(Pair("it is sold out", "está esgotado")));
  EXPECT_THAT(kind->views_lua, HasSubstr("-- The views of the purchases"));
  EXPECT_THAT(kind->views.fields, ElementsAre("id", "cpf"));
  EXPECT_EQ(kind->views.order, KindViews::Order::kOrdered);
  EXPECT_THAT(kind->views.parameters,
              ElementsAre(Pair("code", ViewConstant("0123")), Pair("compare", ViewConstant("address")),
                          Pair("count", ViewConstant(std::int64_t{3})), Pair("strict", ViewConstant(true)),
                          Pair("window", ViewConstant(std::chrono::milliseconds(60'000)))));
}

TEST(KindSet, ReadsHowTextsAreWritten) {
  std::vector<std::string> faults;
  const KindSet kinds = KindSet::load(kRoot / "tests/data/good/tables", faults);
  EXPECT_THAT(faults, ElementsAre());
  const Kind* kind = kinds.find("person");
  ASSERT_NE(kind, nullptr);
  EXPECT_THAT(kind->forms, ElementsAre(Pair("/cpf", WrittenForm{.digits = true}),
                                       Pair("/email", WrittenForm{.trim = true, .lower = true}),
                                       Pair("/gender", WrittenForm{.trim = true, .lower = true}),
                                       Pair("/name", WrittenForm{.trim = true}),
                                       Pair("/secret", WrittenForm{.trim = true})));
  EXPECT_THAT(kind->transforms, ElementsAre(Pair("/secret", Transform::kHash)));
}

TEST(KindSet, ReadsWhoMayDoWhat) {
  std::vector<std::string> faults;
  const KindSet kinds = KindSet::load(kRoot / "tests/data/good/kinds", faults);
  const Kind* kind = kinds.find("member");
  ASSERT_NE(kind, nullptr);
  EXPECT_EQ(kind->account.login, "email");
  EXPECT_EQ(kind->access.create, AccessRule{.anyone = true}) << "whoever may sign up";
  EXPECT_EQ(kind->access.owner, "id");
  EXPECT_THAT(kind->access.accounts, ElementsAre("member")) << "accounts are their own";
  EXPECT_EQ(kind->access.change, AccessRule{.owner = true});
  EXPECT_EQ(kind->access.of_view("any"), (AccessRule{.owner = true, .roles = {"clerk"}}));
  EXPECT_THAT(kind->stamps, ElementsAre(Pair("since", Stamp::kNow)));
  EXPECT_TRUE(has_views(*kind)) << "who may change is looked at where views are computed";
  const Kind* open = kinds.find("plain");
  EXPECT_FALSE(open->access.declared);
  EXPECT_TRUE(open->access.create.anyone && open->access.change.anyone && open->access.read.anyone);
}

TEST(KindSet, ReadsQueries) {
  std::vector<std::string> faults;
  const KindSet kinds = KindSet::load(kRoot / "tests/data/good/kinds", faults);
  const auto& queries = kinds.find("purchase")->views.queries;
  ASSERT_THAT(queries, ElementsAre(Pair("list", _)));
  EXPECT_EQ(queries.at("list").title_pt, "Compras");
  const auto& parameters = queries.at("list").parameters;
  EXPECT_THAT(parameters,
              ElementsAre(Pair("clientId", _), Pair("day", _), Pair("limit", _), Pair("open", _)));
  EXPECT_TRUE(parameters.at("clientId").required);
  EXPECT_EQ(parameters.at("clientId").max, 128);
  EXPECT_EQ(parameters.at("limit").fallback, "50");
  EXPECT_EQ(type_name(parameters.at("day").type), "date");
}

TEST(KindSet, ReadsLookups) {
  std::vector<std::string> faults;
  const KindSet kinds = KindSet::load(kRoot / "tests/data/lookups", faults);
  EXPECT_THAT(faults, IsEmpty());
  const Kind& sale = *kinds.find("sale");
  const KindLookup& cashback = sale.lookups.at("cashback");
  EXPECT_EQ(cashback.question.title_en, "Accumulated cashback");
  EXPECT_TRUE(cashback.question.parameters.at("cpf").is_caller);
  EXPECT_TRUE(cashback.question.parameters.at("cpf").required) << "all have a value";
  EXPECT_THAT(cashback.url, ElementsAre(TextPiece{"https:///v1/cashback?cpf=", "cpf"}));
  EXPECT_EQ(cashback.host, "") << "none is set";
  EXPECT_EQ(cashback.headers.at("token").secret, "provider_token");
  EXPECT_THAT(cashback.success, ElementsAre(Pair("/statusCode", "200")));
  EXPECT_EQ(cashback.result.at("credit").pointer, "/body/credit");
  EXPECT_EQ(cashback.ttl, std::chrono::hours(1));
  EXPECT_EQ(cashback.stale, std::chrono::hours(24));
  EXPECT_EQ(sale.access.of_view("cashback"), (AccessRule{.owner = true, .roles = {"clerk"}}));
  const KindLookup& rate = sale.lookups.at("rate");
  EXPECT_THAT(rate.url, ElementsAre(TextPiece{"https:///v1/rates/", "code"}, TextPiece{"?on=", "on"}));
  EXPECT_FALSE(rate.question.parameters.at("on").required);
  EXPECT_EQ(rate.headers.at("Authorization").prefix, "Bearer ");
  EXPECT_EQ(type_name(rate.result.at("fixed").type), "flag");
}

TEST(KindSet, ReadsReactions) {
  std::vector<std::string> faults;
  const KindSet kinds = KindSet::load(kRoot / "tests/data/reactions", faults);
  EXPECT_THAT(faults, IsEmpty());
  const auto& reactions = kinds.find("order")->reactions;
  const KindReaction& charge = reactions.at("charge");
  EXPECT_EQ(charge.method, "POST");
  EXPECT_EQ(charge.address.host, "") << "none is set";
  EXPECT_THAT(charge.address.url,
              ElementsAre(TextPiece{"https:///v1/orders/", "order"}, TextPiece{"?on=", "on"}));
  EXPECT_EQ(charge.headers.at("Authorization").secret.prefix, "Bearer ");
  EXPECT_THAT(charge.headers.at("X-Idempotency-Key").text, ElementsAre(TextPiece{"", "id"}));
  EXPECT_THAT(charge.body, HasSubstr("Order {order}"));
  EXPECT_EQ(charge.becomes.kind, "payment");
  EXPECT_THAT(charge.becomes.record.at("status").pointers, ElementsAre("/status", "/data/status"));
  EXPECT_EQ(charge.becomes.record.at("count").json, "1");
  EXPECT_THAT(charge.failed.record.at("status").text, ElementsAre(TextPiece{"failed", ""}));
  EXPECT_EQ(charge.timeout, std::chrono::seconds(2));
  EXPECT_EQ(charge.tries, 3);
  EXPECT_EQ(reactions.at("tell").signing_secret, "hook_secret");
  EXPECT_EQ(reactions.at("look").method, "GET");
  EXPECT_EQ(reactions.at("look").tries, 8);
}

TEST(KindSet, TheHostOfALookupIsWhatTheInstallationNames) {
  const test::TemporaryFolder folder;
  std::filesystem::copy(kRoot / "tests/data/lookups", folder.path(),
                        std::filesystem::copy_options::recursive);
  const std::string file = (folder.path() / "sale/kind.yaml").string();
  std::string yaml = test::read_bytes(file);
  const std::string from = "${COMPORTA_TEST_PROVIDER:-}/v1/cashback";
  yaml.replace(yaml.find(from), from.size(), "Example.com:8443/v1/cashback");
  std::ofstream(file) << yaml;
  std::vector<std::string> faults;
  const KindSet kinds = KindSet::load(folder.path(), faults);
  EXPECT_THAT(faults, IsEmpty());
  const KindLookup& cashback = kinds.find("sale")->lookups.at("cashback");
  EXPECT_EQ(cashback.host, "example.com");
  EXPECT_THAT(cashback.url, ElementsAre(TextPiece{"https://Example.com:8443/v1/cashback?cpf=", "cpf"}));
}

TEST(QueryParameter, FitsOrNot) {
  using Type = QueryParameter::Type;
  const auto fits_as = [](Type type, std::string_view value) {
    return fits({.type = type, .required = false, .fallback = {}, .min = 1, .max = 3}, value);
  };
  for (const auto& [type, value] : {std::pair{Type::kText, "abc"},
                                    {Type::kText, "ç"},
                                    {Type::kCount, "1"},
                                    {Type::kCount, "3"},
                                    {Type::kFlag, "true"},
                                    {Type::kDate, "2024-02-29"},
                                    {Type::kCpf, "15350946056"}})
    EXPECT_TRUE(fits_as(type, value)) << value;
  for (const auto& [type, value] : {std::pair{Type::kText, ""},
                                    {Type::kText, "abcd"},
                                    {Type::kCount, "0"},
                                    {Type::kCount, "4"},
                                    {Type::kCount, "2 "},
                                    {Type::kCount, ""},
                                    {Type::kFlag, "yes"},
                                    {Type::kDate, "2023-02-29"},
                                    {Type::kCpf, "153.509.460-56"},
                                    {Type::kCpf, "15350946057"},
                                    {Type::kCpf, "11111111111"},
                                    {Type::kCpf, ""}})
    EXPECT_FALSE(fits_as(type, value)) << value;
}

TEST(QueryParameter, OfACursorTakesEveryOneThatCanBeHandedOut) {
  std::vector<std::string> faults;
  const KindSet kinds = KindSet::load(kRoot / "kinds", faults);
  int cursors = 0;
  for (const auto& [name, kind] : kinds.all())
    for (const auto& [title, query] : kind.views.queries) {
      const auto found = query.parameters.find("cursor");
      if (found == query.parameters.end()) continue;
      ++cursors;
      EXPECT_EQ(type_name(found->second.type), "cursor") << name << "/" << title;
      EXPECT_TRUE(fits(found->second, std::string(kMaxCursorBytes, 'x')));
      EXPECT_FALSE(fits(found->second, std::string(kMaxCursorBytes + 1, 'x')));
    }
  EXPECT_GE(cursors, 4);
}

/// Each folder below bad/kinds is a directory of kinds; expected.tsv has its faults, one a row, in order.
TEST(KindSet, RefusesEveryBadKind) {
  const std::filesystem::path folder = kRoot / "tests/data/bad/kinds";
  std::map<std::string, std::vector<test::Row>> expected;
  for (const test::Row& row : test::read_table((folder / "expected.tsv").string()))
    expected[row.at("folder")].push_back(row);
  for (const auto& [name, rows] : expected) {
    SCOPED_TRACE(name);
    std::vector<std::string> faults;
    KindSet::load(folder / name, faults);
    ASSERT_EQ(faults.size(), rows.size()) << testing::PrintToString(faults);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      EXPECT_THAT(faults[i], HasSubstr(rows[i].at("place")));
      EXPECT_THAT(faults[i], HasSubstr(rows[i].at("fault")));
    }
  }
}

TEST(KindSet, RefusesADirectoryWithoutKinds) {
  std::vector<std::string> faults;
  KindSet::load(kRoot / "no-such-folder", faults);
  KindSet::load(kRoot / "tests/data/bad/kinds/empty-schema/thing", faults);
  ASSERT_EQ(faults.size(), 2u);
  EXPECT_THAT(faults[0], HasSubstr("no-such-folder: No such file or directory"));
  EXPECT_THAT(faults[1], HasSubstr("thing: has no folder of a kind in it"));
}

}  // namespace
}  // namespace comporta
