#pragma once
// A door between the tested code and a server, which a test can shut, hold, or slam.

#include <atomic>
#include <cstdint>
#include <list>
#include <thread>

namespace comporta {

/// Listens on a free port of 127.0.0.1 and passes bytes on to and from `server_port` there.
class TcpGate {
 public:
  explicit TcpGate(std::uint16_t server_port);
  ~TcpGate();
  TcpGate(const TcpGate&) = delete;
  TcpGate& operator=(const TcpGate&) = delete;

  std::uint16_t port() const { return port_; }
  /// New connections are closed at once; the open ones stay.
  void refuse(bool refuse) { refuse_ = refuse; }
  /// Nothing is read any more, from either side.
  void hold(bool hold) { hold_ = hold; }
  /// What the server says is kept from the client, until the next cut().
  void hold_replies() { hold_replies_ = true; }
  /// Ends every connection that is open now, and returns when they are.
  void cut();
  /// Ends every connection in the place of passing on the n-th piece, from 1, that comes after this call.
  void cut_at_piece(int n) { pieces_left_ = n; }
  /// Whether the cut of the last cut_at_piece() has come.
  bool piece_was_cut() const { return pieces_left_ == 0; }
  int refused() const { return refused_; }

 private:
  struct Pair {
    int client;
    int server;
  };

  void run();
  void accept_one();
  void pass_on();
  bool pass(int from, int to);
  void cut_all();

  std::uint16_t server_port_;
  std::uint16_t port_ = 0;
  int listener_;
  std::atomic<bool> refuse_{false};
  std::atomic<bool> hold_{false};
  std::atomic<bool> hold_replies_{false};
  std::atomic<bool> cut_{false};
  std::atomic<bool> stop_{false};
  std::atomic<int> refused_{0};
  std::atomic<int> pieces_left_{-1};  ///< until the one that is not passed on; below zero: none
  std::list<Pair> pairs_;
  std::thread thread_;
};

}  // namespace comporta
