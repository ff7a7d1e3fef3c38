// tools/pack: why a tool could not do what it was asked, for one line on a terminal: where, what, and what to do.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <utility>

namespace sb::pack {

struct Problem {
    /// Each number is the exit status of the command.
    enum class Kind : std::uint8_t {
        refused = 1,      ///< the answer is no
        usage = 2,        ///< asked for something that cannot be
        bad_input = 3,    ///< the input is not what it claims to be
        environment = 4,  ///< a file could not be read or written, the library failed
    };
    Kind kind = Kind::bad_input;
    std::string where;  ///< file, or part of the input
    std::string what;
    std::string fix;  ///< empty when there is nothing to do
};

template <class T>
using Outcome = std::expected<T, Problem>;

[[nodiscard]] inline std::unexpected<Problem> problem(Problem::Kind kind, std::string where, std::string what,
                                                      std::string fix = {}) {
    return std::unexpected(Problem{kind, std::move(where), std::move(what), std::move(fix)});
}

}  // namespace sb::pack
