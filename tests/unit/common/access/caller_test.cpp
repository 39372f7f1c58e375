#include "common/access/caller.h"

#include <gtest/gtest.h>

namespace comporta {
namespace {

using enum Permission;

const std::vector<std::string> kClients = {"client"};
const std::optional<Caller> kNobody;
const std::optional<Caller> kClient = Caller{.kind = "client", .key = "ana", .roles = {}};
const std::optional<Caller> kOther = Caller{.kind = "reseller", .key = "ana", .roles = {}};
const std::optional<Caller> kCook = Caller{.kind = "employee", .key = "rui", .roles = {"cook"}};
const std::optional<Caller> kAdmin = Caller{.kind = "employee", .key = "eva", .roles = {"admin"}};

TEST(Permission, IsAnyonesLoginsOwnersOrARoles) {
  struct Row {
    AccessRule rule;
    Permission nobody, client, other, cook, admin;
  };
  const std::vector<Row> rows = {
      {{.anyone = true}, kYes, kYes, kYes, kYes, kYes},
      {{.login = true}, kLogIn, kYes, kNo, kNo, kYes},
      {{.owner = true}, kLogIn, kIfOwner, kNo, kNo, kYes},
      {{.roles = {"cook"}}, kLogIn, kNo, kNo, kYes, kYes},
      {{.owner = true, .roles = {"cook"}}, kLogIn, kIfOwner, kNo, kYes, kYes},
      {{.login = true, .owner = true}, kLogIn, kYes, kNo, kNo, kYes},
      {{}, kLogIn, kNo, kNo, kNo, kYes},
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    SCOPED_TRACE(i);
    EXPECT_EQ(permission(rows[i].rule, kClients, kNobody), rows[i].nobody);
    EXPECT_EQ(permission(rows[i].rule, kClients, kClient), rows[i].client);
    EXPECT_EQ(permission(rows[i].rule, kClients, kOther), rows[i].other);
    EXPECT_EQ(permission(rows[i].rule, kClients, kCook), rows[i].cook);
    EXPECT_EQ(permission(rows[i].rule, kClients, kAdmin), rows[i].admin);
  }
}

TEST(Permission, OfAKindThatNamesNoAccountsIsForRolesAlone) {
  EXPECT_EQ(permission({.login = true}, {}, kClient), kNo);
  EXPECT_EQ(permission({.login = true}, {}, kAdmin), kYes);
}

}  // namespace
}  // namespace comporta
