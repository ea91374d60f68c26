// afire/picture/report.hpp -- one HTML file that holds everything: words, numbers, tables and pictures; no network, no script
//
//   Report report("AFiRe on 497 films", "100 epochs of pre-training, judged on films it has not seen.");
//   report.fact("films", "497");                                       // a few large numbers below the title
//   report.section("Losses");
//   report.prose("Both losses are means over a step. `loss` is their weighted sum.");        // an empty line: a new paragraph
//   report.figure("Both losses fall, and unseen films follow.", "Thin: each step. Bold: mean of 25.", {draw(chart).inline_text()});
//   report.figure("Lesions vanish, ribs stay.", "", {panel_grid(panels, encode_png)});
//   report.table({"view", "AUROC"}, {{"PA", "0.78"}, {"AP", "0.74"}}, "What the numbers are.");
//   report.list({{"batch", "32"}, {"learning rate", "5e-4"}});
//   write(path, report.html());
//
// Words are escaped; only what stands between `backticks` is set as code. The first argument of a figure is the sentence that says what
// to see, so no picture stands without one. Light and dark follow the reader's machine; printed, it is light.
#pragma once
#include <vector>

#include <afire/picture/panels.hpp>
#include <afire/picture/svg.hpp>

namespace afire {


// Escaped, and `code` as code.
inline std::string inline_markup(std::string_view words) {
  std::string to;
  for (bool code = false;; code = !code) {
    auto const end = words.find('`');
    bool const closed = !code || end != words.npos;
    std::string const part = escaped(words.substr(0, end));
    to += !code ? part : closed ? text("<code>", part, "</code>") : text("`", part);
    if (end == words.npos) return to;
    words.remove_prefix(end + 1);
  }
}

class Report {
 public:
  Report(std::string title, std::string lead) : title_(std::move(title)), lead_(std::move(lead)) {}

  void fact(std::string_view name, std::string_view value) {
    facts_ += text("<div><dt>", escaped(name), "</dt><dd>", escaped(value), "</dd></div>\n");
  }

  void section(std::string_view title) {
    if (sections_ > 0) body_ += "</section>\n";
    ++sections_;
    contents_ += text("<a href=\"#s", sections_, "\">", escaped(title), "</a>\n");
    body_ += text("<section id=\"s", sections_, "\">\n<h2>", escaped(title), "</h2>\n");
  }

  void prose(std::string_view words) {
    while (!words.empty()) {
      auto const end = words.find("\n\n");
      auto const part = words.substr(0, end);
      if (part.find_first_not_of(" \n\t") != part.npos) body_ += text("<p>", inline_markup(part), "</p>\n");
      words.remove_prefix(end == words.npos ? words.size() : end + 2);
    }
  }

  // `see`: what to see; `how`: how to read it. The pictures stand side by side where there is room.
  void figure(std::string_view see, std::string_view how, std::vector<std::string> const& pictures) {
    expects(see.find_first_not_of(" \n\t") != see.npos, "report: a figure without the sentence that says what to see");
    ++figures_;
    body_ += text("<figure id=\"f", figures_, "\">\n<div class=\"pictures", pictures.size() == 1 ? " one" : "", "\">\n");
    for (auto const& p : pictures) body_ += text("<div>", p, "</div>\n");
    body_ += text("</div>\n<figcaption>", "<b>Figure ", figures_, ".</b> ", inline_markup(see));
    if (!how.empty()) body_ += text(" <span class=\"how\">", inline_markup(how), "</span>");
    body_ += "</figcaption>\n</figure>\n";
  }

  // Columns whose cells all look like numbers are set flush right.
  void table(std::vector<std::string> const& columns, std::vector<std::vector<std::string>> const& rows, std::string_view caption = "") {
    for (auto const& row : rows)
      expects(row.size() == columns.size(), "report: a table of ", columns.size(), " columns has a row of ", row.size(), " cells");
    body_ += "<figure><div class=\"scroll\"><table>\n<thead><tr>";
    std::vector<char> numeric(columns.size(), !rows.empty());
    for (auto const& row : rows)
      for (std::size_t c = 0; c < row.size(); ++c) numeric[c] = numeric[c] && looks_like_number(row[c]);
    auto const cell = [&](char const* tag, std::size_t c, std::string const& words) {
      body_ += text("<", tag, numeric[c] ? " class=\"number\"" : "", ">", inline_markup(words), "</", tag, ">");
    };
    for (std::size_t c = 0; c < columns.size(); ++c) cell("th", c, columns[c]);
    body_ += "</tr></thead>\n<tbody>\n";
    for (auto const& row : rows) {
      body_ += "<tr>";
      for (std::size_t c = 0; c < row.size(); ++c) cell("td", c, row[c]);
      body_ += "</tr>\n";
    }
    body_ += "</tbody></table></div>\n";
    if (!caption.empty()) body_ += text("<figcaption>", inline_markup(caption), "</figcaption>\n");
    body_ += "</figure>\n";
  }

  void list(std::vector<std::pair<std::string, std::string>> const& entries) {
    body_ += "<dl class=\"list\">\n";
    for (auto const& [name, value] : entries) body_ += text("<div><dt>", escaped(name), "</dt><dd>", breakable(value), "</dd></div>\n");
    body_ += "</dl>\n";
  }

  void footer(std::string_view words) { footer_ = inline_markup(words); }

  std::string html() const {
    std::string const title = escaped(title_);
    std::string page = text("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                            "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>", title, "</title>\n<style>",
                            picture_style, page_style, "</style>\n</head>\n<body>\n<header>\n<h1>", title, "</h1>\n");
    if (!lead_.empty()) page += text("<p class=\"lead\">", inline_markup(lead_), "</p>\n");
    if (!facts_.empty()) page += text("<dl class=\"facts\">\n", facts_, "</dl>\n");
    if (sections_ > 1) page += text("<nav aria-label=\"Sections\">\n", contents_, "</nav>\n");
    page += text("</header>\n<main>\n", body_, sections_ > 0 ? "</section>\n" : "", "</main>\n");
    if (!footer_.empty()) page += text("<footer>", footer_, "</footer>\n");
    return page + "</body>\n</html>\n";
  }

 private:
  // Long paths and lists may go on in the next line after a slash or a comma.
  static std::string breakable(std::string_view words) {
    std::string to;
    for (char const c : escaped(words)) {
      to += c;
      if (c == '/' || c == ',') to += "<wbr>";
    }
    return to;
  }

  static bool looks_like_number(std::string_view cell) {
    bool digit = cell.empty() || cell == "n/a";
    for (char const c : cell) {
      if (c >= '0' && c <= '9') digit = true;
      else if (static_cast<unsigned char>(c) < 0x80 && std::string_view(".,+-% ()e/na").find(c) == std::string_view::npos) return false;
    }
    return digit;
  }

  std::string title_, lead_, facts_, contents_, body_, footer_;
  Index sections_ = 0, figures_ = 0;
};

}  // namespace afire
