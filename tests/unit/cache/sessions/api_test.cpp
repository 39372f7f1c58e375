#include "services/cache/sessions/api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <thread>

#include "common/base/text.h"
#include "tests/support/cache/memory_people_store.h"
#include "tests/support/cache/memory_view_store.h"
#include "tests/support/http_client.h"
#include "tests/support/temporary_folder.h"

namespace comporta {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kPassword[] = "correct horse battery";
const std::string kSecret(32, 's');

/// What a client may say beside the path.
struct Said {
  std::string body = {};
  std::string headers = {};  ///< each with its line break
  std::string type = "application/json";
  std::string address = "10.0.0.1";
};

/// What came back.
struct Heard {
  int status = 0;
  std::string head;
  std::string body;

  std::string header(const std::string& name) const {
    const std::size_t at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos) return "";
    const std::size_t begin = at + name.size() + 4;
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }
  std::string text(const std::string& member) const {
    const std::string start = "\"" + member + "\":\"";
    const std::size_t at = body.find(start);
    if (at == std::string::npos) return "";
    return body.substr(at + start.size(), body.find('"', at + start.size()) - at - start.size());
  }
  std::string cookie() const {
    const std::string all = header("Set-Cookie");
    return all.substr(0, all.find(';'));
  }
};

class SessionsApiTest : public ::testing::Test {
 protected:
  SessionsApiTest() {
    write_keys(key);
    write("kinds/client/kind.yaml",
          "titles: {pt: Cliente, en: Client}\nkey: id\ncache: {fields: [email], ttl: 0s}\n"
          "labels: {id: {pt: Cliente, en: Client}, email: {pt: E-mail, en: E-mail},\n"
          "         password: {pt: Senha, en: Password}}\n"
          "account: {login: email, password: password, sign_up: anyone}\n");
    write("kinds/client/schema.json",
          R"({"type":"object","additionalProperties":false,"required":["id","email"],"properties":{"id":)"
          R"({"type":"string","minLength":1},"email":{"type":"string"},"password":{"type":"string"}}})");
    std::vector<std::string> faults;
    kinds = KindSet::load(folder.path() / "kinds", faults);
    EXPECT_THAT(faults, ::testing::IsEmpty());
    store.put("client", "c1", "ana@example.com", hasher.hash("client/c1", kPassword), R"(["cook"])");
    records.records["client:c1"] = {R"({"email":"ana@example.com"})", MemoryViewStore::kForEver};
    start({.secret = kSecret});
  }

  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((folder.path() / name).parent_path());
    std::ofstream(folder.path() / name) << text;
  }
  void write_keys(const TokenKey& first) const {
    write("fresh", whole_key_set({{first}}));
    std::filesystem::rename(folder.path() / "fresh", folder.path() / "keys.json");
  }
  void start(const SessionSettings& settings) {
    server.reset();
    api = std::make_unique<SessionsApi>(settings, kinds, gatekeeper, store, records, metrics, TestTime::now);
    HttpSettings http;
    http.answer_timeout = std::chrono::minutes(1);  // a slow hash is slower where others compute, too
    server = std::make_unique<HttpServer>(http, api->before(echo()));
  }

  std::string request_of(const std::string& method, const std::string& path, const Said& said) const {
    std::string head =
        method + " " + path + " HTTP/1.1\r\nHost: shop.example\r\nX-Forwarded-For: " + said.address +
        "\r\ntraceparent: 00-0123456789abcdef0123456789abcdef-0123456789abcdef-01\r\n" + said.headers;
    if (method == "GET" || method == "HEAD") return head + "\r\n";
    if (!said.body.empty()) head += "Content-Type: " + said.type + "\r\n";
    return head + "Content-Length: " + std::to_string(said.body.size()) + "\r\n\r\n" + said.body;
  }
  static Heard heard(const std::string& answer) {
    const std::size_t end = answer.find("\r\n\r\n");
    Heard result{0, answer.substr(0, end + 2), answer.substr(std::min(end + 4, answer.size()))};
    if (answer.size() > 12) result.status = std::stoi(answer.substr(9, 3));
    return result;
  }
  Heard ask(const std::string& method, const std::string& path, const Said& said = {}) {
    Client client(server->port());
    client.say(request_of(method, path, said));
    return heard(client.hear(method != "HEAD"));
  }
  static std::string login_body(const std::string& login = "ana@example.com",
                                const std::string& password = kPassword) {
    return R"({"kind":"client","login":)" + json_string(login) + R"(,"password":)" + json_string(password) +
           "}";
  }
  Heard log_in(const std::string& login = "ana@example.com", const std::string& password = kPassword) {
    return ask("POST", "/api/v1/sessions", {.body = login_body(login, password)});
  }
  static std::string bearer(const Heard& login) {
    return "Authorization: Bearer " + login.text("access_token") + "\r\n";
  }

  const test::TemporaryFolder folder;
  const TokenKey key = new_token_key();
  const PasswordHasher hasher{kSecret};
  KindSet kinds;
  Metrics metrics;
  Gatekeeper gatekeeper{
      {.keys_file = (write_keys(key), folder.path() / "keys.json")}, metrics, TestTime::now};
  MemoryPeopleStore store;
  MemoryViewStore records;
  std::unique_ptr<SessionsApi> api;
  std::unique_ptr<HttpServer> server;
};

TEST_F(SessionsApiTest, LogsInWithJson) {
  const Heard login = log_in(" ANA@Example.com ");
  EXPECT_EQ(login.status, 200);
  EXPECT_EQ(login.header("Cache-Control"), "no-store");
  EXPECT_THAT(login.body, ContainsRegex(R"(^\{"access_token":"[^"]+","token_type":"Bearer","expires_in":600,)"
                                        R"("refresh_token":"[^"]+","account":\{"kind":"client","key":"c1",)"
                                        R"("login":"ana@example.com","roles":\["cook"\]\}\}$)"));
  EXPECT_EQ(login.header("Set-Cookie"),
            "refresh=" + login.text("refresh_token") +
                "; Max-Age=7200; Path=/api/v1/sessions; HttpOnly; SameSite=Strict");
  HttpRequest with_token{.method = "GET", .path = "/", .query = "", .headers = {}, .body = ""};
  with_token.headers.emplace_back("authorization", "Bearer " + login.text("access_token"));
  const auto caller = std::get<std::optional<Caller>>(gatekeeper.caller(with_token));
  EXPECT_EQ(caller->principal(), "client/c1");
  EXPECT_TRUE(caller->has_role("cook"));
  EXPECT_THAT(metrics.render(), HasSubstr(R"(comporta_logins_total{outcome="ok"} 1)"));
}

TEST_F(SessionsApiTest, LogsInWithAFormOfAnEarlierSystem) {
  const Heard login = ask("POST", "/api/v1/sessions?kind=client",
                          {.body = "username=ana%40example.com&password=correct+horse+battery",
                           .headers = "X-Forwarded-Proto: https\r\n",
                           .type = "application/x-www-form-urlencoded"});
  EXPECT_EQ(login.status, 200);
  EXPECT_THAT(login.header("Set-Cookie"), ::testing::EndsWith("; Secure"));
}

TEST_F(SessionsApiTest, KnowsTheHashesOfImports) {
  store.put("client", "c2", "bia@example.com",
            "$2b$05$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo.");
  EXPECT_EQ(log_in("bia@example.com").status, 200);
  EXPECT_EQ(log_in("bia@example.com", "wrong").status, 401);
}

TEST_F(SessionsApiTest, WhateverIsWrongTheAnswerIsTheSame) {
  store.put("client", "c3", "no@password.example", "");
  const auto failed = [this](const std::string& login, const std::string& password) {
    const int look_ups = store.look_ups;
    const int updates = store.updates;
    Heard answer = log_in(login, password);
    EXPECT_EQ(answer.status, 401) << login;
    answer.body +=
        " " + std::to_string(store.look_ups - look_ups) + " " + std::to_string(store.updates - updates);
    return answer;
  };
  const Heard wrong = failed("ana@example.com", "wrong");
  EXPECT_THAT(wrong.body, HasSubstr(R"("type":"urn:comporta:problem:login")"));
  EXPECT_THAT(wrong.body, HasSubstr("The login name or the password is not right."));
  for (const auto& [login, password] :
       std::vector<std::pair<std::string, std::string>>{{"nobody@example.com", kPassword},
                                                        {"no@password.example", ""},
                                                        {"", ""},
                                                        {"ana@example.com", ""},
                                                        {std::string(3'000, 'x'), "p"}}) {
    const Heard other = failed(login, password);
    EXPECT_EQ(other.head, wrong.head) << login;
    EXPECT_EQ(other.body, wrong.body) << login;
  }
  EXPECT_THAT(metrics.render(), HasSubstr(R"(comporta_logins_total{outcome="refused"} 6)"));
}

TEST_F(SessionsApiTest, NamesWhatIsNoKindOfAccounts) {
  for (const auto* kind : {"order", "", "client "}) {
    const Heard answer =
        ask("POST", "/api/v1/sessions",
            {.body = R"({"kind":")" + std::string(kind) + R"(","login":"a","password":"p"})"});
    EXPECT_EQ(answer.status, 422);
    EXPECT_THAT(answer.body, HasSubstr("`kind` must be a kind of accounts"));
  }
}

TEST_F(SessionsApiTest, GuessingIsHeldUpForThatNameFromThatAddressAlone) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(log_in("ana@example.com", "wrong").status, 401);
  const Heard held = log_in("ANA@example.com");
  EXPECT_EQ(held.status, 429);
  EXPECT_EQ(held.header("Retry-After"), "1");
  EXPECT_THAT(held.body, HasSubstr("urn:comporta:problem:too-many-logins"));
  EXPECT_EQ(ask("POST", "/api/v1/sessions", {.body = login_body(), .address = "10.0.0.2"}).status, 200);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(log_in("nobody@example.com", "wrong").status, 401);
  const Heard unknown = log_in("nobody@example.com");
  EXPECT_EQ(unknown.head, held.head);
  EXPECT_EQ(unknown.body, held.body);
  TestTime::pass(std::chrono::seconds(1));
  EXPECT_EQ(log_in().status, 200);
  EXPECT_THAT(metrics.render(), HasSubstr(R"(comporta_logins_total{outcome="throttled"} 2)"));
}

TEST_F(SessionsApiTest, RefreshesByTheTokenOrTheCookie) {
  const Heard login = log_in();
  const Heard by_body = ask("POST", "/api/v1/sessions/refresh",
                            {.body = R"({"refresh_token":")" + login.text("refresh_token") + "\"}"});
  EXPECT_EQ(by_body.status, 200);
  EXPECT_NE(by_body.text("access_token"), login.text("access_token"));
  TestTime::pass(std::chrono::minutes(1));
  const Heard by_cookie =
      ask("POST", "/api/v1/sessions/refresh", {.headers = "Cookie: a=b; " + by_body.cookie() + "; c=d\r\n"});
  EXPECT_EQ(by_cookie.status, 200);
  EXPECT_NE(by_cookie.text("refresh_token"), by_body.text("refresh_token"));
  EXPECT_EQ(ask("GET", "/api/v1/me", {.headers = bearer(by_cookie)}).status, 200);
}

TEST_F(SessionsApiTest, ASessionThatIsOverIsOverAndItsCookieForgotten) {
  const Heard login = log_in();
  store.put("client", "c1", "ana@example.com", hasher.hash("client/c1", "another password"), R"(["cook"])");
  const Heard over =
      ask("POST", "/api/v1/sessions/refresh", {.headers = "Cookie: " + login.cookie() + "\r\n"});
  EXPECT_EQ(over.status, 401);
  EXPECT_THAT(over.body, HasSubstr("Session over"));
  EXPECT_THAT(over.header("Set-Cookie"), ::testing::StartsWith("refresh=; Max-Age=0;"));
  EXPECT_EQ(ask("GET", "/api/v1/me", {.headers = bearer(login)}).status, 401);
  EXPECT_EQ(ask("POST", "/api/v1/sessions/refresh").status, 401);
  EXPECT_EQ(
      ask("POST", "/api/v1/sessions/refresh", {.body = R"({"refresh_token":"x"})"}).header("Set-Cookie"), "");
}

TEST_F(SessionsApiTest, TellsWhoItIs) {
  const Heard login = log_in();
  const Heard me = ask("GET", "/api/v1/me", {.headers = bearer(login)});
  EXPECT_EQ(me.status, 200);
  EXPECT_EQ(me.header("Cache-Control"), "no-store");
  EXPECT_EQ(
      me.body,
      R"({"kind":"client","key":"c1","login":"ana@example.com","roles":["cook"],"record":{"email":"ana@example.com"}})");
  records.records.clear();
  EXPECT_THAT(ask("GET", "/api/v1/me", {.headers = bearer(login)}).body, HasSubstr(R"("record":null)"));
  EXPECT_EQ(ask("GET", "/api/v1/me").status, 401);
  EXPECT_EQ(ask("GET", "/api/v1/me", {.headers = bearer(login) + bearer(login)}).status, 401);
  EXPECT_EQ(ask("HEAD", "/api/v1/me", {.headers = bearer(login)}).status, 200);
}

TEST_F(SessionsApiTest, LogsOutThisSessionOrAll) {
  const Heard one = log_in();
  const Heard two = log_in();
  const Heard three = log_in();
  const Heard out = ask("DELETE", "/api/v1/sessions", {.headers = bearer(one)});
  EXPECT_EQ(out.status, 204);
  EXPECT_THAT(out.header("Set-Cookie"), ::testing::StartsWith("refresh=; Max-Age=0; Path=/api/v1/sessions;"));
  EXPECT_EQ(ask("GET", "/api/v1/me", {.headers = bearer(one)}).status, 401);
  EXPECT_EQ(ask("GET", "/api/v1/me", {.headers = bearer(two)}).status, 200);
  EXPECT_EQ(
      ask("DELETE", "/api/v1/sessions?all=true", {.headers = "Cookie: " + two.cookie() + "\r\n"}).status,
      204);
  EXPECT_EQ(ask("GET", "/api/v1/me", {.headers = bearer(three)}).status, 401);
  EXPECT_EQ(log_in().status, 200);
}

TEST_F(SessionsApiTest, WhoIsNotLoggedInCannotLogOut) {
  EXPECT_EQ(ask("DELETE", "/api/v1/sessions").status, 401);
  EXPECT_EQ(ask("DELETE", "/api/v1/sessions", {.headers = "Authorization: Bearer x\r\n"}).status, 401);
  const Heard over = ask("DELETE", "/api/v1/sessions", {.headers = "Cookie: refresh=over\r\n"});
  EXPECT_EQ(over.status, 401);
  EXPECT_THAT(over.header("Set-Cookie"), ::testing::StartsWith("refresh=; Max-Age=0;"));
  for (const auto* query : {"all=false", "all=true&all=true", "all", "every=true"})
    EXPECT_EQ(ask("DELETE", "/api/v1/sessions?" + std::string(query), {.headers = bearer(log_in())}).status,
              400);
}

TEST_F(SessionsApiTest, ShowsThePublicKeysAndSignsWithTheNewestOne) {
  const Heard keys = ask("GET", "/.well-known/jwks.json");
  EXPECT_EQ(keys.status, 200);
  EXPECT_EQ(keys.header("Content-Type"), "application/jwk-set+json");
  EXPECT_EQ(keys.header("Cache-Control"), "public, max-age=300");
  EXPECT_EQ(keys.body, public_key_set({{key}}));
  EXPECT_THAT(keys.body, Not(HasSubstr("\"d\"")));
  const TokenKey next = new_token_key();
  write_keys(next);
  EXPECT_TRUE(
      eventually([&] { return ask("GET", "/.well-known/jwks.json").body == public_key_set({{next}}); }));
  const std::string token = log_in().text("access_token");
  EXPECT_THAT(from_base64url(token.substr(0, token.find('.'))).value_or(""), HasSubstr(next.id));
}

TEST_F(SessionsApiTest, KnowsItsMethodsAndLeavesTheOtherPathsToOthers) {
  EXPECT_EQ(ask("GET", "/api/v1/sessions").header("Allow"), "POST, DELETE");
  EXPECT_EQ(ask("HEAD", "/api/v1/sessions").status, 405);
  EXPECT_EQ(ask("DELETE", "/api/v1/sessions/refresh").header("Allow"), "POST");
  EXPECT_EQ(ask("POST", "/api/v1/me").header("Allow"), "GET, HEAD");
  EXPECT_EQ(ask("PUT", "/.well-known/jwks.json").status, 405);
  EXPECT_THAT(ask("GET", "/api/v1/sessions/").body, HasSubstr("GET /api/v1/sessions/"));
}

TEST_F(SessionsApiTest, TakesNothingThatABrowserSendsForAnotherSite) {
  const std::string other = "Sec-Fetch-Site: cross-site\r\n";
  EXPECT_EQ(ask("POST", "/api/v1/sessions", {.body = login_body(), .headers = other}).status, 403);
  EXPECT_EQ(ask("POST", "/api/v1/sessions/refresh", {.headers = other}).status, 403);
  EXPECT_EQ(ask("DELETE", "/api/v1/sessions", {.headers = "Origin: https://evil.example\r\n"}).status, 403);
  EXPECT_EQ(
      ask("POST", "/api/v1/sessions", {.body = login_body(), .headers = "Origin: https://shop.example\r\n"})
          .status,
      200);
}

TEST_F(SessionsApiTest, NobodyIsLookedUpWhileTheStoreIsAway) {
  const Heard login = log_in();
  store.away = true;
  const Heard away = log_in();
  EXPECT_EQ(away.status, 503);
  EXPECT_EQ(away.header("Retry-After"), "1");
  EXPECT_EQ(ask("GET", "/api/v1/me", {.headers = bearer(login)}).status, 503);
  store.away = false;
  EXPECT_EQ(log_in().status, 200);
}

TEST_F(SessionsApiTest, LoginsBeyondTheQueueAreRefusedAndHoldUpNobody) {
  start({.hash_threads = 1, .hash_queue = 2, .secret = kSecret});
  const Heard login = log_in();
  // It takes so long that the others come meanwhile.
  store.put("client", "c4", "slow@example.com",
            "$argon2id$v=19$m=19456,t=60,p=1$c29tZXNvbWVzb21lc29tZQ$" + std::string(43, 'A'));
  const int look_ups = store.look_ups;
  std::vector<std::unique_ptr<Client>> clients;
  for (const auto* name : {"slow@example.com", "b", "c", "d", "e", "f", "g", "h"}) {
    clients.push_back(std::make_unique<Client>(server->port()));
    clients.back()->say(request_of("POST", "/api/v1/sessions", {.body = login_body(name, "p")}));
    ASSERT_TRUE(eventually([&] { return store.look_ups >= look_ups + 2; })) << "the first is being looked at";
  }
  EXPECT_EQ(ask("GET", "/api/v1/me", {.headers = bearer(login)}).status, 200);
  std::vector<int> statuses;
  for (const auto& client : clients) statuses.push_back(heard(client->hear()).status);
  EXPECT_EQ(statuses.front(), 401);
  EXPECT_EQ(std::count(statuses.begin(), statuses.end(), 401), 3);
  EXPECT_EQ(std::count(statuses.begin(), statuses.end(), 503), 5);
  EXPECT_EQ(log_in().status, 200);
}

}  // namespace
}  // namespace comporta
