// A training step after the first allocates nothing of ours. Every allocation of the process is counted; what happens inside a library's
// product is counted apart. (A program of its own, because it stands in for malloc.)
#include <afire/ssl/masking.hpp>
#include <afire/train/trainer.hpp>
#include <doctest/doctest.h>

#include <atomic>

#include "tests/support/backends.hpp"
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

template <class T, class B>
void steps(B be, std::string const& name) {
  Trainer trainer{be, Compute<T>{}, small_vit, small_head, small_decoder, Clean{}, Teacher<Ema>{}, afire_objective(), AdamW{},
                  TrainOptions{.batch = 2}};
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
  MESSAGE(name, " in ", std::string(type_name<T>()), ": in three steps ", ours.load(), " allocations of ours, ", theirs.load(),
          " inside products");
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
  if constexpr (std::is_same_v<B, Reference>) steps<T>(B{}, "Reference");
  else steps<T>(Foreign<B>{}, backend_name(B{}));
#else
  MESSAGE("skipped: a sanitizer stands in for malloc already");
#endif
}
TEST_CASE_TEMPLATE_APPLY(allocation, Targets);
