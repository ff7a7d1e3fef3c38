// core/delta: the names of payload formats on the command line, in layouts and in JSON. Linked only where they are
// used.
#pragma once

#include <optional>
#include <string_view>

#include "core/delta/decoder.hpp"

namespace sb {

/// The name of `format` (e.g. "endsley+lzma"); "unknown" for numbers without one; never null.
[[nodiscard]] const char* format_name(PayloadFormat format);

/// The format that has this name.
[[nodiscard]] std::optional<PayloadFormat> format_named(std::string_view name);

}  // namespace sb
