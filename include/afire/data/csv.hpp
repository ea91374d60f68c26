// afire/data/csv.hpp -- tables as text (RFC 4180): a header line, then rows whose cells are read when they are asked for
//
//   "a,b" in quotes is one cell, "" inside quotes is one quote, a quoted cell may hold line ends; lines end with LF or CRLF;
//   a byte order mark is left out, empty lines are none; the separator is a comma, or else a semicolon or a tab
//
//   CsvTable const table("films.csv");
//   std::string const view = table.cell(row, table.column("view"));      // line of the file: table.line(row)
//
// The text is kept as it is, with one position per row: a million lines need the file's size and little more.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include <afire/io/file.hpp>

namespace afire {

class CsvTable {
 public:
  explicit CsvTable(std::string path) : path_(std::move(path)), text_(read_file(path_, Index{1} << 36)) {
    expects(text_.find('\0') == text_.npos, path_, ": it has zero bytes, so it is no CSV text (save it as UTF-8)");
    Cursor at;
    if (text_.starts_with("\xef\xbb\xbf")) at.position = 3;
    skip_empty_lines(at);
    expects(at.position < text_.size(), path_, ": the file is empty; a line of column names is needed");
    std::string_view const header = std::string_view(text_).substr(at.position, text_.find('\n', at.position) - at.position);
    for (char const separator : {'\t', ';', ','})
      if (header.find(separator) != header.npos) separator_ = separator;
    record(at, [&](Cell cell) { columns_.push_back(plain(cell)); });
    for (std::size_t c = 0; c < columns_.size(); ++c)
      for (std::size_t d = 0; d < c; ++d)
        expects(columns_[c].empty() || columns_[c] != columns_[d], path_, ", line 1: two columns are named '", columns_[c], "'");
    for (skip_empty_lines(at); at.position < text_.size(); skip_empty_lines(at)) {
      rows_.push_back(at);
      std::size_t cells = 0;
      record(at, [&](Cell) { ++cells; });
      expects(cells == columns_.size(), path_, ", line ", rows_.back().line, ": ", "cells: ", cells, ", in the header: ", columns_.size());
    }
  }

  std::string const& path() const { return path_; }
  Index size() const { return static_cast<Index>(rows_.size()); }
  std::vector<std::string> const& columns() const { return columns_; }
  Index line(Index row) const { return rows_[static_cast<std::size_t>(row)].line; }

  // The column of that name, also if case, spaces, '_' or '-' differ; -1 if there is none.
  Index column(std::string_view name) const {
    for (std::size_t c = 0; c < columns_.size(); ++c)
      if (columns_[c] == name) return static_cast<Index>(c);
    for (std::size_t c = 0; c < columns_.size(); ++c)
      if (simple(columns_[c]) == simple(name)) return static_cast<Index>(c);
    return -1;
  }

  std::string cell(Index row, Index column) const {
    Cursor at = rows_[static_cast<std::size_t>(row)];
    std::string found;
    Index c = 0;
    record(at, [&](Cell cell) {
      if (c++ == column) found = plain(cell);
    });
    return found;
  }

 private:
  struct Cursor {
    std::size_t position = 0;
    Index line = 1;
  };
  struct Cell {
    std::string_view text;                       // without the quotes around it
    bool quoted;
  };

  static std::string simple(std::string_view name) {
    std::string s;
    for (char const c : name)
      if (c != ' ' && c != '_' && c != '-') s += 'A' <= c && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return s;
  }

  static std::string plain(Cell cell) {
    std::string s(cell.text);
    if (cell.quoted)
      for (auto at = s.find("\"\""); at != s.npos; at = s.find("\"\"", at + 1)) s.erase(at, 1);
    return s;
  }

  void skip_empty_lines(Cursor& at) const {
    for (;;) {
      std::size_t const end = at.position + (text_.compare(at.position, 2, "\r\n") == 0 ? 1 : 0);
      if (end >= text_.size() || text_[end] != '\n') return;
      at.position = end + 1, ++at.line;
    }
  }

  // Calls f(cell) for each cell of the record at the cursor, and moves it to the next.
  template <class F>
  void record(Cursor& at, F f) const {
    char const* p = text_.data() + at.position;
    char const* const end = text_.data() + text_.size();
    Index const first_line = at.line;
    for (;;) {
      bool const quoted = p < end && *p == '"';
      char const* const begin = quoted ? ++p : p;
      char const* stop;
      if (quoted) {
        for (;; ++p) {
          expects(p < end, path_, ", line ", first_line, ": a quoted cell does not end");
          at.line += *p == '\n';
          if (*p != '"') continue;
          if (p + 1 == end || p[1] != '"') break;
          ++p;
        }
        stop = p++;
        if (p < end && *p == '\r' && (p + 1 == end || p[1] == '\n')) ++p;
        expects(p == end || *p == separator_ || *p == '\n', path_, ", line ", at.line, ": something follows the quote that ends a cell");
      } else {
        while (p < end && *p != separator_ && *p != '\n') ++p;
        stop = p > begin && p[-1] == '\r' && (p == end || *p == '\n') ? p - 1 : p;
      }
      f(Cell{std::string_view(begin, static_cast<std::size_t>(stop - begin)), quoted});
      bool const more = p < end && *p == separator_;
      if (p < end) ++p;
      if (!more) break;
    }
    ++at.line;
    at.position = static_cast<std::size_t>(p - text_.data());
  }

  std::string path_, text_;
  char separator_ = ',';
  std::vector<std::string> columns_;
  std::vector<Cursor> rows_;
};

}  // namespace afire
