// afire/io/differences.hpp -- the names that differ between a file and a model: listed all at once, an error unless they are allowed
//
//   Differences differ("head.*,decoder.*");                         // patterns: '*' is any number of letters
//   differ.missing("encoder.norm.bias");   differ.misshapen("encoder.pos_embed", {1, 197, 192}, {1, 65, 192});   differ.left("fc.bias");
//   differ.refuse("weights.pth does not fit this model:");          // throws if there is any
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include <afire/io/tensor_file.hpp>

namespace afire {

inline bool fits_pattern(std::string_view pattern, std::string_view name) {
  // Where the rest does not fit, the last '*' takes one letter more.
  std::size_t p = 0, n = 0, star = pattern.npos, taken = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') star = p++, taken = n;
    else if (p < pattern.size() && pattern[p] == name[n]) ++p, ++n;
    else if (star != pattern.npos) p = star + 1, n = ++taken;
    else return false;
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

class Differences {
 public:
  explicit Differences(std::string_view allowed) {
    for (std::size_t at = 0; at < allowed.size();) {
      std::size_t const comma = std::min(allowed.find(',', at), allowed.size());
      patterns_.emplace_back(allowed.substr(at, comma - at));
      at = comma + 1;
    }
    used_.resize(patterns_.size());
  }

  // An encoder's names are also allowed as timm has them.
  bool allows(std::string_view name) {
    constexpr std::string_view encoder = "encoder.";
    bool allowed = false;
    for (std::size_t i = 0; i < patterns_.size(); ++i)
      if (fits_pattern(patterns_[i], name) || (name.starts_with(encoder) && fits_pattern(patterns_[i], name.substr(encoder.size()))))
        allowed = used_[i] = true;
    return allowed;
  }

  void missing(std::string const& name) { add(missing_, name, name); }
  void misshapen(std::string const& name, std::vector<Index> const& there, std::vector<Index> const& wanted) {
    add(misshapen_, name, text(name, " ", shape_text(there), ", the model has ", shape_text(wanted)));
  }
  void left(std::string const& name) { add(left_, name, name); }

  void refuse(std::string words) const {
    if (missing_.count + misshapen_.count + left_.count == 0) return;
    if (missing_.count > 0) words += text("\n  missing in the file (", missing_.count, "):", missing_.words);
    if (misshapen_.count > 0) words += text("\n  of another shape (", misshapen_.count, "):", misshapen_.words);
    if (left_.count > 0) words += text("\n  not in the model (", left_.count, "):", left_.words);
    for (std::size_t i = 0; i < patterns_.size(); ++i)
      if (!used_[i]) words += text("\n  nothing that differs fits ", quoted(patterns_[i]));
    throw error(words);
  }

 private:
  struct List {
    std::string words;
    Index count = 0;
  };
  void add(List& list, std::string const& name, std::string const& what) {
    if (allows(name)) return;
    if (++list.count <= 12) list.words += "\n    " + what;
    else if (list.count == 13) list.words += "\n    ...";
  }

  std::vector<std::string> patterns_;
  std::vector<bool> used_;                 // of each: it fits a name that differs
  List missing_, misshapen_, left_;
};

}  // namespace afire
