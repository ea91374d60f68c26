// afire/backend/onednn_api.hpp -- one small bridge over the differences between oneDNN 2.x and 3.x
//
//   2.x: a primitive is described by an operation descriptor, attributes, engine;   3.x: by engine, memory descriptors, attributes
//
//   auto pd = dn::matmul_descriptor(engine, a, b, bias, c, attributes);     // bias: a zero descriptor for none
//
// Tested with 2.6.3 (Debian 12) and 3.2.
#pragma once
#ifdef __CUDACC__
#error "afire: oneDNN can't be seen by nvcc; include backend/onednn.hpp from a .cpp file and backend/cuda.hpp from a .cu file"
#endif
#include <oneapi/dnnl/dnnl.hpp>

namespace afire::dn {

// Sizes, strides and type of a matrix; an empty one: there is none.
using Descriptor = dnnl::memory::desc;

#if DNNL_VERSION_MAJOR >= 3
inline dnnl::matmul::primitive_desc matmul_descriptor(dnnl::engine const& engine, Descriptor const& a, Descriptor const& b,
                                                      Descriptor const& bias, Descriptor const& c,
                                                      dnnl::primitive_attr const& attributes) {
  return bias.is_zero() ? dnnl::matmul::primitive_desc(engine, a, b, c, attributes)
                        : dnnl::matmul::primitive_desc(engine, a, b, bias, c, attributes);
}
// append_scale multiplies a result by `factor`; versions 2 and 3 take their arguments in another order.
inline void append_scale(dnnl::post_ops& ops, float factor) { ops.append_eltwise(dnnl::algorithm::eltwise_linear, factor, 0.0f); }
#else
inline dnnl::matmul::primitive_desc matmul_descriptor(dnnl::engine const& engine, Descriptor const& a, Descriptor const& b,
                                                      Descriptor const& bias, Descriptor const& c,
                                                      dnnl::primitive_attr const& attributes) {
  return dnnl::matmul::primitive_desc(bias.is_zero() ? dnnl::matmul::desc(a, b, c) : dnnl::matmul::desc(a, b, bias, c), attributes, engine);
}
inline void append_scale(dnnl::post_ops& ops, float factor) { ops.append_eltwise(1.0f, dnnl::algorithm::eltwise_linear, factor, 0.0f); }
#endif

}  // namespace afire::dn
