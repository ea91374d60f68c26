// A training step after the first allocates nothing of ours. Every allocation of the process is counted; what happens inside a library's
// product is counted apart. (A program of its own, because it stands in for malloc.)
#include <afire/ssl/masking.hpp>
#include <afire/train/trainer.hpp>
#include <doctest/doctest.h>

#include <atomic>

#include "tests/support/backends.hpp"
#include "tests/support/memory.hpp"
#include "tests/support/random.hpp"
#include "tests/support/small_afire.hpp"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__GLIBC__)
#define AFIRE_CANNOT_COUNT
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define AFIRE_CANNOT_COUNT
#endif
#endif

namespace {

std::atomic<bool> counting = false, inside_library = false;
std::atomic<long> ours = 0, theirs = 0;

[[maybe_unused]] void count() {
  if (counting) ++(inside_library ? theirs : ours);
}

}  // namespace

#ifndef AFIRE_CANNOT_COUNT
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

void* malloc(std::size_t n) { return count(), __libc_malloc(n); }
void* calloc(std::size_t n, std::size_t m) { return count(), __libc_calloc(n, m); }
void* realloc(void* p, std::size_t n) { return count(), __libc_realloc(p, n); }
void* aligned_alloc(std::size_t alignment, std::size_t n) { return count(), __libc_memalign(alignment, n); }
void* memalign(std::size_t alignment, std::size_t n) { return count(), __libc_memalign(alignment, n); }
int posix_memalign(void** p, std::size_t alignment, std::size_t n) {
  count();
  *p = __libc_memalign(alignment, n);
  return *p ? 0 : 12;
}
}
#endif

using namespace afire;
using namespace afire_test;

namespace {

// A backend whose products are another library's.
template <class Tag>
struct foreign_products : Tag {};

template <class B>
struct Foreign : B {
  using tag = foreign_products<typename B::tag>;
};

template <class Tag, class B, class T, class U>
void gemm(foreign_products<Tag>, B& be, Matrices<const T> a, Matrices<const T> b, Matrices<U> c, GemmOf<T> how) {
  inside_library = true;
  afire::gemm(Tag{}, be, a, b, c, how);
  inside_library = false;
}

#ifdef AFIRE_HAVE_ONEDNN
// Attention on oneDNN runs its products itself, head by head; a case of its own says that it adds nothing to what they allocate.
using foreign_onednn = foreign_products<onednn_tag>;
template <class B, class T>
void attention(foreign_onednn, B& be, View<const T, 4> packed, View<T, 3> o, View<Accum<T>, 2> log_sum, AttentionWork<T> const& w) {
  inside_library = true;
  afire::attention(onednn_tag{}, be, packed, o, log_sum, w);
  inside_library = false;
}
template <class B, class T>
void attention_backward(foreign_onednn, B& be, View<const T, 4> packed, View<const T, 3> o, View<const Accum<T>, 2> log_sum,
                        View<const T, 3> d_o, View<T, 2> d_qkv, AttentionWork<T> const& w) {
  inside_library = true;
  afire::attention_backward(onednn_tag{}, be, packed, o, log_sum, d_o, d_qkv, w);
  inside_library = false;
}
#endif

struct Chosen {
  bool recompute = false;
};

template <class T, class B>
void steps(B be, std::string const& name, Chosen checkpointing) {
  Trainer trainer{be, Compute<T>{}, small_vit, small_head, small_decoder, Clean{}, Teacher<Ema>{}, afire_objective(), AdamW{},
                  TrainOptions{.batch = 2}, checkpointing};
  trainer.schedule(10, 1);
  SmallBatch const films(small_vit, 4, 1);
  Micro<ImagePixels<float>> micros[] = {films.micro(0, 2), films.micro(2, 2)};
  std::span<Micro<ImagePixels<float>>> const batch(micros);
  trainer.step(batch);
  ours = theirs = 0;
  counting = true;
  for (int step = 0; step < 3; ++step) trainer.step(batch);
  counting = false;
  CHECK(ours == 0);
  MESSAGE(name, " in ", std::string(type_name<T>()), checkpointing.recompute ? ", blocks computed again" : "", ": in three steps ",
          ours.load(), " allocations of ours, ", theirs.load(), " inside products");
}

}  // namespace

TEST_CASE("the counter counts") {
#ifndef AFIRE_CANNOT_COUNT
  ours = theirs = 0;
  counting = true;
  auto const used = [](void const* p) { asm volatile("" : : "g"(p) : "memory"); };          // compilers leave out memory that nobody uses
  void* const one = ::operator new(10);
  used(one);
  ::operator delete(one);
  void* const two = std::malloc(10);
  used(two);
  std::free(two);
  auto const buffer = host_buffer<float>(100);
  used(buffer.data());
  inside_library = true;
  std::vector<int> const v(3);
  used(v.data());
  inside_library = false;
  counting = false;
  CHECK(ours == 3);
  CHECK(theirs == 1);
#else
  MESSAGE("skipped: a sanitizer stands in for malloc already");
#endif
}

TEST_CASE_TEMPLATE_DEFINE("a step after the first allocates nothing of ours", Target, allocation) {
#ifndef AFIRE_CANNOT_COUNT
  using B = typename Target::Backend;
  using T = typename Target::Type;
  for (bool const recompute : {false, true})
    if constexpr (std::is_same_v<B, Reference>) steps<T>(B{}, "Reference", {recompute});
    else steps<T>(Foreign<B>{}, backend_name(B{}), {recompute});
#else
  MESSAGE("skipped: a sanitizer stands in for malloc already");
#endif
}
TEST_CASE_TEMPLATE_APPLY(allocation, Targets);

#ifdef AFIRE_HAVE_ONEDNN
TEST_CASE_TEMPLATE("attention head by head allocates what its products do and nothing else", T, float, bf16) {
#ifndef AFIRE_CANNOT_COUNT
  Index const batch = 3, H = 2, L = 50, D = 32, heads = batch * H;
  OneDnn be{.threads = 1};
  auto const packed = random_tensor<T, 4>(1, 3, heads, L, D);
  Tensor<T, 3> o(batch, L, H * D);
  auto const d_o = random_tensor<T, 3>(2, batch, L, H * D);
  Tensor<Accum<T>, 2> log_sum(heads, L);
  Tensor<T, 2> d_qkv(batch * L, 3 * H * D);
  auto const work = planned([&](Arena& a) { return plan_attention<T>(a, batch, H, L, D); });
  auto const& w = work.saved;
  auto const counted = [](auto const& call) {
    call();                                              // what is made once
    ours = theirs = 0;
    counting = true;
    call();
    counting = false;
    return ours.load();
  };
  auto const both = counted([&] {
    attention(be, packed, o.view(), log_sum.view(), w);
    attention_backward(be, packed, o, log_sum, d_o, d_qkv.view(), w);
  });
  OneDnnProducts products;
  View<const T, 2> const q = packed.view().row(0).row(0), ds = w.d_scores.row(0);
  auto const scores = w.scores.row(0);
  auto const head = w.heads.row(0);
  ThreadLimit const alone(1);
  auto const same = counted([&] {                        // of each head: q k^T twice and d_o v^T; P v and ds k; ds^T q and P^T d_o
    for (int i = 0; i < 3; ++i) products.multiply<T>(matrix(q), transposed(matrix(q)), matrix(scores), {}, 1);
    for (int i = 0; i < 2; ++i) products.multiply<T>(matrix(ds), matrix(q), matrix(head), {}, 1);
    for (int i = 0; i < 2; ++i) products.multiply<T>(transposed(matrix(ds)), matrix(q), matrix(head), {}, 1);
  });
  CHECK(both == heads * same);
#else
  MESSAGE("skipped: a sanitizer stands in for malloc already");
#endif
}
#endif
