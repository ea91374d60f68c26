// afire/data/overlap.hpp -- what two sets of films have in common: training films that were seen make every validation look good
//
//   for (auto [a, b] : shared_patients(train.manifest(), valid.manifest())) ...      // rows of both, one pair a patient
//   for (auto [a, b] : identical_films(train, valid, 224)) ...                       // by the hash of their decoded pixels
//   expect_apart(train, valid);                                                      // an error with the first of them, if any
#pragma once
#include <unordered_map>
#include <utility>

#include <afire/core/tensor.hpp>
#include <afire/data/films.hpp>

namespace afire {

struct SharedRows {                        // rows of two manifests with the same key
  Index a, b;
};

// For each key that both have: its first row in a, its first row in b; in the order of b. keys(row) = "" is no key.
template <class KeysA, class KeysB>
std::vector<SharedRows> shared_keys(Index rows_a, KeysA keys_a, Index rows_b, KeysB keys_b) {
  std::unordered_map<std::string, Index> first;
  for (Index row = 0; row < rows_a; ++row)
    if (auto key = keys_a(row); !key.empty()) first.emplace(std::move(key), row);
  std::vector<SharedRows> shared;
  for (Index row = 0; row < rows_b; ++row)
    if (auto const found = first.find(keys_b(row)); found != first.end()) {
      shared.push_back({found->second, row});
      first.erase(found);
    }
  return shared;
}

inline std::vector<SharedRows> shared_patients(Manifest const& a, Manifest const& b) {
  return shared_keys(a.size(), [&](Index row) { return a.patient(row); }, b.size(), [&](Index row) { return b.patient(row); });
}

// Decodes every film of both; with a cache that is no work lost.
template <class A, class B>
std::vector<SharedRows> identical_films(A const& a, B const& b, Index side) {
  Tensor<std::uint8_t, 2> film(side, side);
  auto const hash_of = [&](auto const& films, Index row) {
    films.load(row, film);
    Hash64 hash;
    hash.add(film);
    return std::to_string(hash.value());
  };
  return shared_keys(a.size(), [&](Index row) { return hash_of(a, row); }, b.size(), [&](Index row) { return hash_of(b, row); });
}

// Throws unless no patient and no film is in both.
inline void expect_apart(Films const& train, Films const& valid) {
  auto const& a = train.manifest();
  auto const& b = valid.manifest();
  auto const count = [](std::vector<SharedRows> const& shared, char const* one, char const* more) {
    return text(shared.size(), shared.size() == 1 ? one : more, " among the training and the validation films; the first is ");
  };
  if (auto const shared = shared_patients(a, b); !shared.empty())
    throw error(text(count(shared, " patient is", " patients are"), b.patient(shared[0].b), " (", a.place(shared[0].a), " and ",
                     b.place(shared[0].b), "). Split by patient, or allow it and mistrust the validation"));
  if (auto const same = identical_films(train, valid, train.side()); !same.empty())
    throw error(text(count(same, " film is", " films are"), a.name(same[0].a), " (", a.place(same[0].a), ") = ", b.name(same[0].b), " (",
                     b.place(same[0].b), "). Remove it from one of them, or allow it and mistrust the validation"));
}

}  // namespace afire
