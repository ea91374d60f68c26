// afire/ssl/queue.hpp -- the last rows that were seen, first in, first out: negatives without a large batch (MoCo)
//
//   push writes N rows from row `at` on, going on at row 0 behind the last; once full, the oldest rows are overwritten
//
//   auto queue = plan_queue<S>(arena, 65536, 128);   start_queue(be, queue);   push(be, queue, keys);      // keys: (N, C), N <= length
//
// It is saved with the run: queue.visit(f, "queue"). Rows that nothing was written to yet do not count (MoCo starts with random ones).
#pragma once
#include <string>

#include <afire/core/arena.hpp>
#include <afire/core/backend.hpp>

namespace afire {

template <class S>
struct Queue {                             // M rows of width C and where the next one goes
  View<S, 2> rows;                         // (M, C)
  View<S, 2> place;                        // (1, 2): the row that is written next; how many are filled. Exact in float below 2^24

  View<const S, 1> filled() const { return View<const S, 1>(place.data + 1, 1); }

  template <class F>
  void visit(F&& f, std::string const& name = "queue") {
    f(name, rows), f(name + "_place", place);
  }
};

// Throws unless what is pushed at once fits into a queue of that length.
inline void expect_queue_for(char const* name, Index length, Index rows) {
  expects(length >= rows, name, ": a length of ", length, "; at least the ", rows, " rows of a micro-batch are needed");
}

template <class S>
Queue<S> plan_queue(Arena& arena, Index length, Index width) {
  return {arena.keep<S>(length, width), arena.keep<S>(Index{1}, Index{2})};
}

template <class B, class S>
void start_queue(B& be, Queue<S> const& queue) {
  fill(be, queue.rows.flat(), 0), fill(be, queue.place.flat(), 0);
}

template <class S>
struct PushRow {                           // one row, one worker
  View<const S, 2> from;                   // (N, C)
  Queue<S> queue;
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    Index const to = (static_cast<Index>(queue.place(0, 0)) + n) % queue.rows.rows();
    lane.each(from.cols(), [&](Index c) { queue.rows(to, c) = from(n, c); });
  }
};

template <class S>
struct AdvanceQueue {                      // moves `place` on by `count` rows
  Queue<S> queue;
  Index count;
  AFIRE_HD void operator()(Index) const {
    Index const length = queue.rows.rows(), filled = static_cast<Index>(queue.place(0, 1)) + count;
    queue.place(0, 0) = static_cast<S>((static_cast<Index>(queue.place(0, 0)) + count) % length);
    queue.place(0, 1) = static_cast<S>(filled < length ? filled : length);
  }
};

template <class B, class S>
void push(B& be, Queue<S> const& queue, std::type_identity_t<View<const S, 2>> rows) {       // (N, C)
  expects(rows.cols() == queue.rows.cols() && rows.rows() <= queue.rows.rows(), "queue: rows of shape ", shape_text(rows),
          " do not fit a queue of shape ", shape_text(queue.rows), "; its length must be at least a batch");
  for_each_row(be, rows.rows(), PushRow<S>{rows, queue});
  for_each(be, 1, AdvanceQueue<S>{queue, rows.rows()});
}

}  // namespace afire
