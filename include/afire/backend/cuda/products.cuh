// afire/backend/cuda/products.cuh -- products by cuBLASLt, each prepared when its shape is first seen and kept
//
//   CudaProduct const* p = products.find(handle, key, bias, workspace);       // nullptr: cuBLASLt has no way to do this one
//   p->run(handle, alpha, a, b, beta, c, bias, workspace, stream);
//
// cuBLASLt counts columns first: the memory of a row-major (M, N) is to it a matrix of N rows and M columns. So it is given the transposed
// product, c^T = b^T a^T, and nothing is moved. Sums split between blocks are joined by a pass of their own, never by atomics.
#pragma once
#include <afire/backend/cuda/check.cuh>

#include <array>
#include <optional>
#include <unordered_map>

#include <afire/core/backend.hpp>

namespace afire {

template <class T> constexpr cudaDataType_t cuda_type();
template <> constexpr cudaDataType_t cuda_type<float>() { return CUDA_R_32F; }
template <> constexpr cudaDataType_t cuda_type<double>() { return CUDA_R_64F; }
template <> constexpr cudaDataType_t cuda_type<bf16>() { return CUDA_R_16BF; }

// How cuBLASLt sees a matrix: `rows` lie side by side, columns are `leading` apart.
struct CudaLayout {
  Index rows, cols, leading, batch_stride;
  bool turned;                             // the memory holds the transpose of what the (transposed) product wants
  int alignment;                           // of the first element, in bytes: a power of two, at most 256
  bool operator==(CudaLayout const&) const = default;

  template <class T>
  static CudaLayout of(Matrices<T> const& m) {
    bool const by_rows = m.col_stride == 1 && (m.rows == 1 || m.row_stride >= m.cols);
    Index const side = by_rows ? m.cols : m.rows, other = by_rows ? m.rows : m.cols, stride = by_rows ? m.row_stride : m.col_stride;
    std::uintptr_t const address = reinterpret_cast<std::uintptr_t>(m.data);
    int alignment = 256;
    while (address % static_cast<std::uintptr_t>(alignment) != 0) alignment /= 2;
    return {side, other, stride > side ? stride : side, m.batch > 1 ? m.batch_stride : 0, !by_rows, alignment};
  }
};

// A product but for where its numbers lie: c (M, N) = a (M, K) b (K, N), a batch of them.
struct CudaProductKey {
  Index batch, M, K, N;
  CudaLayout a, b, c;
  cudaDataType_t in, out;
  bool bias;
  bool operator==(CudaProductKey const&) const = default;

  struct Hash {
    std::size_t operator()(CudaProductKey const& k) const {
      std::size_t h = 14695981039346656037ull;
      auto const take = [&](Index v) { h = (h ^ static_cast<std::size_t>(v)) * 1099511628211ull; };
      for (Index v : {k.batch, k.M, k.K, k.N, static_cast<Index>(k.in) * 256 + static_cast<Index>(k.out) * 2 + k.bias}) take(v);
      for (CudaLayout const* l : {&k.a, &k.b, &k.c}) take(l->leading), take(l->batch_stride), take(l->alignment * 2 + l->turned);
      return h;
    }
  };
};

class CudaProduct {
 public:
  CudaProduct(cublasLtHandle_t handle, CudaProductKey const& k, void const* bias, std::size_t workspace) : workspace_(workspace) {
    cudaDataType_t const sums = k.in == CUDA_R_64F ? CUDA_R_64F : CUDA_R_32F;
    cublasComputeType_t const compute = k.in == CUDA_R_64F ? CUBLAS_COMPUTE_64F : CUBLAS_COMPUTE_32F;
    check_cublas(cublasLtMatmulDescInit(&how_, compute, sums), "describing a product");
    set(CUBLASLT_MATMUL_DESC_TRANSA, k.b.turned ? CUBLAS_OP_T : CUBLAS_OP_N);
    set(CUBLASLT_MATMUL_DESC_TRANSB, k.a.turned ? CUBLAS_OP_T : CUBLAS_OP_N);
    if (k.bias) set(CUBLASLT_MATMUL_DESC_EPILOGUE, CUBLASLT_EPILOGUE_BIAS), set(CUBLASLT_MATMUL_DESC_BIAS_POINTER, bias);
    describe(a_, k.b, k.in, k.batch), describe(b_, k.a, k.in, k.batch), describe(c_, k.c, k.out, k.batch);
    choose(handle, k);
  }

  bool possible() const { return found_; }

  // a, b, c and bias as in afire's product; beta 1: c is added to. bias is of c's type.
  template <class S>
  void run(cublasLtHandle_t handle, S alpha, void const* a, void const* b, S beta, void* c, void const* bias, void* workspace,
           cudaStream_t stream) {
    if (bias) set(CUBLASLT_MATMUL_DESC_BIAS_POINTER, bias);
    check_cublas(cublasLtMatmul(handle, &how_, &alpha, b, &a_, a, &b_, &beta, c, &c_, c, &c_, &algorithm_, workspace, workspace_, stream),
                 "a product");
  }

 private:
  template <class V>
  void set(cublasLtMatmulDescAttributes_t what, V value) {
    check_cublas(cublasLtMatmulDescSetAttribute(&how_, what, &value, sizeof value), "describing a product");
  }

  static void describe(cublasLtMatrixLayoutOpaque_t& layout, CudaLayout const& l, cudaDataType_t type, Index batch) {
    auto const rows = static_cast<std::uint64_t>(l.rows), cols = static_cast<std::uint64_t>(l.cols);
    check_cublas(cublasLtMatrixLayoutInit(&layout, type, rows, cols, l.leading), "describing a matrix");
    if (batch == 1) return;
    auto const set = [&](cublasLtMatrixLayoutAttribute_t what, auto value) {
      check_cublas(cublasLtMatrixLayoutSetAttribute(&layout, what, &value, sizeof value), "describing a matrix");
    };
    set(CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, static_cast<std::int32_t>(batch));
    set(CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, static_cast<std::int64_t>(l.batch_stride));
  }

  void choose(cublasLtHandle_t handle, CudaProductKey const& k) {
    cublasLtMatmulPreferenceOpaque_t wish;
    check_cublas(cublasLtMatmulPreferenceInit(&wish), "choosing how to multiply");
    auto const want = [&](cublasLtMatmulPreferenceAttributes_t what, auto value) {
      check_cublas(cublasLtMatmulPreferenceSetAttribute(&wish, what, &value, sizeof value), "choosing how to multiply");
    };
    want(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, static_cast<std::uint64_t>(workspace_));
    want(CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, static_cast<std::uint32_t>(CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE));
    want(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, static_cast<std::uint32_t>(k.b.alignment));
    want(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, static_cast<std::uint32_t>(k.a.alignment));
    want(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, static_cast<std::uint32_t>(k.c.alignment));
    want(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, static_cast<std::uint32_t>(k.c.alignment));
    cublasLtMatmulHeuristicResult_t first{};
    int count = 0;
    cublasStatus_t const code = cublasLtMatmulAlgoGetHeuristic(handle, &how_, &a_, &b_, &c_, &c_, &wish, 1, &first, &count);
    if (code != CUBLAS_STATUS_NOT_SUPPORTED && code != CUBLAS_STATUS_INVALID_VALUE) check_cublas(code, "choosing how to multiply");
    found_ = code == CUBLAS_STATUS_SUCCESS && count > 0 && first.state == CUBLAS_STATUS_SUCCESS;
    algorithm_ = first.algo;
  }

  std::size_t workspace_;
  cublasLtMatmulDescOpaque_t how_;
  cublasLtMatrixLayoutOpaque_t a_, b_, c_;               // as cuBLASLt counts: its a is our b
  cublasLtMatmulAlgo_t algorithm_{};
  bool found_ = false;
};

class CudaProducts {
 public:
  // The product of this shape; nullptr where cuBLASLt has none.
  CudaProduct* find(cublasLtHandle_t handle, CudaProductKey const& key, void const* bias, std::size_t workspace) {
    auto found = products_.find(key);
    if (found == products_.end()) found = products_.emplace(key, CudaProduct(handle, key, bias, workspace)).first;
    return found->second.possible() ? &found->second : nullptr;
  }

 private:
  std::unordered_map<CudaProductKey, CudaProduct, CudaProductKey::Hash> products_;
};

}  // namespace afire
