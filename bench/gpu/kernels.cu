// bench/gpu/kernels.cu -- kernels of a step whose time is memory's, at the sizes of ViT-B and 256 films in bf16: a line of JSON for each
//
//   kernels [films]                         ./run gpu kernels
//
// mbytes: what the kernel must at least read and write; gb_per_second: that by the time of the best of twenty; of_copy: its share of the
// rate at which the device copies memory, measured in the same process. Lesions and the copies of films to the device are told in films a
// second too, and copies by their share of that rate as if they read the device's memory. Without a GPU: one sentence, and it ends with 77.
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include <afire/backend/cuda.hpp>
#include <afire/op/cosine.hpp>
#include <afire/op/cross_entropy.hpp>
#include <afire/op/sinkhorn.hpp>
#include <afire/ssl/lesion_paint.hpp>
#include <afire/train/optimizer.hpp>
#include <bench/support/chest.hpp>

using namespace afire;

// Seconds of the best of twenty calls.
template <class F>
double best_of_twenty(Cuda& gpu, F call) {
  cudaEvent_t begin, end;
  check_cuda(cudaEventCreate(&begin), "making an event"), check_cuda(cudaEventCreate(&end), "making an event");
  float best = 1e9f;
  for (int n = 0; n < 21; ++n) {
    cudaEventRecord(begin, gpu.on->stream());
    call();
    cudaEventRecord(end, gpu.on->stream());
    gpu.on->wait();
    float ms = 0;
    check_cuda(cudaEventElapsedTime(&ms, begin, end), "measuring");
    if (n > 0) best = std::min(best, ms);                // the first one chooses how to multiply
  }
  cudaEventDestroy(begin), cudaEventDestroy(end);
  return best * 1e-3;
}

struct Report {
  Cuda& gpu;
  double copy_rate = 0;

  template <class F>
  void operator()(char const* name, double bytes, F call, Index films = 0) {
    double const seconds = best_of_twenty(gpu, call), rate = bytes / seconds;
    if (copy_rate == 0) copy_rate = rate;
    std::printf("{\"kernel\": \"%s\", \"mbytes\": %.1f, \"us\": %.1f, \"gb_per_second\": %.0f, \"of_copy\": %.2f", name, bytes * 1e-6,
                seconds * 1e6, rate * 1e-9, rate / copy_rate);
    if (films > 0) std::printf(", \"films_per_second\": %.0f", static_cast<double>(films) / seconds);
    std::printf("}\n");
  }
};

struct OneMatrix {                         // a model of 64 M parameters
  Param<bf16> weight;
  OneMatrix() { weight.shape = {8192, 8192}; }
  void visit(Names<bf16> const& names) { names("weight", weight); }
};

// Lesions of a batch of films, and its way to the device: out of memory that is pinned and out of memory that is not.
void lesions(Cuda& gpu, Report& report, Index films, SyntheticLesion const& how, char const* name) {
  Index const S = 224, P = 16, L = (S / P) * (S / P), K = how.slots();
  Tensor<std::uint8_t, 3> host(films, S, S);
  Tensor<Lesion, 2> host_plan(films, K);
  SyntheticLesion::Room room;
  for (Index b = 0; b < films; ++b) {
    auto const film = bench::chest(static_cast<std::uint64_t>(b % 64));
    std::copy(film.begin(), film.end(), host.view().row(b).data);
    how.plan(Random(1, Purpose::lesion, 0, static_cast<std::uint64_t>(b)), how.body(film, room), S, S, host_plan.view().row(b), room);
  }
  auto const clean = allocate<std::uint8_t>(gpu, host.size()), seen = allocate<std::uint8_t>(gpu, host.size());
  auto const map = allocate<std::uint8_t>(gpu, films * L);
  auto const plan = allocate<Lesion>(gpu, films * K);
  LesionBrushes const brushes(gpu, how, films, S, S);
  upload(gpu, host.data(), clean.view()), upload(gpu, host_plan.data(), plan.view());
  View<const std::uint8_t, 3> const from(clean.data(), films, S, S);
  PaintedFilms const all{from, View<const Lesion, 2>(plan.data(), films, K), View<std::uint8_t, 3>(seen.data(), films, S, S),
                         View<std::uint8_t, 2>(map.data(), films, L)};
  double const bytes = static_cast<double>(host.size());
  report(name, 2 * bytes, [&] { paint_lesions(gpu, how, all, P, brushes); }, films);
  if (how.edge == Edge::hard) return;
  auto const ahead = [&] { upload_ahead(gpu, host.data(), clean.view()), await_uploads(gpu); };
  report("films_to_device", bytes, ahead, films);
  pin(gpu, host.data(), host.size());
  report("films_to_device_pinned", bytes, ahead, films);
  unpin(gpu, host.data());
}

void measure(Cuda& gpu, Index films) {
  Index const L = 196, N = films * 197, C = 768, hidden = 3072, K = 256, D = 256;
  auto const memory = [&](Index n) { return allocate<bf16>(gpu, n); };
  auto const a = memory(N * hidden), b = memory(N * hidden), c = memory(N * hidden);
  View<bf16, 2> const x(a.data(), N, C), y(b.data(), N, C), z(c.data(), N, C);
  View<bf16, 2> const h(a.data(), N, hidden), g(b.data(), N, hidden), d(c.data(), N, hidden);
  auto const gain = allocate<float>(gpu, hidden), shift = allocate<float>(gpu, hidden);
  auto const stats_memory = allocate<float>(gpu, 2 * N), partial_memory = allocate<float>(gpu, column_chunks * hidden);
  View<float, 2> const stats(stats_memory.data(), N, 2), partial(partial_memory.data(), column_chunks, hidden);
  double const row = 2.0 * static_cast<double>(N * C), wide_row = 2.0 * static_cast<double>(N * hidden);
  auto const narrow = [&](Buffer<float> const& of) { return of.view().slice(0, C); };
  auto const narrow_partial = View<float, 2>(partial.data, column_chunks, C);

  Report report{gpu};
  auto const all = static_cast<std::size_t>(a.bytes());
  report("copy", 2 * wide_row,
         [&] { check_cuda(cudaMemcpyAsync(b.data(), a.data(), all, cudaMemcpyDeviceToDevice, gpu.on->stream()), "copying"); });
  report("layer_norm", 2 * row, [&] { layer_norm(gpu, x, narrow(gain), narrow(shift), 1e-6f, y, stats); });
  report("add_layer_norm", 4 * row, [&] { add_layer_norm(gpu, x, y, narrow(gain), narrow(shift), 1e-6f, z, y, stats); });
  report("layer_norm_backward", 4 * row,
         [&] { layer_norm_backward(gpu, x, narrow(gain), stats, y, z, z, narrow(gain), narrow(shift), narrow_partial); });
  report("add", 3 * row, [&] { add(gpu, x, y, z); });
  report("gelu", 2 * wide_row, [&] { gelu(gpu, h, g); });
  report("gelu_backward", 4 * wide_row, [&] { gelu_backward(gpu, h, g, d, g); });
  report("gelu_backward_bias", 4 * wide_row, [&] { gelu_backward(gpu, h, g, d, g, gain.view(), partial); });
  report("column_sums", wide_row, [&] { add_column_sums(gpu, View<const bf16, 2>(h), gain.view(), partial); });

  Index const tokens = films * L;
  auto const scores_memory = allocate<float>(gpu, tokens * K), d_memory = allocate<float>(gpu, tokens * K);
  auto const targets_memory = allocate<float>(gpu, L * K), scratch = allocate<float>(gpu, K + L), losses = allocate<float>(gpu, tokens);
  auto const weights = allocate<float>(gpu, tokens);
  View<float, 2> const scores(scores_memory.data(), tokens, K), d_scores(d_memory.data(), tokens, K), targets(targets_memory.data(), L, K);
  double const score_bytes = 4.0 * static_cast<double>(tokens * K);
  fill(gpu, weights.view(), 1.0f);
  report("cross_entropy", 3 * score_bytes,
         [&] { soft_cross_entropy(gpu, scores, targets, weights.view(), 0.1, 1.0, d_scores, losses.view()); });
  report("sinkhorn", 7 * 4.0 * static_cast<double>(L * K),
         [&] { sinkhorn(gpu, targets, 0.05, 3, targets, scratch.view().slice(0, K), scratch.view().slice(K, L)); });
  auto const v = memory(L * K * D), scaled = memory(tokens * K);
  auto const dv = allocate<float>(gpu, L * K * D), r = allocate<float>(gpu, L * K), ones = allocate<float>(gpu, L * K);
  fill(gpu, ones.view(), 1.0f), fill(gpu, r.view(), 1.0f);
  View<bf16, 3> const tokens_of(a.data(), films, L, D), dz(b.data(), films, L, D), directions(v.data(), L, K, D);
  View<float, 3> const s3(scores.data, films, L, K), ds3(d_scores.data, films, L, K);
  View<float, 2> const r2(r.data(), L, K);
  View<float, 3> const dv3(dv.data(), L, K, D);
  View<bf16, 3> const scaled3(scaled.data(), films, L, K);
  double const direction_bytes = 4 * score_bytes + 4.0 * static_cast<double>(tokens * D) + 10.0 * static_cast<double>(dv.size());
  report("cosine_scores_backward", direction_bytes, [&] {
    cosine_scores_backward(gpu, View<const bf16, 3>(tokens_of), View<const bf16, 3>(directions), ones.view(), r2, s3, ds3, dz, dv3, {},
                           scaled3);
  });

  lesions(gpu, report, films, faithful_lesions(), "lesions_faithful");
  lesions(gpu, report, films, SyntheticLesion{}, "lesions");

  OneMatrix model, average;
  ParamStore<bf16> student(gpu, model, Gradients::yes), teacher(gpu, average, Gradients::no);
  Optimizer<bf16, AdamW> optimizer(gpu, student, teacher, AdamW{}, {});
  double const parameters = static_cast<double>(student.size());
  report("gradient_norm", 4 * parameters, [&] { optimizer.measure(gpu); });
  report("update", 44 * parameters, [&] { optimizer.step(gpu, {.lr = 1e-4, .weight_decay = 0.04, .momentum = 0.99}, false); });
}

int main(int count, char** words) {
  try {
    Cuda gpu;
    measure(gpu, count > 1 ? std::atoll(words[1]) : 256);
  } catch (error const& e) {
    std::printf("%s\n", e.what());
    return 77;
  }
}
