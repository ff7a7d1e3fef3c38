// tools/cli: how a verb gives up: one line for people, one exit status for scripts.
#pragma once

#include <exception>
#include <string>

#include "core/base/result.hpp"
#include "tools/layout/problem.hpp"
#include "tools/pack/problem.hpp"

namespace sb::cli {

/// Exit statuses. Scripts rely on the numbers.
enum class Exit : int {
    done = 0,
    no = 1,           ///< verification failed, refused, differs
    usage = 2,        ///< wrong use of the command
    bad_input = 3,    ///< the input is not what it claims to be
    environment = 4,  ///< I/O, port, network
    power_cut = 5,    ///< the simulated power was cut, as asked
};

struct Failure final : std::exception {
    Failure(Exit exit_status, std::string what_happened, std::string where_it_is, std::string what_to_do)
        : exit(exit_status),
          what_failed(std::move(what_happened)),
          where(std::move(where_it_is)),
          fix(std::move(what_to_do)) {}

    Exit exit;
    std::string what_failed;
    std::string where;  ///< a file, with line or offset where one is known; may be empty
    std::string fix;
    Error cause = Error::none;  ///< of the core, where it was the core that refused

    /// "WHAT, WHERE; FIX" without line breaks.
    [[nodiscard]] std::string line() const;
    [[nodiscard]] const char* what() const noexcept override { return what_failed.c_str(); }
};

/// What an error of the core means for people.
struct Meaning {
    std::string what;
    std::string fix;
    Exit exit = Exit::no;
};
[[nodiscard]] Meaning meaning_of(Error error);

/// The failure of `where` (a file, a slot) with `error`.
[[nodiscard]] Failure failure_of(Error error, std::string where);
[[nodiscard]] Failure failure_of(const layout::Problem& problem);
[[nodiscard]] Failure failure_of(const pack::Problem& problem);

/// The value of `result`, or the failure of `where`.
template <class T>
T need(Result<T> result, const std::string& where) {
    if (!result) throw failure_of(result.error(), where);
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}
template <class T, class Problem>
T need(std::expected<T, Problem> result) {
    if (!result) throw failure_of(result.error());
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace sb::cli
