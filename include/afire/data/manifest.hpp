// afire/data/manifest.hpp -- which films there are: a CSV file with a line for each, or a folder
//
//   Manifest const films("films/manifest.csv", {.where = "normal=1,split=train"});
//   films.path(row), films.name(row), films.value(row, "view"), films.patient(row), films.place(row)      // "manifest.csv, line 7"
//   films.labels("normal=0")                              // 1, 0, or NaN: unknown, for each film
//   Manifest const all("films");                          // a folder: its .png and .jpg files and those of its folders, by name
//
// Paths in a CSV file are relative to its folder. Rows are numbered from 0 in the order of the file, those left out by `where` not counted.
#pragma once
#include <limits>
#include <memory>
#include <unordered_map>

#include <afire/data/folder.hpp>
#include <afire/data/hash.hpp>
#include <afire/data/where.hpp>

namespace afire {

struct ManifestOptions {                   // which rows and columns of a table count
  std::string where = {};                        // data/where.hpp
  std::string file_column = {};                  // empty: file, path, filename, image or the like
  std::string patient_column = {};               // empty: patient_id, patient, subject_id or the like, if there is one
};

class Manifest {
 public:
  explicit Manifest(std::string path, ManifestOptions const& options = {}) : path_(std::move(path)) {
    struct stat about;
    if (::stat(path_.c_str(), &about) != 0) throw_errno("read the films of", path_);
    if (S_ISDIR(about.st_mode)) {
      expects(options.where.empty(), "where '", options.where, "': ", path_, " is a folder, which has no columns");
      folder_ = path_;
      auto found = films_in_folder(path_);
      names_ = std::move(found.films), left_out_ = found.left_out;
      expects(!names_.empty(), path_, ": no .png or .jpg file in this folder, nor in those inside it");
    } else {
      expects(S_ISREG(about.st_mode), "cannot read ", path_, ": it is not an ordinary file");
      folder_ = folder_of(path_);
      read_table(options);
    }
    if (table_) refuse_duplicates();
    for (auto const& name : names_) hash_.add(name);
  }

  Index size() const { return static_cast<Index>(names_.size()); }
  std::string const& source() const { return path_; }
  std::string const& name(Index row) const { return names_[static_cast<std::size_t>(row)]; }
  std::string path(Index row) const { return name(row).starts_with('/') ? name(row) : folder_ + "/" + name(row); }

  // Where the film is named, for messages.
  std::string place(Index row) const { return table_ ? text(path_, ", line ", table_->line(rows_[static_cast<std::size_t>(row)])) : path_; }

  // The names of all films in their order, as 64 bits: a run that goes on with other films is refused.
  std::uint64_t hash() const { return hash_.value(); }

  // How many other files the folder holds.
  Index left_out() const { return left_out_; }

  bool has(std::string_view column) const { return table_ && table_->column(column) >= 0; }
  std::string value(Index row, std::string_view column) const {
    expects(table_ != nullptr, path_, " is a folder, which has no column '", column, "'");
    Index const c = table_->column(column);
    expects(c >= 0, path_, ": no column '", column, "'; it has ", listed(table_->columns(), 40));
    return table_->cell(rows_[static_cast<std::size_t>(row)], c);
  }

  // For each film 1 where the condition (data/where.hpp) holds, 0 where it does not, NaN where a cell that it asks for is empty.
  std::vector<double> labels(std::string_view condition) const {
    expects(table_ != nullptr, path_, " is a folder, which has no columns to find '", condition, "' in");
    Where const where(*table_, condition);
    std::vector<double> label;
    for (Index const row : rows_)
      label.push_back(where.known(row) ? static_cast<double>(where(row)) : std::numeric_limits<double>::quiet_NaN());
    return label;
  }

  bool has_patients() const { return patient_ >= 0; }
  std::string patient(Index row) const {
    return has_patients() ? table_->cell(rows_[static_cast<std::size_t>(row)], patient_) : std::string();
  }

 private:
  void read_table(ManifestOptions const& options) {
    table_ = std::make_shared<CsvTable const>(path_);
    expects(table_->size() > 0, path_, ": a line of column names and no film");
    Index const file = column(options.file_column, {"file", "path", "filename", "file_path", "image_path", "image", "image_index", "img"});
    expects(file >= 0, path_, ": no column holds the files' names; name one 'file', or say which one does. It has ",
            listed(table_->columns(), 40));
    patient_ = column(options.patient_column, {"patient_id", "patient", "subject_id", "subject"});
    Where const where(*table_, options.where);
    for (Index row = 0; row < table_->size(); ++row) {
      if (!where(row)) continue;
      rows_.push_back(row);
      names_.push_back(table_->cell(row, file));
      expects(!names_.back().empty(), path_, ", line ", table_->line(row), ": the column '",
              table_->columns()[static_cast<std::size_t>(file)], "' is empty");
    }
    if (rows_.empty())
      throw error(text(path_, ": none of its ", table_->size(), " films fits '", options.where, "'; ", where.what_there_is()));
  }

  Index column(std::string const& given, std::initializer_list<char const*> usual) const {
    if (!given.empty()) {
      Index const c = table_->column(given);
      expects(c >= 0, path_, ": no column '", given, "'; it has ", listed(table_->columns(), 40));
      return c;
    }
    for (char const* name : usual)
      if (Index const c = table_->column(name); c >= 0) return c;
    return -1;
  }

  void refuse_duplicates() const {
    std::unordered_map<std::string, Index> seen;
    seen.reserve(names_.size());
    for (Index row = 0; row < size(); ++row) {
      auto const [before, is_new] = seen.emplace(without_dots(path(row)), row);
      if (!is_new)
        throw error(text(place(row), ": ", name(row), " is named a second time; the first is ", place(before->second),
                         ". Keep one of the two"));
    }
  }

  // a//b/./c -> a/b/c
  static std::string without_dots(std::string const& path) {
    std::string clean;
    each_part(path, '/', [&](std::string_view part) {
      if (part.empty() || part == ".") return;
      clean += '/';
      clean += part;
    });
    return clean;
  }

  std::string path_, folder_;
  std::shared_ptr<CsvTable const> table_;        // none for a folder
  std::vector<Index> rows_;                      // of the table
  std::vector<std::string> names_;               // as written
  Index patient_ = -1, left_out_ = 0;
  Hash64 hash_;
};

}  // namespace afire
