// examples/variants/shared.hpp -- networks and optimiser of the variants on their backend: compiled once, in shared.cpp, for all of them
#pragma once
#include <examples/variants/backend.hpp>
#include <afire/op/patchify.hpp>
#include <afire/op/sinkhorn.hpp>
#include <afire/op/sum.hpp>
#include <afire/ssl/restoration.hpp>
#include <afire/ssl/token_contrast.hpp>
#include <afire/train/trainer.hpp>

// `extern` in a variant's own file, nothing in shared.cpp.
#ifndef AFIRE_SHARED
#define AFIRE_SHARED extern
#endif

namespace afire {

using cli::Fastest;

AFIRE_SHARED template struct Block<float>;
AFIRE_SHARED template struct Attention<float>;
AFIRE_SHARED template struct ViT<float>;
AFIRE_SHARED template struct Decoder<float>;
AFIRE_SHARED template struct ProjectionHead<float>;
AFIRE_SHARED template class ParamStore<float>;
AFIRE_SHARED template void Attention<float>::forward(Fastest&, View<const float, 2>, View<float, 2>, Attention<float>::Saved&) const;
AFIRE_SHARED template void Attention<float>::backward(Fastest&, View<const float, 2>, View<const float, 2>, View<float, 2>,
                                                      Attention<float>::Saved&) const;
AFIRE_SHARED template void Block<float>::forward(Fastest&, View<const float, 2>, View<float, 2>, Block<float>::Saved&) const;
AFIRE_SHARED template void Block<float>::backward(Fastest&, View<const float, 2>, View<const float, 2>, View<float, 2>,
                                                  Block<float>::Saved&) const;
AFIRE_SHARED template void Linear<float>::forward(Fastest&, View<const float, 2>, View<float, 2>) const;
AFIRE_SHARED template void Linear<float>::backward(Fastest&, View<const float, 2>, View<const float, 2>, View<float, 2>,
                                                   View<float, 2>) const;
AFIRE_SHARED template void LayerNorm<float>::forward(Fastest&, View<const float, 2>, View<float, 2>, View<float, 2>) const;
AFIRE_SHARED template void PatchEmbed<float>::forward(Fastest&, GreyPixels, View<float, 3>, PatchEmbed<float>::Saved&) const;
AFIRE_SHARED template void PatchEmbed<float>::backward(Fastest&, View<const float, 3>, PatchEmbed<float>::Saved&) const;
AFIRE_SHARED template void sinkhorn(Fastest&, View<const float, 2>, double, int, View<float, 2>, View<float, 1>, View<float, 1>);
AFIRE_SHARED template void gemm(Fastest&, Matrices<const float>, Matrices<const float>, Matrices<float>, GemmOf<float>);
AFIRE_SHARED template void ViT<float>::forward(Fastest&, GreyPixels, ViT<float>::Saved&) const;
AFIRE_SHARED template void ViT<float>::backward(Fastest&, View<const float, 3>, ViT<float>::Saved&) const;
AFIRE_SHARED template void ViT<float>::forward(Fastest&, GreyPixels, MaskTokens<float> const&, ViT<float>::Saved&) const;
AFIRE_SHARED template void ViT<float>::backward(Fastest&, View<const float, 3>, MaskTokens<float> const&, ViT<float>::Saved&) const;
AFIRE_SHARED template void ViT<float>::forward(Fastest&, GreyPixels, KeptPatches<float> const&, ViT<float>::Saved&) const;
AFIRE_SHARED template void ViT<float>::backward(Fastest&, View<const float, 3>, KeptPatches<float> const&, ViT<float>::Saved&) const;
AFIRE_SHARED template void Decoder<float>::forward(Fastest&, View<const float, 3>, View<const unsigned char, 2>,
                                                   Decoder<float>::Saved&) const;
AFIRE_SHARED template void Decoder<float>::backward(Fastest&, View<const float, 3>, View<const unsigned char, 2>, View<const float, 3>,
                                                    View<float, 3>, Decoder<float>::Saved&) const;
AFIRE_SHARED template void ProjectionHead<float>::forward(Fastest&, View<const float, 2>, ProjectionHead<float>::Saved&) const;
AFIRE_SHARED template void ProjectionHead<float>::backward(Fastest&, View<const float, 2>, View<const float, 3>, View<float, 2>,
                                                           ProjectionHead<float>::Saved&) const;
AFIRE_SHARED template Optimizer<float, AdamW>::Optimizer(Fastest&, ParamStore<float>&, ParamStore<float>&, AdamW, UpdateOptions);
AFIRE_SHARED template Health Optimizer<float, AdamW>::measure(Fastest&);
AFIRE_SHARED template void Optimizer<float, AdamW>::step(Fastest&, Rates, bool);
AFIRE_SHARED template void initialise(Fastest&, ParamStore<float>&, std::uint64_t);

// Row loops that most variants run.
AFIRE_SHARED template void widest_rows(SegmentSquares<float> const&, Index, Index);
AFIRE_SHARED template void widest_rows(UpdateSegment<float, AdamW> const&, Index, Index);
AFIRE_SHARED template void widest_rows(LayerNormRow<float> const&, Index, Index);
AFIRE_SHARED template void widest_rows(LayerNormRowBackward<float> const&, Index, Index);
AFIRE_SHARED template void widest_rows(EachElement<Fill<float>> const&, Index, Index);
AFIRE_SHARED template void widest_rows(EachElement<DrawPath<float>> const&, Index, Index);
AFIRE_SHARED template void widest_rows(EachElement<Copy<float, float>> const&, Index, Index);
AFIRE_SHARED template void widest_rows(AddChunks<float> const&, Index, Index);
AFIRE_SHARED template void widest_rows(ColumnChunk<LayerNormColumns<float>, float> const&, Index, Index);
AFIRE_SHARED template void widest_rows(ColumnChunk<ElementOf<float>, float> const&, Index, Index);
AFIRE_SHARED template void widest_rows(ChunkSum<ElementSum<float>, double> const&, Index, Index);
AFIRE_SHARED template void widest_rows(EntropyRow<float> const&, Index, Index);
AFIRE_SHARED template void widest_rows(JoinTokenGradients<float> const&, Index, Index);
AFIRE_SHARED template void widest_rows(GreyRow<float> const&, Index, Index);
AFIRE_SHARED template void widest_rows(DropClassToken<float> const&, Index, Index);
AFIRE_SHARED template void widest_rows(RestorationRow<float, GreyPixels, Squared, PixelsThemselves> const&, Index, Index);
AFIRE_SHARED template void widest_rows(EachElement<MovePrototypes<float>> const&, Index, Index);
AFIRE_SHARED template void widest_rows(EachElement<AddOverFilms<float>> const&, Index, Index);
AFIRE_SHARED template void widest_rows(CrossEntropyRow<float, ContrastWeight<float>> const&, Index, Index);
AFIRE_SHARED template void widest_rows(ChunkSum<CountedEntropy<float>, double> const&, Index, Index);
AFIRE_SHARED template void widest_rows(MeanOfTokens<float> const&, Index, Index);
AFIRE_SHARED template void widest_rows(JoinPooledGradients<float> const&, Index, Index);

}  // namespace afire
