#include "services/cache/uploads_api.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "common/base/error.h"
#include "common/base/text.h"
#include "common/base/uuid.h"
#include "common/http/problem_response.h"
#include "services/cache/preferred_wait.h"

namespace comporta {
namespace {

constexpr std::string_view kUploads = "/api/v1/uploads/";
/// More than an upload of the greatest size has parts, and as many as a request line of 8 KiB holds.
constexpr std::size_t kMostBatches = 160;

/// `batch=…&batch=…`
std::variant<std::vector<std::string>, Problem> read_batches(std::string_view query) {
  std::vector<std::string> batches;
  for (std::string_view rest = query; !rest.empty();) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    const auto parameter = parse_query(pair);
    if (!parameter) return bad_query();
    for (const auto& [name, value] : *parameter) {
      if (name != "batch") return bad_parameter("There is no parameter `" + name + "`.");
      if (!is_uuid_v7(value)) return bad_parameter("`batch` must be a batch id: a UUIDv7 in lower case.");
      batches.push_back(value);
    }
  }
  if (batches.size() > kMostBatches)
    return bad_parameter("There are more than " + std::to_string(kMostBatches) + " batches.");
  return batches;
}

}  // namespace

struct UploadsApi::Question {
  HttpRequest request;
  Responder responder;
  std::optional<Caller> asker = {};
  std::string upload = {};
  std::vector<std::string> batches = {};
  std::chrono::milliseconds wait{0};
  Clock::time_point until = {};
  std::string awaited =
      {};  ///< the first of its batches that is not there yet; empty: that is not what tells
  std::string last_said = {};  ///< JSON

  void refuse(const Problem& problem) { responder.send(refusal(problem, request)); }
  void say(std::string json) {
    HttpResponse response = not_kept({.body = std::move(json)});
    if (wait.count() > 0) response.headers.emplace_back("Preference-Applied", "wait");
    responder.send(std::move(response));
  }
};

UploadsApi::UploadsApi(Gatekeeper& keeper, ViewStore& store, UploadsSettings settings)
    : keeper_(keeper), store_(store), settings_(settings), thread_([this] { run(); }) {
  pthread_setname_np(thread_.native_handle(), "uploads");
}

UploadsApi::~UploadsApi() {
  {
    const std::lock_guard lock(mutex_);
    lets_go_ = ends_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

HttpHandler UploadsApi::before(HttpHandler others) {
  return [this, others = std::move(others)](HttpRequest request, Responder responder) {
    if (request.path.starts_with(kUploads)) return handle(std::move(request), std::move(responder));
    others(std::move(request), std::move(responder));
  };
}

void UploadsApi::handle(HttpRequest request, Responder responder) {
  auto question = std::make_unique<Question>(Question{std::move(request), std::move(responder)});
  if (const auto problem = read(*question)) return question->refuse(*problem);
  submit(std::move(question));
}

std::optional<Problem> UploadsApi::read(Question& question) {
  const HttpRequest& request = question.request;
  if (!request.is_read()) return method_not_allowed("GET, HEAD");
  auto caller = keeper_.caller(request);
  if (auto* problem = std::get_if<Problem>(&caller)) return std::move(*problem);
  question.asker = std::move(std::get<std::optional<Caller>>(caller));
  if (auto problem = keeper_.unless(permission(keeper_.in_force({.anyone = true}), {}, question.asker)))
    return problem;
  question.upload = request.path.substr(kUploads.size());
  if (!is_uuid_v7(question.upload)) return bad_request("An upload id is a UUIDv7 in lower case.");
  auto batches = read_batches(request.query);
  if (auto* problem = std::get_if<Problem>(&batches)) return std::move(*problem);
  question.batches = std::move(std::get<std::vector<std::string>>(batches));
  question.wait = std::min<std::chrono::milliseconds>(preferred_wait(request), settings_.longest_wait);
  question.until = Clock::now() + question.wait;
  return std::nullopt;
}

void UploadsApi::submit(std::unique_ptr<Question> question) {
  std::unique_lock lock(mutex_);
  if (arrived_.size() >= settings_.most_asking) {
    lock.unlock();
    return question->refuse(unavailable("Too many readers just now."));
  }
  arrived_.push_back(std::move(question));
  lock.unlock();
  wake_.notify_one();
}

void UploadsApi::let_go() {
  {
    const std::lock_guard lock(mutex_);
    lets_go_ = true;
  }
  wake_.notify_one();
}

std::size_t UploadsApi::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_count_;
}

void UploadsApi::run() {
  for (bool ends = false; !ends;) {
    Turn turn = await_turn();
    ends = turn.ends;
    welcome(std::move(turn.arrived), turn.lets_go);
    if (turn.lets_go)
      for (auto& question : std::exchange(waiting_, {})) question->say(std::move(question->last_said));
    if (Clock::now() >= next_round_) look_for_all();
    const std::lock_guard lock(mutex_);
    waiting_count_ = waiting_.size();
  }
}

/// Waits until somebody comes, or it is time to look for those who wait.
UploadsApi::Turn UploadsApi::await_turn() {
  std::unique_lock lock(mutex_);
  const auto is_due = [this] { return ends_ || !arrived_.empty() || (lets_go_ && !waiting_.empty()); };
  if (waiting_.empty())
    wake_.wait(lock, is_due);
  else
    wake_.wait_until(lock, next_round_, is_due);
  return {std::exchange(arrived_, {}), lets_go_, ends_};
}

void UploadsApi::welcome(Questions arrived, bool lets_go) {
  try {
    for (auto& question : arrived) {
      const bool may_wait = !lets_go && waiting_.size() < settings_.most_waiting;
      if (question->responder.expired() || try_answer(*question, may_wait)) continue;
      waiting_.push_back(std::move(question));
    }
  } catch (const TransientError&) {
    refuse_all(arrived);
  }
}

void UploadsApi::look_for_all() {
  next_round_ = Clock::now() + kRound;
  std::erase_if(waiting_, [](const auto& question) { return question->responder.expired(); });
  try {
    ask_for_all();
  } catch (const TransientError&) {
    refuse_all(waiting_);
  }
  std::erase_if(waiting_, [](const auto& question) { return question->responder.expired(); });
}

void UploadsApi::ask_for_all() {
  std::vector<std::string> awaited;
  for (const auto& question : waiting_)
    if (!question->awaited.empty()) awaited.push_back(question->awaited);
  const std::vector<bool> there = store_.are_applied(awaited);
  auto is_there = there.begin();
  for (auto& question : waiting_) {
    const bool news = question->awaited.empty() || *is_there++;
    const bool in_time = Clock::now() < question->until;
    if (news)
      try_answer(*question, in_time);
    else if (!in_time)
      question->say(std::move(question->last_said));
  }
}

/// The batches first: the outcome is written in the same step, and so is there of each that is.
KnownUpload UploadsApi::find(const Question& question) {
  KnownUpload upload{question.upload, {}};
  for (const std::string& batch : question.batches) upload.batches.push_back(store_.find_batch(batch));
  upload.outcome = store_.find_upload(question.upload);
  return upload;
}

/// Of what somebody sent who had logged in, others see as much as of nothing. False: it is pending, and
/// whoever asks would rather wait.
bool UploadsApi::try_answer(Question& question, bool may_wait) {
  const KnownUpload upload = find(question);
  const std::string& sender = upload.outcome.principal;
  const auto& asker = question.asker;
  const bool in_sight = sender.empty() || (asker && (asker->is_admin() || asker->principal() == sender));
  if (!in_sight || !upload.is_known()) {
    question.refuse(not_found("Nothing is known of such an upload."));
    return true;
  }
  question.last_said = upload_json(upload);
  const bool waits = question.wait.count() > 0 && state_of(upload) == UploadState::kPending;
  if (!waits || !may_wait) {
    if (waits && Clock::now() < question.until) question.wait = {};
    question.say(std::move(question.last_said));
    return true;
  }
  const auto missing = std::find(upload.batches.begin(), upload.batches.end(), std::nullopt);
  question.awaited = missing == upload.batches.end()
                         ? ""
                         : question.batches[static_cast<std::size_t>(missing - upload.batches.begin())];
  return false;
}

void UploadsApi::refuse_all(Questions& questions) {
  for (auto& question : questions)
    if (question && !question->responder.expired())
      question->refuse(unavailable("The cache cannot be read just now."));
}

}  // namespace comporta
