// afire/core/param.hpp -- parameters: declared by modules, named by visit, laid out in one flat buffer a model
//
//   value : Accum<T>, the master            grad : Accum<T>, added to by backward passes
//   work  : T, what the products read -- the master itself when T is float or double, a rounded copy when T is bf16
//
//   ParamStore<T> store(be, model, Gradients::yes);        // visits the model, allocates, gives every Param its place
//   ParamStore<T> store(be, model, Gradients::no, Working::lent);     // the rounded copy lies in memory that lend() names
//   for (auto& [name, param] : store) ...                  // "encoder.blocks.0.attn.qkv.weight"
//
// AdamW, EMA, clipping, saving, loading and summaries are one loop over a store each.
#pragma once
#include <vector>

#include <afire/core/backend.hpp>
#include <afire/core/rng.hpp>
#include <afire/core/shape.hpp>
#include <afire/core/tensor.hpp>

namespace afire {

// How a parameter starts. `scale`: the bound of a uniform, the deviation of a normal, the constant itself.
enum class Start { constant, uniform, normal, truncated_normal, given };

// The numbers that a parameter starts with, where there are any.
class Table {
 public:
  Table() = default;
  Table(std::vector<double> values) : values_(new std::vector<double>(std::move(values))) {}
  Table(std::initializer_list<double> values) : Table(std::vector<double>(values)) {}
  Table(Table const& t) : values_(t.values_ ? copy(t) : nullptr) {}
  Table(Table&& t) noexcept : values_(std::exchange(t.values_, nullptr)) {}
  Table& operator=(Table t) noexcept {
    std::swap(values_, t.values_);
    return *this;
  }
  ~Table() {
    if (values_) release();
  }
  double operator[](std::size_t i) const { return (*values_)[i]; }
  std::size_t size() const { return values_ ? values_->size() : 0; }

 private:
  [[gnu::cold, gnu::noinline]] static std::vector<double>* copy(Table const& t) { return new std::vector<double>(*t.values_); }
  [[gnu::cold, gnu::noinline]] void release() { delete values_; }
  std::vector<double>* values_ = nullptr;
};

template <class T>
struct Param {
  Shape shape = {};                        // as in the checkpoint
  Start start = Start::constant;
  double scale = 0;
  Table given = {};                        // its starting values where start is `given`: a fixed position table
  bool trainable = true;
  Index tensors = 1;                       // independent tensors stacked along the first axis: each is clipped by itself
  View<Accum<T>, 1> value = {}, grad = {};  // flat; grad is empty where there is no training
  View<T, 1> work = {};                    // flat

  Index size() const {
    Index n = 1;
    for (Index s : shape) n *= s;
    return n;
  }
  // The working copy as (rows, cols), rows = the first axis.
  View<const T, 2> matrix() const { return View<const T, 2>(work.data, shape[0], size() / shape[0]); }
  View<Accum<T>, 2> matrix_grad() const { return View<Accum<T>, 2>(grad.data, shape[0], size() / shape[0]); }
};

template <class T>
struct NamedParam {                        // what a visit finds: the full name and the parameter
  std::string name;
  Param<T>* param;
};

// What a module's visit(names) writes to:   names("weight", weight);   blocks[3].visit(names.under("blocks.3."));
template <class T>
class Names {
 public:
  explicit Names(std::vector<NamedParam<T>>& into, std::string prefix = {}) : into_(into), prefix_(std::move(prefix)) {}
  [[gnu::noinline]] void operator()(char const* name, Param<T>& param) const { into_.push_back({prefix_ + name, &param}); }
  [[gnu::noinline]] Names under(std::string_view more) const { return Names(into_, std::string(prefix_).append(more)); }

 private:
  std::vector<NamedParam<T>>& into_;
  std::string prefix_;
};

// All parameters of a model with their full names.
template <class T, class Model>
std::vector<NamedParam<T>> parameters(Model& model) {
  std::vector<NamedParam<T>> all;
  model.visit(Names<T>(all));
  return all;
}

enum class Gradients { no, yes };
enum class Working { owned, lent };        // lent: memory for the rounded copy comes later and may serve others between uses

template <class T>
class ParamStore {
 public:
  struct Entry {
    std::string name;
    Param<T> param;                        // views of the same memory as the model's own
    Index offset;                          // of its first element in the flat buffers
  };

  static constexpr bool rounds = !std::is_same_v<T, Accum<T>>;     // the working copy is not the master itself

  ParamStore() = default;

  template <class B, class Model>
  ParamStore(B& be, Model& model, Gradients gradients, Working working = Working::owned)
      : ParamStore(be, parameters<T>(model), gradients, working) {}

  template <class B>
  ParamStore(B& be, std::vector<NamedParam<T>> const& named, Gradients gradients, Working working = Working::owned) {
    for (auto& [name, param] : named) {
      double numbers = 1;
      for (Index const n : param->shape) numbers *= static_cast<double>(n);
      expects(0 <= numbers && numbers < 0x1p48, "not enough memory for the ", numbers, " numbers of ", name, "; use a smaller model");
      entries_.push_back({name, *param, size_});
      size_ += (param->size() + 15) / 16 * 16;
    }
    value_ = allocate<Accum<T>>(be, size_, "the weights");
    if (gradients == Gradients::yes) grad_ = allocate<Accum<T>>(be, size_, "the gradients");
    if constexpr (rounds)
      if (working == Working::owned) work_ = allocate<T>(be, size_, "the weights' working copy"), working_ = work_.view();
    for (std::size_t i = 0; i < named.size(); ++i) {
      Param<T>& param = *named[i].param;
      Entry& entry = entries_[i];
      param.value = value_.view().slice(entry.offset, param.size());
      if (gradients == Gradients::yes) param.grad = grad_.view().slice(entry.offset, param.size());
      if constexpr (!rounds) param.work = param.value;
      else if (working_) param.work = working_.slice(entry.offset, param.size());
      entry.param = param;
    }
  }

  // Working copies of `model`, the one that this store was made of, lie here from now on; refresh() fills them.
  template <class Model>
  void lend(Model& model, View<T, 1> memory) {                     // (size); nothing happens where the master is the working copy
    if constexpr (rounds) {
      working_ = memory;
      auto const named = parameters<T>(model);
      for (std::size_t i = 0; i < named.size() && memory; ++i)     // none while memory is only counted
        entries_[i].param.work = named[i].param->work = memory.slice(entries_[i].offset, entries_[i].param.size());
    }
  }

  View<Accum<T>, 1> values() const { return value_.view(); }       // (size, padded to 16 a parameter)
  View<Accum<T>, 1> gradients() const { return grad_.view(); }
  View<T, 1> working() const {
    if constexpr (!rounds) return value_.view();
    else return working_;
  }
  // Whether a working copy beside the master is the store's own, so that whoever changes one changes both.
  bool owns_working() const { return bool(work_); }
  Index size() const { return size_; }                             // with padding
  Index bytes() const { return value_.bytes() + grad_.bytes() + work_.bytes(); }
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }
  Index count() const { return static_cast<Index>(entries_.size()); }

  Param<T> const* find(std::string_view name) const {
    for (auto& entry : entries_)
      if (entry.name == name) return &entry.param;
    return nullptr;
  }

 private:
  std::vector<Entry> entries_;
  Index size_ = 0;
  Buffer<Accum<T>> value_, grad_;
  Buffer<T> work_;
  View<T, 1> working_ = {};
};

// One starting value; `i` counts the elements of one parameter.
inline double start_value(Start start, double scale, Random random, Index i) {
  auto const at = static_cast<std::uint64_t>(i);
  if (start == Start::uniform) return scale * (2.0 * random.uniform(at) - 1.0);
  if (start == Start::normal) return scale * random.normal(at);
  if (start == Start::truncated_normal)                            // at two absolute units, as timm does: beyond 2 / scale deviations
    for (;; ++random.counter[2]) {                                 // what is out of bounds is drawn again, at another b
      double const x = scale * random.normal(at);
      if (-2.0 <= x && x <= 2.0) return x;
    }
  return scale;
}

// Gives every parameter its starting values: a function of (seed, position among the parameters).
template <class B, class T>
void initialise(B& be, ParamStore<T>& store, std::uint64_t seed) {
  std::uint64_t number = 0;
  std::vector<Accum<T>> host(std::size_t{1} << 16);
  for (auto& [name, param, offset] : store) {
    Random const random(seed, Purpose::init, number++);
    for (Index from = 0; from < param.size(); from += std::ssize(host)) {              // in pieces: a copy of the largest would be the peak
      Index const count = param.size() - from < std::ssize(host) ? param.size() - from : std::ssize(host);
      for (Index i = from; i < from + count; ++i)
        host[static_cast<std::size_t>(i - from)] = static_cast<Accum<T>>(
            param.start == Start::given ? param.given[static_cast<std::size_t>(i)] : start_value(param.start, param.scale, random, i));
      upload(be, host.data(), param.value.slice(from, count));
    }
  }
  refresh(be, store);
}

// work = value, after anything has changed the masters.
template <class B, class T>
void refresh(B& be, ParamStore<T>& store) {
  if constexpr (ParamStore<T>::rounds)
    if (store.working()) copy(be, store.values(), store.working());
}

}  // namespace afire
