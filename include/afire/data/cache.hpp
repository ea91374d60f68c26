// afire/data/cache.hpp -- decoded films of one size, kept in memory and, if wanted, in a file for the next run
//
//   FilmCache cache(films, 224, Index{2} << 30);                       // at most 2 GiB in memory
//   FilmCache cache(films, 224, 0, {"films.cache", key, tell});        // and all of them in a file
//   if (!cache.get(row, film)) { ...decode it...; cache.put(row, film); }
//
// In memory are the first rows that fit: every film is wanted once an epoch, in another order each time, so no row is better than another.
// The file: a header of 64 bytes, then for each row 8 bytes of checksum (0: not there yet) and S x S pixels. `key` stands for the films and
// for how they are read. A file of other films is made anew, a damaged film is read anew, a full disk ends the storing: each is told in a
// sentence. Any number of threads, and other programs beside, may read and write.
#pragma once
#include <atomic>
#include <memory>
#include <mutex>

#include <afire/data/hash.hpp>
#include <afire/io/file.hpp>

namespace afire {

using Tell = std::function<void(std::string const& sentence)>;  // who is told what went wrong with the file without ending the run

struct CacheFile {                         // where decoded films are kept between runs
  std::string path = {};                         // empty: no file
  std::uint64_t key = 0;
  Tell tell = {};
};

class FilmCache {
 public:
  FilmCache(Index rows, Index side, Index memory_bytes, CacheFile file = {})
      : side_(side), record_(8 + side * side), where_(std::move(file)),
        slots_(static_cast<std::size_t>(std::min(rows, memory_bytes / (side * side)))), state_(slots_.size()),
        writing_(!where_.path.empty()) {
    if (writing_) open(rows);
  }

  bool get(Index row,
           View<std::uint8_t, 2> film) const {   // (S, S) written
    auto const r = static_cast<std::size_t>(row);
    if (r < slots_.size() && state_[r].load(std::memory_order_acquire) == ready) {
      std::memcpy(film.data, slots_[r].get(), bytes());
      return true;
    }
    if (!stored(row, film)) return false;
    keep(row, film);
    return true;
  }

  void put(Index row,
           View<const std::uint8_t, 2> film) {   // (S, S)
    keep(row, film);
    if (!writing_) return;
    std::string record(static_cast<std::size_t>(record_), '\0');
    std::uint64_t const sum = checksum(row, film);
    std::memcpy(record.data(), &sum, 8);
    std::memcpy(record.data() + 8, film.data, bytes());
    Index const at = offset(row);
    for (std::size_t done = 0; done < record.size();) {
      auto const rest = record.size() - done;
      ssize_t const n = uninterrupted([&] { return ::pwrite(file_, record.data() + done, rest, at + static_cast<Index>(done)); });
      if (n <= 0) return stop_writing();
      done += static_cast<std::size_t>(n);
    }
  }

  Index rows_in_memory() const { return static_cast<Index>(slots_.size()); }     // at most

 private:
  enum State : std::uint8_t { absent, being_written, ready };
  struct Header {
    char magic[24] = "afire films, decoded 1\n";
    std::uint64_t key = 0, side = 0, rows = 0, unused[2] = {};
  };
  static_assert(sizeof(Header) == 64);

  std::size_t bytes() const { return static_cast<std::size_t>(side_ * side_); }
  Index offset(Index row) const { return static_cast<Index>(sizeof(Header)) + row * record_; }

  // Never 0, so that a hole in the file is no film.
  std::uint64_t checksum(Index row, View<const std::uint8_t, 2> film) const {
    Hash64 hash;
    hash.add(where_.key), hash.add(static_cast<std::uint64_t>(row)), hash.add(film);
    return hash.value() | 1;
  }

  void keep(Index row, View<const std::uint8_t, 2> film) const {
    auto const r = static_cast<std::size_t>(row);
    std::uint8_t nobody = absent;
    if (r >= slots_.size() || !state_[r].compare_exchange_strong(nobody, being_written)) return;
    slots_[r].reset(new (std::nothrow) std::uint8_t[bytes()]);
    if (!slots_[r]) return state_[r].store(absent);      // the machine has no more memory to give: the film is decoded again next time
    std::memcpy(slots_[r].get(), film.data, bytes());
    state_[r].store(ready, std::memory_order_release);
  }

  bool stored(Index row, View<std::uint8_t, 2> film) const {
    if (file_ < 0) return false;
    std::uint64_t sum = 0;
    if (!read_all(&sum, 8, offset(row)) || sum == 0) return false;
    if (read_all(film.data, bytes(), offset(row) + 8) && sum == checksum(row, film)) return true;
    tell(text(where_.path, ": film ", row, " is damaged there and is read anew"));
    return false;
  }

  bool read_all(void* to, std::size_t count, Index at) const {
    auto* const data = static_cast<char*>(to);
    for (std::size_t done = 0; done < count;) {
      ssize_t const n = uninterrupted([&] { return ::pread(file_, data + done, count - done, at + static_cast<Index>(done)); });
      if (n <= 0) return false;
      done += static_cast<std::size_t>(n);
    }
    return true;
  }

  void open(Index rows) {
    file_ = open_file("open the film cache", where_.path, O_RDWR | O_CREAT);
    struct stat about;
    if (::fstat(file_, &about) != 0) throw_errno("read", where_.path);
    expects(S_ISREG(about.st_mode), "cannot use ", where_.path, " as film cache: it is not an ordinary file");
    Header const wanted{.key = where_.key, .side = static_cast<std::uint64_t>(side_), .rows = static_cast<std::uint64_t>(rows)};
    if (about.st_size > 0) {
      Header found = {};
      auto const size = std::min(sizeof found, static_cast<std::size_t>(about.st_size));
      if (!read_all(&found, size, 0)) throw_errno("read", where_.path);
      expects(std::memcmp(found.magic, wanted.magic, std::min(size, sizeof found.magic)) == 0, "cannot use ", where_.path,
              " as film cache: it is a file of another kind; choose another name or remove it");
      if (std::memcmp(&found, &wanted, sizeof found) == 0 && about.st_size == offset(rows)) return;
      tell(text(where_.path, ": this film cache is damaged, or of other films or settings; it is made anew"));
    }
    if (::ftruncate(file_, 0) != 0 || ::ftruncate(file_, offset(rows)) != 0 ||
        uninterrupted([&] { return ::pwrite(file_, &wanted, sizeof wanted, 0); }) != static_cast<ssize_t>(sizeof wanted))
      throw_errno("write the film cache", where_.path);
  }

  void stop_writing() {
    int const reason = errno;
    if (writing_.exchange(false))
      tell(text(where_.path, ": cannot write more films: ", std::strerror(reason), "; the others are decoded again"));
  }

  void tell(std::string const& sentence) const {
    std::lock_guard const lock(telling_);
    if (where_.tell) where_.tell(sentence);
  }

  Index side_, record_;
  CacheFile where_;
  Descriptor file_;
  mutable std::vector<std::unique_ptr<std::uint8_t[]>> slots_;
  mutable std::vector<std::atomic<std::uint8_t>> state_;
  std::atomic<bool> writing_;
  mutable std::mutex telling_;
};

}  // namespace afire
