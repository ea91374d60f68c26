// bench/scaling.cpp -- what a second thread gives a training step, beside what it gives the step's products alone
// needs: onednn openmp
//
//   ./run bench scaling [--model tiny|small|base] [--dtype f32|bf16] [--batch N] [--steps N] [--recompute] [--json FILE]
//
// In turn, --steps times: a step with one thread and with two, and the products of a step by themselves, one after the other on the
// operands that they have in it, with one thread and with two. Scaling is the ratio of the medians. The goal is 0.95 of the products'.
#include <algorithm>
#include <functional>
#include <vector>

#include <afire/backend/onednn.hpp>
#include <afire/io/file.hpp>
#include <afire/io/json.hpp>
#include <bench/support/asked.hpp>
#include <bench/support/gemm_rate.hpp>

using namespace afire;

namespace {

// A backend that computes as OneDnn does and, while it is asked to, remembers every product.
struct remembering_tag : onednn_tag {};
struct Remembering : OneDnn {
  using tag = remembering_tag;
  struct Products {
    bool listening = false;
    std::vector<std::function<void(OneDnn&)>> all;
  };
  std::shared_ptr<Products> seen = std::make_shared<Products>();
};
template <class B, class T, class U>
void gemm(remembering_tag, B& be, Matrices<const T> a, Matrices<const T> b, Matrices<U> c, GemmOf<T> how) {
  gemm(onednn_tag{}, be, a, b, c, how);
  if (be.seen->listening) be.seen->all.push_back([=](OneDnn& plain) { gemm(onednn_tag{}, plain, a, b, c, how); });
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Times {
  double step[2], products[2];             // seconds with one and with two threads
  Index count;                             // products of a step
};

template <class T>
Times measure(bench::Asked const& asked) {
  Remembering be;
  auto trainer = bench::step_trainer<T>(be, asked.vit(), asked.batch, asked.checkpointing);
  trainer.schedule(1000, 10);
  bench::StepFilms const films(asked.vit(), asked.batch);
  Micro<GreyPixels> micro = films.micro();
  auto const step = [&] { trainer.step(std::span(&micro, 1)); };
  step();
  be.seen->listening = true;
  step();
  be.seen->listening = false;
  OneDnn& plain = be;
  std::vector<double> times[4];
  for (Index round = 0; round < asked.steps; ++round)
    for (int threads : {1, 2}) {
      be.threads = threads;
      double const begin = bench::seconds();
      step();
      double const between = bench::seconds();
      for (auto const& product : be.seen->all) product(plain);
      double const end = bench::seconds();
      fill(be, trainer.method().student_store().gradients(), 0.0f);    // to which the products added what lay in their operands
      times[threads - 1].push_back(between - begin), times[threads + 1].push_back(end - between);
    }
  return {{median(times[0]), median(times[1])}, {median(times[2]), median(times[3])}, std::ssize(be.seen->all)};
}

}  // namespace

int main(int argc, char** argv) {
  bench::Asked const asked = bench::read_options(argc, argv, "scaling");
  Times const t = asked.dtype == "bf16" ? measure<bf16>(asked) : measure<float>(asked);
  double const step = t.step[0] / t.step[1], products = t.products[0] / t.products[1];
  std::printf("%s, %s, batch %ld, medians of %ld\n%-22s %12s %12s %9s\n", asked.model.c_str(), asked.dtype.c_str(),
              static_cast<long>(asked.batch), static_cast<long>(asked.steps), "", "1 thread", "2 threads", "scaling");
  std::printf("%-22s %9.1f ms %9.1f ms %9.3f\n", "step", t.step[0] * 1e3, t.step[1] * 1e3, step);
  std::printf("%-22s %9.1f ms %9.1f ms %9.3f\n", text("its ", t.count, " products").c_str(), t.products[0] * 1e3, t.products[1] * 1e3,
              products);
  std::printf("the step scales by %.3f of what its products do\n", step / products);
  if (!asked.json.empty())
    replace_file(asked.json, write_json(json_object({{"model", asked.model}, {"dtype", asked.dtype}, {"batch", asked.batch},
                                                     {"recompute", asked.checkpointing.recompute}, {"step_seconds_1", t.step[0]},
                                                     {"step_seconds_2", t.step[1]}, {"product_seconds_1", t.products[0]},
                                                     {"product_seconds_2", t.products[1]}, {"ratio", step / products}}),
                                        {.pretty = true}));
}
