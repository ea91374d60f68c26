// afire/picture/svg.hpp -- a drawing as SVG text
//
//   Svg svg(460, 280, "Loss over steps: falls from 5.5 to 3.1");           // the words are read to those who cannot see it
//   svg.add("line", {{"x1", 0}, {"y1", 40}, {"x2", 460}, {"y2", 40}, {"class", "grid"}});
//   svg.words(10, 30, "nats", {{"class", "muted"}});
//   page += svg.inline_text();      write(path, svg.file());               // part of a page, or a file of its own
//
// Everything is escaped; a coordinate that is not finite is an error here and not a picture that silently lacks a part.
#pragma once
#include <initializer_list>
#include <vector>

#include <afire/picture/markup.hpp>
#include <afire/picture/style.hpp>

namespace afire {

// A coordinate: at most two digits after the point.
inline std::string coordinate(double x) {
  expects(std::isfinite(x), "svg: a coordinate is ", x);
  char digits[64];
  std::snprintf(digits, sizeof digits, "%.2f", x);
  std::string shown(digits);
  while (shown.back() == '0') shown.pop_back();
  if (shown.back() == '.') shown.pop_back();
  return shown == "-0" ? "0" : shown;
}

struct Attribute {                         // of an element
  std::string_view name;
  std::string value;                                     // not yet escaped
  Attribute(std::string_view n, std::string_view v) : name(n), value(v) {}
  Attribute(std::string_view n, char const* v) : name(n), value(v) {}
  Attribute(std::string_view n, double v) : name(n), value(coordinate(v)) {}
  Attribute(std::string_view n, Index v) : name(n), value(std::to_string(v)) {}
  Attribute(std::string_view n, int v) : name(n), value(std::to_string(v)) {}
};
using Attributes = std::initializer_list<Attribute>;  // in the order in which they are written

// A CSS colour, by the number of the series.
inline std::string colour_of(Index series) { return text("var(--c", series % data_colours, ")"); }

class Svg {
 public:
  Svg(double width, double height, std::string_view what, std::string_view css_class = "plot")
      : width_(width), height_(height), what_(what), class_(css_class) {}

  double width() const { return width_; }
  double height() const { return height_; }

  void add(std::string_view element, Attributes attributes) { body_ += text("<", element, joined(attributes), "/>\n"); }
  void words(double x, double y, std::string_view what, Attributes attributes = {}) {
    body_ += text("<text x=\"", coordinate(x), "\" y=\"", coordinate(y), "\"", joined(attributes), ">", escaped(what), "</text>\n");
  }

  // Words of several styles one after the other, wherever the first ones end.
  struct Span {
    std::string_view words, css_class, style;
    double space = 5;                                    // from the words before
  };
  void spans(double x, double y, std::vector<Span> const& all) {
    body_ += text("<text x=\"", coordinate(x), "\" y=\"", coordinate(y), "\">");
    for (auto const& s : all) {
      std::string const space = &s == all.data() ? "" : coordinate(s.space);
      body_ += text("<tspan", joined({{"dx", space}, {"class", s.css_class}, {"style", s.style}}), ">", escaped(s.words), "</tspan>");
    }
    body_ += "</text>\n";
  }

  std::string inline_text() const { return whole("", "", 0); }
  std::string file() const {
    return whole(" xmlns=\"http://www.w3.org/2000/svg\"", text("<style>", picture_style, "svg{background:var(--paper)}</style>\n"), 14);
  }

 private:
  static std::string joined(Attributes attributes) {
    std::string to;
    for (auto const& a : attributes)
      if (!a.value.empty()) to += text(" ", a.name, "=\"", escaped(a.value), "\"");
    return to;
  }
  std::string whole(std::string_view name_space, std::string_view style, double margin) const {
    std::string const w = coordinate(width_ + 2 * margin), h = coordinate(height_ + 2 * margin), from = coordinate(-margin);
    return text("<svg", name_space, " viewBox=\"", from, " ", from, " ", w, " ", h, "\" width=\"", w, "\" height=\"", h,
                "\" class=\"", class_, "\" role=\"img\" aria-label=\"", escaped(what_), "\">\n", style, body_, "</svg>\n");
  }

  double width_, height_;
  std::string what_, class_, body_;
};

// The "d" of a path through points, a new line after each gap.
class PathData {
 public:
  void to(double x, double y) {
    d_ += text(down_ ? "L" : "M", coordinate(x), " ", coordinate(y));
    down_ = true;
  }
  void dot(double x, double y) { d_ += text("M", coordinate(x), " ", coordinate(y), "h0"), down_ = false; }
  void gap() { down_ = false; }
  bool empty() const { return d_.empty(); }
  std::string const& text_of() const { return d_; }

 private:
  std::string d_;
  bool down_ = false;
};

}  // namespace afire
