// Compaction and groups by Thrust, run by Thrust's host systems on any machine against plain loops; and, needs a GPU to run: both on the
// device, and neighbours, clusters, probes and few labels on it against the host's, twice with the same bits.
// Functors for both machines are run by the CPU's lane here too, which nvcc takes for calls from the device.
#pragma nv_diag_suppress 20011, 20013, 20014
#include <cstdio>

#include <afire/backend/cuda.hpp>
#include <afire/backend/cuda/select.cuh>
#include <afire/backend/reference.hpp>
#include <afire/eval/few_labels_on.hpp>
#include <afire/eval/kmeans_on.hpp>

#include "tests/support/random.hpp"

using namespace afire;
using namespace afire_test;

namespace {

int failures = 0;

void check(bool right, char const* what) {
  if (right) return;
  std::printf("failed: %s\n", what);
  ++failures;
}

template <class T, int Rank>
bool equal(Tensor<T, Rank> const& a, Tensor<T, Rank> const& b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin());
}

struct Scattered {                         // keeps(i): about one in `of`
  Index of;
  AFIRE_HD bool operator()(Index i) const { return of > 0 && i * 2654435761 % 1000003 % of == 0; }
};

// What compact gives, by which(keeps, at).
template <class Which>
std::vector<Index> kept(Index n, Scattered keeps, Which which) {
  std::vector<Index> at(static_cast<std::size_t>(n) + 1);
  at.resize(static_cast<std::size_t>(which(keeps, View<Index, 1>(at.data(), n))));
  return at;
}

// order, then begin, by which(label, order, begin).
template <class Which>
std::vector<Index> ordered(std::vector<Index> const& label, Index groups, Which which) {
  auto const N = static_cast<Index>(label.size());
  std::vector<Index> all(label.size() + static_cast<std::size_t>(groups) + 1);
  which(View<const Index, 1>(label.data(), N), View<Index, 1>(all.data(), N), View<Index, 1>(all.data() + N, groups + 1));
  return all;
}

template <class Policy>
void on_policy(Policy const& policy, char const* name) {
  Reference cpu;
  for (Index const n : {Index{0}, Index{1}, Index{1000}, Index{100000}})
    for (Index const of : {Index{0}, Index{1}, Index{3}, Index{500}}) {
      auto const want = kept(n, {of}, [&](auto keeps, auto at) { return compact(cpu, n, keeps, at); });
      check(kept(n, {of}, [&](auto keeps, auto at) { return thrust_compact(policy, n, keeps, at); }) == want, name);
    }
  for (Index const N : {Index{0}, Index{1}, Index{5000}}) {
    std::vector<Index> label;
    Draws draw(Random(1, Purpose::test));
    for (Index n = 0; n < N; ++n) label.push_back(draw.below(9) + (n % 2 == 0));             // nobody is in group 10
    auto const want = ordered(label, 11, [&](auto of, auto order, auto begin) { group(cpu, of, order, begin); });
    std::vector<Index> sorted(label.size());
    check(ordered(label, 11,
                  [&](auto of, auto order, auto begin) {
                    thrust_group(policy, of, View<Index, 1>(sorted.data(), of.size()), order, begin);
                  }) == want,
          name);
  }
}

void verbs_on_device(Cuda& gpu) {
  for (Index const n : {Index{0}, Index{1}, Index{1000000}})
    for (Index const of : {Index{0}, Index{1}, Index{500}}) {
      Reference cpu;
      auto const want = kept(n, {of}, [&](auto keeps, auto at) { return compact(cpu, n, keeps, at); });
      auto const got = kept(n, {of}, [&](auto keeps, auto at) {
        auto const there = allocate<Index>(gpu, n);
        Index const count = compact(gpu, n, keeps, there.view());
        download(gpu, there.view().slice(0, count), at.data);
        return count;
      });
      check(got == want, "compaction on the device");
    }
  std::vector<Index> label;
  Draws draw(Random(1, Purpose::test));
  for (Index n = 0; n < 50000; ++n) label.push_back(draw.below(9));
  Reference cpu;
  auto const want = ordered(label, 10, [&](auto of, auto order, auto begin) { group(cpu, of, order, begin); });
  auto const got = ordered(label, 10, [&](auto of, auto order, auto begin) {
    auto const a = allocate<Index>(gpu, of.size()), b = allocate<Index>(gpu, order.size()), c = allocate<Index>(gpu, begin.size());
    upload(gpu, of.data, a.view());
    group(gpu, a.view(), b.view(), c.view());
    download(gpu, b.view(), order.data), download(gpu, c.view(), begin.data);
  });
  check(got == want, "groups on the device");
}

void evaluation_on_device(Cuda& gpu) {
  auto const train = random_tensor<float, 2>(1, 3000, 96), query = random_tensor<float, 2>(2, 700, 96);
  auto tied = random_tensor<float, 2>(3, 3000, 6);
  for (float& v : tied) v = v > 0.5f ? 1 : v < -0.5f ? -1 : 0;
  for (bool const ties : {false, true}) {
    View<const float, 2> const x = ties ? View<const float, 2>(tied) : train.view(), q = ties ? View<const float, 2>(tied) : query.view();
    auto const want = nearest(x, q, 20), got = nearest(gpu, x, q, 20, Index{1} << 20);
    check(equal(want.row, got.row) && equal(want.cosine, got.cosine), "neighbours on the device are not the host's");

    Random const random(1, Purpose::cluster);
    KMeansHow const how{.restarts = 2, .iterations = 20};
    auto const host = kmeans(x, 7, random, how);
    auto const k = kmeans(gpu, x, 7, random, how), again = kmeans(gpu, x, 7, random, how);
    check(k.label == again.label && equal(k.centre, again.centre) && k.inertia == again.inertia, "clusters on the device change");
    check(k.label == host.label && equal(k.centre, host.centre), "clusters on the device are not the host's");
    check(std::fabs(k.inertia - host.inertia) <= 1e-12 * host.inertia, "the inertia on the device is not the host's");
  }

  std::vector<double> label;
  std::vector<std::string> patient;
  for (Index n = 0; n < train.extent(0); ++n) label.push_back(train(n, 1) > 0.5f), patient.push_back(std::to_string(n / 2));
  LabelledFeatures const known{train, label, patient};
  Random const random(5, Purpose::probe);
  auto const rows = rows_of_patients(label, patient, 0.5, random);
  auto const want = few_labels(known, rows, query, random), got = few_labels(known, rows, query, random, 20, OnBackend{gpu});
  auto const again = few_labels(known, rows, query, random, 20, OnBackend{gpu});
  check(got.C == want.C && got.neighbours == want.neighbours, "few labels on the device: another choice, or another vote");
  check(got.linear == again.linear, "the probe on the device changes");
  double worst = 0;
  for (std::size_t m = 0; m < want.linear.size(); ++m) worst = std::fmax(worst, std::fabs(got.linear[m] - want.linear[m]));
  check(worst < 1e-8, "the probe on the device is not the host's");
}

}  // namespace

int main() {
  on_policy(thrust::host, "Thrust on the host");
  on_policy(thrust::seq, "Thrust in one thread");
  if (failures > 0) return 1;
  try {
    Cuda gpu;
    verbs_on_device(gpu);
    evaluation_on_device(gpu);
  } catch (error const& e) {
    std::printf("%s\n", e.what());
    return failures > 0 ? 1 : 77;
  }
  if (failures > 0) return 1;
  std::printf("compaction, groups, neighbours, clusters and probes on the device are the host's\n");
}
