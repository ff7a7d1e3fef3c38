// core/base: what tests of all rooms share: errors that are told by name.
#pragma once

#include <ostream>

#include "core/base/error_name.hpp"

namespace sb {

/// GoogleTest prints errors with this.
inline void PrintTo(Error error, std::ostream* to) {
    *to << error_name(error);
}

}  // namespace sb
