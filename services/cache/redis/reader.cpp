#include "services/cache/redis/reader.h"

namespace comporta {
namespace {

void append(RedisCommands& commands, const std::vector<std::string_view>& words) {
  commands.command(words.size());
  for (const std::string_view word : words) commands.argument(word);
}

/// The answer of a server that has nothing: no text, no number but 0, no elements.
RedisValue nothing() {
  static const RedisNodes kNil{.nodes = {{}}, .text = {}};
  return {kNil, 0};
}

}  // namespace

RedisValue ReadsAtOnce::ask(const std::vector<std::string_view>& command) {
  with_connection([&] {
    append(commands_, command);
    connection_->send(commands_);
    reply_.emplace(connection_->receive());
  });
  const RedisValue& answer = *reply_;
  return answer;
}

RedisValue ReadsTogether::ask(const std::vector<std::string_view>& command) {
  asked_.clear();
  append(asked_, command);
  const auto [at, is_new] = answers_.try_emplace(asked_.bytes());
  if (is_new) ++missing_;
  const RedisValue answer = at->second.value_or(nothing());
  if (is_new && command.front() == "GET") read_ahead(command[1]);
  return answer;
}

void ReadsTogether::read_ahead(std::string_view key) {
  std::vector<RedisValue> lists;
  for (const auto& [bytes, answer] : answers_)
    if (answer && answer->size() > 0) lists.push_back(*answer);
  for (const RedisValue& list : lists) {
    std::size_t named = 0;
    while (named < list.size() && (list[named].text().empty() || !key.ends_with(list[named].text()))) ++named;
    if (named == list.size()) continue;
    const std::string start(key.substr(0, key.size() - list[named].text().size()));
    for (std::size_t i = 0; i < list.size(); ++i) {
      asked_.clear();
      append(asked_, {"GET", start + std::string(list[i].text())});
      if (answers_.try_emplace(asked_.bytes()).second) ++missing_;
    }
  }
}

void ReadsTogether::fetch(RedisConnection& connection) {
  RedisCommands commands;
  commands.command(1).argument("MULTI");
  for (const auto& [bytes, answer] : answers_) commands.add_whole(bytes);
  commands.command(1).argument("EXEC");
  connection.send(commands);
  connection.skip(1);
  connection.skip_queued(answers_.size());
  all_.emplace(connection.receive());
  std::size_t index = 0;
  for (auto& [bytes, answer] : answers_) answer.emplace((*all_)[index++]);
  missing_ = 0;
}

}  // namespace comporta
