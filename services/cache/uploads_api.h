#pragma once
// What has become of an upload, and waiting for it:
//
//   GET /api/v1/uploads/{upload}[?batch=…&batch=…]     `Prefer: wait=N` holds the answer while it is pending
//
// Whoever waits holds no thread: one asks for all of them, in one round trip, ten times a second.

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "common/access/gatekeeper.h"
#include "common/http/server.h"
#include "services/cache/apply/view_store.h"
#include "services/cache/upload_status.h"

namespace comporta {

struct UploadsSettings {
  std::size_t most_waiting = 256;  ///< beyond it nobody is kept waiting
  std::size_t most_asking = 256;   ///< who have come since it was last looked; then 503
  static constexpr std::chrono::milliseconds kLongestWait{10'000};
  std::chrono::milliseconds longest_wait = kLongestWait;  ///< shorter than the server's `answer_timeout`
};

class UploadsApi {
 public:
  /// `keeper` and `store` must outlive it. The store belongs to this one's thread.
  UploadsApi(Gatekeeper& keeper, ViewStore& store, UploadsSettings settings);
  /// Answers all who wait.
  ~UploadsApi();
  UploadsApi(const UploadsApi&) = delete;
  UploadsApi& operator=(const UploadsApi&) = delete;

  /// Answers what is asked here, and hands on all else. Any thread.
  HttpHandler before(HttpHandler others);
  /// Any thread. Does not block.
  void handle(HttpRequest request, Responder responder);
  /// Answers all who wait as things stand; from then on nobody is kept waiting. Any thread.
  void let_go();
  std::size_t waiting() const;

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kRound{100};  ///< between two looks for those who wait
  struct Question;
  using Questions = std::vector<std::unique_ptr<Question>>;

  std::optional<Problem> read(Question& question);
  /// What there is to do.
  struct Turn {
    Questions arrived;
    bool lets_go;
    bool ends;
  };

  void submit(std::unique_ptr<Question> question);
  void run();
  Turn await_turn();
  void welcome(Questions arrived, bool lets_go);
  void look_for_all();
  void ask_for_all();
  KnownUpload find(const Question& question);
  bool try_answer(Question& question, bool may_wait);
  void refuse_all(Questions& questions);

  Gatekeeper& keeper_;
  ViewStore& store_;
  const UploadsSettings settings_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  Questions arrived_;
  std::size_t waiting_count_ = 0;
  bool lets_go_ = false;
  bool ends_ = false;

  Questions waiting_;  ///< the thread's own, and so is the next
  Clock::time_point next_round_ = {};
  std::thread thread_;
};

}  // namespace comporta
