// examples/cli/features.hpp -- from a checkpoint and films to features
//
//   std::string why;
//   FromCheckpoint const from = from_checkpoint(request, why);              // its sizes, its weights, the backend of this call
//   each_tokens(films, settings, encode, [&](Index row, View<const float, 2> tokens) { ... });   // (1 + R + L, C), class token first
//   Tensor<float, 2> x = pooled_tokens(films, settings, encode);            // (N, C): the mean of the patch tokens, or the class token
#pragma once
#include <afire/core/tensor.hpp>
#include <examples/cli/commands.hpp>
#include <examples/cli/films.hpp>

namespace afire::cli {

struct FromCheckpoint {
  Settings settings;                       // sizes of the checkpoint; films, backend and type of this call
  Composition const* composition;
};
FromCheckpoint from_checkpoint(Request const& r, std::string& why);

// The encoder of the file, teacher or student.
Encoder stored_encoder(FromCheckpoint const& from, std::string const& path, bool student);

void each_tokens(AnyFilms const& films, Settings const& s, Encoder const& encode,
                 std::function<void(Index, View<const float, 2>)> const& f);
View<const float, 2> patches_of(View<const float, 2> tokens, Settings const& s);       // (1 + R + L, C): the last L rows of it
void mean_of_rows(View<const float, 2> rows,             // (n, C)
                  View<float, 1> mean);                  // (C), written
Tensor<float, 2> pooled_tokens(AnyFilms const& films, Settings const& s, Encoder const& encode);       // as --pool says

// The mean grey of each patch: what a film tells without a model. (N, L)
Tensor<float, 2> patch_means(AnyFilms const& films, Settings const& s);

}  // namespace afire::cli
