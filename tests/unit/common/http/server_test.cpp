// The HTTP server through real sockets on loopback.

#include "common/http/server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/support/http_client.h"

namespace comporta {
namespace {

using namespace std::chrono_literals;

TEST(HttpServer, AnswersRequestsOnOneConnectionInOrder) {
  HttpServer server({.threads = 2}, echo());
  Client client(server.port());
  client.say(post("/one", "1"));
  EXPECT_TRUE(client.hear().ends_with("POST /one 1"));
  client.say(post("/two", "2") + get("/three") + get("/four"));
  EXPECT_TRUE(client.hear().ends_with("POST /two 2"));
  EXPECT_TRUE(client.hear().ends_with("GET /three "));
  EXPECT_TRUE(client.hear().ends_with("GET /four "));
}

TEST(HttpServer, AnswersFromAnotherThread) {
  Desk desk;
  HttpServer server({}, keep(desk));
  Client client(server.port());
  client.say(post("/late", "x"));
  auto [request, responder] = desk.take();
  EXPECT_EQ(server.pending(), 1U);
  EXPECT_FALSE(responder.expired());
  std::thread([r = std::move(responder)]() mutable { r.send({.status = 202, .body = "yes"}); }).join();
  const std::string answer = client.hear();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 202 Accepted\r\n"));
  EXPECT_TRUE(answer.ends_with("yes"));
  EXPECT_TRUE(eventually([&] { return server.pending() == 0; }));
}

// The fault of stock Pistache: a late answer is written to whoever has the descriptor now.
TEST(HttpServer, NeverGivesAnAnswerToAnotherClient) {
  Desk desk;
  HttpServer server({}, keep(desk));
  for (int round = 0; round < 200; ++round) {
    auto leaver = std::make_unique<Client>(server.port());
    leaver->say(get("/leaver"));
    auto theirs = desk.take();
    leaver.reset();
    Client stayer(server.port());  // very likely gets the descriptor that has become free
    stayer.say(get("/stayer"));
    theirs.second.send({.body = "for the leaver"});
    auto own = desk.take();
    own.second.send({.body = "for the stayer"});
    ASSERT_TRUE(stayer.hear().ends_with("for the stayer")) << "round " << round;
  }
}

TEST(HttpServer, RefusesWithAProblemAndCloses) {
  HttpServer server({.max_body_bytes = 10}, echo());
  Client client(server.port());
  client.say("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n");
  const std::string answer = client.hear();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 413 ")) << answer;
  EXPECT_NE(answer.find("application/problem+json"), std::string::npos);
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
  EXPECT_TRUE(client.ended());
}

TEST(HttpServer, ARefusalReachesAClientThatGoesOnSending) {
  HttpServer server({.max_body_bytes = 10}, echo());
  Client client(server.port());
  client.say(post("/", std::string(4 << 20, 'x')));
  EXPECT_TRUE(client.hear().starts_with("HTTP/1.1 413 "));
}

TEST(HttpServer, SaysContinueWhenAskedTo) {
  HttpServer server({}, echo());
  Client client(server.port());
  client.say("POST /c HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.hear(false), "HTTP/1.1 100 Continue\r\n\r\n");
  client.say("ok");
  EXPECT_TRUE(client.hear().ends_with("POST /c ok"));
}

TEST(HttpServer, HeadGetsNoBody) {
  HttpServer server({}, echo());
  Client client(server.port());
  client.say("HEAD /h HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(client.hear(false).find("Content-Length: 8\r\n"), std::string::npos);
  client.say(get("/after"));
  EXPECT_TRUE(client.hear().ends_with("GET /after "));
}

TEST(HttpServer, AHandlerThatThrowsOrForgetsGets500) {
  HttpServer server({}, [](const HttpRequest& request, const Responder&) {
    if (request.path == "/throw") throw std::runtime_error("inner workings");
  });
  for (const char* path : {"/throw", "/forget"}) {
    Client client(server.port());
    client.say(get(path));
    const std::string answer = client.hear();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 500 ")) << answer;
    EXPECT_EQ(answer.find("inner workings"), std::string::npos)
        << "what is wrong inside is nobody's business";
  }
}

TEST(HttpServer, AnUnansweredRequestGets503AndItsAnswerIsDropped) {
  Desk desk;
  HttpServer server({.answer_timeout = 1ms}, keep(desk));
  Client client(server.port());
  client.say(get("/slow"));
  auto late = desk.take();
  EXPECT_TRUE(client.hear().starts_with("HTTP/1.1 503 "));
  EXPECT_TRUE(late.second.expired());
  late.second.send({.body = "too late"});
  client.say(get("/next"));
  desk.take().second.send({.body = "in time"});
  const std::string answer = client.hear();
  EXPECT_TRUE(answer.ends_with("in time") || answer.starts_with("HTTP/1.1 503 ")) << answer;
  EXPECT_FALSE(answer.ends_with("too late"));
}

TEST(HttpServer, TimeOutsEndSlowHeadersAndSlowBodies) {
  HttpServer server({.header_timeout = 1ms, .body_timeout = 1ms}, echo());
  for (const char* start : {"GET / HT", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhe"}) {
    Client client(server.port());
    client.say(start);
    EXPECT_TRUE(client.hear().starts_with("HTTP/1.1 408 ")) << start;
    EXPECT_TRUE(client.ended());
  }
}

TEST(HttpServer, AnIdleConnectionIsClosedInSilence) {
  HttpServer server({.idle_timeout = 1ms}, echo());
  Client client(server.port());
  EXPECT_TRUE(client.ended());
}

TEST(HttpServer, AnAnswerMayOutliveTheServer) {
  Desk desk;
  auto server = std::make_unique<HttpServer>(HttpSettings{}, keep(desk));
  Client client(server->port());
  client.say(get("/orphan"));
  auto orphan = desk.take();
  server.reset();
  EXPECT_TRUE(orphan.second.expired());
  orphan.second.send({.body = "to nobody"});
  EXPECT_TRUE(client.ended());
}

TEST(HttpServer, NamesATakenPort) {
  const HttpServer server({}, echo());
  try {
    const HttpServer second({.port = server.port()}, echo());
    FAIL() << "the port is taken";
  } catch (const std::exception& error) {
    EXPECT_NE(std::string(error.what()).find(std::to_string(server.port())), std::string::npos);
  }
}

TEST(HttpServer, ManyClientsAtOnceEachGetTheirOwn) {
  HttpServer server({.threads = 2}, echo());
  std::vector<std::thread> clients;
  std::atomic<int> wrong{0};
  for (int c = 0; c < 16; ++c) {
    clients.emplace_back([&, c] {
      Client client(server.port());
      for (int i = 0; i < 200; ++i) {
        const std::string body = std::to_string(c) + "-" + std::to_string(i);
        client.say(post("/echo", body));
        if (!client.hear().ends_with("POST /echo " + body)) ++wrong;
      }
    });
  }
  for (auto& client : clients) client.join();
  EXPECT_EQ(wrong, 0);
}

// Would fail if what is told too late of a connection that has ended were taken for news of the event loop's
// own: its descriptor, used again, would then be read by two.
TEST(HttpServer, ALateEventOfAnEndedConnectionHarmsNobody) {
  Desk desk;
  std::atomic<bool> busy{false};
  std::atomic<bool> go_on{false};
  HttpServer server({.answer_timeout = 600ms}, [&](HttpRequest request, Responder responder) {
    if (request.path == "/long") {
      busy = true;
      eventually([&] { return go_on.load(); });
    }
    desk.put(std::move(request), std::move(responder));
  });
  std::optional<Client> first(server.port());
  first->say(get("/last", "Connection: close\r\n"));
  auto last = desk.take();
  Client other(server.port());
  other.say(get("/long"));
  ASSERT_TRUE(eventually([&] { return busy.load(); }));
  last.second.send({});  // the worker learns of this answer and, after it, of the end of the client
  first.reset();
  go_on = true;
  desk.take().second.send({});
  other.hear();

  Client next(server.port());  // has the descriptor that became free
  next.say(get("/one"));
  const auto one = desk.take();
  next.say(get("/two"));  // waits until the worker's clock has ticked a few times, and given up on /one
  EXPECT_TRUE(next.hear().starts_with("HTTP/1.1 503"));
  desk.take().second.send({.body = "2"});
  EXPECT_TRUE(next.hear().ends_with("2"));
}

TEST(HttpServer, TellsOnceWithWhichStatusARequestWasAnswered) {
  std::mutex mutex;
  std::vector<int> told;
  const auto all_told = [&] {
    const std::lock_guard lock(mutex);
    return told;
  };
  Desk desk;
  HttpServer server({.answer_timeout = 50ms},
                    [&, others = keep(desk)](HttpRequest request, Responder responder) {
                      responder.when_answered([&](int status) {
                        const std::lock_guard lock(mutex);
                        told.push_back(status);
                      });
                      if (request.path == "/now") return responder.send({.status = 202});
                      if (request.path == "/dropped") return;
                      others(std::move(request), std::move(responder));
                    });
  Client client(server.port());
  client.say(get("/now"));
  client.hear();
  client.say(get("/dropped"));
  client.hear();
  client.say(get("/late"));
  EXPECT_TRUE(client.hear().starts_with("HTTP/1.1 503 "));
  desk.take().second.send({});
  EXPECT_EQ(all_told(), (std::vector{202, 500, 503}));
  {
    Client leaver(server.port());
    leaver.say(get("/left"));
    desk.take().second.expired();
  }
  EXPECT_TRUE(eventually([&] { return all_told().size() == 4; }));
}

}  // namespace
}  // namespace comporta
