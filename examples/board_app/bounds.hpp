// For the one file of a program that uses a bounded access of the standard library: what becomes of a broken bound.
#pragma once

#include "ports/port.hpp"

namespace std {

/// There is nothing to unwind to.
// NOLINTNEXTLINE(misc-definitions-in-headers): one file
[[noreturn]] void __throw_out_of_range_fmt(const char* /*format*/, ...) {
    sb::port::reset();
}

}  // namespace std
