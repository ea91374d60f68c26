// Exercise 11: a backend that counts the operations of its products, a multiplication and an addition as two. c.batch, c.rows, c.cols and
// a.cols say how many there are.
//
// says at first:
//   not yet: 4 rows through a linear map from 5 to 3 take 2 * 4 * 5 * 3 = 120 operations, not 0
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
  be.operations += 0;                      // yours
  gemm(reference_tag{}, be, a, b, c, how);
}

int main() { return law(Counting{}); }
