// tests/support/guarded.hpp -- a backend whose memory the host cannot touch, and films that its verbs cannot: a GPU's rules on a CPU
//
//   Guarded be;                             // its verbs are the reference's; outside them its pages are closed (a touch is SIGSEGV)
//   HostOnly films(be);                     // pages that are closed inside the verbs
//
// Copies in and out open it for as long as they take. One thread.
#pragma once
#include <sys/mman.h>

#include <afire/backend/reference.hpp>
#include <cstring>
#include <memory>

namespace afire_test {

using namespace afire;

// A piece of address space that is given out from the front, and closed and opened as a whole.
class Pages {
 public:
  explicit Pages(std::size_t bytes) : bytes_(bytes) {
    void* const p = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) throw error("guarded: no address space");
    begin_ = static_cast<std::byte*>(p);
  }
  Pages(Pages const&) = delete;
  ~Pages() { ::munmap(begin_, bytes_); }

  void* take(Index bytes) {                // zero
    used_ = (used_ + 63) / 64 * 64;
    std::byte* const at = begin_ + used_;
    used_ += static_cast<std::size_t>(bytes);
    if (used_ > bytes_) throw error("guarded: the test needs more address space");
    return at;
  }
  void close() { ::mprotect(begin_, bytes_, PROT_NONE); }
  void open() { ::mprotect(begin_, bytes_, PROT_READ | PROT_WRITE); }

 private:
  std::size_t bytes_, used_ = 0;
  std::byte* begin_;
};

struct guarded_tag : reference_tag {};
constexpr bool reads_host_memory(guarded_tag) { return false; }

struct Guarded {
  using tag = guarded_tag;
  int threads = 1;
  std::shared_ptr<Pages> own = std::make_shared<Pages>(std::size_t{1} << 30), host = std::make_shared<Pages>(std::size_t{1} << 26);
  int depth = 0;                           // verbs within verbs
  Index verbs = 0;                         // that have been run

  Guarded() { own->close(); }
};

// While it lives, the backend's memory is open, and the host's films are closed to verbs.
class Inside {
 public:
  Inside(Guarded& be, bool verb) : be_(be), verb_(verb) {
    if (be.depth++ > 0) return;
    be.own->open();
    if (verb) be.host->close();
  }
  Inside(Inside const&) = delete;
  ~Inside() {
    if (--be_.depth > 0) return;
    be_.own->close();
    if (verb_) be_.host->open();
    ++be_.verbs;
  }

 private:
  Guarded& be_;
  bool verb_;
};

inline void keep_guarded(void*) {}         // the pages go as one
template <class B>
Memory allocate_bytes(guarded_tag, B& be, Index bytes) { return {be.own->take(bytes), keep_guarded}; }
template <class B>
void upload_bytes(guarded_tag, B& be, void const* from, void* to, Index bytes) {
  Inside const inside(be, false);
  std::memcpy(to, from, static_cast<std::size_t>(bytes));
}
template <class B>
void download_bytes(guarded_tag, B& be, void const* from, void* to, Index bytes) {
  Inside const inside(be, false);
  std::memcpy(to, from, static_cast<std::size_t>(bytes));
}

template <class B, class F>
void for_each_row(guarded_tag, B& be, Index n, F f) {
  Inside const inside(be, true);
  for_each_row(reference_tag{}, be, n, f);
}
template <class B, class F>
void for_each(guarded_tag, B& be, Index n, F f) {
  Inside const inside(be, true);
  for_each(reference_tag{}, be, n, f);
}
template <class B, class F>
auto reduce(guarded_tag, B& be, Index n, F f) {
  Inside const inside(be, true);
  return reduce(reference_tag{}, be, n, f);
}
template <class B, class T, class U>
void gemm(guarded_tag, B& be, Matrices<const T> a, Matrices<const T> b, Matrices<U> c, GemmOf<T> how) {
  Inside const inside(be, true);
  gemm(reference_tag{}, be, a, b, c, how);
}

}  // namespace afire_test
