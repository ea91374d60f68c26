// Who owns memory: tensors start as zeros, are aligned, and move without copying.
#include <afire/core/tensor.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <initializer_list>
#include <cstdint>

using namespace afire;

TEST_CASE("a tensor starts as zeros, aligned to a cache line") {
  for (Index rows : {1, 3, 64, 1000}) {
    Tensor<float, 2> const x(rows, 7);
    CHECK(x.size() == rows * 7);
    CHECK(x.extent(0) == rows);
    CHECK(x.extent(1) == 7);
    CHECK(reinterpret_cast<std::uintptr_t>(x.data()) % 64 == 0);
    CHECK(std::all_of(x.begin(), x.end(), [](float v) { return v == 0; }));
  }
}

TEST_CASE("a tensor of no elements is allowed") {
  Tensor<double, 2> const x(0, 5);
  CHECK(x.size() == 0);
  CHECK(x.begin() == x.end());
}

TEST_CASE("moving a tensor moves its memory") {
  Tensor<float, 1> a(4);
  a(2) = 5;
  float const* const where = a.data();
  Tensor<float, 1> b = std::move(a);
  CHECK(b.data() == where);
  CHECK(b(2) == 5);
  a = Tensor<float, 1>(2);
  a = std::move(b);
  CHECK(a.data() == where);
  CHECK(a.size() == 4);
}

TEST_CASE("a const tensor gives a reader's view") {
  Tensor<float, 2> x(2, 3);
  x(1, 2) = 4;
  Tensor<float, 2> const& reader = x;
  static_assert(std::is_same_v<decltype(reader.view()), View<const float, 2>>);
  static_assert(std::is_same_v<decltype(x.view()), View<float, 2>>);
  View<const float, 2> const v = reader;
  CHECK(v(1, 2) == 4);
}

TEST_CASE("a buffer frees itself once, the way it was told to") {
  static int freed;
  freed = 0;
  int memory[3] = {};
  {
    Buffer<int> a(memory, 3, [](void*) { ++freed; });
    Buffer<int> b = std::move(a);
    CHECK(freed == 0);
    CHECK_FALSE(a);
    CHECK(b.bytes() == 12);
  }
  CHECK(freed == 1);
}

TEST_CASE("too much memory is a sentence, not a crash") {
  CHECK_THROWS_WITH_AS((void)host_buffer<float>(Index{1} << 60),
                       "not enough memory for a buffer of 4398046511104 MiB; use a smaller batch or model", error);
}
