// afire/io/layout.hpp -- whose names a file of weights has: timm's, DINO's, iBOT's, DINOv2's, MAE's, MRM's, Hugging Face's, AFiRe's
//
//   TensorFile const file = open_tensors("checkpoint.pth");
//   Layout const layout = find_layout(file);                         // {LayoutKind::dino, "teacher.backbone."}
//   say(described(file, layout));                                    // checkpoint.pth: DINO, encoder under "teacher.backbone."
//   std::vector<Weight> ours = part_weights(file, layout);           // io/layout_names.hpp
//
// Found by its patch embedding, the one tensor that every vision transformer has: what stands before its name is the encoder's prefix,
// names beside it tell whose it is. Where a file has both a teacher and a student, the teacher is taken unless told otherwise.
#pragma once
#include <algorithm>

#include <afire/io/tensor_file.hpp>

namespace afire {

enum class LayoutKind { timm, dino, ibot, dinov2, mae, mrm, hf, released, afire };

struct LayoutFacts {                       // what a layout is called
  char const *word, *title;                // as typed; as said
};
inline constexpr LayoutFacts layout_facts[] = {
    {"timm", "timm's names"}, {"dino", "DINO"}, {"ibot", "iBOT"},         {"dinov2", "DINOv2"},
    {"mae", "MAE"},           {"mrm", "MRM"},   {"hf", "Hugging Face"}, {"released", "AFiRe as released"}, {"afire", "afire"}};

// layout_word: the word of a kind; layout_named: the kind of a word, if there is one.
inline char const* layout_word(LayoutKind kind) { return layout_facts[static_cast<int>(kind)].word; }
inline bool layout_named(std::string_view word, LayoutKind& kind) {
  int i = 0;
  for (auto const& facts : layout_facts) {
    if (word == facts.word) return kind = static_cast<LayoutKind>(i), true;
    ++i;
  }
  return false;
}

struct Layout {
  LayoutKind kind = LayoutKind::timm;
  std::string prefix;                      // of the encoder's names in the file

  bool is_afire() const { return kind == LayoutKind::afire || kind == LayoutKind::released; }
  // What stands before encoder., head. and decoder. of a composition of AFiRe.
  std::string base() const { return prefix.substr(0, prefix.size() - std::string_view("encoder.").size()); }
};

struct LayoutWish {                        // empty: whatever is found
  std::string part = {};                   // teacher | student
  std::string from = {};                   // a word of layout_facts
};

// Prefixes of all names that end in `ending`; moments of an optimiser have such names too, and are no encoders.
inline std::vector<std::string> prefixes_of(TensorFile const& file, std::string_view ending) {
  std::vector<std::string> found;
  for (auto const& t : file)
    if (t.name.ends_with(ending) && !t.name.starts_with("optimizer.") && !t.name.starts_with("afire_optimizer."))
      found.push_back(t.name.substr(0, t.name.size() - ending.size()));
  return found;
}

// Whether a tensor below `prefix` has `part` in its name.
inline bool has_name(TensorFile const& file, std::string const& prefix, std::string_view part) {
  for (auto const& t : file)
    if (t.name.starts_with(prefix) && t.name.find(part, prefix.size()) != std::string::npos) return true;
  return false;
}

// Whose names stand below the encoder's prefix.
inline LayoutKind guessed_kind(TensorFile const& file, std::string const& prefix) {
  auto const has = [&](std::string_view part) { return has_name(file, prefix, part); };
  if (prefix.ends_with("encoder.")) {
    for (auto const& t : file)
      if (t.name.starts_with("AFiRe_loss.") || t.name.find("module.") != t.name.npos || t.name.find("last_layers.0.") != t.name.npos)
        return LayoutKind::released;
    return LayoutKind::afire;
  }
  if (has("bert_") || has("bert.")) return LayoutKind::mrm;
  if (has("decoder_embed.")) return LayoutKind::mae;
  if (has("masked_embed")) return LayoutKind::ibot;
  if (has("register_tokens") || has(".mlp.w12.") || (has("mask_token") && has(".ls1."))) return LayoutKind::dinov2;
  return prefix.ends_with("backbone.") ? LayoutKind::dino : LayoutKind::timm;
}

inline Layout find_layout(TensorFile const& file, LayoutWish const& wish = {}) {
  constexpr std::string_view timm = "patch_embed.proj.weight", hf = "embeddings.patch_embeddings.projection.weight";
  Layout layout;
  if (!wish.from.empty())
    expects(layout_named(wish.from, layout.kind), quoted(wish.from),
            " is no layout; timm, dino, ibot, dinov2, mae, mrm, hf, released and afire are");
  bool const any = wish.from.empty(), only_hf = !any && layout.kind == LayoutKind::hf;
  auto prefixes = only_hf ? std::vector<std::string>() : prefixes_of(file, timm);
  bool const is_hf = prefixes.empty() && (any || only_hf);
  if (is_hf) prefixes = prefixes_of(file, hf);
  expects(!prefixes.empty(), file.path(), ": none of its ", file.count(), " names ends in ", quoted(only_hf ? hf : timm),
          any ? " or as Hugging Face's" : "", ", so it holds no vision transformer", any ? "" : " with the names of ", wish.from,
          file.count() > 0 ? "; its first is " + quoted(file.begin()->name) : "");
  // Of several, those of the part that is wanted.
  std::string const part = wish.part.empty() ? "teacher" : wish.part;
  auto const others = [&](std::string const& p) { return !p.starts_with(part + "."); };
  bool const has_part = !std::all_of(prefixes.begin(), prefixes.end(), others);
  expects(has_part || wish.part.empty(), file.path(), ": it holds no ", part, ", only names that begin with ", quoted(prefixes[0]));
  if (has_part) std::erase_if(prefixes, others);
  std::string all;
  for (auto const& p : prefixes) all += (all.empty() ? "" : ", ") + quoted(p);
  expects(prefixes.size() == 1, file.path(), ": it holds ", prefixes.size(), " encoders (", all, "); keep one of them");
  layout.prefix = prefixes[0];
  if (any) layout.kind = is_hf ? LayoutKind::hf : guessed_kind(file, layout.prefix);
  expects(!layout.is_afire() || layout.prefix.ends_with("encoder."), file.path(), ": its encoder's names begin with ",
          quoted(layout.prefix), ", those of AFiRe end this in \"encoder.\"; let the layout be found");
  return layout;
}

// "checkpoint.pth: DINO, encoder under "teacher.backbone."".
inline std::string described(TensorFile const& file, Layout const& layout) {
  return text(file.path(), ": ", layout_facts[static_cast<int>(layout.kind)].title, ", encoder under ",
              layout.prefix.empty() ? "no prefix" : quoted(layout.prefix));
}

}  // namespace afire
