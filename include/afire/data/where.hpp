// afire/data/where.hpp -- which rows of a table are meant, as text
//
//   normal=1,split=train            both hold                 view=PA|AP      one of several values
//   split!=test                     no value of these         patient_id=     the cell is empty
//
//   Where const where(table, "normal=1,view=PA|AP");   if (where(row)) ...
//
// A cell that joins values itself, as Cardiomegaly|Effusion does, has each of them.
#pragma once
#include <set>

#include <afire/data/csv.hpp>

namespace afire {

// Calls f for each part of the text between separators; an empty text has one empty part.
template <class F>
void each_part(std::string_view text, char separator, F f) {
  for (;;) {
    auto const end = text.find(separator);
    f(text.substr(0, end));
    if (end == text.npos) return;
    text.remove_prefix(end + 1);
  }
}

// "file, view, split", for messages; the first few.
template <class Words>
std::string listed(Words const& words, std::size_t most = 12) {
  std::string all;
  std::size_t n = 0;
  for (auto const& word : words) {
    if (n == most) return all + ", ...";
    all += (n++ ? ", " : "") + (word.empty() ? "(empty)" : std::string(word));
  }
  return all;
}

class Where {
 public:
  Where(CsvTable const& table, std::string_view words) : table_(table) {
    if (words.empty()) return;
    each_part(words, ',', [&](std::string_view part) {
      auto const at = part.find('=');
      expects(at != part.npos && at > 0, "where '", words, "': '", part, "' is no condition like split=train or view!=PA|AP");
      bool const unequal = part[at - 1] == '!';
      std::string_view const name = part.substr(0, at - (unequal ? 1 : 0));
      Condition condition{table.column(name), unequal, {}};
      expects(condition.column >= 0, "where '", words, "': ", table.path(), " has no column '", name, "'; it has ",
              listed(table.columns(), 40));
      each_part(part.substr(at + 1), '|', [&](std::string_view value) { condition.values.emplace(value); });
      conditions_.push_back(std::move(condition));
    });
  }

  bool operator()(Index row) const {
    for (auto const& condition : conditions_)
      if (!holds(condition, row)) return false;
    return true;
  }

  // Is every cell that the conditions ask for filled in? (A condition that asks for an empty cell, as in 'normal=', knows all.)
  bool known(Index row) const {
    for (auto const& condition : conditions_)
      if (table_.cell(row, condition.column).empty() && !condition.values.contains(std::string_view())) return false;
    return true;
  }

  // For the message that no row fits: the values of each column that is asked for.
  std::string what_there_is() const {
    std::string words;
    for (auto const& condition : conditions_) {
      std::set<std::string> values;
      for (Index row = 0; row < table_.size() && values.size() < 9; ++row) values.insert(table_.cell(row, condition.column));
      std::string const& name = table_.columns()[static_cast<std::size_t>(condition.column)];
      words += text(words.empty() ? "" : "; ", name, " is one of ", listed(values, 8));
    }
    return words;
  }

 private:
  struct Condition {
    Index column;
    bool unequal;
    std::set<std::string, std::less<>> values;
  };

  bool holds(Condition const& condition, Index row) const {
    bool found = false;
    each_part(table_.cell(row, condition.column), '|', [&](std::string_view value) { found = found || condition.values.contains(value); });
    return found != condition.unequal;
  }

  CsvTable const& table_;
  std::vector<Condition> conditions_;
};

}  // namespace afire
