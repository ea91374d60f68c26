// tests/picture/well_formed.hpp -- is it markup that every reader takes the same way?
//
//   CHECK(problem_with(report.html()) == "");      // or what is wrong: tags not balanced, a bare < or &, an attribute without quotes
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace afire_test {

inline bool is_void(std::string_view tag) {
  for (std::string_view v : {"meta", "img", "br", "wbr", "!DOCTYPE"})
    if (tag == v) return true;
  return false;
}

inline std::string problem_with(std::string_view page) {
  std::vector<std::string> open;
  auto const known_entity = [](std::string_view at) {
    for (std::string_view e : {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"})
      if (at.starts_with(e)) return true;
    return false;
  };
  for (std::size_t i = 0; i < page.size(); ++i) {
    if (page[i] == '&' && !known_entity(page.substr(i))) return "bare & in " + std::string(page.substr(i, 30));
    if (page[i] == '>') return "bare > in " + std::string(page.substr(i < 15 ? 0 : i - 15, 30));
    if (static_cast<unsigned char>(page[i]) < 0x20 && page[i] != '\n' && page[i] != '\t') return "a control character";
    if (page[i] != '<') continue;
    std::string tag;
    bool quoted = false, closing = false, single = false;
    std::size_t k = i + 1;
    if (k < page.size() && page[k] == '/') closing = true, ++k;
    for (; k < page.size() && page[k] != ' ' && page[k] != '>' && page[k] != '/'; ++k) tag += page[k];
    for (; k < page.size() && (quoted || page[k] != '>'); ++k) {
      if (page[k] == '"') quoted = !quoted;
      if (page[k] == '<') return "< inside <" + tag;
      if (page[k] == '=' && !quoted && page[k + 1] != '"') return "an attribute of <" + tag + "> without quotes";
      if (page[k] == '&' && !known_entity(page.substr(k))) return "bare & inside <" + tag;
      single = page[k] == '/' && !quoted;
    }
    if (k >= page.size()) return "<" + tag + " does not end";
    i = k;
    if (closing) {
      if (open.empty() || open.back() != tag) return "</" + tag + "> closes " + (open.empty() ? "nothing" : "<" + open.back() + ">");
      open.pop_back();
    } else if (!single && !is_void(tag)) {
      open.push_back(tag);
      if (tag == "style") {                         // text of its own kind
        i = page.find("</style>", i);
        if (i == page.npos) return "<style> does not end";
        --i;
      }
    }
  }
  return open.empty() ? "" : "<" + open.back() + "> is not closed";
}

inline int count(std::string_view in, std::string_view what) {
  int n = 0;
  for (auto at = in.find(what); at != in.npos; at = in.find(what, at + what.size())) ++n;
  return n;
}

}  // namespace afire_test
