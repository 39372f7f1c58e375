// What the HTTP server does with more than it can take, and at its end.

#include <gtest/gtest.h>

#include <atomic>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

#include "common/http/connection.h"
#include "tests/support/http_client.h"

namespace comporta {
namespace {

using namespace std::chrono_literals;

TEST(HttpServerLimits, WhenThereAreTooManyConnectionsTheLongestAwaitedIsClosed) {
  HttpServer server({.max_connections = 2}, echo());
  Client oldest(server.port());
  oldest.say(get("/oldest"));
  EXPECT_TRUE(oldest.hear().ends_with("GET /oldest "));
  Client older(server.port());
  older.say(get("/older"));
  EXPECT_TRUE(older.hear().ends_with("GET /older "));
  Client newcomer(server.port());
  newcomer.say(get("/newcomer"));
  EXPECT_TRUE(newcomer.hear().ends_with("GET /newcomer "));
  EXPECT_TRUE(oldest.ended());
  older.say(get("/still"));
  EXPECT_TRUE(older.hear().ends_with("GET /still "));
}

TEST(HttpServerLimits, SlowHeadersAndBodiesMakeRoomForOthers) {
  HttpServer server({.max_connections = 1}, echo());
  for (const char* start : {"", "GET / HT", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhe"}) {
    Client slow(server.port());
    slow.say(start);
    Client honest(server.port());
    honest.say(get("/honest"));
    EXPECT_TRUE(honest.hear().ends_with("GET /honest ")) << start;
    EXPECT_TRUE(slow.ended());
  }
}

TEST(HttpServerLimits, WhoIsBeingServedIsNotClosedForANewcomer) {
  Desk desk;
  HttpServer server({.max_connections = 1}, keep(desk));
  Client first(server.port());
  first.say(get("/first"));
  auto taken = desk.take();
  Client newcomer(server.port());
  EXPECT_TRUE(newcomer.ended());
  taken.second.send({.body = "served"});
  EXPECT_TRUE(first.hear().ends_with("served"));
}

// The worker wakes to a newcomer and to words of the client that has to make room, in one go.
TEST(HttpServerLimits, AClientThatSpeaksWhileItMakesRoomDoesNoHarm) {
  std::mutex busy;
  std::atomic<int> entered{0};
  HttpServer server({.max_connections = 2}, [&](const HttpRequest& request, Responder responder) {
    ++entered;
    if (request.path == "/long") const std::lock_guard wait(busy);
    responder.send({.body = "answered"});
  });
  for (int round = 0; round < 50; ++round) {
    Client oldest(server.port());
    oldest.say(get("/first"));
    ASSERT_TRUE(oldest.hear().ends_with("answered"));
    Client other(server.port());
    const int before = entered;
    std::unique_lock hold(busy);
    other.say(get("/long"));
    ASSERT_TRUE(eventually([&] { return entered > before; }));
    std::list<Client> newcomers;
    for (int n = 0; n < 20; ++n) newcomers.emplace_back(server.port());
    oldest.say(get("/last"));
    hold.unlock();
    EXPECT_TRUE(other.hear().ends_with("answered"));
  }
  // Whoever gets the descriptors of those that went is heard by the worker, and by nobody else.
  Client first(server.port());
  Client second(server.port());
  for (int n = 0; n < 40'000; ++n) {
    first.say(get("/first"));
    second.say(get("/second"));
    ASSERT_TRUE(first.hear().ends_with("answered"));
    ASSERT_TRUE(second.hear().ends_with("answered"));
  }
}

TEST(HttpServerLimits, BodiesBeyondTheBufferAreRefusedAndItsRoomComesBack) {
  Desk desk;
  HttpServer server({.max_buffered_bytes = 1'500}, keep(desk));
  const std::string body(1'000, 'x');
  Client first(server.port());
  first.say(post("/a", body));
  auto kept = desk.take();
  Client second(server.port());
  second.say(post("/b", body));
  EXPECT_TRUE(second.hear().starts_with("HTTP/1.1 503 "));
  kept.second.send({.body = "done"});
  EXPECT_TRUE(first.hear().ends_with("done"));
  Client third(server.port());
  third.say(post("/c", body));
  desk.take().second.send({.body = "fine"});
  EXPECT_TRUE(third.hear().ends_with("fine"));
}

/// The server's answer to a small request, as soon as it is that.
testing::AssertionResult soon_answers(const HttpServer& server, std::string_view status) {
  const bool answered = eventually([&] {
    Client client(server.port());
    client.say(get("/small"));
    return client.hear().starts_with("HTTP/1.1 " + std::string(status));
  });
  return answered ? testing::AssertionSuccess() : testing::AssertionFailure() << "never " << status;
}

TEST(HttpServerLimits, TheRoomOfRequestsThatBreakOffComesBack) {
  HttpServer server({.max_buffered_bytes = 1'500}, echo());
  for (int round = 0; round < 3; ++round) {
    Client leaver(server.port());
    leaver.say("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2000\r\n\r\nhalf");
    EXPECT_TRUE(leaver.hear().starts_with("HTTP/1.1 503 "));
    Client other(server.port());
    other.say("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1400\r\n\r\nhalf");
    other.leave();
    EXPECT_TRUE(eventually([&] {
      Client honest(server.port());
      honest.say(post("/honest", std::string(1'000, 'x')));
      return honest.hear().starts_with("HTTP/1.1 200 ");
    })) << "as much has room as before";
  }
}

TEST(HttpServerLimits, HeadersThatDoNotEndFillTheBufferToo) {
  HttpServer server({.max_buffered_bytes = 8'000}, echo());
  Client slow(server.port());
  slow.say("GET / HTTP/1.1\r\nX: " + std::string(10'000, 'x'));
  EXPECT_TRUE(soon_answers(server, "503"));
  slow.leave();
  EXPECT_TRUE(soon_answers(server, "200"));
}

TEST(HttpServerLimits, WhatIsSentAheadFillsTheBufferToo) {
  Desk desk;
  HttpServer server({.max_buffered_bytes = 8'000}, [&](HttpRequest request, Responder responder) {
    if (request.path == "/kept") return desk.put(std::move(request), std::move(responder));
    responder.send({.body = "answered"});
  });
  Client hasty(server.port());
  hasty.say(get("/kept") + get("/next", "X: " + std::string(10'000, 'x') + "\r\n"));
  auto kept = desk.take();
  EXPECT_TRUE(soon_answers(server, "503"));
  kept.second.send({.body = "done"});
  EXPECT_TRUE(hasty.hear().ends_with("done"));
  EXPECT_TRUE(hasty.hear().starts_with("HTTP/1.1 503 ")) << "it is too much itself";
  EXPECT_TRUE(soon_answers(server, "200"));
}

TEST(HttpServerLimits, AnAnswerOnItsWayToItsConnectionCounts) {
  const auto state = std::make_shared<http_detail::ServerState>(HttpSettings{}, nullptr);
  const auto mailbox = std::make_shared<http_detail::Mailbox>();
  Responder(
      std::make_shared<http_detail::Exchange>(state, mailbox, std::weak_ptr<http_detail::Connection>{}, "/"))
      .send({.body = std::string(1'000, 'x')});
  EXPECT_EQ(state->buffered.held, 1'000U);
  mailbox->take();
  EXPECT_EQ(state->buffered.held, 0U);
}

TEST(HttpServerLimits, ARefusedHeadHasNoBody) {
  Desk desk;
  HttpServer server({.max_buffered_bytes = 1'500}, keep(desk));
  Client first(server.port());
  first.say("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1450\r\n\r\nhalf");
  EXPECT_TRUE(eventually([&] {
    Client asker(server.port());
    asker.say("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
    const std::string said = asker.hear(false);
    return said.starts_with("HTTP/1.1 503 ") && said.find("Content-Length: ") != said.npos && asker.ended();
  }));
}

TEST(HttpServerLimits, ASlowReaderGetsItsWholeAnswerAndHoldsNobodyUp) {
  const std::string large(16 << 20, 'x');
  HttpServer server({}, [&](const HttpRequest& request, Responder responder) {
    responder.send({.body = request.path == "/large" ? large : "small"});
  });
  Client slow(server.port());
  slow.say(get("/large"));
  Client quick(server.port());
  quick.say(get("/small"));
  EXPECT_TRUE(quick.hear().ends_with("small"));
  const std::string answer = slow.hear();
  EXPECT_EQ(answer.size() - answer.find("\r\n\r\n") - 4, large.size());
}

TEST(HttpServerLimits, AnswersThatNobodyTakesFillTheBufferToo) {
  const std::string large(16 << 20, 'x');
  HttpServer server({.max_buffered_bytes = 1 << 20}, [&](const HttpRequest& request, Responder responder) {
    responder.send({.body = request.path == "/large" ? large : "small"});
  });
  Client slow(server.port());
  slow.say(get("/large"));
  EXPECT_TRUE(eventually([&] {
    Client other(server.port());
    other.say(get("/small"));
    return other.hear().starts_with("HTTP/1.1 503 ");
  }));
  EXPECT_TRUE(slow.hear().ends_with("x"));
  Client other(server.port());
  other.say(get("/small"));
  EXPECT_TRUE(other.hear().ends_with("small"));
}

TEST(HttpServerDrain, ConnectionsEndWithTheirNextAnswerWhileRequestsAreTaken) {
  HttpServer server({}, echo());
  Client kept(server.port());
  kept.say(get("/before"));
  EXPECT_EQ(kept.hear().find("Connection: close"), std::string::npos);
  server.close_after_answers();
  Client newcomer(server.port());
  for (Client* client : {&kept, &newcomer}) {
    client->say(get("/after"));
    const std::string answer = client->hear();
    EXPECT_TRUE(answer.ends_with("GET /after "));
    EXPECT_NE(answer.find("Connection: close"), std::string::npos);
    EXPECT_TRUE(client->ended());
  }
}

TEST(HttpServerDrain, DrainsWhatItTookAndRefusesTheRest) {
  Desk desk;
  HttpServer server({}, keep(desk));
  Client before(server.port());
  Client after(server.port());
  before.say(get("/before"));
  auto taken = desk.take();
  EXPECT_FALSE(server.drain(0ms));
  after.say(get("/after"));
  EXPECT_TRUE(after.hear().starts_with("HTTP/1.1 503 "));
  EXPECT_TRUE(after.ended());
  taken.second.send({.body = "finished"});
  EXPECT_TRUE(server.drain(10s));
  const std::string answer = before.hear();
  EXPECT_TRUE(answer.ends_with("finished"));
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
}

// One worker is busy with the first request while the second arrives, complete.
TEST(HttpServerDrain, ARequestThatHasArrivedIsAnsweredBeforeTheEnd) {
  std::mutex busy;
  std::unique_lock hold(busy);
  std::atomic<bool> entered{false};
  auto server = std::make_unique<HttpServer>(HttpSettings{}, [&](const HttpRequest&, Responder responder) {
    entered = true;
    const std::lock_guard wait(busy);
    responder.send({.body = "finished"});
  });
  Client second(server->port());
  Client first(server->port());
  first.say(get("/first"));
  ASSERT_TRUE(eventually([&] { return entered.load(); }));
  second.say(post("/second", std::string(1 << 20, 'x')));
  std::thread draining([&] {
    server->drain(10s);
    server.reset();
  });
  hold.unlock();
  EXPECT_TRUE(first.hear().ends_with("finished"));
  EXPECT_TRUE(second.hear().starts_with("HTTP/1.1 ")) << "finished or refused, but not cut off";
  first.leave();
  second.leave();
  draining.join();
}

TEST(HttpServerDrain, ARequestThatIsStillComingIsRefusedAndAnIdleClientLet) {
  HttpServer server({}, echo());
  Client slow(server.port());
  slow.say("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhe");
  Client idle(server.port());
  idle.say(get("/once"));
  EXPECT_TRUE(idle.hear().ends_with("GET /once "));
  EXPECT_TRUE(server.drain(10s));
  EXPECT_TRUE(slow.hear().starts_with("HTTP/1.1 503 "));
  EXPECT_TRUE(slow.ended());
  EXPECT_TRUE(idle.ended());
}

}  // namespace
}  // namespace comporta
