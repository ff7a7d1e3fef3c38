// core/base: the names of errors as they stand in status, JSON and messages. Linked only where they are used.
#pragma once

#include "core/base/result.hpp"

namespace sb {

/// The identifier of `e` (e.g. "wrong_class"); never null.
[[nodiscard]] const char* error_name(Error e);

}  // namespace sb
