// tools/layout: what is wrong with a layout file, for one line on a terminal: where it stands and what to do.
#pragma once

#include <cstdint>
#include <string>

namespace sb::layout {

struct Problem {
    std::string file;        ///< as the user named it
    std::uint32_t line = 0;  ///< counted from 1; 0 when the whole file is meant
    std::string what;
    std::string fix;
    bool cannot_read = false;  ///< the file could not be read: the environment failed, not the layout

    /// "FILE:LINE", or "FILE".
    [[nodiscard]] std::string where() const { return line == 0 ? file : file + ":" + std::to_string(line); }
};

}  // namespace sb::layout
