// afire/train/log.hpp -- the log of a run: log.jsonl and log.csv, the same columns, each step once
//
//   RunLog log = RunLog::start("run", {"step", "loss", "lr"});           // a folder that has a log already is refused
//   RunLog log = RunLog::resume("run", {"step", "loss", "lr"}, 400);     // rows after step 400 are cut off; they will be written again
//   log.row({401, 5.25, 1e-4});                                          // in both files when it returns, also after a kill -9
//   LogTable table = read_log("run");                                    // table.columns, table.rows
//
// A row is one number for each column, the first of which is the step. Values are written so that they read back as the same double.
// What was not measured is NaN: null in log.jsonl, nothing between the commas in log.csv. (Infinity: null, and inf.)
#pragma once
#include <initializer_list>

#include <afire/core/view.hpp>
#include <afire/io/file.hpp>
#include <afire/io/json.hpp>

namespace afire {

struct LogTable {
  std::vector<std::string> columns;
  std::vector<std::vector<double>> rows;
};

// Calls f(line, number, complete) for each line of a text; the last is complete only if it ends in a newline.
template <class F>
void for_each_line(std::string_view words, F f) {
  Index number = 0;
  while (!words.empty()) {
    auto const end = words.find('\n');
    f(words.substr(0, end), ++number, end != words.npos);
    words.remove_prefix(end == words.npos ? words.size() : end + 1);
  }
}

// f(cell) for each cell of a line of a table without quotes.
template <class F>
void for_each_cell(std::string_view line, F f) {
  for (;;) {
    auto const comma = line.find(',');
    f(line.substr(0, comma));
    if (comma == line.npos) return;
    line.remove_prefix(comma + 1);
  }
}

// The log.csv of a run's folder. A last line that a killed program left half written is not a row.
inline LogTable read_log(std::string const& folder) {
  std::string const path = folder + "/log.csv";
  LogTable table;
  for_each_line(read_file(path), [&](std::string_view line, Index number, bool complete) {
    if (!complete) return;
    if (number == 1) return for_each_cell(line, [&](std::string_view cell) { table.columns.emplace_back(cell); });
    auto& row = table.rows.emplace_back();
    for_each_cell(line, [&](std::string_view cell) {
      double x = std::numeric_limits<double>::quiet_NaN();
      auto const [end, problem] = std::from_chars(cell.data(), cell.data() + cell.size(), x);
      expects(cell.empty() || (problem == std::errc() && end == cell.data() + cell.size()), path, ", line ", number, ": ", quoted(cell),
              " is no number");
      row.push_back(x);
    });
    expects(row.size() == table.columns.size(), path, ", line ", number, ": ", row.size(), " values for ", table.columns.size(),
            " columns");
  });
  return table;
}

class RunLog {
 public:
  static RunLog start(std::string const& folder, std::vector<std::string> columns) {
    ensure_folder(folder);
    for (auto const* name : {"/log.csv", "/log.jsonl"})
      expects(!file_exists(folder + name), folder, name, " exists: resume that run, or choose another folder");
    return RunLog(folder, std::move(columns), {});
  }

  // Keeps the rows up to `last`, the step of the checkpoint; -1 keeps none. Both files are written anew from log.csv.
  static RunLog resume(std::string const& folder, std::vector<std::string> columns, Index last) {
    ensure_folder(folder);
    LogTable table;
    if (last >= 0 && file_exists(folder + "/log.csv")) {
      table = read_log(folder);
      expects(table.rows.empty() || table.columns == columns, folder, "/log.csv has the columns ", joined(table.columns),
              ", but this run would write ", joined(columns), "; resume with the program and options that began it");
      std::erase_if(table.rows, [&](auto const& row) { return !(row[0] <= static_cast<double>(last)); });
    }
    return RunLog(folder, std::move(columns), table.rows);
  }

  void row(View<const double, 1> values) {             // (columns)
    add(values);
    if (!write_all(csv_, csv_line_.data(), csv_line_.size())) throw_errno("write", folder_ + "/log.csv");
    if (!write_all(json_, json_line_.data(), json_line_.size())) throw_errno("write", folder_ + "/log.jsonl");
  }
  void row(std::initializer_list<double> values) { row(View<const double, 1>(values.begin(), values.size())); }

  // On the disk, not only with the operating system: before a checkpoint, so that a power cut leaves no gap in front of it.
  void sync() {
    if (::fsync(csv_) != 0 || ::fsync(json_) != 0) throw_errno("write", folder_ + "/log.csv and log.jsonl");
  }

  std::vector<std::string> const& columns() const { return columns_; }

 private:
  RunLog(std::string folder, std::vector<std::string> columns, std::vector<std::vector<double>> const& kept)
      : folder_(std::move(folder)), columns_(std::move(columns)) {
    expects(!columns_.empty() && columns_[0] == "step", folder_, "/log.csv: the first column has to be \"step\"");
    for (auto const& name : columns_)
      expects(!name.empty() && name.find_first_of(",\"\r\n") == name.npos, folder_, "/log.csv: ", quoted(name), " cannot name a column");
    std::string csv = joined(columns_) + "\n", json;
    for (auto const& values : kept) {
      add(View<const double, 1>(values.data(), values.size()));
      csv += csv_line_, json += json_line_;
    }
    replace_file(folder_ + "/log.csv", csv);
    replace_file(folder_ + "/log.jsonl", json);
    csv_ = open_file("write", folder_ + "/log.csv", O_WRONLY | O_APPEND);
    json_ = open_file("write", folder_ + "/log.jsonl", O_WRONLY | O_APPEND);
    csv_line_.reserve(64 * columns_.size()), json_line_.reserve(128 * columns_.size());      // rows then allocate nothing
  }

  static std::string joined(std::vector<std::string> const& names) {
    std::string all;
    for (auto const& name : names) all += (all.empty() ? "" : ",") + name;
    return all;
  }

  // Fills the two lines.
  void add(View<const double, 1> values) {
    expects(values.size() == static_cast<Index>(columns_.size()), folder_, "/log.csv: ", values.size(), " values for ", columns_.size(),
            " columns");
    expects(values(0) > last_ && values(0) == std::trunc(values(0)), folder_, "/log.csv: step ", values(0), " after step ", last_);
    last_ = values(0);
    csv_line_.clear(), json_line_.clear();
    for (Index i = 0; i < values.size(); ++i) {
      auto const& name = columns_[static_cast<std::size_t>(i)];
      double const x = values(i);
      if (i > 0) csv_line_ += ',';
      if (!std::isnan(x)) append_shortest(csv_line_, x);
      (json_line_ += i > 0 ? ", \"" : "{\"") += name;
      json_line_ += "\": ";
      if (std::isfinite(x)) append_shortest(json_line_, x);
      else json_line_ += "null";
    }
    csv_line_ += '\n', json_line_ += "}\n";
  }

  std::string folder_;
  std::vector<std::string> columns_;
  Descriptor csv_, json_;
  std::string csv_line_, json_line_;
  double last_ = -1;
};

}  // namespace afire
