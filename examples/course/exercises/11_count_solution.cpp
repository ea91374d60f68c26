// prints:
//   solved: 3 laws hold
#include <afire/backend/reference.hpp>
#include <afire/core/arena.hpp>

#include "11_count_law.hpp"
using namespace afire;

struct counting_tag : reference_tag {};
struct Counting : Reference {
  using tag = counting_tag;
  double operations = 0;
};

template <class B, class T, class U>
void gemm(counting_tag, B& be, Matrices<const T> a, Matrices<const T> b, Matrices<U> c, GemmOf<T> how) {
  be.operations += 2 * static_cast<double>(c.batch * c.rows * c.cols * a.cols);
  gemm(reference_tag{}, be, a, b, c, how);
}

int main() { return law(Counting{}); }
