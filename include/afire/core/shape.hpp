// afire/core/shape.hpp -- the sizes of a tensor as a value: (768, 3, 16, 16)
//
//   Shape s{2, 3, 4};    s.size() == 3 axes,  s[1] == 3;    for (Index n : s) ...
//
// At most four axes, held in place. A model has hundreds of parameters: a copy of this is a copy of numbers, that of a std::vector a call
// that may throw, which compilers have to prepare for at each of them.
#pragma once
#include <initializer_list>
#include <vector>

#include <afire/core/error.hpp>

namespace afire {

class Shape {
 public:
  static constexpr std::size_t most = 4;

  Shape() = default;
  Shape(std::initializer_list<Index> sizes) { take(sizes.begin(), sizes.size()); }
  Shape(std::vector<Index> const& sizes) { take(sizes.data(), sizes.size()); }
  operator std::vector<Index>() const { return std::vector<Index>(begin(), end()); }

  std::size_t size() const { return axes_; }
  Index operator[](std::size_t axis) const { return sizes_[axis]; }
  Index const* begin() const { return sizes_; }
  Index const* end() const { return sizes_ + axes_; }
  bool operator==(Shape const&) const = default;

 private:
  void take(Index const* sizes, std::size_t axes) {
    expects(axes <= most, "parameter: a shape of ", axes, " axes; there may be ", most);
    axes_ = axes;
    for (std::size_t a = 0; a < axes; ++a) sizes_[a] = sizes[a];
  }
  Index sizes_[most] = {};
  std::size_t axes_ = 0;
};

}  // namespace afire
