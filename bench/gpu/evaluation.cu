// bench/gpu/evaluation.cu -- neighbours, clusters and a probe of features, on the GPU and on one thread of the CPU: a line of JSON for each
//
//   evaluation [rows]                       ./run gpu evaluation
//
// Copies to the device and back are part of the time, for they are part of every call. cpu_seconds is that of the code without a backend,
// left out where it would take minutes; same: whether the rows, the labels, or the weights to 1e-8 are the host's. Without a GPU: one
// sentence, and it ends with 77.
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include <afire/backend/cuda.hpp>
#include <afire/backend/cuda/select.cuh>
#include <afire/eval/few_labels_on.hpp>
#include <afire/eval/kmeans_on.hpp>

using namespace afire;

template <class F>
double seconds_of(F f) {
  auto const begun = std::chrono::steady_clock::now();
  f();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

// gpu() twice: the first one chooses how to multiply and has its memory to find.
template <class Gpu>
double on_gpu(Gpu gpu) {
  gpu();
  return seconds_of(gpu);
}

void report(char const* what, Index rows, Index columns, Index of, double gpu, double cpu, bool same) {
  std::printf("{\"what\": \"%s\", \"rows\": %td, \"columns\": %td, \"of\": %td, \"gpu_seconds\": %.4f, \"cpu_seconds\": %.3f, "
              "\"times\": %.0f, \"same\": %s}\n",
              what, rows, columns, of, gpu, cpu, cpu / gpu, same ? "true" : "false");
}

Tensor<float, 2> features(Index rows, Index columns) {
  Tensor<float, 2> x(rows, columns);
  Random const random(1, Purpose::test);
  for (Index i = 0; i < x.size(); ++i) x.data()[i] = static_cast<float>(random.normal(static_cast<std::uint64_t>(i)));
  return x;
}

void measure(Cuda& gpu, Index rows) {
  Index const width = 768, some = 256, k = 20;
  auto const x = features(rows, width);
  View<const float, 2> const all = x, few = all.slice(0, std::min(some, rows));
  Neighbours there, here;
  double const few_on_gpu = on_gpu([&] { there = nearest(gpu, all, few, k); }), on_cpu = seconds_of([&] { here = nearest(all, few, k); });
  bool const same = std::equal(here.row.begin(), here.row.end(), there.row.begin());
  report("neighbours", rows, width, few.rows(), few_on_gpu, on_cpu, same);
  double const each = on_gpu([&] { there = nearest(gpu, all, all, k); });
  std::printf("{\"what\": \"neighbours\", \"rows\": %td, \"columns\": %td, \"of\": %td, \"gpu_seconds\": %.4f}\n", rows, width, rows, each);

  Index const tokens = 5 * rows, narrow = 384, clusters = 8;
  auto const t = features(tokens, narrow);
  KMeansHow const how{.restarts = 1, .iterations = 10};
  Random const random(2, Purpose::cluster);
  KMeans a, b;
  double const clusters_on_gpu = on_gpu([&] { a = kmeans(gpu, t.view(), clusters, random, how); });
  double const clusters_on_cpu = seconds_of([&] { b = kmeans(t.view(), clusters, random, how); });
  report("k-means", tokens, narrow, clusters, clusters_on_gpu, clusters_on_cpu, a.label == b.label);

  auto const standard = Standardise(all)(all);
  std::vector<double> label;
  for (Index n = 0; n < rows; ++n) label.push_back(x(n, 0) + x(n, 1) > x(n, 2));
  LogisticModel m, w;
  double const probe_on_gpu = on_gpu([&] { m = fit_logistic(gpu, standard, label, {.C = 1e-2}); });
  double const probe_on_cpu = seconds_of([&] { w = fit_logistic(standard, label, {.C = 1e-2}); });
  double worst = 0;
  for (std::size_t c = 0; c < w.weight.size(); ++c) worst = std::max(worst, std::fabs(w.weight[c] - m.weight[c]));
  report("probe", rows, width, 2, probe_on_gpu, probe_on_cpu, worst < 1e-8);
}

int main(int count, char** words) {
  try {
    Cuda gpu;
    measure(gpu, count > 1 ? std::atoll(words[1]) : 20000);
  } catch (error const& e) {
    std::printf("%s\n", e.what());
    return 77;
  }
}
