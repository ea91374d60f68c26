// afire/dist/meet.hpp -- processes of one machine that find each other by a name
//
//   std::vector<Descriptor> others = meet({.number = 1, .count = 4}, "job 17", 300);      // rank 0: sockets to 1, 2, 3; the others: to 0
//
// It returns when all are there. The name is that of a socket which is no file (Linux: unix(7), abstract) and belongs to the user: it ends
// with its process, so nothing stale is left by a run that was killed, and of two runs with one name at a time the second is refused.
#pragma once
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <thread>
#include <vector>

#include <afire/core/rank.hpp>
#include <afire/io/file.hpp>

namespace afire {

// move(at, n), as often as it takes for all bytes; false where the other side has ended.
template <class P, class Move>
bool move_all(P at, std::size_t bytes, Move move) {
  while (bytes > 0) {
    ssize_t const n = uninterrupted([&] { return move(at, bytes); });
    if (n <= 0) return false;
    at += n, bytes -= static_cast<std::size_t>(n);
  }
  return true;
}
// All bytes to a socket; false where nobody reads there.
inline bool send_all(int socket, void const* data, std::size_t bytes) {
  auto const send = [&](char const* at, std::size_t n) { return ::send(socket, at, n, MSG_NOSIGNAL); };
  return move_all(static_cast<char const*>(data), bytes, send);
}
// All bytes from a socket; false where nobody writes there.
inline bool receive_all(int socket, void* data, std::size_t bytes) {
  auto const receive = [&](char* at, std::size_t n) { return ::recv(socket, at, n, 0); };
  return move_all(static_cast<char*>(data), bytes, receive);
}

// What meet() does, for the rank that is found and for those that find it.
class Meeting {
 public:
  Meeting(Rank rank, std::string const& name, double seconds)
      : rank_(rank), name_(name), seconds_(seconds),
        until_(Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds))) {
    std::string const whole = text("afire ", ::getuid(), " ", name);
    std::size_t const bytes = std::min(whole.size(), sizeof address_.sun_path - 1);
    address_.sun_family = AF_UNIX;         // the path begins with a 0: no file
    std::copy_n(whole.data(), bytes, address_.sun_path + 1);
    length_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + bytes);
  }

  std::vector<Descriptor> first() {        // rank 0
    Descriptor const door = new_socket();
    if (::bind(door, address(), length_) != 0) {
      expects(errno != EADDRINUSE, "ranks: a run with the name ", name_, " is there already; end it, or start this one as another job");
      throw_errno("open the socket", name_);
    }
    if (::listen(door, static_cast<int>(rank_.count)) != 0) throw_errno("open the socket", name_);
    std::vector<Descriptor> others(static_cast<std::size_t>(rank_.count - 1));
    for (Index there = 1; there < rank_.count;) {
      expects(ready(door), "ranks: ", missing(others), " of ", rank_.count, " did not come within ", seconds_, " s");
      Descriptor guest(uninterrupted([&] { return ::accept4(door, nullptr, nullptr, SOCK_CLOEXEC); }));
      Rank its;
      if (!ready(guest) || !receive_all(guest, &its, sizeof its)) continue;              // it has given up
      expects(its.count == rank_.count, "ranks: rank ", its.number, " says that there are ", its.count, " ranks, rank 0 says ",
              rank_.count);
      bool const fresh = 0 < its.number && its.number < its.count && others[static_cast<std::size_t>(its.number - 1)] < 0;
      expects(fresh, "ranks: two processes say that they are rank ", its.number);
      others[static_cast<std::size_t>(its.number - 1)] = std::move(guest), ++there;
    }
    for (auto const& other : others) send_all(other, &all_there, 1);
    return others;
  }

  std::vector<Descriptor> other() {        // any other rank
    std::vector<Descriptor> first;
    for (;;) {
      first.clear(), first.push_back(new_socket());
      if (::connect(first[0], address(), length_) == 0) break;
      expects(Clock::now() < until_, "ranks: rank 0 of ", rank_.count, " did not come within ", seconds_, " s");
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    char answer = 0;
    expects(send_all(first[0], &rank_, sizeof rank_) && receive_all(first[0], &answer, 1) && answer == all_there, "ranks: rank 0 of ",
            rank_.count, " ended before all were there");
    return first;
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr char all_there = '!';

  static Descriptor new_socket() {
    Descriptor made(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (made < 0) throw_errno("open", "a socket");
    return made;
  }
  sockaddr const* address() const { return reinterpret_cast<sockaddr const*>(&address_); }
  bool ready(int socket) const {           // something has come there in time
    auto const left = std::chrono::duration_cast<std::chrono::milliseconds>(until_ - Clock::now()).count();
    pollfd what{socket, POLLIN, 0};
    return uninterrupted([&] { return ::poll(&what, 1, static_cast<int>(std::max<long long>(left, 0))); }) > 0;
  }
  static std::string missing(std::vector<Descriptor> const& others) {          // "rank 2", "ranks 2, 3"
    std::string numbers;
    Index count = 0;
    for (std::size_t p = 0; p < others.size(); ++p)
      if (others[p] < 0) numbers += text(count++ > 0 ? ", " : "", p + 1);
    return text(count == 1 ? "rank " : "ranks ", numbers);
  }

  Rank rank_;
  std::string name_;
  double seconds_;
  Clock::time_point until_;
  sockaddr_un address_{};
  socklen_t length_ = 0;
};

inline std::vector<Descriptor> meet(Rank rank, std::string const& name, double seconds) {
  expects(0 <= rank.number && rank.number < rank.count, "ranks: there is no rank ", rank.number, " of ", rank.count);
  Meeting meeting(rank, name, seconds);
  return rank.first() ? meeting.first() : meeting.other();
}

}  // namespace afire
