// afire/train/model_of_weights.hpp -- the model that tensors belong to, told by their shapes; and whether they are all of it
//
//   ViTConfig const c = config_of(part);                   // of encoder.*; heads are in no shape, so it says 1
//   expect_whole(part, "head.*", "weights.pth is no whole model:");       // throws a list of what is missing, left over or misshapen
//
// An encoder, and where there are such names the projection head and the decoder of AFiRe.
#pragma once
#include <afire/io/layout_names.hpp>
#include <afire/nn/decoder.hpp>
#include <afire/nn/head.hpp>
#include <afire/nn/vit.hpp>
#include <afire/train/fit_weights.hpp>

namespace afire {

class ShapesOfWeights {                    // what the functions below ask of tensors
 public:
  explicit ShapesOfWeights(std::vector<Weight> const& part) {
    for (auto const& w : part) shapes_.insert({w.name, w.shape});
  }
  bool has(std::string_view name) const { return shapes_.find(name) != shapes_.end(); }
  // A size of a tensor of that rank; an error that names it where it is not so.
  Index size(std::string const& name, std::size_t rank, std::size_t axis) const {
    auto const found = shapes_.find(name);
    expects(found != shapes_.end(), "there is no ", quoted(name));
    auto const& shape = found->second;
    expects(shape.size() == rank && std::find(shape.begin(), shape.end(), 0) == shape.end(), quoted(name), " has the shape ",
            shape_text(shape), "; ", rank, " sizes are expected, none of them 0");
    return shape[axis];
  }
  Index depth(std::string_view before) const {             // blocks: the highest number and one
    Index most = 0;
    for (auto const& [name, shape] : shapes_)
      if (auto const block = numbered_name(name, before)) most = std::max(most, block->first + 1);
    expects(most <= static_cast<Index>(shapes_.size()), "there are ", shapes_.size(), " tensors, too few for the ", most, " blocks of ",
            quoted(before));
    return most;
  }

 private:
  std::map<std::string, std::vector<Index>, std::less<>> shapes_;
};

// The ViT whose encoder these weights are; heads cannot be told from shapes and stay 1.
inline ViTConfig config_of(std::vector<Weight> const& part) {
  ShapesOfWeights const shapes(part);
  std::string const patch = "encoder.patch_embed.proj.weight", table = "encoder.pos_embed";
  ViTConfig c{.patch = shapes.size(patch, 4, 2), .channels = shapes.size(patch, 4, 1), .width = shapes.size(patch, 4, 0),
              .depth = shapes.depth("encoder.blocks."), .heads = 1, .learned_positions = true};
  expects(c.depth > 0, "there is no \"encoder.blocks.0.\", so it is no vision transformer");
  if (shapes.has("encoder.reg_token")) c.registers = shapes.size("encoder.reg_token", 3, 1);
  auto const rows = position_rows(shapes.size(table, 3, 1), c.registers);
  expects(rows.grid > 0, quoted(table), " has ", shapes.size(table, 3, 1), " rows, which are no square of patches behind ", 1 + c.registers,
          " tokens");
  c.image = rows.grid * c.patch, c.front_positions = rows.front > 0;
  c.mlp_ratio = std::max<Index>(1, shapes.size("encoder.blocks.0.mlp.fc1.weight", 2, 0) / c.width);
  c.layer_scale = shapes.has("encoder.blocks.0.ls1.gamma") ? 1 : 0;
  c.last_norm = !shapes.has("encoder.fc_norm.weight");
  c.qkv_bias = false;                      // where one block has it, all should
  for (Index i = 0; i < c.depth; ++i) c.qkv_bias = c.qkv_bias || shapes.has(text("encoder.blocks.", i, ".attn.qkv.bias"));
  expect_possible(c);
  return c;
}

// Every parameter of that encoder, and of the decoder and the head if there are any, with its shape.
inline std::vector<Wanted> model_of(std::vector<Weight> const& part) {
  ShapesOfWeights const shapes(part);
  ViTConfig const c = config_of(part);
  std::vector<NamedParam<float>> all;
  std::vector<Wanted> wanted;
  auto const collect = [&](auto network, std::string const& prefix) {
    all.clear();
    network.visit(Names<float>(all, prefix));
    for (auto const& [name, param] : all) wanted.push_back({name, param->shape});
  };
  collect(ViT<float>(c), "encoder.");
  if (!c.last_norm) collect(LayerNorm<float>(c.width, c.eps), "encoder.fc_norm.");
  if (shapes.has("head.mlp.0.weight")) {
    std::string const v = "head.last_layers.*.weight_v";
    PerPositionHead const head{.hidden = shapes.size("head.mlp.0.weight", 2, 0), .out = shapes.size("head.mlp.4.weight", 2, 0),
                               .prototypes = shapes.size(v, 3, 1)};
    collect(ProjectionHead<float>(head, c.width, shapes.size(v, 3, 0)), "head.");
  }
  if (shapes.has("decoder.embedding.weight")) {
    TransformerDecoder const decoder{.width = shapes.size("decoder.embedding.weight", 2, 0), .depth = shapes.depth("decoder.blocks."),
                                     .heads = 1};
    Index const rows = shapes.size("decoder.pos_embed", 3, 1), width = shapes.size("decoder.pos_embed", 3, 2);
    expects(rows == c.all_tokens() && width == decoder.width, "\"decoder.pos_embed\" has ", rows, " x ", width, " numbers; ",
            c.all_tokens(), " x ", decoder.width, " belong to this encoder and decoder");
    collect(Decoder<float>(decoder, c), "decoder.");
  }
  return wanted;
}

inline void expect_whole(std::vector<Weight> const& part, std::string_view allowed, std::string const& words) {
  Differences differ(allowed);
  std::map<std::string, std::vector<Index>> left;
  for (auto const& w : part)
    expects(left.insert({w.name, w.shape}).second, "two tensors of the file would be called ", quoted(w.name));
  for (auto const& [name, shape] : model_of(part)) {
    auto const found = left.find(name);
    if (found == left.end()) {
      differ.missing(name);
      continue;
    }
    if (found->second != shape) differ.misshapen(name, found->second, shape);
    left.erase(found);
  }
  for (auto const& [name, shape] : left) differ.left(name);
  differ.refuse(words);
}

}  // namespace afire
