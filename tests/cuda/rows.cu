// Every row functor, compiled for a GPU: the same source that a CPU thread runs. A warp is one worker; its lane is what backend/cuda will
// give a row. (Nothing is run: the functors are empty.)
#include <afire/afire.hpp>

using namespace afire;

struct Warp {
  static constexpr Index width = 32;
  Index id;

  template <class F>
  __device__ void each(Index n, F f) const {
    for (Index c = id; c < n; c += width) f(c);
  }
  template <class F>
  __device__ auto sum_over(Index n, F f) const {
    std::remove_cvref_t<decltype(f(Index{}))> sum = 0;
    for (Index c = id; c < n; c += width) sum += f(c);
    for (int half = 16; half > 0; half /= 2) sum += __shfl_xor_sync(~0u, sum, half);
    return sum;
  }
  template <class F>
  __device__ auto max_over(Index n, F f) const {
    auto most = f(id < n ? id : 0);
    for (Index c = id; c < n; c += width) most = most < f(c) ? f(c) : most;
    for (int half = 16; half > 0; half /= 2) {
      auto const other = __shfl_xor_sync(~0u, most, half);
      most = most < other ? other : most;
    }
    return most;
  }
  template <class F>
  __device__ void once(F f) const {
    if (id == 0) f();
  }
};

template <class F>
__global__ void rows(F f, Index n) {
  Index const row = blockIdx.x;
  if (row < n) f(Warp{threadIdx.x}, row);
}

template <class F>
__global__ void elements(F f, Index n) {
  Index const i = static_cast<Index>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i < n) f(i);
}

template <class F>
void on_warps(F f) { rows<<<1, 32>>>(f, 1); }

template <class F>
void on_threads(F f) { elements<<<1, 256>>>(f, 256); }

template <class T>
void all() {
  using S = Accum<T>;
  on_threads(Fill<T>{});
  on_threads(Copy<S, T>{});
  on_threads(Add<T>{});
  on_threads(Gelu<T>{});
  on_threads(GeluBackward<T>{});
  on_threads(AddChunks<S>{});
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

  on_warps(LayerNormRow<T>{});
  on_warps(LayerNormRowBackward<T>{});
  on_warps(AddLayerNormRow<T>{});
  on_warps(ColumnChunk<ElementOf<T>, S>{});
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
  on_warps(NearestCell<S>{});
  on_warps(ChooseCells<S>{});
  on_warps(TakeSlots<S>{});
  on_warps(ReturnSlots<S>{});
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
  on_warps(GateRow<T>{});
  on_warps(GateRowBackward<T>{});
  on_warps(SoftmaxRow<T, false>{});
  on_warps(SoftmaxRowBackward<T, true>{});
  on_warps(HardCrossEntropyRow<T>{});
  on_warps(BinaryCrossEntropyRow<T>{});
  on_warps(FocalRow<T>{});
  on_warps(DiceRow<T>{});
}

template void all<double>();
template void all<float>();
template void all<bf16>();
