// afire/io/layout_weights.hpp -- the tensors of a file under our names, and under those that timm and the released AFiRe have
//
//   part_weights(file, layout)          encoder.<timm's name>; of AFiRe also head.*, decoder.*: one model
//   checkpoint_weights(file, layout)    of AFiRe: student.*, teacher.*, objective.prototype, optimizer.*, as a checkpoint of ours has them
//   timm_weights(part)                  <timm's name>: the encoder alone
//   released_weights(checkpoint)        student.module.*, teacher.*, AFiRe_loss.prototype; head.last_layers.0.weight_v ...: a tensor each
//
// Left out is what belongs to no encoder: decoders of MAE and MRM, mask tokens, heads of DINO, PyTorch's optimisers. The moments of our
// optimiser are kept in the released layout as afire_optimizer.*, where its code does not look; so a checkpoint comes back bit for bit.
#pragma once
#include <afire/io/layout.hpp>
#include <afire/io/layout_names.hpp>

namespace afire {

// A name of AFiRe as a checkpoint of ours has it; "" for what it has not.
inline std::string checkpoint_tensor_name(std::string name) {
  constexpr std::size_t part = std::string_view("student.").size();
  if (name.starts_with("student.module.") || name.starts_with("teacher.module.")) name.erase(part, std::string_view("module.").size());
  if (name == "AFiRe_loss.prototype") return "objective.prototype";
  if (name.starts_with("afire_optimizer.")) return name.substr(std::string_view("afire_").size());
  return name.starts_with("optimizer.param_groups.") || name.starts_with("optimizer.state.") ? "" : name;
}

inline std::vector<Weight> checkpoint_weights(TensorFile const& file, Layout const& layout) {
  expects(layout.is_afire(), file.path(), ": only a checkpoint of AFiRe has a student and a teacher of afire");
  std::vector<Weight> all;
  for (auto const& t : file) {
    Weight w = weight_of(t, checkpoint_tensor_name(t.name));
    if (w.name.empty()) continue;
    if (w.name == "objective.prototype" && w.shape.size() == 3 && w.shape[0] == 1) w.shape.erase(w.shape.begin());
    all.push_back(std::move(w));
  }
  return with_stacked_layers(all);
}

// A gated MLP is no MLP of ours: DINOv2's names, Hugging Face's, timm's, and timm's with both halves in fc1.
inline void refuse_swiglu(TensorFile const& file, std::string const& prefix) {
  constexpr std::string_view fc1 = "fc1.weight";
  for (auto const& t : file) {
    if (!t.name.starts_with(prefix)) continue;
    bool gated = false;
    for (std::string_view const gate : {".w12.", ".w3.", ".weights_in.", ".weights_out.", ".fc1_g."})
      gated = gated || t.name.find(gate, prefix.size()) != t.name.npos;
    if (t.name.ends_with(fc1) && t.shape.size() == 2) {
      auto const* const fc2 = file.find(t.name.substr(0, t.name.size() - fc1.size()) + "fc2.weight");
      gated = gated || (fc2 && fc2->shape.size() == 2 && t.shape[0] > 0 && t.shape[0] == 2 * fc2->shape[1]);
    }
    expects(!gated, file.path(), ": ", quoted(t.name), " belongs to a SwiGLU, the gated MLP of DINOv2's ViT-g; ",
            "blocks of afire have GELU, so take a model without it, such as DINOv2's ViT-S, ViT-B or ViT-L");
  }
}

inline std::vector<Weight> part_weights(TensorFile const& file, Layout const& layout) {
  std::vector<Weight> all;
  if (layout.is_afire()) {
    // What one transfers is the teacher's encoder and head; it has no decoder, so that is the student's.
    std::string const base = checkpoint_tensor_name(layout.base());
    bool decoder = false;
    for (auto const& t : file) decoder = decoder || t.name.starts_with(layout.base() + "decoder.");
    for (auto& w : checkpoint_weights(file, layout)) {
      bool const mine = base.empty() ? !w.name.starts_with("objective.") && !w.name.starts_with("optimizer.") : w.name.starts_with(base);
      if (mine) w.name.erase(0, base.size());
      else if (!decoder && w.name.starts_with("student.decoder.")) w.name.erase(0, std::string_view("student.").size());
      else continue;
      all.push_back(std::move(w));
    }
    return all;
  }
  refuse_swiglu(file, layout.prefix);
  bool const hf = layout.kind == LayoutKind::hf;
  for (auto const& t : file) {
    if (!t.name.starts_with(layout.prefix)) continue;
    std::string_view const name = std::string_view(t.name).substr(layout.prefix.size());
    std::string const ours = hf ? timm_name_of_hf(name) : timm_name(name);
    if (!ours.empty()) all.push_back(weight_of(t, "encoder." + ours));
  }
  if (hf) all = with_qkv(all);
  if (hf || layout.kind == LayoutKind::dinov2) fold_class_position(all);
  return all;
}

// Its files hold no name with "encoder" and none called mask_token: timm takes those for other people's.
inline std::vector<Weight> timm_weights(std::vector<Weight> part) {
  constexpr std::string_view encoder = "encoder.";
  std::erase_if(part, [&](Weight const& w) { return !w.name.starts_with(encoder); });
  for (auto& w : part) {
    w.name.erase(0, encoder.size());
    expects(w.name.find("encoder") == w.name.npos && w.name != "mask_token", quoted(w.name), " is no name that timm would take");
  }
  return part;
}

inline std::vector<Weight> released_weights(std::vector<Weight> const& checkpoint) {
  std::vector<Weight> all;
  for (auto w : checkpoint) {
    if (w.name.starts_with("student.")) w.name.insert(std::string_view("student.").size(), "module.");
    if (w.name.starts_with("optimizer.")) w.name.insert(0, "afire_");
    if (w.name == "objective.prototype") w.name = "AFiRe_loss.prototype", w.shape.insert(w.shape.begin(), 1);
    auto const star = w.name.find("last_layers.*.");
    if (star == w.name.npos || w.name.starts_with("afire_")) {
      all.push_back(std::move(w));
      continue;
    }
    expects(!w.shape.empty(), quoted(w.name), " is a single number; a row for each position is needed");
    std::string const before = w.name.substr(0, w.name.find('*')), behind = w.name.substr(before.size() + 1);
    for (Index j = 0; j < w.shape[0]; ++j) all.push_back(row_of(w, text(before, j, behind), j));
  }
  return all;
}

}  // namespace afire
