// Weights of a file, whosever they are: for the parameters of a model (--init), and under other names in another file (afire convert).
#include <examples/cli/commands.hpp>

#include <afire/io/layout_weights.hpp>
#include <afire/io/pth.hpp>
#include <afire/train/model_of_weights.hpp>
#include <set>

namespace afire::cli {
namespace {

// What comes along: not the settings of another program's optimiser.
Metadata metadata_of(TensorFile const& file) {
  Metadata all = file.metadata();
  std::erase_if(all, [](auto const& entry) { return entry.first.starts_with("optimizer."); });
  return all;
}

// What f gives; an error in it names the file.
template <class F>
auto of_file(TensorFile const& file, F f) {
  try {
    return f();
  } catch (error const& e) {
    std::string const what = e.what();
    if (what.find(file.path()) != what.npos) throw;
    throw error(text(file.path(), ": ", what));
  }
}

// The tensors of the whole model they belong to. What --allow lets be left over is left out.
std::vector<Weight> whole_model(TensorFile const& file, Layout const& layout, std::string const& allowed) {
  std::vector<Weight> part = part_weights(file, layout);
  expect_whole(part, allowed, text(file.path(), " is no whole model; --allow names what may differ, e.g. --allow 'head.*':"));
  std::set<std::string, std::less<>> known;
  for (auto const& wanted : model_of(part)) known.insert(wanted.name);
  std::erase_if(part, [&](Weight const& w) { return !known.contains(w.name); });
  return part;
}

}  // namespace

std::vector<std::vector<float>> read_weights(Settings const& s, std::vector<Wanted> const& wanted) {
  TensorFile const file = open_tensors(s.init);
  Layout const layout = find_layout(file, {s.init_part, s.init_from});
  say(described(file, layout));
  auto fitted = of_file(file, [&] {
    return fit_weights(part_weights(file, layout), wanted, s.init_allow,
                       text("--init ", s.init, " does not fit this model; sizes are set by --width, --depth ..., and --init-allow ",
                            "names what may differ:"), imagenet());
  });
  for (auto const& note : fitted.notes) say("  ", note);
  Index filled = 0;
  for (auto const& values : fitted.values) filled += !values.empty();
  expects(filled > 0, "--init ", s.init, ": none of its ", file.count(), " tensors is in this model");
  say("  ", filled, " of ", wanted.size(), " tensors start from it");
  return std::move(fitted.values);
}

int convert(Request const& r) {
  TensorFile const file = open_tensors(r.input);
  Layout const layout = find_layout(file, {r.part, r.from});
  say(described(file, layout));
  std::vector<Weight> weights;
  bool const both = layout.is_afire() && r.part.empty() && r.to != "timm" && !layout.base().empty();
  of_file(file, [&] {
    if (both) {
      for (char const* const part : {"student", "teacher"})
        if (has_name(file, text(part, "."), "patch_embed.proj.weight")) whole_model(file, find_layout(file, {part, r.from}), r.allow);
      weights = checkpoint_weights(file, layout);
    } else {
      weights = whole_model(file, layout, r.allow);
    }
    if (r.to == "timm") weights = timm_weights(std::move(weights));
    if (r.to == "released") weights = released_weights(weights);
  });
  write_weights(r.out, weights, metadata_of(file));
  say(weights.size(), " tensors written, from ", file.count());
  std::printf("%s\n", r.out.c_str());
  return 0;
}

}  // namespace afire::cli
