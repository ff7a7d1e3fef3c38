// tools/layout: how checks give up. Only check() catches it.
#pragma once

#include "tools/layout/layout.hpp"

namespace sb::layout {

[[noreturn]] inline void refuse(const Layout& layout, std::uint32_t line, std::string what, std::string fix) {
    throw Problem{.file = layout.file, .line = line, .what = std::move(what), .fix = std::move(fix)};
}

}  // namespace sb::layout
