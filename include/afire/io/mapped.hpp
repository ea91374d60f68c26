// afire/io/mapped.hpp -- a file as memory: read only where it is looked at, shared with other programs that read it
//
//   MappedFile const file("weights.safetensors");
//   View<const std::byte, 1> all = file.bytes();        // valid as long as `file` (or what it is moved into) lives
//
// The file must not be shortened meanwhile by another program (replacing it, as io/file.hpp does, is harmless).
#pragma once
#include <sys/mman.h>

#include <cstddef>

#include <afire/core/view.hpp>
#include <afire/io/file.hpp>

namespace afire {

class MappedFile {
 public:
  explicit MappedFile(std::string const& path) {
    Descriptor const file = open_file("read", path, O_RDONLY | O_NONBLOCK);          // does not wait for the other end of a pipe
    struct stat about;
    if (::fstat(file, &about) != 0) throw_errno("read", path);
    expects(S_ISREG(about.st_mode), "cannot read ", path, ": it is ", S_ISDIR(about.st_mode) ? "a folder" : "not an ordinary file");
    if (about.st_size == 0) return;                                                  // nothing to map
    void* const where = ::mmap(nullptr, static_cast<std::size_t>(about.st_size), PROT_READ, MAP_PRIVATE, file, 0);
    if (where == MAP_FAILED) throw_errno("read", path);
    bytes_ = View<const std::byte, 1>(static_cast<std::byte const*>(where), static_cast<Index>(about.st_size));
  }
  MappedFile(MappedFile&& m) noexcept : bytes_(std::exchange(m.bytes_, {})) {}
  MappedFile& operator=(MappedFile&& m) noexcept { return std::swap(bytes_, m.bytes_), *this; }
  ~MappedFile() {
    if (bytes_) ::munmap(const_cast<std::byte*>(bytes_.data), static_cast<std::size_t>(bytes_.size()));
  }

  View<const std::byte, 1> bytes() const { return bytes_; }

 private:
  View<const std::byte, 1> bytes_;
};

}  // namespace afire
