#include "common/http/server.h"

#include <pistache/listener.h>
#include <pistache/peer.h>
#include <pistache/tcp.h>
#include <pistache/transport.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "common/base/error.h"
#include "common/http/connection.h"
#include "common/telemetry/log.h"

// Pistache accepts, spreads connections over its workers and tells a worker which descriptor is ready.
// Everything between a connection's first and last byte is ours: its own parser, write queue and shutdown
// lose or misdeliver answers (docs/decisions/001-http-on-pistache.md).

namespace comporta {
namespace http_detail {
namespace {

namespace Tcp = Pistache::Tcp;
namespace Polling = Pistache::Polling;

constexpr int kBacklog = 1024;
constexpr long kTickNanoseconds = 250'000'000;
/// Descriptors beside the clients' connections: servers, logs, event descriptors.
constexpr rlim_t kOtherDescriptors = 256;
/// When there are too many connections, one in so many is closed at once.
constexpr std::size_t kRoomShare = 16;
/// For clients to take what they were answered, when all else is done.
constexpr std::chrono::milliseconds kLeaveTime{3'000};

int make_tick_timer() {
  const int fd = ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  if (fd < 0) throw TransientError("no timer is to be had");
  itimerspec period{};
  period.it_value.tv_nsec = period.it_interval.tv_nsec = kTickNanoseconds;
  ::timerfd_settime(fd, 0, &period, nullptr);
  return fd;
}

/// One worker: its connections, its mailbox, its clock. Lives on Pistache's worker thread.
class Worker final : public Tcp::Transport {
 public:
  Worker(const std::shared_ptr<Tcp::Handler>& greeter, std::shared_ptr<ServerState> state)
      : Tcp::Transport(greeter),
        greeter_(greeter),
        state_(std::move(state)),
        mailbox_(std::make_shared<Mailbox>()),
        timer_fd_(make_tick_timer()) {}

  ~Worker() override {
    for (const auto& [fd, connection] : connections_) ::close(fd);
    ::close(timer_fd_);
  }

  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  std::shared_ptr<Pistache::Aio::Handler> clone() const override {
    return std::make_shared<Worker>(greeter_->clone(), state_);
  }

  void registerPoller(Polling::Epoll& poller) override {
    Tcp::Transport::registerPoller(poller);
    const auto read = Pistache::Flags<Polling::NotifyOn>(Polling::NotifyOn::Read);
    poller.addFd(mailbox_->fd(), read, tag_of(mailbox_->fd()));
    poller.addFd(timer_fd_, read, tag_of(timer_fd_));
  }

  void onReady(const Pistache::Aio::FdSet& ready) override {
    for (const auto& entry : ready) {
      const auto tag = entry.getTag();
      const auto found = connections_.find(static_cast<int>(tag.value()));
      if (tag == tag_of(mailbox_->fd())) {
        deliver_answers();
      } else if (tag == tag_of(timer_fd_)) {
        tick();
      } else if (found != connections_.end()) {
        const auto connection = found->second;
        settle(found->first, (!entry.isWritable() || connection->on_writable()) && connection->on_readable());
      } else if (!client_tags_.contains(tag.value())) {  // one that was closed a moment ago may have an event
        pass_to_base(tag);
      }
    }
  }

  /// Called by the greeter for each new client, on this worker's thread.
  void welcome(const std::shared_ptr<Tcp::Peer>& peer) {
    connections_[peer->fd()] = std::make_shared<Connection>(peer->fd(), state_, mailbox_);
    client_tags_.insert(static_cast<std::uint64_t>(peer->fd()));
  }

 private:
  static Polling::Tag tag_of(int fd) { return Polling::Tag(static_cast<std::uint64_t>(fd)); }

  void deliver_answers() {
    for (const Answer& answer : mailbox_->take()) {
      const auto connection = answer.exchange->connection();
      if (!connection) continue;  // the client has left
      const bool open = connection->on_answer(*answer.exchange, answer.response);
      settle(connection->fd(), open);
    }
  }

  void tick() {
    std::uint64_t expirations = 0;
    [[maybe_unused]] const ssize_t ignored = ::read(timer_fd_, &expirations, sizeof expirations);
    const auto now = Connection::Clock::now();
    std::vector<int> over;
    for (const auto& [fd, connection] : connections_) {
      const bool open = connection->on_tick(now);
      watch(fd, *connection);
      if (!open) over.push_back(fd);
    }
    for (const int fd : over) close(fd);
    // Pistache's queue of new connections can miss a wake-up: look into it again.
    for (const std::uint64_t tag : base_tags_) pass_event_to_base(Polling::Tag(tag));
  }

  /// An event of one of Pistache's own queues: of new connections, the only one in use here.
  void pass_to_base(Polling::Tag tag) {
    const bool known = std::ranges::find(base_tags_, tag.value()) != base_tags_.end();
    if (!known) base_tags_.push_back(tag.value());
    pass_event_to_base(tag);
  }

  void pass_event_to_base(Polling::Tag tag) {
    Polling::Event event(tag);
    event.flags.setFlag(Polling::NotifyOn::Read);
    Tcp::Transport::onReady(Pistache::Aio::FdSet({event}));
    const int excess = state_->connections - state_->settings.max_connections;
    if (excess > 0) make_room(static_cast<std::size_t>(excess));
  }

  /// Closes `excess` connections or more: those whose clients have been awaited longest. Who has just come is
  /// last among them. More than is needed, as looking for them costs more than closing them.
  void make_room(std::size_t excess) {
    std::vector<std::pair<Connection::Clock::time_point, int>> awaited;
    for (const auto& [fd, connection] : connections_) {
      if (const auto since = connection->awaited_since()) awaited.emplace_back(*since, fd);
    }
    const std::size_t count = std::min(awaited.size(), std::max(excess, awaited.size() / kRoomShare));
    std::ranges::nth_element(awaited, awaited.begin() + static_cast<std::ptrdiff_t>(count));
    for (std::size_t i = 0; i < count; ++i) close(awaited[i].second);
  }

  void settle(int fd, bool open) {
    const auto found = connections_.find(fd);
    if (found == connections_.end()) return;
    if (open) {
      watch(fd, *found->second);
    } else {
      close(fd);
    }
  }

  /// Asks to be told when a client that was slow to read can take more.
  void watch(int fd, Connection& connection) {
    if (!connection.wants_write()) return;
    reactor()->modifyFd(key(), fd, Polling::NotifyOn::Read | Polling::NotifyOn::Write, Polling::Mode::Edge);
  }

  void close(int fd) {
    connections_.erase(fd);
    const auto peer = peers.find(fd);
    if (peer != peers.end()) removePeer(std::shared_ptr(peer->second));
  }

  std::shared_ptr<Tcp::Handler> greeter_;
  std::shared_ptr<ServerState> state_;
  std::shared_ptr<Mailbox> mailbox_;
  int timer_fd_;
  std::unordered_map<int, std::shared_ptr<Connection>> connections_;
  /// Of all clients so far; Pistache's own are open all the time.
  std::unordered_set<std::uint64_t> client_tags_;
  std::vector<std::uint64_t> base_tags_;
};

/// Tells the worker of new clients. Input never comes this way: the worker reads for itself.
class Greeter final : public Tcp::Handler {
 public:
  PROTOTYPE_OF(Tcp::Handler, Greeter)
  void onConnection(const std::shared_ptr<Tcp::Peer>& peer) override {
    static_cast<Worker*>(transport())->welcome(peer);
  }
  void onInput(const char*, std::size_t, const std::shared_ptr<Tcp::Peer>&) override {
    check(false, "the worker reads for itself");
  }
};

void allow_descriptors(int connections) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const rlim_t wanted = static_cast<rlim_t>(connections) + kOtherDescriptors;
  if (limit.rlim_cur >= wanted) return;
  limit.rlim_cur = std::min(wanted, limit.rlim_max);
  ::setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur < wanted) {
    log_warn("the limit on open files is too low for max_connections",
             {{"limit", limit.rlim_cur}, {"wanted", wanted}});
  }
}

}  // namespace
}  // namespace http_detail

struct HttpServer::Impl {
  Impl(const HttpSettings& settings, HttpHandler handler)
      : state(std::make_shared<http_detail::ServerState>(settings, std::move(handler))),
        listener(Pistache::Address(settings.address, Pistache::Port(settings.port))) {}

  std::shared_ptr<http_detail::ServerState> state;
  Pistache::Tcp::Listener listener;
};

HttpServer::HttpServer(const HttpSettings& settings, HttpHandler handler)
    : impl_(std::make_unique<Impl>(settings, std::move(handler))) {
  using Pistache::Tcp::Options;
  http_detail::allow_descriptors(settings.max_connections);
  auto& listener = impl_->listener;
  const auto greeter = std::make_shared<http_detail::Greeter>();
  listener.init(static_cast<std::size_t>(settings.threads),
                Pistache::Flags<Options>(Options::ReuseAddr | Options::NoDelay | Options::CloseOnExec),
                "http", http_detail::kBacklog);
  listener.setTransportFactory(
      [greeter, state = impl_->state] { return std::make_shared<http_detail::Worker>(greeter, state); });
  listener.setHandler(greeter);
  try {
    listener.bind();
  } catch (const std::exception& error) {
    throw TransientError("cannot listen on " + settings.address + ":" + std::to_string(settings.port) + ": " +
                         error.what());
  }
  listener.runThreaded();
}

HttpServer::~HttpServer() {
  impl_->listener.shutdown();
}

std::uint16_t HttpServer::port() const {
  return impl_->listener.getPort();
}

std::size_t HttpServer::pending() const {
  return impl_->state->pending;
}

std::chrono::milliseconds HttpServer::leave_time() const {
  return impl_->state->settings.leave_time;
}

void HttpServer::close_after_answers() {
  impl_->state->closing = true;
}

bool HttpServer::drain(std::chrono::milliseconds limit) {
  impl_->state->closing = true;
  impl_->state->draining = true;
  const bool answered = impl_->state->wait_until_idle(limit);
  impl_->state->wait_until_deserted(std::min(limit, http_detail::kLeaveTime));
  return answered;
}

}  // namespace comporta
