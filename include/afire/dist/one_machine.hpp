// afire/dist/one_machine.hpp -- ranks on one machine, processes or threads, that add up numbers and memory of the host over sockets
//
//   OneMachine ranks = OneMachine::join({.number = 1, .count = 4}, "job 17");       // each of four processes; returns when all are there
//   std::vector<OneMachine> four = OneMachine::threads(4);                           // or one for each of four threads
//   ranks.sum(numbers);    ranks.share(bytes, size);    ranks.stop("film 7 is broken");
//
// Rank 0 adds in the order of the ranks and gives every rank what came out: x = ((x_0 + x_1) + x_2) + ..., the same bits everywhere and in
// every run. A rank that ends, for whatever reason, is noticed by the others at their next sum.
#pragma once
#include <memory>

#include <afire/core/ranks.hpp>
#include <afire/dist/meet.hpp>

namespace afire {

class OneMachine {
 public:
  OneMachine() = default;                              // the only rank

  // Waits for the others, but not longer than so many seconds.
  static OneMachine join(Rank rank, std::string const& name, double seconds = 300) {
    if (rank.count == 1) return {};
    return OneMachine(rank, meet(rank, name, seconds));
  }

  // Connected already, one for each thread.
  static std::vector<OneMachine> threads(Index count) {
    std::vector<OneMachine> all(1);
    std::vector<Descriptor> firsts;
    for (Index r = 1; r < count; ++r) {
      int pair[2];
      if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) throw_errno("connect", "two threads");
      firsts.emplace_back(pair[0]);
      std::vector<Descriptor> its;
      its.emplace_back(pair[1]);
      all.push_back(OneMachine({r, count}, std::move(its)));
    }
    if (count > 1) all[0] = OneMachine({0, count}, std::move(firsts));
    return all;
  }

  Rank rank() const { return of_ ? of_->rank : Rank{}; }

  void sum(std::span<double> x) { add_up(x.data(), x.size()); }

  // Memory that the host reads.
  template <class B, class S>
  void sum(B&, View<S, 1> x) {
    static_assert(shares_host_memory<B>(), "afire: OneMachine adds memory of the host; ranks with GPUs take Nccl (dist/nccl.cuh)");
    add_up(x.data, static_cast<std::size_t>(x.size()));
  }
  template <class B>
  void await(B&) const {}
  template <class B>
  void complete(B&) const {}

  // Bytes of rank 0 for everybody.
  void share(void* bytes, std::size_t size) {
    if (!of_) return;
    if (!of_->rank.first()) return of_->receive(0, bytes, size);
    for (std::size_t p = 0; p < of_->peers.size(); ++p) of_->send(p, bytes, size);
  }

  // This rank fails, and says why; the others throw it. Only the first time counts.
  void stop(std::string_view sentence) {
    if (of_) of_->tell_all(of_->rank.number, sentence);
  }

  // Throws where another rank is known to have failed or ended; waits for nothing.
  void expect_all() {
    if (!of_) return;
    for (std::size_t p = 0; p < of_->peers.size(); ++p) of_->look(p);
  }

 private:
  struct Frame {                           // before everything that is sent
    std::uint64_t bytes = 0;
    std::int64_t failed = -1;              // a rank, and its sentence is what follows
  };

  // What the copies of a OneMachine have in common. Rank 0 has the others as peers, in their order; every other has rank 0 alone.
  struct Connected {
    Rank rank;
    std::vector<Descriptor> peers;
    bool told = false;
    alignas(16) unsigned char piece[std::size_t{1} << 16] = {};

    Index number_of(std::size_t peer) const { return rank.first() ? static_cast<Index>(peer) + 1 : 0; }

    void send(std::size_t peer, void const* data, std::size_t bytes) {
      Frame const frame{.bytes = bytes};
      if (!send_all(peers[peer], &frame, sizeof frame) || !send_all(peers[peer], data, bytes)) hear(peer);
    }

    void receive(std::size_t peer, void* data, std::size_t bytes) {
      Frame frame;
      if (!receive_all(peers[peer], &frame, sizeof frame)) fail(number_of(peer), {});
      if (frame.failed >= 0) hear(peer, frame);
      if (frame.bytes != bytes)
        fail(number_of(peer), text("it shares ", frame.bytes, " bytes, rank ", rank.number, " ", bytes,
                                   "; all ranks have to be started with the same options"));
      if (!receive_all(peers[peer], data, bytes)) fail(number_of(peer), {});
    }

    void look(std::size_t peer) {
      Frame frame;
      ssize_t const n = uninterrupted([&] { return ::recv(peers[peer], &frame, sizeof frame, MSG_PEEK | MSG_DONTWAIT); });
      if (n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK)) fail(number_of(peer), {});
      if (n == static_cast<ssize_t>(sizeof frame) && frame.failed >= 0) hear(peer);
    }

    // Whoever does not listen any more may have said why, behind what else was under way.
    [[noreturn]] void hear(std::size_t peer) {
      Frame frame;
      while (receive_all(peers[peer], &frame, sizeof frame)) {
        if (frame.failed >= 0) hear(peer, frame);
        for (std::size_t left = frame.bytes, n = 0; left > 0; left -= n)
          if (!receive_all(peers[peer], piece, n = std::min(left, sizeof piece))) break;
      }
      fail(number_of(peer), {});
    }
    [[noreturn]] void hear(std::size_t peer, Frame const& frame) {
      std::string sentence(std::min<std::size_t>(frame.bytes, most_words), ' ');
      if (receive_all(peers[peer], sentence.data(), sentence.size())) fail(frame.failed, sentence);
      fail(frame.failed, {});
    }
    [[noreturn, gnu::cold]] void fail(Index whose, std::string_view sentence) {
      tell_all(whose, sentence);
      std::string const stops = text("rank ", rank.number, " of ", rank.count, " stops, because rank ", whose);
      throw error(sentence.empty() ? text(stops, " has ended") : text(stops, " has stopped: ", sentence));
    }

    void tell_all(Index whose, std::string_view sentence) {
      if (std::exchange(told, true)) return;
      Frame const frame{std::min<std::size_t>(sentence.size(), most_words), whose};
      std::string all(reinterpret_cast<char const*>(&frame), sizeof frame);
      all.append(sentence.substr(0, frame.bytes));
      for (auto const& peer : peers) static_cast<void>(::send(peer, all.data(), all.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
    }
    static constexpr std::size_t most_words = 2000;
  };

  OneMachine(Rank rank, std::vector<Descriptor> peers) : of_(std::make_shared<Connected>()) {
    of_->rank = rank, of_->peers = std::move(peers);
  }

  template <class S>
  void add_up(S* x, std::size_t n) {
    if (!of_) return;
    constexpr std::size_t most = sizeof(Connected::piece) / sizeof(S);
    S* const its = reinterpret_cast<S*>(of_->piece);
    for (std::size_t at = 0; at < n; at += most) {
      std::size_t const count = std::min(most, n - at), bytes = count * sizeof(S);
      if (!of_->rank.first()) {
        of_->send(0, x + at, bytes);
        of_->receive(0, x + at, bytes);
        continue;
      }
      for (std::size_t p = 0; p < of_->peers.size(); ++p) {
        of_->receive(p, its, bytes);
        for (std::size_t i = 0; i < count; ++i) x[at + i] += its[i];
      }
      for (std::size_t p = 0; p < of_->peers.size(); ++p) of_->send(p, x + at, bytes);
    }
  }

  std::shared_ptr<Connected> of_;
};

}  // namespace afire
