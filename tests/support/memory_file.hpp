// tests/support/memory_file.hpp -- a file in memory that can be opened by its path, for what is read thousands of times a second
//
//   MemoryFile file;   file.write(bytes, size);   TensorFile const read = open_tensors(file.path());
#pragma once
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

namespace afire_test {

class MemoryFile {
 public:
  MemoryFile() : file_(::memfd_create("afire-test", 0)), path_("/proc/self/fd/" + std::to_string(file_)) {
    if (file_ < 0) std::abort();
  }
  MemoryFile(MemoryFile const&) = delete;
  ~MemoryFile() { ::close(file_); }

  void write(void const* data, std::size_t size) const {
    if (::ftruncate(file_, 0) != 0 || ::pwrite(file_, data, size, 0) != static_cast<ssize_t>(size)) std::abort();
  }
  std::string const& path() const { return path_; }

 private:
  int file_;
  std::string path_;
};

}  // namespace afire_test
