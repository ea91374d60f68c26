// afire/ssl/queue_contrast.hpp -- InfoNCE with the negatives of a queue (MoCo, eq. 1): each query has its own key, everything else is old
//
//   loss = 1/N  sum_n  - log e(q_n, k_n) / (e(q_n, k_n) + sum_m e(q_n, queue_m)),     e(a, b) = exp(<a, b> / t)
//   q, k: (N, C), made unit length inside; queue: (M, C) of unit length; k and queue are constants
//
//   QueueContrast loss;   auto room = loss.plan<S>(arena, N, C, M);
//   loss(be, q, k, queue, weight, dq, room);   push(be, queue, room.k.z);         // the keys, when all queries have been answered
#pragma once
#include <afire/op/contrast.hpp>
#include <afire/op/directions.hpp>
#include <afire/ssl/queue.hpp>

namespace afire {

template <class S>
struct OwnKeyRow {                         // s(n, 0) = <q_n, k_n>
  View<const S, 2> q, k;                   // (N, C)
  View<S, 2> s;                            // (N, 1 + M)
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    S const along = lane.sum_over(q.cols(), [&](Index c) { return q(n, c) * k(n, c); });
    lane.once([&] { s(n, 0) = along; });
  }
};

template <class S>
struct OwnKeyGradientRow {                 // dq_n += ds(n, 0) k_n
  View<const S, 2> s, k;                   // (N, 1 + M), (N, C)
  View<S, 2> dq;                           // (N, C)
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    S const step = s(n, 0);
    lane.each(k.cols(), [&](Index c) { dq(n, c) += step * k(n, c); });
  }
};

struct QueueContrast {
  double temperature = 0.2;                // MoCo v1: 0.07, MoCo v2 and DenseCL: 0.2
  void validate() const { expects_positive("queue contrast: the temperature", temperature); }

  template <class S>
  struct Room {
    Directions<S> q, k;
    View<S, 2> s;                          // (N, 1 + M): cosines with the own key and the queue, then their gradient
    View<S, 1> losses;                     // (N)
  };

  template <class S>
  Room<S> plan(Arena& arena, Index rows, Index width, Index length) const {
    validate();
    return {plan_directions<S>(arena, rows, width), plan_directions<S>(arena, rows, width), arena.scratch<S>(rows, 1 + length),
            arena.scratch<S>(rows)};
  }

  template <class B, class S>
  double operator()(B& be, std::type_identity_t<View<const S, 2>> q,       // (N, C)
                    std::type_identity_t<View<const S, 2>> k,              // (N, C)
                    Queue<S> const& queue,                                 // (M, C)
                    double weight,
                    View<S, 2> dq,                                         // (N, C), added to
                    Room<S> const& room) const {
    Index const N = q.rows(), M = queue.rows.rows();
    expects(same_shape(q, k) && room.s.cols() == 1 + M, "queue contrast: queries ", shape_text(q), ", keys ", shape_text(k),
            ", a queue of ", M, " where ", room.s.cols() - 1, " were planned for");
    View<const S, 2> const zk = room.k.z, old = queue.rows;
    Matrices<S> const to_queue{room.s.data + 1, 1, N, M, 0, 1 + M, 1};
    Matrices<const S> const d_queue{room.s.data + 1, 1, N, M, 0, 1 + M, 1};
    room.q.forward(be, q), room.k.forward(be, k);
    gemm(be, matrix(View<const S, 2>(room.q.z)), transposed(matrix(old)), to_queue, GemmOf<S>{});
    for_each_row(be, N, OwnKeyRow<S>{room.q.z, zk, room.s});
    double const loss = contrast(be, room.s, {.filled = queue.filled()}, temperature, weight, room.losses);
    gemm(be, d_queue, matrix(old), matrix(room.q.dz), GemmOf<S>{});
    for_each_row(be, N, OwnKeyGradientRow<S>{room.s, zk, room.q.dz});
    room.q.add_backward(be, dq);
    return loss;
  }
};

}  // namespace afire
