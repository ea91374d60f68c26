// afire/io/zip.hpp -- reads a zip archive of stored (not compressed) entries out of mapped memory, zip64 included; PyTorch's .pth is one
//
//   [local header, name, data] ...   central directory: an entry each   [zip64 end record, its locator]   end record
//
//   ZipArchive const zip(file.bytes(), "weights.pth");             // `what` (a path) begins every message
//   View<const std::byte, 1> pickle = zip.at("weights/data.pkl");  // where it lies in the file, nothing is copied
//
// What the central directory says is checked when it is opened: everything lies inside the file, in front of the directory, without
// overlap, and the local headers agree. Checksums are not compared. A compressed entry is refused when it is asked for.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <vector>

#include <afire/core/view.hpp>
#include <afire/io/json_value.hpp>

namespace afire {

// The little-endian number at `from`, wherever it lies.
template <class U>
U little(std::byte const* from) {
  U x;
  std::memcpy(&x, from, sizeof x);
  return x;
}

class ZipArchive {
 public:
  struct Entry {
    View<const std::byte, 1> data;         // as it is stored
    bool compressed = false;
  };

  ZipArchive(View<const std::byte, 1> all, std::string what) : all_(all), what_(std::move(what)) {
    std::byte const* at = read_end_record();
    struct Piece {
      std::uint64_t begin, end;
      std::string_view name;
    };
    std::vector<Piece> pieces;
    std::byte const* const end = at + directory_bytes_;
    for (std::uint64_t n = 0; n < count_; ++n) {
      expects(end - at >= 46 && little<std::uint32_t>(at) == 0x02014B50, what_, ": entry ", n, " of its zip directory is broken");
      Directory d{at};
      expects(end - at >= d.bytes(), what_, ": entry ", n, " of its zip directory ends outside of it");
      read_zip64(d);
      std::string_view const name = d.name();
      expects(!d.encrypted(), what_, ": the zip entry ", quoted(name), " is encrypted");
      expects(d.method() != 0 || d.packed == d.unpacked, what_, ": the zip entry ", quoted(name), " is stored, but its two sizes differ");
      auto const data = data_of(d, name);
      expects(entries_.insert({name, {data, d.method() != 0}}).second, what_, ": two zip entries are called ", quoted(name));
      pieces.push_back({d.offset, static_cast<std::uint64_t>(data.end() - all_.data), name});
      at += d.bytes();
    }
    expects(at == end, what_, ": its zip directory has ", end - at, " bytes after its last entry");
    std::sort(pieces.begin(), pieces.end(), [](Piece const& a, Piece const& b) { return a.begin < b.begin; });
    for (std::size_t i = 1; i < pieces.size(); ++i)
      expects(pieces[i - 1].end <= pieces[i].begin, what_, ": the zip entries ", quoted(pieces[i - 1].name), " and ",
              quoted(pieces[i].name), " overlap");
  }

  auto begin() const { return entries_.begin(); }        // of (name, Entry), sorted by name
  auto end() const { return entries_.end(); }

  // The data of an entry; of(...) that of one which an iterator has given.
  View<const std::byte, 1> at(std::string_view name) const {
    auto const found = entries_.find(name);
    expects(found != entries_.end(), what_, ": there is no ", quoted(name), " among its ", entries_.size(), " zip entries");
    return of(*found);
  }
  View<const std::byte, 1> of(std::pair<std::string_view const, Entry> const& entry) const {
    expects(!entry.second.compressed, what_, ": the zip entry ", quoted(entry.first),
            " is compressed; PyTorch stores its entries, so pack it again without compression (zip -0), or save it with torch.save");
    return entry.second.data;
  }

 private:
  struct Directory {                                     // an entry of the central directory
    std::byte const* at;
    std::uint64_t packed = little<std::uint32_t>(at + 20), unpacked = little<std::uint32_t>(at + 24);
    std::uint64_t offset = little<std::uint32_t>(at + 42);             // of its local header

    std::size_t name_bytes() const { return little<std::uint16_t>(at + 28); }
    std::size_t extra_bytes() const { return little<std::uint16_t>(at + 30); }
    std::ptrdiff_t bytes() const { return static_cast<std::ptrdiff_t>(46 + name_bytes() + extra_bytes() + little<std::uint16_t>(at + 32)); }
    std::string_view name() const { return {reinterpret_cast<char const*>(at) + 46, name_bytes()}; }
    bool encrypted() const { return (little<std::uint16_t>(at + 8) & 1u) != 0; }
    int method() const { return little<std::uint16_t>(at + 10); }
  };

  // Bytes first ... first + count of the file; an error where they are not there.
  std::byte const* part(std::uint64_t first, std::uint64_t count, std::string_view of_what) const {
    auto const size = static_cast<std::uint64_t>(all_.size());
    expects(first <= size && count <= size - first, what_, ": ", of_what, " lies outside of the file; it was cut short or is broken");
    return all_.data + first;
  }

  // The beginning of the central directory.
  std::byte const* read_end_record() {
    constexpr Index record = 22, longest = 65535;
    Index at = all_.size() - record;
    auto const is_end = [&] {
      auto const* const end = all_.data + at;
      return little<std::uint32_t>(end) == 0x06054B50 && at + record + little<std::uint16_t>(end + 20) == all_.size();
    };
    for (Index const first = std::max<Index>(0, at - longest); at >= first && !is_end();) --at;
    expects(at >= std::max<Index>(0, all_.size() - record - longest), what_, ": a zip archive without its end; it was cut short");
    std::byte const* const end = all_.data + at;
    count_ = little<std::uint16_t>(end + 10), directory_bytes_ = little<std::uint32_t>(end + 12);
    std::uint64_t begin = little<std::uint32_t>(end + 16), disk = little<std::uint16_t>(end + 4);
    if (at >= 20 && little<std::uint32_t>(end - 20) == 0x07064B50) {
      std::byte const* const wide = part(little<std::uint64_t>(end - 12), 56, "the zip64 end record");
      expects(little<std::uint32_t>(wide) == 0x06064B50, what_, ": its zip64 end record is broken");
      count_ = little<std::uint64_t>(wide + 32), directory_bytes_ = little<std::uint64_t>(wide + 40);
      begin = little<std::uint64_t>(wide + 48), disk = little<std::uint32_t>(wide + 16);
    }
    expects(disk == 0, what_, ": a zip archive in several parts");
    std::byte const* const directory = part(begin, directory_bytes_, "the zip directory");
    expects(directory + directory_bytes_ <= end, what_, ": the zip directory overlaps the end of the archive");
    expects(count_ <= directory_bytes_ / 46, what_, ": the zip directory has ", directory_bytes_, " bytes, too few for ", count_,
            " entries");
    directory_ = begin;
    return directory;
  }

  // The extra field 1 holds in 8 bytes what did not fit into 4, in this order.
  void read_zip64(Directory& d) const {
    constexpr std::uint64_t elsewhere = 0xFFFFFFFF;
    std::byte const *at = d.at + 46 + d.name_bytes(), *const end = at + d.extra_bytes();
    while (end - at >= 4) {
      std::ptrdiff_t const bytes = little<std::uint16_t>(at + 2);
      expects(bytes <= end - at - 4, what_, ": the zip entry ", quoted(d.name()), " has a broken extra field");
      std::byte const* value = at + 4;
      at = value + bytes;
      if (little<std::uint16_t>(value - 4) != 1) continue;
      for (auto* number : {&d.unpacked, &d.packed, &d.offset})
        if (*number == elsewhere && at - value >= 8) *number = little<std::uint64_t>(value), value += 8;
    }
  }

  View<const std::byte, 1> data_of(Directory const& d, std::string_view name) const {
    std::string const said = "the zip entry " + quoted(name);
    std::byte const* const local = part(d.offset, 30, said);
    expects(little<std::uint32_t>(local) == 0x04034B50, what_, ": ", said, " does not begin where the zip directory says");
    std::uint64_t const names = little<std::uint16_t>(local + 26), first = d.offset + 30 + names + little<std::uint16_t>(local + 28);
    std::byte const* const data = part(first, d.packed, said);
    std::string_view const again(reinterpret_cast<char const*>(local) + 30, names);
    expects(again == name, what_, ": ", said, " is called ", quoted(again), " where its data begins");
    expects(first + d.packed <= directory_, what_, ": ", said, " overlaps the zip directory");
    return View<const std::byte, 1>(data, static_cast<Index>(d.packed));
  }

  View<const std::byte, 1> all_;
  std::string what_;
  std::uint64_t count_ = 0, directory_ = 0, directory_bytes_ = 0;
  std::map<std::string_view, Entry> entries_;
};

}  // namespace afire
