// afire/core/tensor.hpp -- memory that is owned: a 64-byte aligned buffer, and the same with a shape
//
//   Tensor<float, 2> x(3, 4);                     // zeros, in host memory
//   layer_norm(cpu, x.view(), ...);               // verbs take views
//
// A Buffer remembers how to free itself, so memory of another machine (a GPU) is owned by the same type.
#pragma once
#include <cstdint>
#include <cstring>
#include <new>
#include <utility>
#if defined(__linux__)
#include <sys/mman.h>
#endif

#include <afire/core/view.hpp>

namespace afire {

template <class T>
class Buffer {
 public:
  using Free = void (*)(void*);

  Buffer() = default;
  Buffer(T* data, Index size, Free how) : data_(data), size_(size), free_(how) {}
  Buffer(Buffer&& b) noexcept : data_(std::exchange(b.data_, nullptr)), size_(std::exchange(b.size_, 0)), free_(b.free_) {}
  Buffer& operator=(Buffer&& b) noexcept {
    std::swap(data_, b.data_), std::swap(size_, b.size_), std::swap(free_, b.free_);
    return *this;
  }
  ~Buffer() {
    if (data_) free_(data_);
  }

  T* data() const { return data_; }
  Index size() const { return size_; }
  Index bytes() const { return size_ * static_cast<Index>(sizeof(T)); }
  View<T, 1> view() const { return View<T, 1>(data_, size_); }
  explicit operator bool() const { return data_ != nullptr; }

 private:
  T* data_ = nullptr;
  Index size_ = 0;
  Free free_ = nullptr;
};

// Frees host memory; host_buffer<T>(size) is zeroed memory that frees itself so.
inline void free_host(void* p) { ::operator delete(p, std::align_val_t{64}); }

// Asks the system for pages of 2 MiB: a step walks through a gigabyte, and each page's address has to be looked up. Without them all is the
// same but slower, so the answer is not asked for.
inline void prefer_huge_pages([[maybe_unused]] void* p, [[maybe_unused]] std::size_t bytes) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  constexpr std::uintptr_t page = std::uintptr_t{1} << 21;
  auto const begin = (reinterpret_cast<std::uintptr_t>(p) + page - 1) / page * page;
  auto const end = (reinterpret_cast<std::uintptr_t>(p) + bytes) / page * page;
  if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
#endif
}

// Zeroed host memory; throws an error that names the size when there is not enough.
inline void* zeroed_host_bytes(Index size) {
  auto const bytes = static_cast<std::size_t>(size);
  void* p = ::operator new(bytes ? bytes : 1, std::align_val_t{64}, std::nothrow);
  expects(p != nullptr, "not enough memory for a buffer of ", bytes >> 20, " MiB; use a smaller batch or model");
  prefer_huge_pages(p, bytes);
  std::memset(p, 0, bytes);
  return p;
}

template <class T>
Buffer<T> host_buffer(Index size) {
  return Buffer<T>(static_cast<T*>(zeroed_host_bytes(size * static_cast<Index>(sizeof(T)))), size, free_host);
}

template <class T, int Rank>
class Tensor {
 public:
  Tensor() = default;
  template <class... N>
  explicit Tensor(N... sizes) : buffer_(host_buffer<T>((Index{1} * ... * static_cast<Index>(sizes)))), view_(buffer_.data(), sizes...) {}

  View<T, Rank> view() { return view_; }
  View<const T, Rank> view() const { return view_; }
  operator View<T, Rank>() { return view_; }
  operator View<const T, Rank>() const { return view_; }
  template <class... At> T& operator()(At... i) { return view_(i...); }
  template <class... At> T const& operator()(At... i) const { return view_(i...); }
  Index size() const { return buffer_.size(); }
  Index extent(int axis) const { return view_.extent[axis]; }
  T* data() { return buffer_.data(); }
  T const* data() const { return buffer_.data(); }
  T* begin() { return data(); }
  T* end() { return data() + size(); }
  T const* begin() const { return data(); }
  T const* end() const { return data() + size(); }

 private:
  Buffer<T> buffer_;
  View<T, Rank> view_;
};

}  // namespace afire
