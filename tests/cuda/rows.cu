// Every row functor, compiled for a GPU: the same source that a CPU thread runs, with the lane that a warp of backend/cuda has.
// (Nothing is run: the functors are empty.)
#include <afire/afire.hpp>
#include <afire/backend/cuda.hpp>

using namespace afire;

template <class F>
void on_warps(F f) { cuda_warp_rows<<<1, threads_of_a_block>>>(f, 1); }

template <class F>
void on_threads(F f) { cuda_elements<<<1, threads_of_a_block>>>(f, 1); }

template <class T>
void all() {
  using S = Accum<T>;
  on_threads(Fill<T>{});
  on_threads(Copy<S, T>{});
  on_threads(Add<T>{});
  on_threads(Gelu<T>{});
  on_threads(GeluBackward<T>{});
  on_threads(AddTo<S>{});
  on_threads(ContrastWeight<S>{});
  on_threads(AdvanceQueue<S>{});
  on_threads(MoveCentre<S>{});
  on_threads(AddNumber<S>{});
  on_threads(Activate<Silu, T>{});
  on_threads(ActivateBackward<GeluTanh, T>{});
  on_threads(DrawPath<S>{});
  on_threads(KnownLabels<S>{});
  on_threads(FindingWeight<S>{});
  on_threads(Relu<T>{});
  on_threads(ReluBackward<T>{});
  on_threads(ScaleBy<S>{});
  on_threads(InverseDeviation<S>{});
  on_threads(MoveRunning<S>{});
  on_threads(AddOverFilms<S>{});
  on_threads(MovePrototypes<S>{});
  on_threads(AlongDirection<S>{});

  on_warps(LayerNormRow<T>{});
  on_warps(LayerNormRowBackward<T>{});
  on_warps(AddLayerNormRow<T>{});
  on_warps(ColumnChunk<ElementOf<T>, S>{});
  on_warps(AddChunks<S>{});
  on_warps(ColumnChunk<SquareAroundMean<T>, S>{});
  on_warps(ColumnChunk<BatchNormColumns<T>, S>{});
  on_warps(NormaliseColumns<T>{});
  on_warps(BatchNormRowBackward<T>{});
  on_warps(PackHeads<T>{});
  on_warps(UnpackHeads<T>{});
  on_warps(ProbabilityRow<T>{});
  on_warps(ScoreGradientRow<T>{});
  on_warps(UnitRow<T>{});
  on_warps(UnitRowBackward<T>{});
  on_warps(InverseNorm<T>{});
  on_warps(ScaleScores<T>{});
  on_warps(DirectionGradient<T>{});
  on_warps(PullDirection<T>{});
  on_warps(ColumnChunk<AlongShared<S>, S>{});
  on_warps(ColumnChunk<TokenOfFilm<T>, S>{});
  on_warps(UpdatePacks<T, AdamW>{});
  on_warps(UpdatePacks<T, Lars>{});
  on_warps(ScaleGradient<T>{});
  on_warps(ClusterBalance<S>{});
  on_warps(SampleBalance<S>{});

  on_warps(GatherPatch<T, GreyPixels>{});
  on_warps(GatherPatch<T, ImagePixels<float>>{});
  on_warps(PlaceTokens<T>{});
  on_warps(DropClassToken<T>{});
  on_warps(PlaceMaskTokens<T>{});
  on_warps(TakeMaskGradient<T>{});
  on_warps(CrossEntropyRow<S, ContrastWeight<S>>{});
  on_warps(CrossEntropyRow<S, GivenWeight<S>>{});
  on_warps(FilmWeightRow<S>{});
  on_warps(ContrastRow<S>{});
  on_warps(NegativeCosineRow<S>{});
  on_warps(CentreRow<S>{});
  on_warps(VicRegRow<S>{});
  on_warps(InvarianceRow<S>{});
  on_warps(CorrelationRow<S>{});
  on_warps(PushRow<S>{});
  on_warps(OwnKeyRow<S>{});
  on_warps(OwnKeyGradientRow<S>{});
  on_warps(LargestColumn<S>{});
  on_warps(TakeRow<S>{});
  on_warps(MeanCellRow<S>{});
  on_warps(SharpenRow<S>{});
  on_warps(ColumnChunk<CountedElement<S>, S>{});
  on_warps(EntropyRow<S>{});
  on_warps(RestorationRow<T, GreyPixels>{});
  on_warps(RestorationRow<T, GreyPixels, Huber, PatchNormalised>{});
  on_warps(ScaleBranch<T>{});
  on_warps(SumOverFilms<T>{});
  on_warps(ScatterPatch<T>{});
  on_warps(MeanOfTokens<T>{});
  on_warps(SpreadToTokens<T>{});
  on_warps(ShufflePixels<T>{});
  on_warps(GeluBackwardTile<T>{});
  on_warps(GateRow<T>{});
  on_warps(GateRowBackward<T>{});
  on_warps(SoftmaxRow<T, false>{});
  on_warps(SoftmaxRowBackward<T, true>{});
  on_warps(HardCrossEntropyRow<T>{});
  on_warps(BinaryCrossEntropyRow<T>{});
  on_warps(FocalRow<T>{});
  on_warps(DiceRow<T>{});
}

template void on_warps(ReadyLesion);
template void on_warps(PaintPatch);

template void all<double>();
template void all<float>();
template void all<bf16>();
