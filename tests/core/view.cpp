// A view is a pointer with a shape: what its indices, rows and slices mean, said as laws.
#include <afire/core/tensor.hpp>
#include <doctest/doctest.h>

#include <numeric>

using namespace afire;

namespace {

struct Counted {                                          // 2 x 3 x 4 elements that hold their own position
  float data[24];
  View<float, 3> x{data, 2, 3, 4};
  Counted() { std::iota(data, data + 24, 0.f); }
};

}  // namespace

TEST_CASE("the last index runs fastest") {
  Counted const c;
  for (Index i = 0; i < 2; ++i)
    for (Index j = 0; j < 3; ++j)
      for (Index k = 0; k < 4; ++k) CHECK(c.x(i, j, k) == static_cast<float>((i * 3 + j) * 4 + k));
  CHECK(c.x.size() == 24);
  CHECK(c.x.rows() == 2);
  CHECK(c.x.cols() == 4);
}

TEST_CASE("row(n)(i, j) is x(n, i, j), and row of row is an element's line") {
  Counted const c;
  auto const row = c.x.row(1);
  static_assert(std::is_same_v<decltype(row), View<float, 2> const>);
  for (Index j = 0; j < 3; ++j)
    for (Index k = 0; k < 4; ++k) {
      CHECK(&row(j, k) == &c.x(1, j, k));
      CHECK(&row.row(j)(k) == &c.x(1, j, k));
    }
}

TEST_CASE("slice keeps the shape of a row") {
  Counted const c;
  auto const flat = c.x.as(6, 4).slice(2, 3);
  CHECK(shape_text(flat) == "(3, 4)");
  CHECK(&flat(0, 0) == c.data + 8);
  CHECK(&flat(2, 3) == c.data + 19);
  CHECK(c.x.slice(2, 0).size() == 0);
}

TEST_CASE("as and flat see the same memory under another shape") {
  Counted const c;
  auto const y = c.x.as(4, 6);
  CHECK(y.data == c.data);
  CHECK(y(3, 5) == 23);
  CHECK(c.x.flat()(17) == 17);
  CHECK_THROWS_WITH_AS((void)c.x.as(5, 5), "view: 24 elements cannot be seen as a shape of 25", error);
}

TEST_CASE("a writer's view converts to a reader's, not the other way round") {
  static_assert(std::is_convertible_v<View<float, 2>, View<const float, 2>>);
  static_assert(!std::is_constructible_v<View<float, 2>, View<const float, 2>>);
  static_assert(!std::is_convertible_v<View<float, 2>, View<const float, 1>>);
  static_assert(!std::is_convertible_v<View<float, 2>, View<const double, 2>>);
  static_assert(std::is_trivially_copyable_v<View<float, 2>>);          // it travels to a kernel as bytes
  Counted const c;
  View<const float, 3> const reader = c.x;
  CHECK(reader.data == c.data);
  CHECK(same_shape(reader, c.x));
}

TEST_CASE("an empty view is false and has no elements") {
  View<float, 2> const none;
  CHECK_FALSE(none);
  CHECK(none.size() == 0);
  CHECK(none.begin() == none.end());
}

TEST_CASE("shapes are compared axis by axis and written in brackets") {
  Counted const c;
  CHECK(shape_text(c.x) == "(2, 3, 4)");
  CHECK(shape_text(c.x.flat()) == "(24)");
  CHECK_FALSE(same_shape(c.x.as(4, 6), c.x.as(6, 4)));
}

#ifdef _GLIBCXX_ASSERTIONS
TEST_CASE("checked builds name the index that is out of range") {
  Counted const c;
  CHECK_THROWS_WITH_AS((void)c.x(1, 3, 0), "view: index 3 on axis 1, which has 3 elements", error);
  CHECK_THROWS_WITH_AS((void)c.x(-1, 0, 0), "view: index -1 on axis 0, which has 2 elements", error);
}
#endif
