// Ownership of what a C library allocates.
#pragma once

#include <memory>

namespace nct {

template <auto free_fn>
struct Freer {
  template <class T>
  void operator()(T* pointer) const noexcept {
    free_fn(pointer);
  }
};

// Owns a C object and frees it with `free_fn`: `Handle<X509, X509_free>`.
template <class T, auto free_fn>
using Handle = std::unique_ptr<T, Freer<free_fn>>;

}  // namespace nct
